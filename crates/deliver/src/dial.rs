//! Opens a connection: resolve, vet every address, connect to a vetted one, check the peer, TLS.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::{http1, http2};
use hyper::rt::{Executor, Read, Write};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_util::task::TaskTracker;

use crate::config::{DeliverConfig, MAX_CONNECTION_LIFETIME};
use crate::connection::{Http1, Http2};
use crate::error::{DeliverError, Failure};
use crate::exchange::{Phase, Progress};
use crate::policy::{LOOPBACK, Policy, Verdict};
use crate::reason;
use crate::resolver::NameResolver;
use crate::target::{Host, Scheme, Target};
use crate::tls::TlsSettings;

/// Bounds on the head of an answer.
pub(crate) const MAX_HEADERS: usize = 64;
const MAX_HEAD_BYTES: usize = 32 * 1024;
/// Receive windows: more than is ever read of an answer, far less than would hurt.
const STREAM_WINDOW_BYTES: u32 = 32 * 1024;
const CONNECTION_WINDOW_BYTES: u32 = 1024 * 1024;
/// A silent HTTP/2 connection with open requests is probed, so that a dead one is not kept.
const PING_INTERVAL: Duration = Duration::from_secs(10);
const PING_TIMEOUT: Duration = Duration::from_secs(5);
/// A name may have many addresses; an attempt tries the first ones.
const MAX_ADDRESSES_TRIED: usize = 4;
/// A last resort beyond the lifetime and the longest request, in case a peer blocks the close.
const TASK_GRACE: Duration = Duration::from_mins(1);

/// Opens connections under the address policy.
pub(crate) struct Dialer {
    pub(crate) policy: Policy,
    pub(crate) tls: TlsSettings,
    resolver: NameResolver,
    connect_timeout: Duration,
    lifetime: Duration,
    http1: http1::Builder,
    http2: http2::Builder<Tracked>,
    tasks: TaskTracker,
}

pub(crate) enum Dialed {
    Http1(Http1),
    Http2(Http2),
}

/// Runs the tasks of HTTP/2 connections where the shutdown can wait for them.
#[derive(Clone)]
struct Tracked(TaskTracker);

impl<F> Executor<F> for Tracked
where
    F: Future<Output: Send> + Send + 'static,
{
    fn execute(&self, task: F) {
        self.0.spawn(task);
    }
}

impl Dialer {
    pub(crate) fn new(config: &DeliverConfig, tasks: TaskTracker) -> Result<Self, DeliverError> {
        Ok(Self {
            policy: Policy::new(config),
            tls: TlsSettings::new(&config.extra_roots)?,
            resolver: NameResolver::new(config),
            connect_timeout: config.connect_timeout,
            lifetime: config.connection_lifetime.min(MAX_CONNECTION_LIFETIME),
            http1: http1_settings(),
            http2: http2_settings(Tracked(tasks.clone())),
            tasks,
        })
    }

    /// Finds the addresses of a target and vets all of them; one bad address refuses the target.
    pub(crate) async fn vetted_addresses(
        &self,
        target: &Target,
    ) -> Result<Vec<SocketAddr>, Failure> {
        let origin = target.origin();
        let addresses = match &origin.host {
            Host::Address(address) => vec![*address],
            Host::Name(name) if &**name == "localhost" => vec![LOOPBACK],
            Host::Name(name) => self.resolver.resolve(name).await?,
        };
        if addresses.is_empty() {
            return Err(Failure::Unreachable(reason::NO_ADDRESS.into()));
        }
        for address in &addresses {
            if self.policy.check_address(*address)? == Verdict::Refused {
                return Err(Failure::Blocked);
            }
        }
        Ok(addresses
            .into_iter()
            .map(|address| SocketAddr::new(address, origin.port))
            .collect())
    }

