//! One open connection to a receiver, by protocol, and the requests that it takes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, Version, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::{TrySendError, http1, http2};
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout};

use crate::target::Target;

/// A pooled connection that is not ready after this time is still busy with what came before.
const READY_GRACE: Duration = Duration::from_millis(20);

pub(crate) type Post = Request<Full<Bytes>>;

pub(crate) enum Connection {
    Http1(Http1),
    Http2(Http2Stream),
}

/// A connection for one request at a time. Dropping it cuts the connection off at once, which
/// takes a hanging receiver its hold on us; [`Http1::close`] is the polite way.
pub(crate) struct Http1 {
    sender: http1::SendRequest<Full<Bytes>>,
    task: CutOff,
    expires: Instant,
}

/// A place on a connection that is shared; dropping it frees the place.
pub(crate) struct Http2Stream {
    sender: http2::SendRequest<Full<Bytes>>,
    load: Arc<Load>,
    /// Set while dropping the stream means that the connection let a request down.
    in_doubt: bool,
}

/// A connection that takes many requests at a time.
pub(crate) struct Http2 {
    sender: http2::SendRequest<Full<Bytes>>,
    load: Arc<Load>,
    expires: Instant,
    last_used: Instant,
}

#[derive(Default)]
struct Load {
    streams: AtomicUsize,
    /// Set when a request failed on it: later ones had better use another connection.
    retired: AtomicBool,
}

struct CutOff(Option<AbortHandle>);

impl Connection {
    /// Waits until a request can be written at once; false means that the connection is unusable.
    pub(crate) async fn is_usable(&mut self) -> bool {
        match self {
            Self::Http1(Http1 { sender, .. }) => {
                sender.is_ready()
                    || matches!(timeout(READY_GRACE, sender.ready()).await, Ok(Ok(())))
            }
            Self::Http2(stream) => {
                let usable = stream.sender.ready().await.is_ok();
                stream.in_doubt = !usable;
                usable
            }
        }
    }

    /// Gives the request the form that this connection's protocol wants.
    pub(crate) fn address(&self, post: &mut Post, target: &Target) {
        match self {
            Self::Http1(_) => {
                *post.version_mut() = Version::HTTP_11;
                *post.uri_mut() = target.path().clone();
                post.headers_mut()
                    .insert(header::HOST, target.host_header().clone());
            }
            Self::Http2(_) => {
                *post.version_mut() = Version::HTTP_2;
                *post.uri_mut() = target.absolute().clone();
                post.headers_mut().remove(header::HOST);
            }
        }
    }

    /// Writes the request and waits for the head of the answer.
    ///
    /// An error that still holds the request proves that none of it was written.
    pub(crate) async fn post(
        &mut self,
        post: Post,
    ) -> Result<Response<Incoming>, TrySendError<Post>> {
        match self {
            Self::Http1(Http1 { sender, .. }) => sender.try_send_request(post).await,
            Self::Http2(stream) => {
                stream.in_doubt = true;
                let sent = stream.sender.try_send_request(post).await;
                stream.in_doubt = sent.is_err();
                sent
            }
        }
    }
}

impl Http1 {
    pub(crate) fn new(
        sender: http1::SendRequest<Full<Bytes>>,
        task: AbortHandle,
        expires: Instant,
    ) -> Self {
        Self {
            sender,
            task: CutOff(Some(task)),
            expires,
        }
    }

    pub(crate) fn is_fresh(&self, now: Instant) -> bool {
        now < self.expires && !self.sender.is_closed()
    }

    /// Lets the connection end in order.
    pub(crate) fn close(mut self) {
        self.task.0 = None;
    }
}

impl Drop for CutOff {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

impl Http2 {
    pub(crate) fn new(
        sender: http2::SendRequest<Full<Bytes>>,
        now: Instant,
        expires: Instant,
    ) -> Self {
        Self {
            sender,
            load: Arc::default(),
            expires,
            last_used: now,
        }
    }

    pub(crate) fn is_fresh(&self, now: Instant) -> bool {
        now < self.expires && !self.load.retired.load(Ordering::Relaxed) && !self.sender.is_closed()
    }

    pub(crate) fn is_idle_since(&self, since: Instant) -> bool {
        self.last_used < since && self.load.streams.load(Ordering::Relaxed) == 0
    }

    /// Takes a place unless all are taken. Callers hold the pool's lock, so the count is exact.
    pub(crate) fn stream(&mut self, limit: usize, now: Instant) -> Option<Http2Stream> {
        if self.load.streams.load(Ordering::Relaxed) >= limit {
            return None;
        }
        Some(self.first_stream(now))
    }

    /// Takes a place on a connection that nobody else has yet.
    pub(crate) fn first_stream(&mut self, now: Instant) -> Http2Stream {
        self.load.streams.fetch_add(1, Ordering::Relaxed);
        self.last_used = now;
        let (sender, load) = (self.sender.clone(), Arc::clone(&self.load));
        Http2Stream {
            sender,
            load,
            in_doubt: false,
        }
    }
}

impl Drop for Http2Stream {
    fn drop(&mut self) {
        if self.in_doubt {
            self.load.retired.store(true, Ordering::Relaxed);
        }
        self.load.streams.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Headers that decide how a message is framed or where it goes; only this crate sets them.
const FRAMING: [header::HeaderName; 7] = [
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::TE,
    header::TRAILER,
    header::UPGRADE,
    header::EXPECT,
];

/// Builds the request as far as it does not depend on the connection.
pub(crate) fn new_post(
    headers: http::HeaderMap,
    body: Bytes,
    target: &Target,
    user_agent: &HeaderValue,
) -> Post {
    let mut post = Request::new(Full::new(body));
    *post.method_mut() = http::Method::POST;
    *post.headers_mut() = headers;
    let headers = post.headers_mut();
    for name in &FRAMING {
        headers.remove(name);
    }
    headers.insert(header::USER_AGENT, user_agent.clone());
    if let Some(authorization) = target.authorization()
        && !headers.contains_key(header::AUTHORIZATION)
    {
        headers.insert(header::AUTHORIZATION, authorization.clone());
    }
    post
}
