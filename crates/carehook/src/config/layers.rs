//! The environment over the file: each setting is looked for in both, and read once.

use std::fmt;
use std::path::PathBuf;

use carehook_core::Secret;

use super::environment::{self as variable, Environment, PREFIX};
use super::error::ConfigError;
use super::file::FileSettings;
use super::key_source::{KeyCommand, KeySource};
use super::oidc::OidcInFile;
use super::setting::{Origin, Setting};
use super::settings::Settings;
use super::values;

const DEFAULT_LISTEN: &str = "127.0.0.1:8080";
const DEFAULT_LOG: &str = "info";
/// The places of a master key: itself, a file, a command.
const MASTER_KEY: [&str; 3] = [
    variable::MASTER_KEY,
    variable::MASTER_KEY_FILE,
    variable::MASTER_KEY_COMMAND,
];
const NEXT_MASTER_KEY: [&str; 3] = [
    variable::MASTER_KEY_NEXT,
    variable::MASTER_KEY_NEXT_FILE,
    variable::MASTER_KEY_NEXT_COMMAND,
];

/// Two places in which a setting may stand.
pub(super) struct Layers<'a> {
    pub(super) environment: &'a Environment,
    /// The file's name, for messages.
    pub(super) path: PathBuf,
}

impl Layers<'_> {
    /// Joins what the file says with the environment, which wins.
    pub(super) fn join(&self, file: FileSettings) -> Result<Settings, ConfigError> {
        let FileSettings {
            listen,
            data,
            operator_key,
            master_key,
            master_key_file,
            master_key_command,
            master_key_next: next,
            master_key_next_file: next_file,
            master_key_next_command: next_command,
            jwt_secret,
            jwks_url,
            allow_targets,
            allow_http,
            retry_schedule,
            public_url,
            trusted_proxies,
            frame_ancestors,
            oidc_issuer,
            oidc_client_id,
            oidc_client_secret,
            oidc_client_secret_file,
            oidc_people,
            oidc_name,
            oidc_only,
            smtp_url,
            mail_from,
            log,
        } = file;
        let oidc = OidcInFile {
            issuer: oidc_issuer,
            client_id: oidc_client_id,
            client_secret: oidc_client_secret,
            client_secret_file: oidc_client_secret_file,
            people: oidc_people,
            name: oidc_name,
            only: oidc_only,
        };
        let key = exposed(operator_key);
        let targets = allow_targets.map(|targets| targets.join(","));
        let proxies = trusted_proxies.map(|proxies| proxies.join(","));
        let frames = frame_ancestors.map(|origins| origins.join(","));
        let http = allow_http.map(|allowed| allowed.0);
        let schedule = retry_schedule.map(|seconds| values::join(&seconds));
        Ok(Settings {
            development: false,
            listen: self.given(variable::LISTEN, listen, DEFAULT_LISTEN, values::address)?,
            data: self.optional(variable::DATA, path(data), str::parse)?,
            operator_key: self.optional(variable::OPERATOR_KEY, key, values::operator_key)?,
            master_key: self.key_source(
                MASTER_KEY,
                master_key,
                master_key_file,
                master_key_command,
            )?,
            next_master_key: self.key_source(NEXT_MASTER_KEY, next, next_file, next_command)?,
            jwt_secret: self.optional(
                variable::JWT_SECRET,
                exposed(jwt_secret),
                values::token_secret,
            )?,
            jwks_url: self.optional(variable::JWKS_URL, jwks_url, values::key_set_url)?,
            allow_targets: self.given(variable::ALLOW_TARGETS, targets, "", values::networks)?,
            allow_http: self.given(variable::ALLOW_HTTP, http, "false", values::plain_http)?,
            retry_schedule: self.optional(variable::RETRY_SCHEDULE, schedule, values::schedule)?,
            public_url: self.optional(variable::PUBLIC_URL, public_url, values::url)?,
            trusted_proxies: self.given(
                variable::TRUSTED_PROXIES,
                proxies,
                "",
                values::networks,
            )?,
            frame_ancestors: self.given(variable::FRAME_ANCESTORS, frames, "", values::origins)?,
            oidc: self.oidc(oidc)?,
            smtp_url: self.optional(variable::SMTP_URL, exposed(smtp_url), values::mail_server)?,
            mail_from: self.optional(variable::MAIL_FROM, mail_from, str::parse)?,
            log: self.given(variable::LOG, log, DEFAULT_LOG, str::parse)?,
        })
    }

    /// The one of three places that a master key comes from. What the environment says counts
    /// alone: a key in the file is then another one.
    fn key_source(
        &self,
        variables: [&'static str; 3],
        text: Option<Secret>,
        file: Option<PathBuf>,
        command: Option<Secret>,
    ) -> Result<Option<Setting<KeySource>>, ConfigError> {
        let in_file = [exposed(text), path(file), exposed(command)];
        let from_environment = variables
            .iter()
            .any(|variable| self.environment.get(variable).is_some());
        let mut found = Vec::new();
        for (variable, in_file) in variables.into_iter().zip(in_file) {
            let in_file = in_file.filter(|_| !from_environment);
            let read = |text: &str| -> Result<KeySource, String> {
                Ok(if variable.ends_with("_FILE") {
                    KeySource::File(PathBuf::from(text))
                } else if variable.ends_with("_COMMAND") {
                    KeySource::Command(KeyCommand::parse(text)?)
                } else {
                    KeySource::Text(values::master_key(text)?)
                })
            };
            found.extend(self.optional(variable, in_file, read)?);
        }
        if found.len() > 1 {
            let origins = found.into_iter().map(|setting| setting.origin);
            return Err(ConfigError::SeveralKeys(origins.collect()));
        }
        Ok(found.pop())
    }

    /// A setting without a default.
    pub(super) fn optional<T, E: fmt::Display>(
        &self,
        variable: &'static str,
        in_file: Option<String>,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<Setting<T>>, ConfigError> {
        self.text(variable, in_file)
            .map(|setting| setting.parse(|text| read(&text)))
            .transpose()
    }

    /// A setting with a default.
    pub(super) fn given<T, E: fmt::Display>(
        &self,
        variable: &'static str,
        in_file: Option<String>,
        default: &str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Setting<T>, ConfigError> {
        self.text(variable, in_file)
            .unwrap_or_else(|| Setting::new(default.to_owned(), Origin::Default))
            .parse(|text| read(&text))
    }

    fn text(&self, variable: &'static str, in_file: Option<String>) -> Option<Setting<String>> {
        if let Some(text) = self.environment.get(variable) {
            return Some(Setting::new(text.to_owned(), Origin::Environment(variable)));
        }
        let (path, key) = (self.path.clone(), key_of(variable));
        in_file.map(|text| Setting::new(text, Origin::File { path, key }))
    }
}

fn exposed(secret: Option<Secret>) -> Option<String> {
    secret.map(|text| text.expose().to_owned())
}

fn path(path: Option<PathBuf>) -> Option<String> {
    path.map(|path| path.display().to_string())
}

/// The name in the file: that of the variable in lower case and without `CAREHOOK_`.
fn key_of(variable: &str) -> String {
    let name = variable.strip_prefix(PREFIX).unwrap_or(variable);
    name.to_ascii_lowercase()
}
