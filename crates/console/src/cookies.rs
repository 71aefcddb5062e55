//! The cookies: who is signed in, who is on the way to be, which colours, and what was done.

use cookie::{Cookie, SameSite};
use http::{HeaderMap, HeaderValue, header};

/// Holds the text of a session. The prefix makes browsers refuse it from other hosts, other paths
/// and without `Secure` (RFC 6265bis, 4.1.3.2).
pub(crate) const SESSION: &str = "__Host-carehook";
/// Holds a sign-in at the identity provider that has begun, sealed.
pub(crate) const BEGUN: &str = "__Host-carehook-oidc";
/// How long browsers keep that; the server looks at the time as well.
const BEGUN_SECONDS: u32 = 600;
/// Holds the name of the chosen colours.
pub(crate) const THEME: &str = "carehook-theme";
/// Holds a word for what was done, until the next page says it.
pub(crate) const DONE: &str = "carehook-done";

/// The value of a cookie of a request.
pub(crate) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).iter();
    let mut cookies = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok);
    let found = cookies.find(|cookie| cookie.name() == name)?;
    Some(found.value().to_owned())
}

/// Whether pages are shown inside pages of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Embedding {
    /// Never.
    Alone,
    /// In frames of the hosts that the operator named.
    InFrames,
}

/// Signs a browser in, for as long as it runs; the session itself ends when the server says so.
pub(crate) fn signed_in(text: &str, embedding: Embedding) -> HeaderValue {
    session(text, embedding, "")
}

/// Signs a browser out.
pub(crate) fn signed_out(embedding: Embedding) -> HeaderValue {
    session("", embedding, "; Max-Age=0")
}

fn session(text: &str, embedding: Embedding, end: &str) -> HeaderValue {
    let mut cookie = Cookie::build((SESSION, text))
        .path("/")
        .secure(true)
        .http_only(true);
    cookie = match embedding {
        Embedding::Alone => cookie.same_site(SameSite::Lax),
        // A frame of another site gets no other cookie; partitioned, it is of use there only.
        Embedding::InFrames => cookie.same_site(SameSite::None).partitioned(true),
    };
    let line = format!("{}{end}", cookie.build());
    HeaderValue::try_from(line).expect("a session's text is of letters and digits")
}

/// Keeps a sign-in that has begun until the provider leads back. `Lax`: the way back begins at
/// another site.
pub(crate) fn begun(text: &str) -> HeaderValue {
    of_begun(text, BEGUN_SECONDS)
}

/// Forgets a sign-in that was begun.
pub(crate) fn no_longer_begun() -> HeaderValue {
    of_begun("", 0)
}

fn of_begun(text: &str, seconds: u32) -> HeaderValue {
    let cookie = Cookie::build((BEGUN, text))
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Lax);
    let line = format!("{}; Max-Age={seconds}", cookie.build());
    HeaderValue::try_from(line).expect("what is sealed is of letters and digits")
}

/// Remembers the colours for a year; anything else than `light` and `dark` forgets them. In frames
/// it is kept as the session is; elsewhere also over plain http, where it is of use before anybody
/// has signed in.
pub(crate) fn theme(name: Option<&'static str>, embedding: Embedding) -> HeaderValue {
    let (value, seconds) = name.map_or(("", 0), |name| (name, 365 * 86_400));
    let kept = match embedding {
        Embedding::Alone => "SameSite=Lax",
        Embedding::InFrames => "SameSite=None; Secure; Partitioned",
    };
    let line = format!("{THEME}={value}; Path=/console; Max-Age={seconds}; {kept}");
    HeaderValue::try_from(line).expect("names of colours are of letters")
}

/// Remembers for a minute what was done, or forgets it.
pub(crate) fn done(word: Option<&'static str>, embedding: Embedding) -> HeaderValue {
    let (value, seconds) = word.map_or(("", 0), |word| (word, 60));
    let site = match embedding {
        Embedding::Alone => "SameSite=Lax",
        Embedding::InFrames => "SameSite=None; Secure; Partitioned",
    };
    let line = format!("{DONE}={value}; Path=/console; Max-Age={seconds}; HttpOnly; {site}");
    HeaderValue::try_from(line).expect("the words are of letters and hyphens")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_session_is_for_this_host_and_no_script() {
        assert_eq!(
            signed_in("abc", Embedding::Alone),
            "__Host-carehook=abc; HttpOnly; SameSite=Lax; Secure; Path=/"
        );
        assert_eq!(
            signed_in("abc", Embedding::InFrames),
            "__Host-carehook=abc; HttpOnly; SameSite=None; Partitioned; Secure; Path=/"
        );
        assert_eq!(
            signed_out(Embedding::Alone),
            "__Host-carehook=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0"
        );
    }

    #[test]
    fn a_sign_in_that_has_begun_is_for_this_host_and_ten_minutes() {
        assert_eq!(
            begun("abc"),
            "__Host-carehook-oidc=abc; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=600"
        );
        assert_eq!(
            no_longer_begun(),
            "__Host-carehook-oidc=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0"
        );
    }

    #[test]
    fn the_colours_are_kept_where_the_session_is() {
        assert_eq!(
            theme(Some("dark"), Embedding::Alone),
            "carehook-theme=dark; Path=/console; Max-Age=31536000; SameSite=Lax"
        );
        assert_eq!(
            theme(None, Embedding::InFrames),
            "carehook-theme=; Path=/console; Max-Age=0; SameSite=None; Secure; Partitioned"
        );
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(
            header::COOKIE,
            HeaderValue::from_static("a=1; __Host-carehook=xyz"),
        );
        headers.append(
            header::COOKIE,
            HeaderValue::from_static("carehook-theme=dark"),
        );
        assert_eq!(cookie(&headers, SESSION).as_deref(), Some("xyz"));
        assert_eq!(cookie(&headers, THEME).as_deref(), Some("dark"));
        assert_eq!(cookie(&headers, "b"), None);
    }
}
