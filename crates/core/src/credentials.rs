//! What an endpoint's receiver asks of those who post to it: a password, a token, a certificate.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;

use crate::{Limits, Secret, Timestamp};

/// Credentials for the `Authorization` header of every delivery.
#[derive(Clone)]
pub enum Authentication {
    /// A user name and a password (RFC 7617).
    Basic {
        /// The user name.
        username: Secret,
        /// The password.
        password: Secret,
    },
    /// A token (RFC 6750).
    Bearer {
        /// The token.
        token: Secret,
    },
}

/// Why credentials are refused: the field, and what is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuthenticationFault {
    /// `username`, `password` or `token`.
    pub field: &'static str,
    /// What is wrong.
    pub reason: &'static str,
}

impl Authentication {
    /// Most bytes of a user name, a password or a token.
    pub const MAX_BYTES: usize = 512;

    /// Checks a user name and a password.
    pub fn basic(username: Secret, password: Secret) -> Result<Self, AuthenticationFault> {
        let fault = |field, reason| Err(AuthenticationFault { field, reason });
        let text = |secret: &Secret| {
            let text = secret.expose();
            text.len() <= Self::MAX_BYTES && !text.chars().any(char::is_control)
        };
        if !text(&username) || username.expose().is_empty() {
            return fault(
                "username",
                "must have 1 to 512 bytes and no control characters",
            );
        }
        // It would end there (RFC 7617, 2).
        if username.expose().contains(':') {
            return fault("username", "must not have a colon");
        }
        if !text(&password) {
            return fault(
                "password",
                "must have at most 512 bytes and no control characters",
            );
        }
        Ok(Self::Basic { username, password })
    }

    /// Checks a token: letters, digits and `- . _ ~ + /`, then `=` (RFC 6750, 2.1).
    pub fn bearer(token: Secret) -> Result<Self, AuthenticationFault> {
        let text = token.expose();
        let bare = text.trim_end_matches('=');
        let in_token = |b: u8| b.is_ascii_alphanumeric() || b"-._~+/".contains(&b);
        if bare.is_empty() || text.len() > Self::MAX_BYTES || !bare.bytes().all(in_token) {
            return Err(AuthenticationFault {
                field: "token",
                reason: "must have 1 to 512 letters, digits and - . _ ~ + /, with = only at its end",
            });
        }
        Ok(Self::Bearer { token })
    }

    /// The word used in bodies.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Basic { .. } => "basic",
            Self::Bearer { .. } => "bearer",
        }
    }

    /// The value of the `Authorization` header.
    pub fn header(&self) -> HeaderValue {
        let text = match self {
            Self::Basic { username, password } => {
                let pair = format!("{}:{}", username.expose(), password.expose());
                Secret::new(format!("Basic {}", STANDARD.encode(pair)))
            }
            Self::Bearer { token } => Secret::new(format!("Bearer {}", token.expose())),
        };
        let mut value = HeaderValue::from_str(text.expose()).expect("its parts were checked");
        value.set_sensitive(true);
        value
    }
}

/// What is shown of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFacts {
    /// Whom it is for, as a distinguished name.
    pub subject: Box<str>,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

/// A certificate that deliveries show to the receiver.
#[derive(Clone)]
pub struct ClientIdentity {
    /// The certificate and those between it and its authority, as PEM.
    pub chain: Box<str>,
    /// The key of the certificate, as PEM.
    pub key: Secret,
    /// What is shown of the certificate.
    pub facts: CertificateFacts,
}

/// The certificate authorities of a receiver.
#[derive(Clone)]
pub struct Authorities {
    /// Their certificates, as PEM.
    pub certificates: Box<str>,
    /// What is shown of each.
    pub facts: Vec<CertificateFacts>,
}

/// An endpoint's own TLS settings; at least one of them is there.
#[derive(Clone)]
pub struct EndpointTls {
    /// What deliveries show of themselves.
    pub client: Option<ClientIdentity>,
    /// Whom they trust besides those that the machine trusts.
    pub authorities: Option<Authorities>,
}

impl Limits {
    /// Most bytes of certificates or of a key, as PEM.
    pub const PEM_BYTES: usize = 32 * 1024;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_become_the_header_that_their_rfcs_write() {
        // The examples of RFC 7617, 2 and RFC 6750, 2.1.
        let basic = Authentication::basic(Secret::new("Aladdin"), Secret::new("open sesame"));
        let basic = basic.unwrap().header();
        assert_eq!(basic, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        let bearer = Authentication::bearer(Secret::new("mF_9.B5f-4.1JqM=")).unwrap();
        assert_eq!(bearer.header(), "Bearer mF_9.B5f-4.1JqM=");
        assert!(basic.is_sensitive() && bearer.header().is_sensitive());
        let empty = Authentication::basic(Secret::new("a"), Secret::new("")).unwrap();
        assert_eq!(empty.header(), "Basic YTo=");
        let long = "ü".repeat(Authentication::MAX_BYTES / 2);
        let long = Authentication::basic(Secret::new(long.clone()), Secret::new(long));
        assert!(long.unwrap().header().to_str().is_ok());
    }

    #[test]
    fn what_a_header_cannot_carry_is_refused_by_field() {
        let long = "x".repeat(Authentication::MAX_BYTES + 1);
        let basic = |name: &str, password: &str| {
            let made = Authentication::basic(Secret::new(name), Secret::new(password));
            made.err().map(|fault| fault.field)
        };
        for name in ["", "a:b", "a\nb", &long] {
            assert_eq!(basic(name, "p"), Some("username"), "{name}");
        }
        for password in ["a\r\nb: c", "\0", &long] {
            assert_eq!(basic("a", password), Some("password"), "{password:?}");
        }
        assert_eq!(basic("a", "p:q"), None);
        for token in ["", "=", "a b", "a\r\nb", "ü", "a=b", &long] {
            let made = Authentication::bearer(Secret::new(token));
            assert_eq!(
                made.err().map(|fault| fault.field),
                Some("token"),
                "{token:?}"
            );
        }
    }
}
