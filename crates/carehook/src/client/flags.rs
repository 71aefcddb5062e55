//! Which server, which key, which organization.

use carehook_core::Secret;
use clap::Args;
use url::Url;

use super::{Client, ClientError};
use crate::config::Environment;

const DEFAULT_URL: &str = "http://127.0.0.1:8080";

/// The server and the key.
#[derive(Args)]
pub(crate) struct ClientFlags {
    #[arg(long, value_name = "URL", global = true, help_heading = "Server")]
    #[arg(help = "The server [env: CAREHOOK_URL] [default: http://127.0.0.1:8080]")]
    url: Option<String>,
    #[arg(long, value_name = "KEY", global = true, help_heading = "Server")]
    #[arg(help = "The API key; others can see a command line [env: CAREHOOK_KEY]")]
    key: Option<String>,
}

/// The organization that a command is about.
#[derive(Args)]
pub(crate) struct OrganizationFlag {
    /// The organization's id
    #[arg(long, value_name = "ORG", alias = "org")]
    pub(crate) organization: String,
}

impl OrganizationFlag {
    /// The parts of a path below the organization.
    pub(crate) fn path<'a>(&'a self, below: &[&'a str]) -> Vec<&'a str> {
        [&["organizations", self.organization.as_str()], below].concat()
    }
}

impl ClientFlags {
    /// A client as flags and environment say.
    pub(crate) fn client(&self) -> anyhow::Result<Client> {
        let environment = Environment::read()?;
        let url = self.url.as_deref().or(environment.url());
        let key = self.key.as_deref().or(environment.key());
        let url = read_url(url.unwrap_or(DEFAULT_URL))?;
        let key = key.ok_or(ClientError::Key)?;
        Ok(Client::new(url, Secret::new(key))?)
    }
}

fn read_url(text: &str) -> Result<Url, ClientError> {
    let wrong = || ClientError::Url {
        text: text.to_owned(),
    };
    let url: Url = text.parse().map_err(|_| wrong())?;
    if matches!(url.scheme(), "http" | "https") && url.has_host() {
        Ok(url)
    } else {
        Err(wrong())
    }
}
