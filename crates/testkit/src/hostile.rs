//! Receivers that misbehave: each hangs, floods or breaks off at one point of an exchange.

mod behaviour;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use behaviour::Behaviour;

/// On the loopback a connect that takes longer has found the backlog full.
const FULL_AFTER: Duration = Duration::from_millis(200);
const PATIENCE: Duration = Duration::from_secs(10);

/// A receiver that treats each connection badly.
pub struct HostileReceiver {
    address: SocketAddr,
    counts: Arc<Counts>,
    stop: CancellationToken,
    /// What keeps a backlog full.
    _fill: Vec<TcpStream>,
    _listener: Option<TcpListener>,
}

#[derive(Default)]
struct Counts {
    opened: watch::Sender<usize>,
    closed: watch::Sender<usize>,
    /// Whether [`Behaviour::ClosesOnCommand`] has its command.
    commanded: watch::Sender<bool>,
}

impl HostileReceiver {
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    pub fn start(behaviour: Behaviour) -> Self {
        let listener = listen(Ipv4Addr::LOCALHOST, 128);
        let address = listener
            .local_addr()
            .expect("a bound listener has an address");
        let (counts, stop) = (Arc::<Counts>::default(), CancellationToken::new());
        let tasks = TaskTracker::new();
        let run = accept(
            listener,
            behaviour,
            Arc::clone(&counts),
            stop.clone(),
            tasks.clone(),
        );
        tasks.spawn(run);
        Self {
            address,
            counts,
            stop,
            _fill: Vec::new(),
            _listener: None,
        }
    }

    /// A receiver that never accepts and whose backlog is full: connecting to it hangs.
    pub async fn hanging_in_connect() -> Self {
        let listener = listen(Ipv4Addr::LOCALHOST, 0);
        let address = listener
            .local_addr()
            .expect("a bound listener has an address");
        let mut fill = Vec::new();
        while let Ok(Ok(stream)) = timeout(FULL_AFTER, TcpStream::connect(address)).await {
            fill.push(stream);
        }
        Self {
            address,
            counts: Arc::default(),
            stop: CancellationToken::new(),
            _fill: fill,
            _listener: Some(listener),
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// The same receiver as a TLS target; it speaks none.
    pub fn https_url(&self) -> String {
        format!("https://{}/hook", self.address)
    }

    /// Gives [`Behaviour::ClosesOnCommand`] its command.
    pub fn close_connections(&self) {
        self.counts.commanded.send_replace(true);
    }

    /// How many connections have come.
    pub fn connections(&self) -> usize {
        *self.counts.opened.borrow()
    }

    /// Waits until the other side has let go of `count` connections.
    ///
    /// # Panics
    ///
    /// When that does not happen in ten seconds.
    pub async fn wait_for_closed(&self, count: usize) {
        let mut closed = self.counts.closed.subscribe();
        let enough = timeout(PATIENCE, closed.wait_for(|closed| *closed >= count)).await;
        assert!(
            enough.is_ok(),
            "{} of {count} connections ended",
            *self.counts.closed.borrow()
        );
    }
}

impl Drop for HostileReceiver {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn listen(address: Ipv4Addr, backlog: u32) -> TcpListener {
    let socket = TcpSocket::new_v4().expect("there are sockets");
    socket
        .bind(SocketAddr::from((address, 0)))
        .expect("the loopback has a free port");
    socket.listen(backlog).expect("a bound socket can listen")
}

async fn accept(
    listener: TcpListener,
    behaviour: Behaviour,
    counts: Arc<Counts>,
    stop: CancellationToken,
    tasks: TaskTracker,
) {
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        let Ok((stream, _)) = accepted else { continue };
        counts.opened.send_modify(|opened| *opened += 1);
        let (counts, stop) = (Arc::clone(&counts), stop.clone());
        tasks.spawn(async move {
            // How the exchange breaks off is the other side's to judge.
            let _ = stop
                .run_until_cancelled(behaviour.run(stream, counts.commanded.subscribe()))
                .await;
            counts.closed.send_modify(|closed| *closed += 1);
        });
    }
}
