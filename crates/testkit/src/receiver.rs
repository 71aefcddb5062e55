//! A receiver that records what it gets and answers as it is told.

mod answer;
mod server;
mod tls;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, Version};
use tokio::net::TcpListener;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use answer::Answer;
use server::Shared;
pub use tls::TlsSetup;

/// Nothing on the loopback takes longer, unless it is lost.
const PATIENCE: Duration = Duration::from_secs(10);

/// A programmable receiver: answers 200 until told otherwise.
pub struct Receiver {
    address: SocketAddr,
    scheme: &'static str,
    shared: Arc<Shared>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Received {
    pub path: String,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub version: Version,
    pub at: Instant,
    /// Counts the receiver's connections from 1.
    pub connection: usize,
}

impl Receiver {
    pub async fn start() -> Self {
        Self::start_at(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await
    }

    /// Starts on a given address, as a receiver that comes back does.
    pub async fn start_at(address: SocketAddr) -> Self {
        Self::listen(address, None).await
    }

    pub async fn start_tls(setup: TlsSetup) -> Self {
        Self::listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), Some(setup)).await
    }

    async fn listen(address: SocketAddr, setup: Option<TlsSetup>) -> Self {
        let listener = TcpListener::bind(address)
            .await
            .expect("the loopback has a free port");
        let address = listener
            .local_addr()
            .expect("a bound listener has an address");
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let shared = Arc::new(Shared::default());
        let scheme = if setup.is_some() { "https" } else { "http" };
        let acceptor = setup.map(TlsSetup::acceptor);
        tasks.spawn(server::accept(
            listener,
            acceptor,
            Arc::clone(&shared),
            stop.clone(),
            tasks.clone(),
        ));
        Self {
            address,
            scheme,
            shared,
            stop,
            tasks,
        }
    }

    /// Answers with these statuses in turn, then with 200 or the default answer.
    #[must_use]
    pub fn answers(self, statuses: impl IntoIterator<Item = u16>) -> Self {
        self.shared.script(statuses.into_iter().map(Answer::status));
        self
    }

    /// Answers everything that the script does not cover.
    #[must_use]
    pub fn always(self, answer: Answer) -> Self {
        self.set_default(answer);
        self
    }

    pub fn set_default(&self, answer: Answer) {
        self.shared.set_default(answer);
    }

    /// Adds an answer to the script.
    pub fn then(&self, answer: Answer) {
        self.shared.script([answer]);
    }

    /// Records requests from now on but answers none until [`Receiver::release`].
    pub fn hold(&self) {
        self.shared.held.send_replace(true);
    }

    pub fn release(&self) {
        self.shared.held.send_replace(false);
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn url(&self) -> String {
        self.url_for("127.0.0.1")
    }

    /// The URL under a host name that the test's name server knows.
    pub fn url_for(&self, host: &str) -> String {
        format!("{}://{host}:{}/hook", self.scheme, self.address.port())
    }

    pub fn requests(&self) -> Vec<Received> {
        self.shared.requests.lock().clone()
    }

    /// How many requests have come.
    pub fn attempts(&self) -> usize {
        self.shared.requests.lock().len()
    }

    /// How many connections have come.
    pub fn connections(&self) -> usize {
        *self.shared.opened.borrow()
    }

    /// Waits until `count` requests have come, and returns all.
    ///
    /// # Panics
    ///
    /// When they do not come in ten seconds.
    pub async fn wait_for(&self, count: usize) -> Vec<Received> {
        let mut arrived = self.shared.arrived.subscribe();
        let enough = timeout(PATIENCE, arrived.wait_for(|arrived| *arrived >= count)).await;
        assert!(
            enough.is_ok(),
            "{} of {count} requests came",
            self.attempts()
        );
        self.requests()
    }

    /// Waits until `count` connections have ended.
    ///
    /// # Panics
    ///
    /// When they do not end in ten seconds.
    pub async fn wait_for_closed(&self, count: usize) {
        let mut closed = self.shared.closed.subscribe();
        let enough = timeout(PATIENCE, closed.wait_for(|closed| *closed >= count)).await;
        assert!(
            enough.is_ok(),
            "{} of {count} connections ended",
            *self.shared.closed.borrow()
        );
    }

    /// Finishes the requests in hand, closes all connections and frees the port.
    pub async fn stop(&self) {
        self.stop.cancel();
        self.release();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.stop.cancel();
        self.release();
    }
}
