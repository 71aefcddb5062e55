//! The HTTP server inside a receiver.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::rt::{Read, Write};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use parking_lot::Mutex;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Answer, Received};

#[derive(Default)]
pub(super) struct Shared {
    pub(super) requests: Mutex<Vec<Received>>,
    pub(super) arrived: watch::Sender<usize>,
    pub(super) opened: watch::Sender<usize>,
    pub(super) closed: watch::Sender<usize>,
    pub(super) held: watch::Sender<bool>,
    answers: Mutex<Answers>,
}

struct Answers {
    script: VecDeque<Answer>,
    default: Answer,
}

impl Default for Answers {
    fn default() -> Self {
        Self {
            script: VecDeque::new(),
            default: Answer::status(200),
        }
    }
}

impl Shared {
    pub(super) fn script(&self, answers: impl IntoIterator<Item = Answer>) {
        self.answers.lock().script.extend(answers);
    }

    pub(super) fn set_default(&self, answer: Answer) {
        self.answers.lock().default = answer;
    }

    /// Records a request together with the choice of its answer, so that both keep one order.
    fn record(&self, received: Received) -> Answer {
        let mut requests = self.requests.lock();
        let body = received.body.clone();
        requests.push(received);
        let answer = {
            let Answers { script, default } = &mut *self.answers.lock();
            script.pop_front().unwrap_or_else(|| default.clone())
        };
        let answer = answer.for_request(&body);
        self.arrived.send_replace(requests.len());
        answer
    }
}

pub(super) async fn accept(
    listener: TcpListener,
    acceptor: Option<TlsAcceptor>,
    shared: Arc<Shared>,
    stop: CancellationToken,
    tasks: TaskTracker,
) {
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        let Ok((stream, _)) = accepted else { continue };
        shared.opened.send_modify(|opened| *opened += 1);
        let number = *shared.opened.borrow();
        let connection = Connection {
            number,
            shared: Arc::clone(&shared),
            stop: stop.clone(),
        };
        tasks.spawn(connection.run(stream, acceptor.clone()));
    }
}

#[derive(Clone)]
struct Connection {
    number: usize,
    shared: Arc<Shared>,
    stop: CancellationToken,
}

impl Connection {
    async fn run(self, stream: TcpStream, acceptor: Option<TlsAcceptor>) {
        // Without it the loopback's delayed acknowledgements would slow every answer down.
        if stream.set_nodelay(true).is_ok() {
            match acceptor {
                None => self.serve(TokioIo::new(stream)).await,
                Some(acceptor) => {
                    let secured = self.stop.run_until_cancelled(acceptor.accept(stream)).await;
                    if let Some(Ok(stream)) = secured {
                        self.serve(TokioIo::new(stream)).await;
                    }
                }
            }
        }
        self.shared.closed.send_modify(|closed| *closed += 1);
    }

    async fn serve<T>(&self, io: T)
    where
        T: Read + Write + Unpin + Send + 'static,
    {
        let service = service_fn(|request| self.clone().answer(request));
        let builder = auto::Builder::new(TokioExecutor::new());
        let connection = builder.serve_connection(io, service);
        tokio::pin!(connection);
        // A client that goes away is nothing to complain about.
        tokio::select! {
            _ = connection.as_mut() => {}
            () = self.stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                let _ = connection.await;
            }
        }
    }

    async fn answer(self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
        let (head, body) = request.into_parts();
        let Ok(body) = body.collect().await else {
            return Ok(Answer::status(400).into_response());
        };
        let answer = self.shared.record(Received {
            path: head
                .uri
                .path_and_query()
                .map(ToString::to_string)
                .unwrap_or_default(),
            headers: head.headers,
            body: body.to_bytes(),
            version: head.version,
            at: Instant::now(),
            connection: self.number,
        });
        let mut held = self.shared.held.subscribe();
        // The sender lives in `shared`, so waiting can only end by release.
        let _ = held.wait_for(|held| !held).await;
        Ok(answer.into_response())
    }
}
