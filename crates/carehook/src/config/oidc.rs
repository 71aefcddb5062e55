//! The settings of the identity provider that people sign in with; they belong together.

use std::path::PathBuf;

use carehook_app::{Issuer, IssuerError, OidcConfig, People};
use carehook_core::Secret;

use super::environment as variable;
use super::error::{ConfigError, Missing};
use super::layers::Layers;
use super::setting::{Origin, Setting};
use super::settings::Settings;
use super::values;

/// What the file says about it.
pub(super) struct OidcInFile {
    pub(super) issuer: Option<String>,
    pub(super) client_id: Option<String>,
    pub(super) client_secret: Option<Secret>,
    pub(super) client_secret_file: Option<PathBuf>,
    pub(super) people: Option<Vec<String>>,
    pub(super) name: Option<String>,
    pub(super) only: Option<bool>,
}

/// The settings, as far as they are given.
pub(crate) struct OidcSettings {
    pub(super) issuer: Option<Setting<Issuer>>,
    pub(super) client_id: Option<Setting<String>>,
    pub(super) client_secret: Option<Setting<SecretSource>>,
    pub(super) people: Option<Setting<People>>,
    pub(super) name: Option<Setting<String>>,
    pub(super) only: Setting<bool>,
}

/// Where a secret comes from.
pub(super) enum SecretSource {
    Text(Secret),
    File(PathBuf),
}

impl SecretSource {
    /// In words, without the secret.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Text(_) => "set, not shown".to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }

    fn read(&self) -> Result<Secret, String> {
        match self {
            Self::Text(secret) => Ok(secret.clone()),
            Self::File(path) => {
                let text = std::fs::read_to_string(path);
                let text =
                    text.map_err(|error| format!("cannot read {}: {error}", path.display()))?;
                values::secret(&text).map_err(|reason| format!("{}: {reason}", path.display()))
            }
        }
    }
}

impl Layers<'_> {
    /// Joins what the file says with the environment, which wins.
    pub(super) fn oidc(&self, in_file: OidcInFile) -> Result<OidcSettings, ConfigError> {
        let OidcInFile {
            issuer,
            client_id,
            client_secret,
            client_secret_file,
            people,
            name,
            only,
        } = in_file;
        let people = people.map(|people| people.join(","));
        let only = only.map(|only| only.to_string());
        Ok(OidcSettings {
            issuer: self.optional(variable::OIDC_ISSUER, issuer, str::parse)?,
            client_id: self.optional(variable::OIDC_CLIENT_ID, client_id, values::words)?,
            client_secret: self.client_secret(client_secret, client_secret_file)?,
            people: self.optional(variable::OIDC_PEOPLE, people, str::parse)?,
            name: self.optional(variable::OIDC_NAME, name, values::words)?,
            only: self.given(variable::OIDC_ONLY, only, "false", values::switch)?,
        })
    }

    /// The secret itself or the file that holds it. What the environment says counts alone.
    fn client_secret(
        &self,
        text: Option<Secret>,
        file: Option<PathBuf>,
    ) -> Result<Option<Setting<SecretSource>>, ConfigError> {
        let (as_text, as_file) = (
            variable::OIDC_CLIENT_SECRET,
            variable::OIDC_CLIENT_SECRET_FILE,
        );
        let from_environment = [as_text, as_file]
            .iter()
            .any(|variable| self.environment.get(variable).is_some());
        let text = text.filter(|_| !from_environment);
        let text = text.map(|text| text.expose().to_owned());
        let file = file.filter(|_| !from_environment);
        let file = file.map(|path| path.display().to_string());
        let text = self.optional(as_text, text, |text| {
            values::secret(text).map(SecretSource::Text)
        })?;
        let file = self.optional(as_file, file, |path| path.parse().map(SecretSource::File))?;
        match (text, file) {
            (Some(text), Some(file)) => Err(ConfigError::Invalid {
                origin: text.origin,
                reason: format!("comes from one place: keep this or {}", file.origin),
            }),
            (text, file) => Ok(text.or(file)),
        }
    }
}

impl OidcSettings {
    /// A setting that has no meaning without an issuer.
    fn any(&self) -> bool {
        let Self {
            issuer: _,
            client_id,
            client_secret,
            people,
            name,
            only,
        } = self;
        client_id.is_some()
            || client_secret.is_some()
            || people.is_some()
            || name.is_some()
            || only.origin != Origin::Default
    }
}

impl Settings {
    /// What is missing for people to sign in with an identity provider, if they are to.
    pub(super) fn missing_oidc(&self) -> Vec<Missing> {
        let oidc = &self.oidc;
        if oidc.issuer.is_none() {
            return oidc
                .any()
                .then_some(Missing::OidcIssuer)
                .into_iter()
                .collect();
        }
        // A trial is reached at the address that it listens on.
        let is_reached = self.public_url.is_some() || self.is_development();
        let missing = [
            (oidc.client_id.is_none(), Missing::OidcClientId),
            (oidc.people.is_none(), Missing::OidcPeople),
            (!is_reached, Missing::OidcPublicUrl),
        ];
        let missing = missing.into_iter().filter(|(is_missing, _)| *is_missing);
        missing.map(|(_, missing)| missing).collect()
    }

    /// The identity provider, if one is set.
    ///
    /// # Errors
    /// When not all that it needs is set, or the secret cannot be read.
    pub(crate) fn oidc(&self) -> Result<Option<OidcConfig>, ConfigError> {
        let missing = self.missing_oidc();
        if !missing.is_empty() {
            return Err(ConfigError::Missing(missing));
        }
        let OidcSettings {
            issuer: Some(issuer),
            client_id: Some(client_id),
            client_secret,
            people: Some(people),
            name,
            only,
        } = &self.oidc
        else {
            return Ok(None);
        };
        if issuer.value.is_plain() && !self.is_development() {
            return Err(ConfigError::Invalid {
                origin: issuer.origin.clone(),
                reason: IssuerError::Plain.to_string(),
            });
        }
        let secret = client_secret.as_ref().map(|setting| {
            setting.value.read().map_err(|reason| ConfigError::Invalid {
                origin: setting.origin.clone(),
                reason,
            })
        });
        Ok(Some(OidcConfig {
            issuer: issuer.value.clone(),
            client_id: client_id.value.clone(),
            client_secret: secret.transpose()?,
            people: people.value.clone(),
            name: name.as_ref().map(|name| name.value.clone()),
            only: only.value,
        }))
    }
}

#[cfg(test)]
mod tests;
