//! A receiver's URL, parsed and vetted once and kept with everything a request needs of it.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, Uri};
use percent_encoding::percent_decode_str;
use rustls::pki_types::ServerName;
use url::Url;

use crate::error::TargetError;
use crate::policy::Policy;
use crate::tls::TlsProfile;

/// Longer URLs are refused; a bound that real receivers stay far below.
const MAX_URL_BYTES: usize = 2048;
/// Bounds of a host name (RFC 1035, 2.3.4).
const MAX_NAME_BYTES: usize = 253;
const MAX_LABEL_BYTES: usize = 63;

/// A receiver's URL. Cheap to clone; made by [`Deliverer::parse_target`](crate::Deliverer::parse_target).
#[derive(Clone)]
pub struct Target(Arc<Parsed>);

#[derive(Clone)]
struct Parsed {
    origin: Arc<Origin>,
    url: String,
    path: Uri,
    absolute: Uri,
    host_header: HeaderValue,
    server_name: ServerName<'static>,
    authorization: Option<HeaderValue>,
    tls: Option<TlsProfile>,
}

/// What connections are shared by: requests with equal origins may use the same one.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Origin {
    pub(crate) scheme: Scheme,
    pub(crate) host: Host,
    pub(crate) port: u16,
    /// The number of the TLS profile; profiles never share a connection.
    pub(crate) tls_profile: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Scheme {
    Http,
    Https,
}

#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum Host {
    Address(IpAddr),
    /// Lower case, without a dot at its end.
    Name(Arc<str>),
}

impl Target {
    pub(crate) fn parse(url: &str, policy: &Policy) -> Result<Self, TargetError> {
        let mut url = parse_url(url)?;
        let authorization = take_userinfo(&mut url)?;
        let scheme = match url.scheme() {
            "https" => Scheme::Https,
            "http" => Scheme::Http,
            _ => {
                return Err(TargetError::Refused {
                    reason: "only https targets are allowed",
                });
            }
        };
        let host = take_host(&mut url)?;
        let port = url
            .port_or_known_default()
            .ok_or(invalid("the URL has no port"))?;
        policy.check_origin(scheme, &host, port)?;

        let origin = Origin {
            scheme,
            host,
            port,
            tls_profile: 0,
        };
        let (path, absolute) = request_uris(&url)?;
        let host_header = HeaderValue::from_str(url.authority())
            .map_err(|_| invalid("the host cannot be sent in a request"))?;
        Ok(Self(Arc::new(Parsed {
            server_name: origin.host.server_name()?,
            origin: Arc::new(origin),
            path,
            absolute,
            host_header,
            authorization,
            url: url.into(),
            tls: None,
        })))
    }

    /// Uses its own certificate authorities or client certificate for this target.
    #[must_use]
    pub fn with_tls(&self, profile: &TlsProfile) -> Self {
        let mut parsed = (*self.0).clone();
        let mut origin = (*parsed.origin).clone();
        origin.tls_profile = profile.number();
        parsed.origin = Arc::new(origin);
        parsed.tls = Some(profile.clone());
        Self(Arc::new(parsed))
    }

    /// The URL without user name and password, in its canonical spelling.
    ///
    /// Paths and queries of webhook URLs carry secrets: show it to its owner only.
    pub fn url(&self) -> &str {
        &self.0.url
    }

    /// The host as text, without port and brackets; the key for limits per host.
    pub fn host(&self) -> String {
        match &self.0.origin.host {
            Host::Address(address) => address.to_string(),
            Host::Name(name) => name.as_ref().to_owned(),
        }
    }

    /// Whether it has the scheme, the host and the port of another one.
    pub fn same_origin(&self, other: &Self) -> bool {
        let (own, others) = (&self.0.origin, &other.0.origin);
        (own.scheme, &own.host, own.port) == (others.scheme, &others.host, others.port)
    }

    /// Scheme, host and port: the part of the URL that logs may show.
    pub fn display_origin(&self) -> String {
        let scheme = match self.0.origin.scheme {
            Scheme::Http => "http",
            Scheme::Https => "https",
        };
        format!(
            "{scheme}://{}",
            self.0.host_header.to_str().unwrap_or_default()
        )
    }

    /// The `authorization` header that the URL's user name and password stand for.
    pub fn authorization(&self) -> Option<&HeaderValue> {
        self.0.authorization.as_ref()
    }

