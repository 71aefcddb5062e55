//! The configuration of a server that can start: everything that is required is there.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use carehook_app::{OidcConfig, TokenConfig};
use carehook_core::{RetryPolicy, Secret};
use carehook_deliver::PlainHttp;
use carehook_engine::MailConfig;
use carehook_store::MasterKey;
use ipnet::IpNet;
use url::Url;

use super::development;
use super::error::{ConfigError, Missing};
use super::key_source::KeySource;
use super::setting::Setting;
use super::settings::Settings;
use super::shown::Shown;

/// Where the data is and what opens it.
pub(crate) struct DataConfig {
    pub(crate) directory: PathBuf,
    pub(crate) master_key: MasterKey,
    /// What a rotation goes to; read when one is asked for.
    pub(crate) next_master_key: Option<KeySource>,
}

/// The configuration of the server.
pub(crate) struct ServerConfig {
    pub(crate) listen: SocketAddr,
    pub(crate) data: DataConfig,
    pub(crate) operator_key: Secret,
    pub(crate) tokens: TokenConfig,
    pub(crate) allow_targets: Vec<IpNet>,
    pub(crate) allow_http: PlainHttp,
    pub(crate) retry_policy: Option<RetryPolicy>,
    pub(crate) public_url: Option<Url>,
    /// Whose word is taken about where a request comes from.
    pub(crate) trusted_proxies: Vec<IpNet>,
    /// Origins whose pages may show the console in a frame.
    pub(crate) frame_ancestors: Vec<String>,
    /// Who vouches for people that sign in as the operator.
    pub(crate) oidc: Option<OidcConfig>,
    pub(crate) mail: Option<MailConfig>,
    /// All of it in words, without secrets.
    pub(crate) shown: Vec<Shown>,
}

/// What a trial keeps in its data directory instead of the environment.
#[derive(Default)]
pub(crate) struct Generated {
    /// The file with the operator key, and the key itself when it was made now.
    pub(crate) operator_key: Option<(PathBuf, Option<Secret>)>,
}

impl Settings {
    /// Checks that everything required is there; a trial makes its own keys.
    pub(crate) fn ready(self) -> Result<(ServerConfig, Generated), ConfigError> {
        let mut generated = Generated::default();
        let mut missing = self.missing_data();
        if self.operator_key.is_none() && !self.development {
            missing.push(Missing::OperatorKey);
        }
        if self.smtp_url.is_some() && self.mail_from.is_none() {
            missing.push(Missing::MailSender);
        }
        missing.extend(self.missing_oidc());
        if !missing.is_empty() {
            return Err(ConfigError::Missing(missing));
        }
        let (oidc, mail, shown) = (self.oidc()?, self.mail(), self.shown());
        let data = self.data_config()?;
        let operator_key = if let Some(setting) = self.operator_key {
            setting.value
        } else {
            let kept = development::operator_key(&data.directory)?;
            let new = kept.is_new.then(|| kept.key.clone());
            generated.operator_key = Some((kept.path, new));
            kept.key
        };
        let config = ServerConfig {
            listen: self.listen.value,
            data,
            operator_key,
            tokens: TokenConfig {
                secret: self.jwt_secret.map(|setting| setting.value),
                key_set_url: self.jwks_url.map(|setting| setting.value),
            },
            allow_targets: self.allow_targets.value,
            allow_http: self.allow_http.value,
            retry_policy: self.retry_schedule.map(|setting| setting.value),
            public_url: self.public_url.map(|setting| setting.value),
            trusted_proxies: self.trusted_proxies.value,
            frame_ancestors: self.frame_ancestors.value,
            oidc,
            mail,
            shown,
        };
        Ok((config, generated))
    }

    /// The same for a command that only opens the data.
    pub(crate) fn data_ready(&self) -> Result<DataConfig, ConfigError> {
        let missing = self.missing_data();
        if !missing.is_empty() {
            return Err(ConfigError::Missing(missing));
        }
        self.data_config()
    }

    /// The mail server, when all that it needs is set.
    pub(crate) fn mail(&self) -> Option<MailConfig> {
        let (server, from) = self.smtp_url.as_ref().zip(self.mail_from.as_ref())?;
        Some(MailConfig {
            server: server.value.clone(),
            from: from.value.clone(),
        })
    }

    fn missing_data(&self) -> Vec<Missing> {
        let mut missing = Vec::new();
        if self.data.is_none() {
            missing.push(Missing::Data);
        }
        if self.master_key.is_none() && !self.development {
            missing.push(Missing::MasterKey);
        }
        missing
    }

    /// Without a setting the next key is looked for beside the file of the present one.
    fn next_master_key(&self, data: &Path) -> Option<KeySource> {
        if let Some(setting) = &self.next_master_key {
            return Some(setting.value.clone());
        }
        let mut beside = match self.master_key.as_ref().map(|setting| &setting.value) {
            Some(KeySource::File(path)) => path.clone().into_os_string(),
            Some(KeySource::Text(_) | KeySource::Command(_)) => return None,
            None => development::master_key_file(data).into_os_string(),
        };
        beside.push(".next");
        Some(KeySource::File(beside.into()))
    }

    fn data_config(&self) -> Result<DataConfig, ConfigError> {
        let directory = match &self.data {
            Some(setting) => setting.value.clone(),
            None => return Err(ConfigError::missing_data_directory()),
        };
        let master_key = if let Some(Setting { value, origin }) = self.master_key.clone() {
            let read = value.read();
            read.map_err(|reason| ConfigError::Invalid { origin, reason })?
        } else {
            let kept = development::master_key(&directory)?;
            MasterKey::from_base64(kept.key.expose()).map_err(|error| ConfigError::KeyFile {
                action: "read",
                path: kept.path,
                source: std::io::Error::other(error),
            })?
        };
        Ok(DataConfig {
            next_master_key: self.next_master_key(&directory),
            directory,
            master_key,
        })
    }
}
