//! The program's environment variables.

use std::collections::BTreeMap;
use std::env;

use super::ConfigError;
use super::setting::Origin;
use crate::telemetry::LogFilter;

pub(super) const PREFIX: &str = "CAREHOOK_";

pub(super) const LISTEN: &str = "CAREHOOK_LISTEN";
pub(super) const DATA: &str = "CAREHOOK_DATA";
pub(super) const DATABASE_URL: &str = "CAREHOOK_DATABASE_URL";
pub(super) const OPERATOR_KEY: &str = "CAREHOOK_OPERATOR_KEY";
pub(super) const MASTER_KEY: &str = "CAREHOOK_MASTER_KEY";
pub(super) const MASTER_KEY_FILE: &str = "CAREHOOK_MASTER_KEY_FILE";
pub(super) const MASTER_KEY_COMMAND: &str = "CAREHOOK_MASTER_KEY_COMMAND";
pub(super) const MASTER_KEY_NEXT: &str = "CAREHOOK_MASTER_KEY_NEXT";
pub(super) const MASTER_KEY_NEXT_FILE: &str = "CAREHOOK_MASTER_KEY_NEXT_FILE";
pub(super) const MASTER_KEY_NEXT_COMMAND: &str = "CAREHOOK_MASTER_KEY_NEXT_COMMAND";
pub(super) const JWT_SECRET: &str = "CAREHOOK_JWT_SECRET";
pub(super) const JWKS_URL: &str = "CAREHOOK_JWKS_URL";
pub(super) const ALLOW_TARGETS: &str = "CAREHOOK_ALLOW_TARGETS";
pub(super) const ALLOW_HTTP: &str = "CAREHOOK_ALLOW_HTTP";
pub(super) const RETRY_SCHEDULE: &str = "CAREHOOK_RETRY_SCHEDULE";
pub(super) const PUBLIC_URL: &str = "CAREHOOK_PUBLIC_URL";
pub(super) const TRUSTED_PROXIES: &str = "CAREHOOK_TRUSTED_PROXIES";
pub(super) const FRAME_ANCESTORS: &str = "CAREHOOK_FRAME_ANCESTORS";
pub(super) const OIDC_ISSUER: &str = "CAREHOOK_OIDC_ISSUER";
pub(super) const OIDC_CLIENT_ID: &str = "CAREHOOK_OIDC_CLIENT_ID";
pub(super) const OIDC_CLIENT_SECRET: &str = "CAREHOOK_OIDC_CLIENT_SECRET";
pub(super) const OIDC_CLIENT_SECRET_FILE: &str = "CAREHOOK_OIDC_CLIENT_SECRET_FILE";
pub(super) const OIDC_PEOPLE: &str = "CAREHOOK_OIDC_PEOPLE";
pub(super) const OIDC_NAME: &str = "CAREHOOK_OIDC_NAME";
pub(super) const OIDC_ONLY: &str = "CAREHOOK_OIDC_ONLY";
pub(super) const SMTP_URL: &str = "CAREHOOK_SMTP_URL";
pub(super) const MAIL_FROM: &str = "CAREHOOK_MAIL_FROM";
pub(super) const LOG: &str = "CAREHOOK_LOG";
const URL: &str = "CAREHOOK_URL";
const KEY: &str = "CAREHOOK_KEY";

const KNOWN: [&str; 30] = [
    LISTEN,
    DATA,
    DATABASE_URL,
    OPERATOR_KEY,
    MASTER_KEY,
    MASTER_KEY_FILE,
    MASTER_KEY_COMMAND,
    MASTER_KEY_NEXT,
    MASTER_KEY_NEXT_FILE,
    MASTER_KEY_NEXT_COMMAND,
    JWT_SECRET,
    JWKS_URL,
    ALLOW_TARGETS,
    ALLOW_HTTP,
    RETRY_SCHEDULE,
    PUBLIC_URL,
    TRUSTED_PROXIES,
    FRAME_ANCESTORS,
    OIDC_ISSUER,
    OIDC_CLIENT_ID,
    OIDC_CLIENT_SECRET,
    OIDC_CLIENT_SECRET_FILE,
    OIDC_PEOPLE,
    OIDC_NAME,
    OIDC_ONLY,
    SMTP_URL,
    MAIL_FROM,
    LOG,
    URL,
    KEY,
];

/// The variables whose names begin with `CAREHOOK_`; empty ones count as not set.
#[derive(Default)]
pub(crate) struct Environment(BTreeMap<String, String>);

impl Environment {
    /// Reads the process's environment.
    pub(crate) fn read() -> Result<Self, ConfigError> {
        let mut variables = BTreeMap::new();
        for (name, value) in env::vars_os() {
            let Ok(name) = name.into_string() else {
                continue;
            };
            if !name.starts_with(PREFIX) || value.is_empty() {
                continue;
            }
            match value.into_string() {
                Ok(value) => variables.insert(name, value),
                Err(_) => return Err(ConfigError::NotText { variable: name }),
            };
        }
        Ok(Self(variables))
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The server that client commands talk to.
    pub(crate) fn url(&self) -> Option<&str> {
        self.get(URL)
    }

    /// The key that client commands show to the server.
    pub(crate) fn key(&self) -> Option<&str> {
        self.get(KEY)
    }

    /// What is logged by a command that has no other settings.
    pub(crate) fn log_or(&self, default: &str) -> Result<LogFilter, ConfigError> {
        let text = self.get(LOG).unwrap_or(default);
        text.parse().map_err(|reason| ConfigError::Invalid {
            origin: Origin::Environment(LOG),
            reason,
        })
    }

    /// Variables that look like ours and mean nothing: misspelled, or of another version.
    pub(crate) fn unknown(&self) -> impl Iterator<Item = &str> {
        let names = self.0.keys().map(String::as_str);
        names.filter(|name| !KNOWN.contains(name))
    }

    #[cfg(test)]
    pub(crate) fn of(variables: &[(&str, &str)]) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self(variables.iter().map(owned).collect())
    }
}