    pub(crate) async fn dial(
        &self,
        target: &Target,
        progress: &mut Progress,
    ) -> Result<Dialed, Failure> {
        progress.phase = None;
        let addresses = self.vetted_addresses(target).await?;
        progress.phase = Some(Phase::Connect);
        let stream = self.connect(&addresses).await?;
        if target.origin().scheme == Scheme::Http {
            return self.start_http1(TokioIo::new(stream)).await;
        }
        progress.phase = Some(Phase::Tls);
        let stream = self.secure(target, stream).await?;
        if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
            return self.start_http2(TokioIo::new(stream)).await;
        }
        self.start_http1(TokioIo::new(stream)).await
    }

    /// Tries the addresses in order, each with its share of the time that is left.
    async fn connect(&self, addresses: &[SocketAddr]) -> Result<TcpStream, Failure> {
        let ends = Instant::now() + self.connect_timeout;
        let mut last = Failure::TimedOut;
        let tried = addresses.len().min(MAX_ADDRESSES_TRIED);
        for (index, address) in addresses.iter().take(tried).enumerate() {
            let left = u32::try_from(tried - index).unwrap_or(1);
            let share = ends.saturating_duration_since(Instant::now()) / left;
            last = match timeout(share, TcpStream::connect(*address)).await {
                Ok(Ok(stream)) => return self.check_peer(stream, *address),
                Ok(Err(error)) => reason::connect(error, *address),
                Err(_) => Failure::TimedOut,
            };
            if let Failure::Ours(_) = last {
                break;
            }
        }
        Err(last)
    }

    /// Makes sure that the kernel connected us to where we meant.
    fn check_peer(&self, stream: TcpStream, meant: SocketAddr) -> Result<TcpStream, Failure> {
        let peer = stream
            .peer_addr()
            .map_err(|error| reason::connect(error, meant))?;
        if peer.ip() != meant.ip() || self.policy.check_address(peer.ip())? == Verdict::Refused {
            return Err(Failure::Blocked);
        }
        stream
            .set_nodelay(true)
            .map_err(|error| reason::connect(error, meant))?;
        Ok(stream)
    }

    async fn secure(
        &self,
        target: &Target,
        stream: TcpStream,
    ) -> Result<TlsStream<TcpStream>, Failure> {
        let connector = TlsConnector::from(self.tls.config(target.tls())?);
        connector
            .connect(target.server_name().clone(), stream)
            .await
            .map_err(|error| Failure::Unreachable(reason::handshake(&error)))
    }

    async fn start_http1<T>(&self, io: T) -> Result<Dialed, Failure>
    where
        T: Read + Write + Unpin + Send + 'static,
    {
        let (sender, connection) = self
            .http1
            .handshake::<_, Full<Bytes>>(io)
            .await
            .map_err(|error| Failure::Unreachable(reason::exchange(&error)))?;
        // What ends a connection is told to the request on it; there is nobody else to tell.
        let task = self
            .tasks
            .spawn(timeout(self.lifetime + TASK_GRACE, connection));
        let expires = Instant::now() + self.lifetime;
        Ok(Dialed::Http1(Http1::new(
            sender,
            task.abort_handle(),
            expires,
        )))
    }

    async fn start_http2<T>(&self, io: T) -> Result<Dialed, Failure>
    where
        T: Read + Write + Unpin + Send + 'static,
    {
        let (sender, connection) = self
            .http2
            .handshake::<_, Full<Bytes>>(io)
            .await
            .map_err(|error| Failure::Unreachable(reason::exchange(&error)))?;
        self.tasks
            .spawn(timeout(self.lifetime + TASK_GRACE, connection));
        let now = Instant::now();
        Ok(Dialed::Http2(Http2::new(sender, now, now + self.lifetime)))
    }
}

pub(crate) fn http1_settings() -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .max_headers(MAX_HEADERS)
        .max_header_size(MAX_HEAD_BYTES)
        .max_buf_size(MAX_HEAD_BYTES);
    builder
}

fn http2_settings(executor: Tracked) -> http2::Builder<Tracked> {
    let mut builder = http2::Builder::new(executor);
    builder
        .timer(TokioTimer::new())
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .max_header_list_size(u32::try_from(MAX_HEAD_BYTES).unwrap_or(u32::MAX))
        .keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_TIMEOUT);
    builder
}
