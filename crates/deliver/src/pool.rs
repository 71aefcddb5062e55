//! Open connections that wait for their next request, by origin.
//!
//! A connection leaves the pool when it is taken, was idle or lived too long, or broke.
//! HTTP/1.1 connections are taken whole; HTTP/2 connections stay and hand out streams.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

use crate::config::DeliverConfig;
use crate::connection::{Connection, Http1, Http2};
use crate::target::{Origin, Scheme};

pub(crate) struct Pool {
    state: Mutex<State>,
    idle_per_host: usize,
    idle_total: usize,
    idle_timeout: Duration,
    streams: usize,
}

#[derive(Default)]
struct State {
    hosts: HashMap<Arc<Origin>, HostPool>,
    idle: usize,
    stopped: bool,
}

#[derive(Default)]
struct HostPool {
    /// The last one used is the last in the list, and the first to be used again.
    idle: Vec<Idle>,
    shared: Vec<Http2>,
    protocol: Protocol,
    /// Held while a connection is opened whose protocol may turn out to be HTTP/2: the others
    /// wait for it and share it, instead of opening one each.
    gate: Gate,
}

struct Idle {
    connection: Http1,
    since: Instant,
    limit: Duration,
}

pub(crate) type Gate = Arc<tokio::sync::Mutex<()>>;

/// What is known of an origin from its last connection.
#[derive(Default, PartialEq, Eq)]
enum Protocol {
    #[default]
    Unknown,
    Http1,
    Http2,
}

impl Pool {
    pub(crate) fn new(config: &DeliverConfig) -> Self {
        Self {
            state: Mutex::default(),
            idle_per_host: config.pool_idle_per_host,
            idle_total: config.pool_idle_total,
            idle_timeout: config.pool_idle_timeout,
            streams: config.streams_per_connection.max(1),
        }
    }

    /// Takes a connection that looks usable.
    pub(crate) fn take(&self, origin: &Origin, now: Instant) -> Option<Connection> {
        let mut state = self.state.lock();
        let State { hosts, idle, .. } = &mut *state;
        let host = hosts.get_mut(origin)?;
        host.shared.retain(|shared| shared.is_fresh(now));
        if let Some(stream) = host
            .shared
            .iter_mut()
            .find_map(|c| c.stream(self.streams, now))
        {
            return Some(Connection::Http2(stream));
        }
        while let Some(Idle {
            connection,
            since,
            limit,
        }) = host.idle.pop()
        {
            *idle -= 1;
            if connection.is_fresh(now) && now.duration_since(since) < limit {
                return Some(Connection::Http1(connection));
            }
            connection.close();
        }
        None
    }

    /// Keeps a connection for the next request, for at most what the receiver said it would.
    pub(crate) fn give_back(
        &self,
        origin: &Arc<Origin>,
        connection: Http1,
        receiver_limit: Option<Duration>,
    ) {
        let now = Instant::now();
        let mut state = self.state.lock();
        let State {
            hosts,
            idle,
            stopped,
        } = &mut *state;
        if *stopped || *idle >= self.idle_total || !connection.is_fresh(now) {
            return connection.close();
        }
        let host = host_of(hosts, origin);
        if host.idle.len() >= self.idle_per_host {
            return connection.close();
        }
        let limit = receiver_limit
            .unwrap_or(self.idle_timeout)
            .min(self.idle_timeout);
        host.idle.push(Idle {
            connection,
            since: now,
            limit,
        });
        *idle += 1;
    }

    /// The gate to pass before opening a connection, unless each request needs its own anyway.
    pub(crate) fn gate(&self, origin: &Arc<Origin>) -> Option<Gate> {
        if origin.scheme == Scheme::Http {
            return None;
        }
        let mut state = self.state.lock();
        let host = host_of(&mut state.hosts, origin);
        (host.protocol != Protocol::Http1).then(|| Arc::clone(&host.gate))
    }

    pub(crate) fn learn_http1(&self, origin: &Arc<Origin>) {
        if origin.scheme == Scheme::Https {
            host_of(&mut self.state.lock().hosts, origin).protocol = Protocol::Http1;
        }
    }

    /// Shares a new connection and takes its first stream.
    pub(crate) fn share(
        &self,
        origin: &Arc<Origin>,
        mut connection: Http2,
        now: Instant,
    ) -> Connection {
        let stream = connection.first_stream(now);
        let mut state = self.state.lock();
        if !state.stopped {
            let host = host_of(&mut state.hosts, origin);
            host.protocol = Protocol::Http2;
            host.shared.push(connection);
        }
        Connection::Http2(stream)
    }

    /// Closes what was idle or lived too long, and forgets hosts that are not used.
    pub(crate) fn sweep(&self, now: Instant) {
        let mut state = self.state.lock();
        let State { hosts, idle, .. } = &mut *state;
        hosts.retain(|_, host| {
            let is_over = |i: &mut Idle| !i.connection.is_fresh(now) || now - i.since >= i.limit;
            for over in host.idle.extract_if(.., is_over) {
                *idle -= 1;
                over.connection.close();
            }
            let idle_since = now.checked_sub(self.idle_timeout).unwrap_or(now);
            host.shared
                .retain(|c| c.is_fresh(now) && !c.is_idle_since(idle_since));
            let in_use = !host.idle.is_empty() || !host.shared.is_empty();
            in_use || Arc::strong_count(&host.gate) > 1
        });
    }

    /// Closes all idle connections and keeps none from now on.
    pub(crate) fn stop(&self) {
        let mut state = self.state.lock();
        state.stopped = true;
        state.idle = 0;
        for host in std::mem::take(&mut state.hosts).into_values() {
            host.idle
                .into_iter()
                .for_each(|idle| idle.connection.close());
        }
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.state.lock().stopped
    }
}

fn host_of<'a>(
    hosts: &'a mut HashMap<Arc<Origin>, HostPool>,
    origin: &Arc<Origin>,
) -> &'a mut HostPool {
    // Not `entry`, which would need an owned key each time.
    if !hosts.contains_key(origin) {
        hosts.insert(Arc::clone(origin), HostPool::default());
    }
    hosts.get_mut(origin).expect("was just inserted")
}
