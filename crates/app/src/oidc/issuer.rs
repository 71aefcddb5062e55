//! The name of an identity provider, which is a URL and is compared as it is written.

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

use url::{Host, Url};

/// The path of its metadata, behind the issuer (`OpenID` Connect Discovery 1.0, 4).
const WELL_KNOWN: &str = "/.well-known/openid-configuration";

/// What is wrong with the name of an issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IssuerError {
    /// It is no URL with a host.
    #[error("must be a URL such as https://id.clinic.example/realms/staff")]
    Url,
    /// It could be read on the way.
    #[error("must begin with https:// (http:// only for this machine, under --dev)")]
    Plain,
    /// It holds more than scheme, host and path.
    #[error("must have no user name, query or fragment")]
    Parts,
}

/// The name of an identity provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    /// As the operator wrote it: a token must say exactly this (Core 1.0, 3.1.3.7).
    text: Box<str>,
    url: Url,
    metadata: Url,
}

impl FromStr for Issuer {
    type Err = IssuerError;

    fn from_str(text: &str) -> Result<Self, IssuerError> {
        let text = text.trim();
        let url: Url = text.parse().map_err(|_| IssuerError::Url)?;
        if !url.has_host() {
            return Err(IssuerError::Url);
        }
        if url.scheme() != "https" && !is_plain_loopback(&url) {
            return Err(IssuerError::Plain);
        }
        let has_user = !url.username().is_empty() || url.password().is_some();
        if has_user || url.query().is_some() || url.fragment().is_some() {
            return Err(IssuerError::Parts);
        }
        // A slash at the end is of the name, and not of the place (Discovery 1.0, 4).
        let metadata = format!("{}{WELL_KNOWN}", text.trim_end_matches('/'));
        Ok(Self {
            text: text.into(),
            url,
            metadata: metadata.parse().map_err(|_| IssuerError::Url)?,
        })
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Issuer {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is reached without TLS, which is for trials only.
    pub fn is_plain(&self) -> bool {
        self.url.scheme() == "http"
    }

    /// Its host, for people.
    pub(super) fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Where its metadata is.
    pub(super) fn metadata_url(&self) -> &Url {
        &self.metadata
    }

    /// An address that the provider names: with TLS, unless the provider itself is a trial.
    pub(super) fn endpoint(&self, text: &str) -> Option<Url> {
        let url: Url = text.parse().ok()?;
        let safe = url.scheme() == "https" || (self.is_plain() && is_plain_loopback(&url));
        (safe && url.has_host() && url.fragment().is_none()).then_some(url)
    }
}

/// Whether nothing that is asked there leaves the machine.
fn is_plain_loopback(url: &Url) -> bool {
    let loopback = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address == Ipv6Addr::LOCALHOST,
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    url.scheme() == "http" && loopback
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_a_url_with_tls_and_kept_as_it_is_written() {
        for (text, metadata) in [
            (
                "https://id.clinic.example",
                "https://id.clinic.example/.well-known/openid-configuration",
            ),
            (
                "https://id.clinic.example/",
                "https://id.clinic.example/.well-known/openid-configuration",
            ),
            (
                "https://id.clinic.example/realms/staff",
                "https://id.clinic.example/realms/staff/.well-known/openid-configuration",
            ),
            (
                "http://127.0.0.1:7/a/",
                "http://127.0.0.1:7/a/.well-known/openid-configuration",
            ),
        ] {
            let issuer: Issuer = text.parse().unwrap();
            assert_eq!(issuer.as_str(), text);
            assert_eq!(issuer.metadata_url().as_str(), metadata);
        }
    }

    #[test]
    fn what_could_be_read_on_the_way_or_is_no_issuer_is_refused() {
        for (text, error) in [
            ("id.clinic.example", IssuerError::Url),
            ("mailto:a@b.example", IssuerError::Url),
            ("http://id.clinic.example", IssuerError::Plain),
            ("http://127.0.0.1.clinic.example", IssuerError::Plain),
            ("ftp://127.0.0.1", IssuerError::Plain),
            ("https://a@id.clinic.example", IssuerError::Parts),
            ("https://id.clinic.example?a=b", IssuerError::Parts),
            ("https://id.clinic.example#a", IssuerError::Parts),
        ] {
            assert_eq!(text.parse::<Issuer>(), Err(error), "{text}");
        }
    }

    #[test]
    fn a_provider_with_tls_names_no_address_without() {
        let issuer: Issuer = "https://id.clinic.example".parse().unwrap();
        assert!(issuer.endpoint("https://other.example/token?x=1").is_some());
        for text in [
            "http://id.clinic.example/token",
            "http://127.0.0.1/token",
            "/token",
            "https://id.clinic.example/token#a",
            "javascript:alert(1)",
        ] {
            assert_eq!(issuer.endpoint(text), None, "{text}");
        }
        let trial: Issuer = "http://localhost:7".parse().unwrap();
        assert!(trial.endpoint("http://localhost:8/token").is_some());
        assert_eq!(trial.endpoint("http://id.clinic.example/token"), None);
    }
}