    pub(crate) fn origin(&self) -> &Arc<Origin> {
        &self.0.origin
    }

    /// The request target of HTTP/1.1: path and query.
    pub(crate) fn path(&self) -> &Uri {
        &self.0.path
    }

    /// The request target of HTTP/2, from which the pseudo headers are made.
    pub(crate) fn absolute(&self) -> &Uri {
        &self.0.absolute
    }

    pub(crate) fn host_header(&self) -> &HeaderValue {
        &self.0.host_header
    }

    pub(crate) fn server_name(&self) -> &ServerName<'static> {
        &self.0.server_name
    }

    pub(crate) fn tls(&self) -> Option<&TlsProfile> {
        self.0.tls.as_ref()
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Target")
            .field(&self.display_origin())
            .finish()
    }
}

impl Host {
    fn server_name(&self) -> Result<ServerName<'static>, TargetError> {
        match self {
            Self::Address(address) => Ok(ServerName::IpAddress((*address).into())),
            Self::Name(name) => ServerName::try_from(name.as_ref().to_owned())
                .map_err(|_| invalid("the host name is not valid")),
        }
    }
}

fn parse_url(text: &str) -> Result<Url, TargetError> {
    if text.len() > MAX_URL_BYTES {
        return Err(invalid("the URL is longer than 2048 bytes"));
    }
    // The URL standard drops such characters in silence; a URL that has any was not meant so.
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(invalid("the URL contains blanks or control characters"));
    }
    let url = Url::parse(text).map_err(|_| invalid("not a valid absolute URL"))?;
    if url.fragment().is_some() {
        return Err(TargetError::Refused {
            reason: "the URL must not have a fragment",
        });
    }
    Ok(url)
}

/// Moves user name and password out of the URL and into a header.
fn take_userinfo(url: &mut Url) -> Result<Option<HeaderValue>, TargetError> {
    if url.username().is_empty() && url.password().is_none() {
        return Ok(None);
    }
    let mut credentials: Vec<u8> = percent_decode_str(url.username()).collect();
    credentials.push(b':');
    credentials.extend(percent_decode_str(url.password().unwrap_or_default()));
    let unusable = || invalid("the URL cannot have a user name");
    url.set_username("").map_err(|()| unusable())?;
    url.set_password(None).map_err(|()| unusable())?;

    let mut header = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(credentials)))
        .map_err(|_| unusable())?;
    header.set_sensitive(true);
    Ok(Some(header))
}

/// Reads the host and takes the dot from its end, so that equal hosts are spelled alike.
fn take_host(url: &mut Url) -> Result<Host, TargetError> {
    let name = match url.host() {
        Some(url::Host::Ipv4(address)) => return Ok(Host::Address(address.into())),
        Some(url::Host::Ipv6(address)) => return Ok(Host::Address(address.into())),
        Some(url::Host::Domain(name)) => name.to_owned(),
        None => return Err(invalid("the URL has no host")),
    };
    let bare = name.strip_suffix('.').unwrap_or(&name);
    if !is_host_name(bare) {
        return Err(invalid("the host name is not valid"));
    }
    if bare.len() < name.len() {
        url.set_host(Some(bare))
            .map_err(|_| invalid("the host name is not valid"))?;
    }
    match url.host() {
        Some(url::Host::Domain(_)) => Ok(Host::Name(bare.into())),
        // Without its dot the name could have become an address.
        _ => Err(invalid("the host name is not valid")),
    }
}

fn is_host_name(name: &str) -> bool {
    let is_label = |label: &str| {
        (1..=MAX_LABEL_BYTES).contains(&label.len())
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    name.len() <= MAX_NAME_BYTES && name.split('.').all(is_label)
}

fn request_uris(url: &Url) -> Result<(Uri, Uri), TargetError> {
    let unusable = |_| invalid("the URL cannot be sent in a request");
    let path = match url.query() {
        Some(query) => Uri::try_from(format!("{}?{query}", url.path())),
        None => Uri::try_from(url.path()),
    };
    Ok((
        path.map_err(unusable)?,
        Uri::try_from(url.as_str()).map_err(unusable)?,
    ))
}

fn invalid(reason: &'static str) -> TargetError {
    TargetError::Invalid { reason }
}
