//! All settings of the server, as far as they are given.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use carehook_app::TokenSecret;
use carehook_core::{RetryPolicy, Secret};
use carehook_deliver::PlainHttp;
use carehook_engine::{MailSender, MailServer};
use ipnet::IpNet;
use url::Url;

use super::environment as variable;
use super::error::{ConfigError, Missing};
use super::file::FileSettings;
use super::flags::{DataFlags, ServerFlags};
use super::key_source::KeySource;
use super::layers::Layers;
use super::oidc::OidcSettings;
use super::setting::{Origin, Setting};
use super::{Environment, development, values};
use crate::telemetry::LogFilter;

/// The settings of the server. Nothing is required yet: see [`Settings::ready`].
pub(crate) struct Settings {
    pub(super) development: bool,
    pub(crate) listen: Setting<SocketAddr>,
    pub(super) data: Option<Setting<PathBuf>>,
    pub(super) operator_key: Option<Setting<Secret>>,
    pub(super) master_key: Option<Setting<KeySource>>,
    pub(super) next_master_key: Option<Setting<KeySource>>,
    pub(super) jwt_secret: Option<Setting<TokenSecret>>,
    pub(super) jwks_url: Option<Setting<Url>>,
    pub(crate) allow_targets: Setting<Vec<IpNet>>,
    pub(crate) allow_http: Setting<PlainHttp>,
    pub(crate) retry_schedule: Option<Setting<RetryPolicy>>,
    pub(crate) public_url: Option<Setting<Url>>,
    pub(super) trusted_proxies: Setting<Vec<IpNet>>,
    pub(super) frame_ancestors: Setting<Vec<String>>,
    pub(super) oidc: OidcSettings,
    pub(super) smtp_url: Option<Setting<MailServer>>,
    pub(super) mail_from: Option<Setting<MailSender>>,
    pub(crate) log: Setting<LogFilter>,
}

impl Settings {
    /// Joins file, environment and flags; the later wins.
    pub(crate) fn resolve(
        flags: &ServerFlags,
        environment: &Environment,
    ) -> Result<Self, ConfigError> {
        Self::join(flags.listen.as_deref(), &flags.data, environment)
    }

    /// The same for a command that does not listen.
    pub(crate) fn resolve_data(
        flags: &DataFlags,
        environment: &Environment,
    ) -> Result<Self, ConfigError> {
        Self::join(None, flags, environment)
    }

    /// The same for a command that neither listens nor opens the data.
    pub(crate) fn resolve_file(
        file: Option<&Path>,
        environment: &Environment,
    ) -> Result<Self, ConfigError> {
        let flags = DataFlags {
            config: file.map(Path::to_owned),
            ..DataFlags::default()
        };
        Self::join(None, &flags, environment)
    }

    fn join(
        listen: Option<&str>,
        flags: &DataFlags,
        environment: &Environment,
    ) -> Result<Self, ConfigError> {
        refuse_database(flags, environment)?;
        let file = match &flags.config {
            Some(path) => FileSettings::read(path)?,
            None => FileSettings::default(),
        };
        let layers = Layers {
            environment,
            path: flags.config.clone().unwrap_or_default(),
        };
        let listen = listen.map(|text| Setting::new(text.to_owned(), Origin::Flag("--listen")));
        let mut settings = layers.join(file)?;
        if let Some(listen) = listen {
            settings.listen = listen.parse(|text| values::address(&text))?;
        }
        if let Some(path) = &flags.data {
            settings.data = Some(Setting::new(path.clone(), Origin::Flag("--data")));
        }
        if flags.dev {
            development::apply(&mut settings);
        }
        Ok(settings)
    }
}

/// What `tokens` needs.
impl Settings {
    /// What tokens are signed with.
    pub(crate) fn token_secret(&self) -> Result<&TokenSecret, ConfigError> {
        match &self.jwt_secret {
            Some(setting) => Ok(&setting.value),
            None => Err(ConfigError::Missing(vec![Missing::TokenSecret])),
        }
    }
}

/// What `doctor` looks at, and what a start warns of.
impl Settings {
    pub(crate) fn is_development(&self) -> bool {
        self.development
    }

    pub(crate) fn master_key(&self) -> Option<&Setting<KeySource>> {
        self.master_key.as_ref()
    }

    pub(crate) fn operator_key(&self) -> Option<&Setting<Secret>> {
        self.operator_key.as_ref()
    }

    /// Whether others can reach the server while links in deliveries lead to the address that it
    /// listens on, which means nothing to them.
    pub(crate) fn lacks_public_url(&self) -> bool {
        self.public_url.is_none() && !self.listen.value.ip().is_loopback()
    }

    /// Whether browsers at other machines reach the console in clear: they keep no cookie then, so
    /// nobody can sign in there.
    pub(crate) fn lacks_tls(&self) -> bool {
        match &self.public_url {
            Some(Setting { value: url, .. }) => url.scheme() != "https" && !is_loopback(url),
            None => !self.listen.value.ip().is_loopback(),
        }
    }

    pub(crate) fn data_directory(&self) -> Option<&Path> {
        self.data.as_ref().map(|setting| setting.value.as_path())
    }
}

/// Whether a URL is that of the machine itself.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn refuse_database(flags: &DataFlags, environment: &Environment) -> Result<(), ConfigError> {
    if flags.database.is_some() {
        return Err(ConfigError::Database(Origin::Flag("--database")));
    }
    match environment.get(variable::DATABASE_URL) {
        Some(_) => Err(ConfigError::Database(Origin::Environment(
            variable::DATABASE_URL,
        ))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
