//! The environment over the file: each setting is looked for in both, and read once.

use std::fmt;
use std::path::PathBuf;

use super::environment::{self as variable, Environment, PREFIX};
use super::error::ConfigError;
use super::file::FileSettings;
use super::setting::{Origin, Setting};
use super::settings::Settings;
use super::values;

const DEFAULT_LISTEN: &str = "127.0.0.1:8080";
const DEFAULT_LOG: &str = "info";

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
            jwt_secret,
            jwks_url,
            allow_targets,
            allow_http,
            retry_schedule,
            public_url,
            smtp_url,
            mail_from,
            log,
        } = file;
        let data = data.map(|path| path.display().to_string());
        let operator_key = operator_key.map(|key| key.expose().to_owned());
        let master_key = master_key.map(|key| key.expose().to_owned());
        let jwt_secret = jwt_secret.map(|secret| secret.expose().to_owned());
        let smtp_url = smtp_url.map(|url| url.expose().to_owned());
        let targets = allow_targets.map(|targets| targets.join(","));
        let http = allow_http.map(|allowed| allowed.0);
        let schedule = retry_schedule.map(|seconds| values::join(&seconds));
        Ok(Settings {
            development: false,
            listen: self.given(variable::LISTEN, listen, DEFAULT_LISTEN, values::address)?,
            data: self.optional(variable::DATA, data, str::parse)?,
            operator_key: self.optional(
                variable::OPERATOR_KEY,
                operator_key,
                values::operator_key,
            )?,
            master_key: self.optional(variable::MASTER_KEY, master_key, values::master_key)?,
            jwt_secret: self.optional(variable::JWT_SECRET, jwt_secret, values::token_secret)?,
            jwks_url: self.optional(variable::JWKS_URL, jwks_url, values::key_set_url)?,
            allow_targets: self.given(variable::ALLOW_TARGETS, targets, "", values::networks)?,
            allow_http: self.given(variable::ALLOW_HTTP, http, "false", values::plain_http)?,
            retry_schedule: self.optional(variable::RETRY_SCHEDULE, schedule, values::schedule)?,
            public_url: self.optional(variable::PUBLIC_URL, public_url, values::url)?,
            smtp_url: self.optional(variable::SMTP_URL, smtp_url, values::mail_server)?,
            mail_from: self.optional(variable::MAIL_FROM, mail_from, str::parse)?,
            log: self.given(variable::LOG, log, DEFAULT_LOG, str::parse)?,
        })
    }

    /// A setting without a default.
    fn optional<T, E: fmt::Display>(
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
    fn given<T, E: fmt::Display>(
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

/// The name in the file: that of the variable in lower case and without `CAREHOOK_`.
fn key_of(variable: &str) -> String {
    let name = variable.strip_prefix(PREFIX).unwrap_or(variable);
    name.to_ascii_lowercase()
}
