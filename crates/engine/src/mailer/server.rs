//! Which mail server is used and how, as it stands in one URL.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use carehook_core::{MailAddress, Secret};
use lettre::message::Mailbox;
use percent_encoding::percent_decode_str;
use url::{Host, Url};

/// Where and as whom mails about failures are sent.
#[derive(Clone, Debug)]
pub struct MailConfig {
    /// The server that takes them.
    pub server: MailServer,
    /// Their sender.
    pub from: MailSender,
}

/// A mail server, read from `smtps://…` (TLS from the start) or `smtp://…` (`STARTTLS` when the
/// server offers it, with `?tls=required` always). Its text shows neither user nor password.
#[derive(Clone)]
pub struct MailServer {
    /// As it is looked up; an IPv6 address without brackets.
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) security: Security,
    /// User and password.
    pub(super) credentials: Option<(String, Secret)>,
}

/// When a connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Security {
    /// From the first byte (RFC 8314).
    Implicit,
    /// By `STARTTLS`, or nothing is sent (RFC 3207).
    Required,
    /// By `STARTTLS` if the server has it.
    WhenOffered,
}

/// What is wrong with the URL of a mail server. No text repeats the URL: it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailServerError {
    /// Not a URL, or of another scheme.
    #[error("must be a URL such as smtps://user:password@mail.example.com:465")]
    Form,
    /// The host is missing, or no host name.
    #[error("has no valid host name or address")]
    Host,
    /// A path or fragment, or a parameter that means nothing.
    #[error("may be followed by `?tls=required` and nothing else, and only after smtp://")]
    Extra,
    /// One without the other, or not UTF-8.
    #[error("must have both user and password, percent-encoded, or neither")]
    Credentials,
}

/// Implicit TLS (RFC 8314, 7.3).
const IMPLICIT_PORT: u16 = 465;
/// Message submission (RFC 6409, 3.1).
const SUBMISSION_PORT: u16 = 587;

impl FromStr for MailServer {
    type Err = MailServerError;

    fn from_str(text: &str) -> Result<Self, MailServerError> {
        let url = Url::parse(text).map_err(|_| MailServerError::Form)?;
        let (security, port) = match url.scheme() {
            "smtps" => (Security::Implicit, IMPLICIT_PORT),
            "smtp" => (Security::WhenOffered, SUBMISSION_PORT),
            _ => return Err(MailServerError::Form),
        };
        if url.cannot_be_a_base() {
            return Err(MailServerError::Form);
        }
        let security = match url.query() {
            None => security,
            Some("tls=required") if security == Security::WhenOffered => Security::Required,
            Some(_) => return Err(MailServerError::Extra),
        };
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(MailServerError::Extra);
        }
        Ok(Self {
            host: host(&url)?,
            port: url.port().unwrap_or(port),
            security,
            credentials: credentials(&url)?,
        })
    }
}

fn host(url: &Url) -> Result<String, MailServerError> {
    match url.host().ok_or(MailServerError::Host)? {
        Host::Ipv4(address) => Ok(address.to_string()),
        Host::Ipv6(address) => Ok(address.to_string()),
        // A scheme that the URL standard does not know keeps its host as it is.
        Host::Domain(name) => match Host::parse(name) {
            Ok(Host::Domain(name)) => Ok(name),
            Ok(Host::Ipv4(address)) => Ok(address.to_string()),
            Ok(Host::Ipv6(_)) | Err(_) => Err(MailServerError::Host),
        },
    }
}

fn credentials(url: &Url) -> Result<Option<(String, Secret)>, MailServerError> {
    let plain = |text: &str| {
        let decoded = percent_decode_str(text).decode_utf8();
        decoded
            .map(std::borrow::Cow::into_owned)
            .map_err(|_| MailServerError::Credentials)
    };
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        ("", Some(_)) | (_, None) => Err(MailServerError::Credentials),
        (user, Some(password)) => Ok(Some((plain(user)?, Secret::new(plain(password)?)))),
    }
}

impl MailServer {
    /// Whether what is sent there does not leave the machine.
    pub(super) fn is_loopback(&self) -> bool {
        let address = self.host.parse::<IpAddr>();
        self.host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    }
}

