//! Inbound connections: HTTP/1.1 and HTTP/2 without TLS, bounded in number, size and time.

mod clients;
mod figures;
mod leftovers;
mod requests;

use std::convert::Infallible;
use std::io;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::response::Response;
use carehook_app::ClientAddress;
use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use ipnet::IpNet;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::limits::most_connections;
use clients::Clients;
use figures::Figures;
use leftovers::Lent;
use requests::{Requests, Running};

/// For the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
const MAX_HEAD_BYTES: usize = 32 * 1024;
const MAX_HEADERS: usize = 100;
const MAX_STREAMS: u32 = 256;
/// HTTP/2 has no other way to notice a peer that is gone.
const PING_INTERVAL: Duration = Duration::from_secs(30);
/// After an error of `accept`, such as too many open files, a pause lets others close theirs.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Sent without reading the request, when there are too many connections.
const TOO_MANY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\n\
    connection: close\r\ncontent-length: 0\r\n\r\n";

/// The connections of a server.
pub(super) struct Connections {
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// What every connection needs.
#[derive(Clone)]
struct Shared {
    router: Router,
    protocol: Builder<TokioExecutor>,
    figures: Arc<Figures>,
    clients: Arc<Clients>,
    stop: CancellationToken,
}

impl Connections {
    /// Accepts connections until [`Self::stop`]; some may come through proxies that are trusted.
    pub(super) fn accept(listener: TcpListener, router: Router, proxies: Vec<IpNet>) -> Self {
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let shared = Shared {
            router,
            protocol: protocol(),
            figures: Arc::new(Figures::register()),
            clients: Arc::new(Clients::behind(proxies)),
            stop: stop.clone(),
        };
        let accepting = accept(listener, shared, tasks.clone());
        let stopped = stop.clone();
        tasks.spawn(async move { stopped.run_until_cancelled(accepting).await });
        Self { stop, tasks }
    }

    /// Accepts no more and waits for requests in flight, at most until `deadline` has passed.
    pub(super) async fn stop(self, deadline: Duration) {
        self.stop.cancel();
        self.tasks.close();
        if timeout(deadline, self.tasks.wait()).await.is_err() {
            tracing::warn!("requests were cut off by the end of the grace period");
        }
    }
}

fn protocol() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_headers(MAX_HEADERS)
        .max_buf_size(MAX_HEAD_BYTES)
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(u32::try_from(MAX_HEAD_BYTES).expect("the constant fits"))
        .keep_alive_interval(PING_INTERVAL);
    builder
}

async fn accept(listener: TcpListener, shared: Shared, tasks: TaskTracker) {
    let permits = Arc::new(Semaphore::new(most_connections()));
    loop {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) if is_of_one_connection(&error) => continue,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let Ok(permit) = Arc::clone(&permits).try_acquire_owned() else {
            shared.figures.turned_away();
            // A client that does not read this learns it from the closed connection.
            let _ = stream.try_write(TOO_MANY);
            continue;
        };
        tasks.spawn(serve((stream, peer.ip()), shared.clone(), permit));
    }
}

/// The peer was gone before it was accepted: nothing of ours is wrong.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
    )
}

async fn serve((stream, peer): (TcpStream, IpAddr), shared: Shared, _permit: OwnedSemaphorePermit) {
    // Answers are written in one piece; waiting for more would only add delay.
    let _ = stream.set_nodelay(true);
    let Shared {
        router,
        protocol,
        figures,
        clients,
        stop,
    } = shared;
    let open = figures.connection();
    let requests = Arc::new(Requests::default());
    let service = service_fn({
        let requests = Arc::clone(&requests);
        move |mut request: Request<Incoming>| {
            let client = clients.client(peer, request.headers());
            let scheme = clients.scheme(peer, request.headers());
            let extensions = request.extensions_mut();
            extensions.insert(ClientAddress(client));
            if let Some(scheme) = scheme {
                extensions.insert(scheme);
            }
            let running = Requests::begin(&requests);
            answer(router.clone(), Arc::clone(&figures), request, running)
        }
    });
    let mut connection = pin!(protocol.serve_connection(TokioIo::new(stream), service));
    let result = tokio::select! {
        result = &mut connection => result,
        () = requests.silence() => {
            tracing::debug!("a connection without a request was closed");
            Ok(())
        }
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            tokio::select! {
                result = connection => result,
                () = requests.idle() => Ok(()),
            }
        }
    };
    if let Err(error) = result {
        // Peers that go away or speak something else are no news.
        tracing::debug!(%error, "a connection ended early");
    }
    drop(open);
}

async fn answer(
    router: Router,
    figures: Arc<Figures>,
    request: Request<Incoming>,
    running: Running,
) -> Result<Response, Infallible> {
    let started = Instant::now();
    let (head, body) = request.into_parts();
    let (body, leftover) = Lent::new(&head.headers, body);
    let response = carehook_api::answer(router, Request::from_parts(head, body)).await;
    leftover.take_in().await;
    figures.answered(response.status(), started.elapsed());
    drop(running);
    Ok(response)
}
