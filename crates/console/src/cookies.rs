//! The cookies: who is signed in, who is on the way to be, which colours, and what was done.

use carehook_app::OidcKept;
use carehook_core::Secret;
use cookie::{Cookie, SameSite};
use http::{HeaderMap, HeaderValue, header};

/// Holds the text of a session. The prefix makes browsers refuse it from other hosts, other paths
/// and without `Secure` (RFC 6265bis, 4.1.3.2).
pub(crate) const SESSION: &str = "__Host-carehook";
/// Begins the names of those that hold a sign-in at the identity provider each, sealed: two tabs
/// may be on the way at the same time.
const BEGUN: &str = "__Host-carehook-oidc-";
/// How long browsers keep one; how long it counts is the server's matter.
const BEGUN_SECONDS: u32 = 3_600;
/// Holds the name of the chosen colours.
pub(crate) const THEME: &str = "carehook-theme";
/// Holds a word for what was done, until the next page says it.
pub(crate) const DONE: &str = "carehook-done";

/// The value of a cookie of a request.
pub(crate) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let found = all(headers).find(|cookie| cookie.name() == name)?;
    Some(found.value().to_owned())
}

fn all(headers: &HeaderMap) -> impl Iterator<Item = Cookie<'_>> {
    let lines = headers.get_all(header::COOKIE).iter();
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
}

/// The sign-ins at the identity provider that this browser has begun.
pub(crate) fn all_begun(headers: &HeaderMap) -> Vec<OidcKept> {
    let kept = all(headers).filter_map(|cookie| {
        let name = cookie.name().strip_prefix(BEGUN)?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        name.bytes().all(plain).then(|| OidcKept {
            name: name.to_owned(),
            text: Secret::new(cookie.value()),
        })
    });
    kept.collect()
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
pub(crate) fn begun(kept: &OidcKept) -> HeaderValue {
    of_begun(&kept.name, kept.text.expose(), BEGUN_SECONDS)
}

/// Forgets a sign-in that was begun.
pub(crate) fn no_longer_begun(name: &str) -> HeaderValue {
    of_begun(name, "", 0)
}

fn of_begun(name: &str, text: &str, seconds: u32) -> HeaderValue {
    let cookie = Cookie::build((format!("{BEGUN}{name}"), text))
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Lax);
    let line = format!("{}; Max-Age={seconds}", cookie.build());
    HeaderValue::try_from(line).expect("names and what is sealed are of letters and digits")
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
    fn a_sign_in_that_has_begun_is_for_this_host_and_an_hour() {
        let kept = OidcKept {
            name: "x-1_".to_owned(),
            text: Secret::new("abc"),
        };
        assert_eq!(
            begun(&kept),
            "__Host-carehook-oidc-x-1_=abc; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=3600"
        );
        assert_eq!(
            no_longer_begun("x-1_"),
            "__Host-carehook-oidc-x-1_=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0"
        );
    }

    #[test]
    fn the_sign_ins_of_a_browser_are_found_by_their_plain_names() {
        let mut headers = HeaderMap::new();
        let line = "__Host-carehook-oidc-a=1; __Host-carehook=2; __Host-carehook-oidc-b!=3; \
                    __Host-carehook-oidc-c=4";
        headers.append(header::COOKIE, HeaderValue::from_static(line));
        let found = all_begun(&headers);
        let found: Vec<_> = found
            .iter()
            .map(|kept| (kept.name.as_str(), kept.text.expose()))
            .collect();
        assert_eq!(found, [("a", "1"), ("c", "4")]);
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
