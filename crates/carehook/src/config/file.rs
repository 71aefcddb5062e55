//! The configuration file.

use std::fs;
use std::path::{Path, PathBuf};

use carehook_core::Secret;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::ConfigError;

/// What a configuration file may hold. Unknown keys are errors: a misspelled one must not pass.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileSettings {
    pub(super) listen: Option<String>,
    pub(super) data: Option<PathBuf>,
    #[serde(default, deserialize_with = "secret")]
    pub(super) operator_key: Option<Secret>,
    #[serde(default, deserialize_with = "secret")]
    pub(super) master_key: Option<Secret>,
    pub(super) master_key_file: Option<PathBuf>,
    /// Its arguments may be secrets.
    #[serde(default, deserialize_with = "secret")]
    pub(super) master_key_command: Option<Secret>,
    #[serde(default, deserialize_with = "secret")]
    pub(super) master_key_next: Option<Secret>,
    pub(super) master_key_next_file: Option<PathBuf>,
    #[serde(default, deserialize_with = "secret")]
    pub(super) master_key_next_command: Option<Secret>,
    #[serde(default, deserialize_with = "secret")]
    pub(super) jwt_secret: Option<Secret>,
    pub(super) jwks_url: Option<String>,
    pub(super) allow_targets: Option<Vec<String>>,
    pub(super) allow_http: Option<SwitchOrWord>,
    pub(super) retry_schedule: Option<Vec<u32>>,
    pub(super) public_url: Option<String>,
    pub(super) trusted_proxies: Option<Vec<String>>,
    pub(super) frame_ancestors: Option<Vec<String>>,
    pub(super) oidc_issuer: Option<String>,
    pub(super) oidc_client_id: Option<String>,
    #[serde(default, deserialize_with = "secret")]
    pub(super) oidc_client_secret: Option<Secret>,
    pub(super) oidc_client_secret_file: Option<PathBuf>,
    pub(super) oidc_people: Option<Vec<String>>,
    pub(super) oidc_name: Option<String>,
    pub(super) oidc_only: Option<bool>,
    /// May hold a password.
    #[serde(default, deserialize_with = "secret")]
    pub(super) smtp_url: Option<Secret>,
    pub(super) mail_from: Option<String>,
    pub(super) log: Option<String>,
}

/// A switch with a third position, which is a word.
pub(super) struct SwitchOrWord(pub(super) String);

impl<'de> Deserialize<'de> for SwitchOrWord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match toml::Value::deserialize(deserializer)? {
            toml::Value::Boolean(switch) => Ok(Self(switch.to_string())),
            toml::Value::String(word) => Ok(Self(word)),
            _ => Err(D::Error::custom("must be true, false or a text in quotes")),
        }
    }
}

impl FileSettings {
    pub(super) fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = fs::read_to_string(path).map_err(|source| ConfigError::ReadFile {
            path: path.to_owned(),
            source,
        })?;
        toml::from_str(&text).map_err(|error| ConfigError::ParseFile {
            path: path.to_owned(),
            message: message(&text, &error),
        })
    }
}

/// What is wrong and on which line. The parser would print the line itself, which may be a secret.
fn message(text: &str, error: &toml::de::Error) -> String {
    let reason = error.message().trim_end();
    let before = error.span().and_then(|span| text.get(..span.start));
    match before {
        Some(before) => format!("line {}: {reason}", before.matches('\n').count() + 1),
        None => reason.to_owned(),
    }
}

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
    // Reading a `String` would let the error message show a value of another kind.
    match toml::Value::deserialize(deserializer)? {
        toml::Value::String(text) => Ok(Some(Secret::new(text))),
        _ => Err(D::Error::custom("must be a text in quotes")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let error = toml::from_str::<FileSettings>(text).err().unwrap();
        let found = message(text, &error);
        assert!(found.starts_with(expected), "{found}");
    }

    #[test]
    fn an_unknown_key_is_an_error_that_names_its_line() {
        check(
            "listen = \"127.0.0.1:1\"\nlistn = 1\n",
            "line 2: unknown field `listn`",
        );
    }

    #[test]
    fn a_wrong_value_of_a_secret_is_not_shown() {
        for key in [
            "operator_key",
            "master_key",
            "master_key_command",
            "master_key_next",
            "master_key_next_command",
            "jwt_secret",
            "oidc_client_secret",
            "smtp_url",
        ] {
            let text = format!("{key} = 424242");
            check(&text, "line 1: must be a text in quotes");
        }
    }

    #[test]
    fn every_key_can_be_set() {
        let text = r#"
            listen = "127.0.0.1:0"
            data = "data"
            operator_key = "operator"
            master_key = "master"
            master_key_file = "master.key"
            master_key_command = "kms decrypt"
            master_key_next = "next"
            master_key_next_file = "master.key.next"
            master_key_next_command = "kms decrypt next"
            jwt_secret = "tokens"
            jwks_url = "https://id.example.com/keys"
            allow_targets = ["10.0.0.0/8"]
            allow_http = true
            retry_schedule = [5, 300]
            public_url = "https://hooks.example.com"
            trusted_proxies = ["10.0.0.7"]
            frame_ancestors = ["https://app.example.com"]
            oidc_issuer = "https://id.example.com"
            oidc_client_id = "carehook"
            oidc_client_secret = "client"
            oidc_client_secret_file = "client.secret"
            oidc_people = ["@clinic.example"]
            oidc_name = "Clinic ID"
            oidc_only = true
            smtp_url = "smtp://mail.example.com"
            mail_from = "hooks@example.com"
            log = "debug"
        "#;
        let settings: FileSettings = toml::from_str(text).unwrap();
        assert_eq!(settings.operator_key.unwrap().expose(), "operator");
        assert_eq!(settings.retry_schedule.unwrap(), [5, 300]);
    }
}
