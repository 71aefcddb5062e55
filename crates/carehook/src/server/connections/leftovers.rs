//! Bodies that nobody read to their end: taken in, within bounds, before the answer goes out.
//!
//! Many clients read the answer only after they have sent everything. Were the connection closed
//! while they are sending, they would see it reset and never learn why they were refused.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{HeaderMap, header};
use http_body_util::BodyExt as _;
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use tokio::sync::oneshot;
use tokio::time::timeout;

/// Smaller bodies fit into the buffers on the way.
const SMALL: u64 = 64 * 1024;
/// Whoever sends more than this, or takes longer, sees the connection closed.
const MOST_BYTES: usize = 16 << 20;
const MOST_TIME: Duration = Duration::from_secs(3);

/// A request's body that comes back when it is dropped before its end.
pub(super) struct Lent {
    body: Option<Incoming>,
    back: Option<oneshot::Sender<Incoming>>,
}

/// Where a lent body comes back.
pub(super) struct Leftover(Option<oneshot::Receiver<Incoming>>);

impl Lent {
    /// Lends a body, unless it is small or its sender waits to be asked for it.
    pub(super) fn new(headers: &HeaderMap, body: Incoming) -> (Self, Leftover) {
        let large = body.size_hint().exact().is_none_or(|size| size > SMALL);
        let (back, leftover) = if large && !headers.contains_key(header::EXPECT) {
            let (back, leftover) = oneshot::channel();
            (Some(back), Some(leftover))
        } else {
            (None, None)
        };
        let body = Some(body);
        (Self { body, back }, Leftover(leftover))
    }
}

impl Leftover {
    /// Takes in what is still coming of the body.
    pub(super) async fn take_in(self) {
        let Some(mut body) = self.0.and_then(|mut leftover| leftover.try_recv().ok()) else {
            return;
        };
        let taken = async {
            let mut bytes = 0;
            while let Some(Ok(frame)) = body.frame().await {
                bytes += frame.data_ref().map_or(0, Bytes::len);
                if bytes > MOST_BYTES {
                    return;
                }
            }
        };
        // In time or not, the answer goes out now.
        drop(timeout(MOST_TIME, taken).await);
    }
}

impl Body for Lent {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match &mut self.body {
            Some(body) => Pin::new(body).poll_frame(context),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body
            .as_ref()
            .map_or_else(SizeHint::default, Body::size_hint)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let unread = self.body.take().filter(|body| !body.is_end_stream());
        if let (Some(body), Some(back)) = (unread, self.back.take()) {
            // Nobody waits for it any more when the connection has gone.
            drop(back.send(body));
        }
    }
}