impl fmt::Display for MailServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, extra) = match self.security {
            Security::Implicit => ("smtps", ""),
            Security::Required => ("smtp", "?tls=required"),
            Security::WhenOffered => ("smtp", ""),
        };
        let hidden = self.credentials.as_ref().map_or("", |_| "***@");
        let (host, port) = (&self.host, self.port);
        if host.contains(':') {
            write!(f, "{scheme}://{hidden}[{host}]:{port}{extra}")
        } else {
            write!(f, "{scheme}://{hidden}{host}:{port}{extra}")
        }
    }
}

impl fmt::Debug for MailServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The sender of mails: an address, or a name and an address as `Carehook <hooks@clinic.example>`.
#[derive(Clone, Debug)]
pub struct MailSender(pub(super) Mailbox);

/// The text is not the sender of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a mail address such as hooks@clinic.example or Carehook <hooks@clinic.example>")]
pub struct MailSenderError;

impl FromStr for MailSender {
    type Err = MailSenderError;

    fn from_str(text: &str) -> Result<Self, MailSenderError> {
        let mailbox: Mailbox = text.parse().map_err(|_| MailSenderError)?;
        let address: Result<MailAddress, _> = mailbox.email.to_string().parse();
        match address {
            Ok(_) if !text.contains(char::is_control) => Ok(Self(mailbox)),
            _ => Err(MailSenderError),
        }
    }
}

impl fmt::Display for MailSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, MailServerError> {
        text.parse().map(|server: MailServer| server.to_string())
    }

    #[test]
    fn a_url_says_where_and_how_and_is_shown_without_its_password() {
        for (text, shown) in [
            ("smtp://mail.example", "smtp://mail.example:587"),
            ("smtps://mail.example/", "smtps://mail.example:465"),
            ("smtp://127.0.0.1:25", "smtp://127.0.0.1:25"),
            ("smtp://[::1]:2525", "smtp://[::1]:2525"),
            (
                "smtp://u%40x:p%3Aw@mail.example?tls=required",
                "smtp://***@mail.example:587?tls=required",
            ),
        ] {
            assert_eq!(read(text).as_deref(), Ok(shown));
        }
        let server: MailServer = "smtps://u%40x:p%3Aw@m.example".parse().unwrap();
        assert!(!format!("{server:?}").contains("p:w"));
        let (user, password) = server.credentials.unwrap();
        assert_eq!((&*user, password.expose()), ("u@x", "p:w"));
    }

    #[test]
    fn a_url_that_means_something_else_is_refused_without_repeating_it() {
        use MailServerError::{Credentials, Extra, Form, Host};
        for (text, error) in [
            ("mail.example", Form),
            ("https://mail.example", Form),
            ("smtp://", Host),
            ("smtp:mail.example", Form),
            ("smtp://mail%20box", Host),
            ("smtp://mail.example/queue", Extra),
            ("smtp://mail.example?tls=no", Extra),
            ("smtps://mail.example?tls=required", Extra),
            ("smtp://mail.example#x", Extra),
            ("smtp://canary@mail.example", Credentials),
            ("smtp://:canary@mail.example", Credentials),
            ("smtp://a:%FF@mail.example", Credentials),
        ] {
            assert_eq!(read(text), Err(error), "{text}");
            assert!(!error.to_string().contains("canary"));
        }
    }

    #[test]
    fn only_the_own_machine_is_a_loopback() {
        for (text, expected) in [
            ("smtp://localhost", true),
            ("smtp://127.8.8.8", true),
            ("smtp://[::1]", true),
            ("smtp://mail.example", false),
            ("smtp://10.0.0.1", false),
        ] {
            let server: MailServer = text.parse().unwrap();
            assert_eq!(server.is_loopback(), expected, "{text}");
        }
    }

    #[test]
    fn a_sender_is_an_address_with_or_without_a_name() {
        let read = |text: &str| text.parse().map(|sender: MailSender| sender.to_string());
        for good in ["hooks@clinic.example", "Carehook <hooks@clinic.example>"] {
            assert_eq!(read(good).as_deref(), Ok(good));
        }
        for bad in [
            "",
            "hooks",
            "a@b@c",
            "x\r\nBcc: a@b.c <hooks@c.example>",
            "<a@ü.example>",
        ] {
            assert_eq!(read(bad), Err(MailSenderError), "{bad:?}");
        }
    }
}
