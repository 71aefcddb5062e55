//! How an endpoint's sealed row spells its credentials.

use carehook_core::{
    Authentication, Authorities, CertificateFacts, ClientIdentity, EndpointTls, Secret, Timestamp,
};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum AuthenticationRow {
    Basic { username: String, password: String },
    Bearer { token: String },
}

impl From<Authentication> for AuthenticationRow {
    fn from(authentication: Authentication) -> Self {
        let text = |secret: Secret| secret.expose().to_owned();
        match authentication {
            Authentication::Basic { username, password } => Self::Basic {
                username: text(username),
                password: text(password),
            },
            Authentication::Bearer { token } => Self::Bearer { token: text(token) },
        }
    }
}

impl From<AuthenticationRow> for Authentication {
    fn from(row: AuthenticationRow) -> Self {
        match row {
            AuthenticationRow::Basic { username, password } => Self::Basic {
                username: Secret::new(username),
                password: Secret::new(password),
            },
            AuthenticationRow::Bearer { token } => Self::Bearer {
                token: Secret::new(token),
            },
        }
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct TlsRow {
    client: Option<(String, String, FactsRow)>,
    authorities: Option<(String, Vec<FactsRow>)>,
}

type FactsRow = (String, i64);

impl From<EndpointTls> for TlsRow {
    fn from(tls: EndpointTls) -> Self {
        let EndpointTls {
            client,
            authorities,
        } = tls;
        Self {
            client: client.map(|ClientIdentity { chain, key, facts }| {
                (chain.into(), key.expose().to_owned(), facts_row(facts))
            }),
            authorities: authorities.map(
                |Authorities {
                     certificates,
                     facts,
                 }| {
                    let facts = facts.into_iter().map(facts_row).collect();
                    (certificates.into(), facts)
                },
            ),
        }
    }
}

impl From<TlsRow> for EndpointTls {
    fn from(row: TlsRow) -> Self {
        let TlsRow {
            client,
            authorities,
        } = row;
        Self {
            client: client.map(|(chain, key, row)| ClientIdentity {
                chain: chain.into(),
                key: Secret::new(key),
                facts: facts(row),
            }),
            authorities: authorities.map(|(certificates, rows)| Authorities {
                certificates: certificates.into(),
                facts: rows.into_iter().map(facts).collect(),
            }),
        }
    }
}

fn facts_row(facts: CertificateFacts) -> FactsRow {
    let CertificateFacts {
        subject,
        expires_at,
    } = facts;
    (subject.into(), expires_at.0)
}

fn facts((subject, expires_at): FactsRow) -> CertificateFacts {
    CertificateFacts {
        subject: subject.into(),
        expires_at: Timestamp(expires_at),
    }
}
