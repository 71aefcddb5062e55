//! How a browser reaches the console, and so whether it keeps the cookie that signs somebody in:
//! over `https`, or from the machine itself.

use std::net::IpAddr;

use askama::Template;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderMap, StatusCode, Uri, header};

use crate::page::shown;
use crate::router::Console;
use crate::visitor::Theme;

/// How a trusted proxy was asked: among the extensions of a request that came through one that says
/// so (`X-Forwarded-Proto`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForwardedScheme {
    /// In clear.
    Http,
    /// Over TLS.
    Https,
}

/// Pages that sign somebody in, or use up what does.
const ENTRANCES: [&str; 3] = ["/console/sign-in", "/console/welcome", "/console/portal"];

/// Says so where signing in cannot work, before anything is typed or used up.
pub(crate) async fn where_cookies_are_kept(
    State(console): State<Console>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    let is_entrance = ENTRANCES.iter().any(|entrance| path.starts_with(entrance));
    if !is_entrance {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    match drops_cookies(&parts, console.app().public_url()) {
        Some(host) => not_kept(&parts, &host, console.app().public_url()),
        None => next.run(Request::from_parts(parts, body)).await,
    }
}

/// The host at which a browser drops the cookie, when it was asked there.
///
/// Browsers take `Secure` cookies over TLS and from what they call potentially trustworthy (W3C
/// Secure Contexts, 3.1), and to just these URLs they send Fetch Metadata: its headers prove the
/// address right whatever stands in between.
fn drops_cookies(parts: &Parts, public_url: &str) -> Option<String> {
    let told = |name: &str| parts.headers.contains_key(name);
    if told("sec-fetch-site") || told("sec-fetch-mode") {
        return None;
    }
    let host = host(&parts.headers, &parts.uri)?;
    if is_loopback(host.host()) {
        return None;
    }
    let over_tls = match parts.extensions.get::<ForwardedScheme>() {
        Some(ForwardedScheme::Https) => true,
        Some(ForwardedScheme::Http) => false,
        None => is_public(&host, public_url),
    };
    (!over_tls).then(|| host.to_string())
}

fn host(headers: &HeaderMap, uri: &Uri) -> Option<Authority> {
    let named = headers.get(header::HOST);
    let named = named.and_then(|host| Authority::try_from(host.as_bytes()).ok());
    named.or_else(|| uri.authority().cloned())
}

/// Whether it is the machine that the browser runs on.
fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let is_named =
        bare.eq_ignore_ascii_case("localhost") || bare.to_ascii_lowercase().ends_with(".localhost");
    is_named || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Whether it is what the operator says that clients reach over TLS.
fn is_public(host: &Authority, public_url: &str) -> bool {
    let public = public_url.parse::<Uri>().ok();
    public.is_some_and(|public| {
        let own = public.host().unwrap_or_default();
        public.scheme_str() == Some("https") && own.eq_ignore_ascii_case(host.host())
    })
}

#[derive(Template)]
#[template(path = "pages/no_cookie.html")]
struct NoCookie {
    theme: Theme,
    /// The address that was asked, as the browser named it.
    host: String,
    /// Where it would work, if the operator has named such a place.
    public: Option<String>,
    /// The same at the machine itself.
    port: String,
}

fn not_kept(parts: &Parts, host: &str, public_url: &str) -> Response {
    let port = host.rsplit_once(':').map(|(_, port)| port);
    let port = port.filter(|port| port.bytes().all(|byte| byte.is_ascii_digit()));
    let page = NoCookie {
        theme: Theme::of(parts),
        host: host.to_owned(),
        public: public_url
            .starts_with("https://")
            .then(|| public_url.trim_end_matches('/').to_owned()),
        port: port.map(|port| format!(":{port}")).unwrap_or_default(),
    };
    (StatusCode::FORBIDDEN, shown(&page)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLIC: &str = "https://hooks.example.com";
    const NONE: &str = "http://192.0.2.2:8080";

    fn asked(headers: &[(&'static str, &str)]) -> Parts {
        let mut request = http::Request::get("/console/sign-in").body(()).unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        request.into_parts().0
    }

    #[test]
    fn the_machine_itself_and_the_public_url_are_fine() {
        for host in [
            "localhost:8080",
            "127.0.0.1:8080",
            "127.0.0.2",
            "[::1]:8080",
            "carehook.localhost",
            "hooks.example.com",
            "HOOKS.example.com:443",
        ] {
            let parts = asked(&[("host", host)]);
            assert_eq!(drops_cookies(&parts, PUBLIC), None, "{host}");
        }
        assert_eq!(drops_cookies(&asked(&[]), NONE), None, "no browser");
    }

    #[test]
    fn plain_http_elsewhere_is_not() {
        for host in [
            "192.0.2.2:8080",
            "[2001:db8::1]:8080",
            "carehook",
            "localhost.example",
        ] {
            let parts = asked(&[("host", host)]);
            assert_eq!(drops_cookies(&parts, NONE).as_deref(), Some(host));
        }
        let parts = asked(&[("host", "hooks.example.com")]);
        assert!(drops_cookies(&parts, "http://hooks.example.com").is_some());
    }

    #[test]
    fn a_browser_at_a_trustworthy_url_and_a_trusted_proxy_are_believed() {
        let parts = asked(&[("host", "upstream:8080"), ("sec-fetch-site", "none")]);
        assert_eq!(drops_cookies(&parts, NONE), None);
        let mut parts = asked(&[("host", "upstream:8080")]);
        parts.extensions.insert(ForwardedScheme::Https);
        assert_eq!(drops_cookies(&parts, NONE), None);
        let mut parts = asked(&[("host", "hooks.example.com")]);
        parts.extensions.insert(ForwardedScheme::Http);
        assert!(drops_cookies(&parts, PUBLIC).is_some());
    }
}
