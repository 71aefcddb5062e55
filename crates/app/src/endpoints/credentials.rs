//! What an endpoint's receiver asks for: user name and password, a token, a client certificate.
//!
//! Nothing of it but the subjects and ends of certificates is ever shown again.

use carehook_core::{
    Authentication, Authorities, CertificateFacts, ClientIdentity, CustomHeader, Endpoint,
    EndpointTls, Limits, Secret, Timestamp,
};
use carehook_deliver::{CertificateInfo, Deliverer, PemFault, PemField, PemTexts};

use crate::{Change, Faults};

/// Credentials for the `Authorization` header, as a face has read them.
#[derive(Clone, Debug)]
pub enum NewAuthentication {
    /// A user name and a password.
    Basic {
        /// The user name.
        username: Secret,
        /// The password.
        password: Secret,
    },
    /// A token.
    Bearer {
        /// The token.
        token: Secret,
    },
}

/// TLS settings, as a face has read them: texts in PEM.
#[derive(Clone, Debug, Default)]
pub struct NewTls {
    /// A certificate with those between it and its authority.
    pub client_certificate: Option<Secret>,
    /// Its key.
    pub client_key: Option<Secret>,
    /// Certificates of authorities.
    pub ca: Option<Secret>,
}

/// What a new endpoint's receiver asks for.
#[derive(Clone, Debug, Default)]
pub struct NewCredentials {
    /// For the `Authorization` header.
    pub authentication: Option<NewAuthentication>,
    /// For the connection.
    pub tls: Option<NewTls>,
}

/// What becomes of an endpoint's credentials; each is replaced as a whole.
#[derive(Clone, Debug, Default)]
pub struct CredentialsChange {
    /// For the `Authorization` header.
    pub authentication: Change<NewAuthentication>,
    /// For the connection.
    pub tls: Change<NewTls>,
}

/// What credentials are checked with.
#[derive(Clone, Copy)]
pub(super) struct Checker<'a> {
    pub(super) deliverer: &'a Deliverer,
    pub(super) now: Timestamp,
}

impl Checker<'_> {
    /// Checks what a new endpoint gets.
    pub(super) fn made(
        self,
        new: &NewCredentials,
        faults: &mut Faults,
    ) -> (Option<Authentication>, Option<EndpointTls>) {
        let NewCredentials {
            authentication: given,
            tls,
        } = new;
        let authentication = given.as_ref().and_then(|new| authentication(new, faults));
        let tls = tls.as_ref().and_then(|new| self.tls(new, faults));
        (authentication, tls)
    }

    /// Applies a change.
    pub(super) fn apply(
        self,
        change: &CredentialsChange,
        endpoint: &mut Endpoint,
        faults: &mut Faults,
    ) {
        let CredentialsChange {
            authentication: given,
            tls,
        } = change;
        given.when_changed(|new| {
            endpoint.authentication = new.and_then(|new| authentication(new, faults));
        });
        tls.when_changed(|new| endpoint.tls = new.and_then(|new| self.tls(new, faults)));
    }

    fn tls(self, new: &NewTls, faults: &mut Faults) -> Option<EndpointTls> {
        let NewTls {
            client_certificate,
            client_key,
            ca,
        } = new;
        let fields = [
            ("client_certificate", client_certificate),
            ("client_key", client_key),
            ("ca", ca),
        ];
        for (field, text) in fields {
            let length = text.as_ref().map_or(0, |text| text.expose().len());
            if length > Limits::PEM_BYTES {
                let reason = format!("must have at most {} bytes", Limits::PEM_BYTES);
                faults.add(format!("/tls/{field}"), reason);
                return None;
            }
        }
        let client = match (client_certificate, client_key) {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (None, None) => None,
            (None, Some(_)) => return missing("client_certificate", faults),
            (Some(_), None) => return missing("client_key", faults),
        };
        if client.is_none() && ca.is_none() {
            faults.add(
                "/tls",
                "must have a client certificate with its key, or a ca",
            );
            return None;
        }
        let texts = PemTexts {
            client: client.map(|(certificate, key)| (certificate.expose(), key.expose())),
            authorities: ca.as_ref().map(Secret::expose),
        };
        let contents = self.deliverer.read_pem(texts).and_then(|contents| {
            contents.check_time(self.now.seconds())?;
            Ok(contents)
        });
        let contents = match contents {
            Ok(contents) => contents,
            Err(PemFault { field, reason }) => {
                faults.add(pointer(field), reason);
                return None;
            }
        };
        let identity = client.zip(contents.client.as_ref());
        Some(EndpointTls {
            client: identity.map(|((certificate, key), (_, info))| ClientIdentity {
                chain: certificate.expose().into(),
                key: key.clone(),
                facts: facts(info),
            }),
            authorities: ca.as_ref().map(|text| Authorities {
                certificates: text.expose().into(),
                facts: contents
                    .authorities
                    .iter()
                    .map(|(_, info)| facts(info))
                    .collect(),
            }),
        })
    }
}

/// Refuses credentials that contradict the rest of the endpoint.
pub(super) fn check_fit(
    (authentication, tls): (Option<&Authentication>, Option<&EndpointTls>),
    (url, headers): (&str, &[CustomHeader]),
    faults: &mut Faults,
) {
    let own = headers.iter().any(|h| h.name == "authorization");
    if authentication.is_some() && own {
        let reason = "contradicts the header `authorization` that the endpoint has \
                      (a user name in the URL stands for one too)";
        faults.add("/authentication", reason);
    }
    if tls.is_some() && url.starts_with("http:") {
        faults.add("/tls", "has no meaning over plain http");
    }
}

fn authentication(new: &NewAuthentication, faults: &mut Faults) -> Option<Authentication> {
    let made = match new.clone() {
        NewAuthentication::Basic { username, password } => {
            Authentication::basic(username, password)
        }
        NewAuthentication::Bearer { token } => Authentication::bearer(token),
    };
    match made {
        Ok(authentication) => Some(authentication),
        Err(fault) => {
            faults.add(format!("/authentication/{}", fault.field), fault.reason);
            None
        }
    }
}

fn missing(field: &str, faults: &mut Faults) -> Option<EndpointTls> {
    let reason = "is required: a certificate and its key go together";
    faults.add(format!("/tls/{field}"), reason);
    None
}

fn pointer(field: PemField) -> &'static str {
    match field {
        PemField::Certificate => "/tls/client_certificate",
        PemField::Key => "/tls/client_key",
        PemField::Authorities => "/tls/ca",
    }
}

fn facts(info: &CertificateInfo) -> CertificateFacts {
    CertificateFacts {
        subject: info.subject.as_str().into(),
        expires_at: Timestamp(info.not_after.saturating_mul(1_000)),
    }
}
