//! The settings as people may see them: without secrets.

use ipnet::IpNet;

use super::environment::PREFIX;
use super::key_source::KeySource;
use super::oidc::{OidcSettings, SecretSource};
use super::setting::{Origin, Setting};
use super::settings::Settings;
use super::values;

/// One setting in words.
pub(crate) struct Shown {
    pub(crate) name: &'static str,
    pub(crate) value: String,
    pub(crate) origin: String,
    /// What sets it.
    pub(crate) variable: String,
}

impl Settings {
    /// Every setting; a secret is only said to be set.
    pub(crate) fn shown(&self) -> Vec<Shown> {
        let Self {
            development: _,
            listen,
            data,
            operator_key,
            master_key,
            next_master_key,
            jwt_secret,
            jwks_url,
            allow_targets,
            allow_http,
            retry_schedule,
            public_url,
            trusted_proxies,
            frame_ancestors,
            oidc,
            smtp_url,
            mail_from,
            log,
        } = self;
        let mut rows = vec![
            present("listen", listen, ToString::to_string),
            optional("data", data.as_ref(), |path| path.display().to_string()),
            self.key("operator_key", operator_key.as_ref()),
            self.key_source("master_key", master_key.as_ref()),
            optional(
                "master_key_next",
                next_master_key.as_ref(),
                ToString::to_string,
            ),
            optional("jwt_secret", jwt_secret.as_ref(), hidden),
            optional("jwks_url", jwks_url.as_ref(), ToString::to_string),
            present("allow_targets", allow_targets, |all| networks(all)),
            present("allow_http", allow_http, |allowed| {
                values::plain_http_text(*allowed)
            }),
            match retry_schedule {
                None => shown("retry_schedule", "that of the dialect", &Origin::Default),
                Some(setting) => present("retry_schedule", setting, |policy| {
                    let seconds: Vec<String> =
                        policy.seconds().iter().map(ToString::to_string).collect();
                    if seconds.is_empty() {
                        "no retries".to_owned()
                    } else {
                        seconds.join(",")
                    }
                }),
            },
            optional("public_url", public_url.as_ref(), |url| {
                let mut url = url.clone();
                // A password in a URL is a secret as well.
                let _ = url.set_password(None);
                url.to_string()
            }),
            present("trusted_proxies", trusted_proxies, |all| networks(all)),
            present("frame_ancestors", frame_ancestors, |all| {
                if all.is_empty() {
                    "none".to_owned()
                } else {
                    all.join(",")
                }
            }),
        ];
        rows.extend(oidc_rows(oidc));
        rows.extend([
            optional("smtp_url", smtp_url.as_ref(), ToString::to_string),
            optional("mail_from", mail_from.as_ref(), ToString::to_string),
            present("log", log, |filter| filter.as_str().to_owned()),
        ]);
        rows
    }

    fn key_source(&self, name: &'static str, setting: Option<&Setting<KeySource>>) -> Shown {
        match setting {
            None => self.key(name, setting),
            Some(source) => optional(name, Some(source), ToString::to_string),
        }
    }

    fn key<T>(&self, name: &'static str, setting: Option<&Setting<T>>) -> Shown {
        match setting {
            None if self.development => {
                shown(name, "kept in the data directory", &Origin::Development)
            }
            _ => optional(name, setting, hidden),
        }
    }
}

fn oidc_rows(oidc: &OidcSettings) -> [Shown; 6] {
    let OidcSettings {
        issuer,
        client_id,
        client_secret,
        people,
        name,
        only,
    } = oidc;
    [
        optional("oidc_issuer", issuer.as_ref(), ToString::to_string),
        optional("oidc_client_id", client_id.as_ref(), Clone::clone),
        optional(
            "oidc_client_secret",
            client_secret.as_ref(),
            SecretSource::shown,
        ),
        optional("oidc_people", people.as_ref(), ToString::to_string),
        optional("oidc_name", name.as_ref(), Clone::clone),
        present("oidc_only", only, ToString::to_string),
    ]
}

fn networks(networks: &[IpNet]) -> String {
    if networks.is_empty() {
        return "none".to_owned();
    }
    let networks: Vec<String> = networks.iter().map(ToString::to_string).collect();
    networks.join(",")
}

fn hidden<T>(_: &T) -> String {
    "set, not shown".to_owned()
}

fn present<T>(name: &'static str, setting: &Setting<T>, text: impl FnOnce(&T) -> String) -> Shown {
    shown(name, &text(&setting.value), &setting.origin)
}

fn optional<T>(
    name: &'static str,
    setting: Option<&Setting<T>>,
    text: impl FnOnce(&T) -> String,
) -> Shown {
    match setting {
        Some(setting) => present(name, setting, text),
        None => shown(name, "not set", &Origin::Default),
    }
}

fn shown(name: &'static str, value: &str, origin: &Origin) -> Shown {
    Shown {
        name,
        value: value.to_owned(),
        origin: origin.to_string(),
        variable: format!("{PREFIX}{}", name.to_uppercase()),
    }
}
