//! All settings of the server, as far as they are given.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use carehook_core::{RetryPolicy, Secret};
use ipnet::IpNet;
use url::Url;

use super::environment as variable;
use super::error::ConfigError;
use super::file::FileSettings;
use super::flags::{DataFlags, ServerFlags};
use super::setting::{Origin, Setting};
use super::{Environment, development};
use crate::telemetry::LogFilter;

const DEFAULT_LISTEN: &str = "127.0.0.1:8080";
const DEFAULT_LOG: &str = "info";

/// The settings of the server. Nothing is required yet: see [`Settings::ready`].
pub(crate) struct Settings {
    pub(super) development: bool,
    pub(crate) listen: Setting<SocketAddr>,
    pub(super) data: Option<Setting<PathBuf>>,
    pub(super) operator_key: Option<Setting<Secret>>,
    pub(super) master_key: Option<Setting<Secret>>,
    pub(crate) allow_targets: Setting<Vec<IpNet>>,
    pub(crate) allow_http: Setting<bool>,
    pub(crate) retry_schedule: Option<Setting<RetryPolicy>>,
    pub(crate) public_url: Option<Setting<Url>>,
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
            settings.listen = listen.parse(|text| read_address(&text))?;
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

/// What `doctor` looks at.
impl Settings {
    pub(crate) fn is_development(&self) -> bool {
        self.development
    }

    pub(crate) fn master_key(&self) -> Option<&Setting<Secret>> {
        self.master_key.as_ref()
    }

    pub(crate) fn operator_key(&self) -> Option<&Setting<Secret>> {
        self.operator_key.as_ref()
    }

    pub(crate) fn data_directory(&self) -> Option<&Path> {
        self.data.as_ref().map(|setting| setting.value.as_path())
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

/// The environment over the file.
struct Layers<'a> {
    environment: &'a Environment,
    path: PathBuf,
}

impl Layers<'_> {
    fn join(&self, file: FileSettings) -> Result<Settings, ConfigError> {
        let FileSettings {
            listen,
            data,
            operator_key,
            master_key,
            allow_targets,
            allow_http,
            retry_schedule,
            public_url,
            log,
        } = file;
        let schedule = retry_schedule.map(|seconds| join_list(&seconds));
        let targets = allow_targets.map(|targets| targets.join(","));
        let data = data.map(|path| path.display().to_string());
        let secret = |key: Option<Secret>| key.map(|key| key.expose().to_owned());
        Ok(Settings {
            development: false,
            listen: self
                .text(variable::LISTEN, "listen", listen)
                .unwrap_or_else(|| Setting::new(DEFAULT_LISTEN.to_owned(), Origin::Default))
                .parse(|text| read_address(&text))?,
            data: read(self.text(variable::DATA, "data", data), |text| {
                Ok::<_, String>(PathBuf::from(text))
            })?,
            operator_key: read(
                self.text(variable::OPERATOR_KEY, "operator_key", secret(operator_key)),
                read_operator_key,
            )?,
            master_key: read(
                self.text(variable::MASTER_KEY, "master_key", secret(master_key)),
                |text| Ok::<_, String>(Secret::new(text.trim())),
            )?,
            allow_targets: read(
                self.text(variable::ALLOW_TARGETS, "allow_targets", targets),
                |text| read_networks(&text),
            )?
            .unwrap_or_else(|| Setting::new(Vec::new(), Origin::Default)),
            allow_http: read(
                self.text(
                    variable::ALLOW_HTTP,
                    "allow_http",
                    allow_http.map(|b| b.to_string()),
                ),
                |text| read_switch(&text),
            )?
            .unwrap_or_else(|| Setting::new(false, Origin::Default)),
            retry_schedule: read(
                self.text(variable::RETRY_SCHEDULE, "retry_schedule", schedule),
                |text| read_schedule(&text),
            )?,
            public_url: read(
                self.text(variable::PUBLIC_URL, "public_url", public_url),
                |text| read_url(&text),
            )?,
            log: self
                .text(variable::LOG, "log", log)
                .unwrap_or_else(|| Setting::new(DEFAULT_LOG.to_owned(), Origin::Default))
                .parse(|text| text.parse::<LogFilter>())?,
        })
    }

    fn text(
        &self,
        variable: &'static str,
        key: &'static str,
        in_file: Option<String>,
    ) -> Option<Setting<String>> {
        if let Some(text) = self.environment.get(variable) {
            return Some(Setting::new(text.to_owned(), Origin::Environment(variable)));
        }
        let path = self.path.clone();
        in_file.map(|text| Setting::new(text, Origin::File { path, key }))
    }
}

fn read<T, E: std::fmt::Display>(
    setting: Option<Setting<String>>,
    parse: impl FnOnce(String) -> Result<T, E>,
) -> Result<Option<Setting<T>>, ConfigError> {
    setting.map(|setting| setting.parse(parse)).transpose()
}

fn read_address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        format!("`{text}` is not an address and port such as 127.0.0.1:8080 or 0.0.0.0:8080")
    })
}

/// The key is sent in a header, which cannot carry everything; its text is not shown.
fn read_operator_key(text: String) -> Result<Secret, &'static str> {
    if text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(Secret::new(text))
    } else {
        Err("a key consists of visible ASCII characters without blanks")
    }
}

/// Networks in CIDR form, separated by commas; an address alone stands for itself.
fn read_networks(text: &str) -> Result<Vec<IpNet>, String> {
    let parts = text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty());
    let network = |part: &str| {
        part.parse::<IpNet>()
            .or_else(|_| part.parse().map(|address: std::net::IpAddr| address.into()))
            .map_err(|_| format!("`{part}` is not a network such as 10.0.0.0/8 or fd00::/8"))
    };
    parts.map(network).collect()
}

fn read_switch(text: &str) -> Result<bool, String> {
    match text {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        other => Err(format!("`{other}` is not true or false")),
    }
}

/// An empty list in the file means that nothing is tried again.
fn read_schedule(text: &str) -> Result<RetryPolicy, carehook_core::RetryPolicyError> {
    if text.is_empty() {
        return RetryPolicy::try_new(&[]);
    }
    text.parse()
}

fn read_url(text: &str) -> Result<Url, String> {
    let url: Url = text
        .parse()
        .map_err(|_| format!("`{text}` is not a URL such as https://hooks.example.com"))?;
    if matches!(url.scheme(), "https" | "http") && url.has_host() {
        Ok(url)
    } else {
        Err(format!("`{text}` does not begin with https:// or http://"))
    }
}

fn join_list(numbers: &[u32]) -> String {
    let texts: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    texts.join(",")
}

#[cfg(test)]
mod tests;
