//! Host names to addresses, by our own questions to a name server: no hosts file, no search domains.
//!
//! What the name server says is kept as long as it says, at most five minutes.
//! A name without addresses is the receiver's matter; a name server that fails is ours.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use hickory_resolver::system_conf::read_system_conf;
use hickory_resolver::{Resolver, TokioResolver};
use parking_lot::Mutex;
use tokio::time::timeout;

use crate::config::{DeliverConfig, MAX_CONNECTION_LIFETIME};
use crate::error::DeliverError;

/// How long the other address family is waited for when one has been found (RFC 8305, 3).
const OTHER_FAMILY_GRACE: Duration = Duration::from_millis(300);
/// A name that was just created should work soon.
const NEGATIVE_TTL: Duration = Duration::from_secs(5);
const CACHED_NAMES: u64 = 1024;

/// Asks name servers for addresses, within a budget.
pub(crate) struct NameResolver {
    servers: Option<Vec<SocketAddr>>,
    budget: Duration,
    /// Built at the first question: a machine without a name server can still reach addresses.
    resolver: Mutex<Option<TokioResolver>>,
}

/// The addresses of one family; none is a proper answer.
type Addresses = Result<Vec<IpAddr>, DeliverError>;

impl NameResolver {
    pub(crate) fn new(config: &DeliverConfig) -> Self {
        Self {
            servers: config.dns_servers.clone(),
            budget: config.dns_budget,
            resolver: Mutex::new(None),
        }
    }

    /// Finds all addresses of a name, IPv4 first; none means that the name has none.
    pub(crate) async fn resolve(&self, name: &str) -> Addresses {
        let resolver = self.resolver()?;
        let mut name = Name::from_ascii(name).map_err(name_server_fault)?;
        name.set_fqdn(true);

        let v4 = self.family(&resolver, &name, RecordType::A);
        let v6 = self.family(&resolver, &name, RecordType::AAAA);
        tokio::pin!(v4, v6);
        let (v4, v6) = tokio::select! {
            found = &mut v4 => { let other = other_family(&found, v6).await; (found, other) }
            found = &mut v6 => { let other = other_family(&found, v4).await; (other, found) }
        };
        join_families(v4, v6)
    }

    async fn family(&self, resolver: &TokioResolver, name: &Name, kind: RecordType) -> Addresses {
        let lookup = timeout(self.budget, resolver.lookup(name.clone(), kind))
            .await
            .map_err(|_| DeliverError::NameServerTimeout)?;
        match lookup {
            Ok(lookup) => Ok(lookup
                .answers()
                .iter()
                .filter_map(|r| address(&r.data))
                .collect()),
            Err(error) if means_no_address(&error) => Ok(Vec::new()),
            Err(error) => Err(name_server_fault(error)),
        }
    }

    fn resolver(&self) -> Result<TokioResolver, DeliverError> {
        let mut known = self.resolver.lock();
        if let Some(resolver) = known.as_ref() {
            return Ok(resolver.clone());
        }
        let (servers, options) = if let Some(servers) = &self.servers {
            let servers = servers.iter().copied().map(name_server).collect();
            (servers, ResolverOpts::default())
        } else {
            let (config, options) =
                read_system_conf().map_err(|e| DeliverError::NameServerConfig(e.into()))?;
            // Taking only the servers leaves the search domains behind.
            (config.name_servers().to_vec(), options)
        };
        let config = ResolverConfig::from_name_servers(servers);
        let mut builder = Resolver::builder_with_config(config, TokioRuntimeProvider::default());
        *builder.options_mut() = self.options(options);
        let resolver = builder
            .build()
            .map_err(|e| DeliverError::NameServerConfig(e.into()))?;
        *known = Some(resolver.clone());
        Ok(resolver)
    }

    fn options(&self, mut options: ResolverOpts) -> ResolverOpts {
        options.use_hosts_file = ResolveHosts::Never;
        options.attempts = 1;
        // Leaves room for one repetition within the budget.
        options.timeout = self.budget / 2;
        options.cache_size = CACHED_NAMES;
        options.positive_max_ttl = Some(MAX_CONNECTION_LIFETIME);
        options.negative_max_ttl = Some(NEGATIVE_TTL);
        options
    }
}

/// Waits for the second family: briefly when the first has addresses, fully when it has none.
async fn other_family(first: &Addresses, second: impl Future<Output = Addresses>) -> Addresses {
    match first {
        Ok(found) if !found.is_empty() => timeout(OTHER_FAMILY_GRACE, second)
            .await
            .unwrap_or_else(|_| Ok(Vec::new())),
        _ => second.await,
    }
}

/// One family is enough; only when none was found does it matter that a question failed.
fn join_families(v4: Addresses, v6: Addresses) -> Addresses {
    match (v4, v6) {
        (Ok(mut v4), Ok(v6)) => {
            v4.extend(v6);
            Ok(v4)
        }
        (Ok(found), Err(_)) | (Err(_), Ok(found)) if !found.is_empty() => Ok(found),
        (Err(error), _) | (_, Err(error)) => Err(error),
    }
}

fn address(data: &RData) -> Option<IpAddr> {
    match data {
        RData::A(address) => Some(address.0.into()),
        RData::AAAA(address) => Some(address.0.into()),
        _ => None,
    }
}

fn means_no_address(error: &NetError) -> bool {
    let NetError::Dns(DnsError::NoRecordsFound(found)) = error else {
        return false;
    };
    matches!(
        found.response_code,
        ResponseCode::NXDomain | ResponseCode::NoError
    )
}

fn name_server(server: SocketAddr) -> NameServerConfig {
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()]
        .into_iter()
        .map(|mut connection| {
            connection.port = server.port();
            connection
        })
        .collect();
    NameServerConfig::new(server.ip(), true, connections)
}

fn name_server_fault(error: impl Into<NetError>) -> DeliverError {
    DeliverError::NameServer(Box::new(error.into()))
}
