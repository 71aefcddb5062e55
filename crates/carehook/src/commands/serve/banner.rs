//! What a person sees when the server has started.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

use carehook_core::Secret;

use crate::config::{Generated, ServerConfig};

/// What to know before a link is opened that nobody can sign in through.
const WITHOUT_TLS: [&str; 3] = [
    "Browsers keep a sign-in only over https, and at http://localhost on this machine:",
    "from elsewhere nobody can sign in until TLS stands in front of this server",
    "and CAREHOOK_PUBLIC_URL is its https URL.",
];

pub(super) struct Banner {
    address: Option<SocketAddr>,
    public_url: Option<String>,
    /// Whether browsers at other machines keep no sign-in.
    lacks_tls: bool,
    data: PathBuf,
    /// Where the operator sets the first password, below the public URL.
    first_visit: Option<Secret>,
    /// The file of a kept operator key, and the key when it is new.
    operator_key: Option<(PathBuf, Option<Secret>)>,
}

impl Banner {
    pub(super) fn new(config: &ServerConfig, generated: Generated) -> Self {
        Self {
            address: None,
            public_url: config.public_url.as_ref().map(ToString::to_string),
            lacks_tls: false,
            data: absolute(&config.data.directory),
            first_visit: None,
            operator_key: generated.operator_key,
        }
    }

    pub(super) fn listens_on(&mut self, address: SocketAddr) {
        self.address = Some(address);
    }

    pub(super) fn lacks_tls(&mut self, lacks_tls: bool) {
        self.lacks_tls = lacks_tls;
    }

    pub(super) fn first_visit(&mut self, path: Option<Secret>) {
        self.first_visit = path;
    }
}

impl fmt::Display for Banner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let version = env!("CARGO_PKG_VERSION");
        let base = match self.address {
            Some(address) => base_url(address),
            None => return write!(f, "Carehook {version}"),
        };
        writeln!(f, "Carehook {version} listens on {base}")?;
        let public = self.public_url.as_deref().unwrap_or(&base);
        let public = public.trim_end_matches('/');
        writeln!(f, "  console        {public}/console")?;
        if let Some(path) = &self.first_visit {
            let path = path.expose();
            writeln!(f, "                 set its password at {public}{path}")?;
            writeln!(f, "                 (works once, until the next start)")?;
        }
        if self.lacks_tls {
            for line in WITHOUT_TLS {
                writeln!(f, "                 {line}")?;
            }
        }
        writeln!(f, "  documentation  {public}/docs")?;
        write!(f, "  data           {}", self.data.display())?;
        let Some((path, key)) = &self.operator_key else {
            return Ok(());
        };
        let path = absolute(path);
        match key {
            Some(key) => {
                writeln!(f, "\n  operator key   {}", key.expose())?;
                write!(
                    f,
                    "                 shown this once, and kept in {}",
                    path.display()
                )
            }
            None => write!(f, "\n  operator key   kept in {}", path.display()),
        }
    }
}

/// The URL of an address; one that means all interfaces is reached by the loopback.
pub(super) fn base_url(address: SocketAddr) -> String {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(ip, address.port()))
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_can_be_opened_on_this_machine() {
        let url = |text: &str| base_url(text.parse().unwrap());
        assert_eq!(url("0.0.0.0:80"), "http://127.0.0.1:80");
        assert_eq!(url("[::]:8080"), "http://[::1]:8080");
        assert_eq!(url("10.0.0.1:8080"), "http://10.0.0.1:8080");
    }
}
