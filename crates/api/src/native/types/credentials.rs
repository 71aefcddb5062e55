//! Credentials of endpoints on the wire: written, and never shown again.

use carehook_app::{Faults, NewAuthentication, NewTls};
use carehook_core::{Authentication, CertificateFacts, EndpointTls, Secret, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Credentials for the `Authorization` header of every delivery.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewAuthentication, example = json!({"type": "bearer", "token": "mF_9.B5f-4.1JqM"}))]
pub(crate) struct AuthenticationIn {
    /// `basic` with a user name and a password, or `bearer` with a token.
    #[serde(rename = "type")]
    #[schema(value_type = String, pattern = "^(basic|bearer)$")]
    kind: Option<Kind>,
    /// The user name.
    #[schema(max_length = 512)]
    username: Option<String>,
    /// The password.
    #[schema(max_length = 512)]
    password: Option<String>,
    /// The token.
    #[schema(max_length = 512)]
    token: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Basic,
    Bearer,
}

impl AuthenticationIn {
    /// Reads the fields that its type has, and refuses the others.
    pub(super) fn read(self, faults: &mut Faults) -> Option<NewAuthentication> {
        let Self {
            kind,
            username,
            password,
            token,
        } = self;
        let kind = faults.require("/authentication/type", kind)?;
        let mut other = |name: &str, is_given: bool| {
            if is_given {
                let reason = "does not belong to this type";
                faults.add(format!("/authentication/{name}"), reason);
            }
        };
        match kind {
            Kind::Basic => {
                other("token", token.is_some());
                let username = faults.require("/authentication/username", username);
                let password = faults.require("/authentication/password", password);
                let (username, password) = username.zip(password)?;
                Some(NewAuthentication::Basic {
                    username: Secret::new(username),
                    password: Secret::new(password),
                })
            }
            Kind::Bearer => {
                other("username", username.is_some());
                other("password", password.is_some());
                let token = faults.require("/authentication/token", token)?;
                let token = Secret::new(token);
                Some(NewAuthentication::Bearer { token })
            }
        }
    }
}

/// TLS settings of an endpoint: a client certificate with its key, authorities, or both.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewTls)]
pub(crate) struct TlsIn {
    /// The certificate that deliveries show, with those between it and its authority; PEM.
    #[schema(max_length = 32768)]
    client_certificate: Option<String>,
    /// Its key; PEM, not encrypted.
    #[schema(max_length = 32768)]
    client_key: Option<String>,
    /// Certificate authorities that are trusted besides those of the server's machine; PEM.
    #[schema(max_length = 32768)]
    ca: Option<String>,
}

impl From<TlsIn> for NewTls {
    fn from(body: TlsIn) -> Self {
        let TlsIn {
            client_certificate,
            client_key,
            ca,
        } = body;
        Self {
            client_certificate: client_certificate.map(Secret::new),
            client_key: client_key.map(Secret::new),
            ca: ca.map(Secret::new),
        }
    }
}

/// Which credentials the `Authorization` header of deliveries has.
#[derive(Serialize, ToSchema)]
#[schema(as = Authentication)]
pub(crate) struct AuthenticationOut {
    /// `basic` or `bearer`; the rest is not shown.
    #[serde(rename = "type")]
    kind: &'static str,
}

impl From<&Authentication> for AuthenticationOut {
    fn from(authentication: &Authentication) -> Self {
        let kind = authentication.kind();
        Self { kind }
    }
}

/// TLS settings of an endpoint.
#[derive(Serialize, ToSchema)]
#[schema(as = Tls)]
pub(crate) struct TlsOut {
    /// The certificate that deliveries show; its key is not shown.
    #[schema(required = true)]
    client_certificate: Option<CertificateOut>,
    /// The authorities that are trusted besides those of the server's machine.
    ca: Vec<CertificateOut>,
}

/// What is shown of a certificate.
#[derive(Serialize, ToSchema)]
#[schema(as = Certificate)]
pub(crate) struct CertificateOut {
    /// Whom it is for.
    #[schema(example = "CN=carehook.clinic.example")]
    subject: String,
    /// Until when it is good.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

impl From<&EndpointTls> for TlsOut {
    fn from(tls: &EndpointTls) -> Self {
        let EndpointTls {
            client,
            authorities,
        } = tls;
        let authorities = authorities.iter().flat_map(|all| &all.facts);
        Self {
            client_certificate: client.as_ref().map(|client| (&client.facts).into()),
            ca: authorities.map(Into::into).collect(),
        }
    }
}

impl From<&CertificateFacts> for CertificateOut {
    fn from(facts: &CertificateFacts) -> Self {
        let CertificateFacts {
            subject,
            expires_at,
        } = facts;
        Self {
            subject: subject.to_string(),
            expires_at: *expires_at,
        }
    }
}
