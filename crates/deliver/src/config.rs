//! What the operator can set about outbound requests.

use std::net::SocketAddr;
use std::time::Duration;

use http::HeaderValue;
use ipnet::IpNet;
use rustls::pki_types::CertificateDer;

/// Connections never live longer than this, so a receiver that moves is followed and vetted again.
pub(crate) const MAX_CONNECTION_LIFETIME: Duration = Duration::from_mins(5);

/// What may go over plain http, which everybody on the way can read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlainHttp {
    /// Nothing.
    #[default]
    Refused,
    /// What holds no data of patients.
    WithoutData,
    /// Everything: for trials on one machine.
    Everything,
}

/// Settings of a [`Deliverer`](crate::Deliverer); the default is the policy for production.
#[derive(Clone, Debug)]
pub struct DeliverConfig {
    /// Networks that deliveries may reach although the address policy refuses them.
    pub allow_targets: Vec<IpNet>,
    /// What may go to `http://` targets.
    pub plain_http: PlainHttp,
    /// Accepts NAT64 addresses (`64:ff9b::/96`) and judges the IPv4 address inside them.
    pub allow_nat64: bool,
    /// Host of our own public URL, which is never a target.
    pub public_host: Option<String>,
    /// Value of the `user-agent` header of every request.
    pub user_agent: HeaderValue,
    /// Longest time for all TCP connects of one attempt.
    pub connect_timeout: Duration,
    /// Longest time for one name; past it our name server counts as down.
    pub dns_budget: Duration,
    /// Name servers to ask; `None` takes the system's.
    pub dns_servers: Option<Vec<SocketAddr>>,
    /// Certificate authorities that are trusted beside the system's.
    pub extra_roots: Vec<CertificateDer<'static>>,
    /// Idle connections that are kept for one host.
    pub pool_idle_per_host: usize,
    /// Idle connections that are kept for all hosts together.
    pub pool_idle_total: usize,
    /// How long a connection may be idle before it is closed.
    pub pool_idle_timeout: Duration,
    /// How long a connection is used; at most 300 seconds.
    pub connection_lifetime: Duration,
    /// Requests at the same time on one HTTP/2 connection.
    pub streams_per_connection: usize,
}

impl Default for DeliverConfig {
    fn default() -> Self {
        Self {
            allow_targets: Vec::new(),
            plain_http: PlainHttp::Refused,
            allow_nat64: false,
            public_host: None,
            user_agent: HeaderValue::from_static(concat!("Carehook/", env!("CARGO_PKG_VERSION"))),
            connect_timeout: Duration::from_secs(5),
            dns_budget: Duration::from_secs(3),
            dns_servers: None,
            extra_roots: Vec::new(),
            pool_idle_per_host: 64,
            pool_idle_total: 1024,
            pool_idle_timeout: Duration::from_secs(30),
            connection_lifetime: MAX_CONNECTION_LIFETIME,
            streams_per_connection: 100,
        }
    }
}
