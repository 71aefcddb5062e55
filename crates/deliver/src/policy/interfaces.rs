//! The addresses of this machine's own interfaces, read again now and then.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::error::DeliverError;

/// Interfaces change seldom, and reading them costs tens of microseconds.
const REFRESH: Duration = Duration::from_secs(10);

#[derive(Default)]
pub(super) struct Interfaces {
    known: Mutex<Option<Known>>,
}

struct Known {
    read_at: Instant,
    addresses: Arc<HashSet<IpAddr>>,
}

impl Interfaces {
    pub(super) fn contains(&self, address: IpAddr) -> Result<bool, DeliverError> {
        Ok(self.addresses()?.contains(&address))
    }

    fn addresses(&self) -> Result<Arc<HashSet<IpAddr>>, DeliverError> {
        let mut known = self.known.lock();
        if let Some(known) = known
            .as_ref()
            .filter(|known| known.read_at.elapsed() < REFRESH)
        {
            return Ok(Arc::clone(&known.addresses));
        }
        let addresses = Arc::new(read()?);
        *known = Some(Known {
            read_at: Instant::now(),
            addresses: Arc::clone(&addresses),
        });
        Ok(addresses)
    }
}

fn read() -> Result<HashSet<IpAddr>, DeliverError> {
    let interfaces = if_addrs::get_if_addrs().map_err(DeliverError::Interfaces)?;
    Ok(interfaces
        .into_iter()
        .map(|interface| interface.ip())
        .collect())
}
