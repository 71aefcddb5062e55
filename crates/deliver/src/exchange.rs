//! The course of one attempt, from a connection to the head of the answer, and how it is told.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use hyper::body::Incoming;
use tokio::time::{Instant, timeout_at};

use crate::answer::{self, RetryAfter};
use crate::connection::{Connection, Post, new_post};
use crate::dial::{Dialed, Dialer, MAX_HEADERS};
use crate::error::{DeliverError, Failure};
use crate::pool::Pool;
use crate::reason;
use crate::target::Target;

/// No attempt takes longer, whatever its caller says.
const MAX_TIMEOUT: Duration = Duration::from_secs(30);

/// One request to be made.
pub struct Outbound<'a> {
    pub target: &'a Target,
    /// All headers but `host`, `content-length` and `user-agent`, which are added.
    pub headers: HeaderMap,
    pub body: Bytes,
    /// The one deadline over everything; at most 30 seconds.
    pub timeout: Duration,
}

/// What came of an attempt.
#[derive(Debug)]
pub struct Exchange {
    pub result: ExchangeResult,
    pub duration: Duration,
    /// Whether bytes of the request may have left this machine.
    pub bytes_left: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub enum ExchangeResult {
    /// The receiver answered; what the status means is for others to say.
    Answered {
        status: u16,
        retry_after: Option<RetryAfter>,
        /// The first 4 KiB at most, as they were sent.
        body: Bytes,
    },
    TimedOut {
        phase: Phase,
    },
    /// The receiver could not be reached or spoke no sense; the reason is a fixed text, but for the
    /// day on which a certificate expired.
    Unreachable {
        reason: Cow<'static, str>,
    },
    /// The address policy forbids it; no packet was sent. See [`BLOCKED`](crate::BLOCKED).
    Blocked,
    /// The caller did not want it any more when it was about to be sent.
    Withdrawn,
}

/// What an attempt was waiting for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Connect,
    Tls,
    Answer,
}

/// How far an attempt has come; outlives it when the deadline cuts it off.
pub(crate) struct Progress {
    /// `None` while the name server is asked, which is our part.
    pub(crate) phase: Option<Phase>,
    pub(crate) bytes_left: bool,
}

/// The parts of a deliverer that attempts work with.
pub(crate) struct Exchanger {
    pub(crate) dialer: Dialer,
    pub(crate) pool: Pool,
    pub(crate) user_agent: HeaderValue,
}

enum Sent {
    Answered(Response<Incoming>, Connection),
    Withdrawn,
}

impl Exchanger {
    pub(crate) async fn run<F>(
        &self,
        outbound: Outbound<'_>,
        go_ahead: F,
    ) -> Result<Exchange, DeliverError>
    where
        F: Fn() -> bool + Send,
    {
        let started = Instant::now();
        let deadline = started + bounded(outbound.timeout);
        let target = outbound.target;
        let post = new_post(outbound.headers, outbound.body, target, &self.user_agent);

        let mut progress = Progress {
            phase: Some(Phase::Connect),
            bytes_left: false,
        };
        let sent = timeout_at(deadline, self.send(target, post, go_ahead, &mut progress)).await;
        let result = match sent.unwrap_or(Err(Failure::TimedOut)) {
            Ok(Sent::Answered(response, connection)) => {
                self.receive(target, response, connection, deadline).await
            }
            Ok(Sent::Withdrawn) => ExchangeResult::Withdrawn,
            Err(failure) => judge(failure, progress.phase)?,
        };
        Ok(Exchange {
            result,
            duration: started.elapsed(),
            bytes_left: progress.bytes_left,
        })
    }

    /// Sends the request, on a new connection when a kept one turns out to be gone.
    ///
    /// The request is repeated only when hyper hands it back, which proves that none of it was
    /// written; anything else could deliver twice in one attempt.
    async fn send<F>(
        &self,
        target: &Target,
        mut post: Post,
        go_ahead: F,
        progress: &mut Progress,
    ) -> Result<Sent, Failure>
    where
        F: Fn() -> bool + Send,
    {
        let mut kept = self.kept_connection(target).await;
        loop {
            let is_kept = kept.is_some();
            let mut connection = match kept.take() {
                Some(connection) => connection,
                // Boxed, so that attempts on kept connections do not carry its large state.
                None => Box::pin(self.new_connection(target, progress)).await?,
            };
            if !go_ahead() {
                self.keep(target, connection, None);
                return Ok(Sent::Withdrawn);
            }
            progress.phase = Some(Phase::Answer);
            progress.bytes_left = true;
            connection.address(&mut post, target);
            let mut error = match connection.post(post).await {
                Ok(response) => return accept_head(response, connection),
                Err(error) => error,
            };
            let Some(unsent) = error.take_message() else {
                return Err(Failure::Unreachable(reason::exchange(error.error())));
            };
            progress.bytes_left = false;
            if !is_kept {
                return Err(Failure::Unreachable(reason::CLOSED.into()));
            }
            post = unsent;
        }
    }

    async fn receive(
        &self,
        target: &Target,
        response: Response<Incoming>,
        connection: Connection,
        deadline: Instant,
    ) -> ExchangeResult {
        let switched = response.status() == StatusCode::SWITCHING_PROTOCOLS;
        let answer = answer::read(response, deadline).await;
        if answer.complete && !switched {
            self.keep(target, connection, answer.idle_limit);
        }
        ExchangeResult::Answered {
            status: answer.status,
            retry_after: answer.retry_after,
            body: answer.body,
        }
    }

    async fn kept_connection(&self, target: &Target) -> Option<Connection> {
        loop {
            let mut connection = self.pool.take(target.origin(), Instant::now())?;
            if connection.is_usable().await {
                return Some(connection);
            }
        }
    }

    /// Opens a connection, or shares the one that another attempt is just opening.
    async fn new_connection(
        &self,
        target: &Target,
        progress: &mut Progress,
    ) -> Result<Connection, Failure> {
        let origin = target.origin();
        progress.phase = Some(Phase::Connect);
        let Some(gate) = self.pool.gate(origin) else {
            return self.open(target, progress).await;
        };
        let turn = gate.lock().await;
        if let Some(connection) = self.kept_connection(target).await {
            return Ok(connection);
        }
        if self.pool.gate(origin).is_none() {
            // It was HTTP/1.1 after all, so nobody needs to wait for this connection.
            drop(turn);
        }
        self.open(target, progress).await
    }

    async fn open(&self, target: &Target, progress: &mut Progress) -> Result<Connection, Failure> {
        let mut connection = match self.dialer.dial(target, progress).await? {
            Dialed::Http1(connection) => {
                self.pool.learn_http1(target.origin());
                Connection::Http1(connection)
            }
            Dialed::Http2(connection) => {
                self.pool.share(target.origin(), connection, Instant::now())
            }
        };
        if connection.is_usable().await {
            return Ok(connection);
        }
        Err(Failure::Unreachable(reason::CLOSED.into()))
    }

    /// Keeps a connection for the next attempt; a stream's connection is still in the pool.
    fn keep(&self, target: &Target, connection: Connection, limit: Option<Duration>) {
        if let Connection::Http1(connection) = connection {
            self.pool.give_back(target.origin(), connection, limit);
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connecting",
            Self::Tls => "the TLS handshake",
            Self::Answer => "waiting for the answer",
        })
    }
}

fn bounded(timeout: Duration) -> Duration {
    timeout.min(MAX_TIMEOUT)
}

/// hyper bounds the head of HTTP/1.1 answers; for HTTP/2 it bounds bytes but not the count.
fn accept_head(response: Response<Incoming>, connection: Connection) -> Result<Sent, Failure> {
    if response.headers().len() > MAX_HEADERS {
        return Err(Failure::Unreachable(reason::HEAD_TOO_LARGE.into()));
    }
    Ok(Sent::Answered(response, connection))
}

fn judge(failure: Failure, phase: Option<Phase>) -> Result<ExchangeResult, DeliverError> {
    match failure {
        Failure::Ours(error) => Err(error),
        Failure::Blocked => Ok(ExchangeResult::Blocked),
        Failure::Unreachable(reason) => Ok(ExchangeResult::Unreachable { reason }),
        Failure::TimedOut => match phase {
            Some(phase) => Ok(ExchangeResult::TimedOut { phase }),
            // The name server is ours, however short the deadline was.
            None => Err(DeliverError::NameServerTimeout),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_attempt_may_take_longer_than_thirty_seconds() {
        assert_eq!(bounded(Duration::MAX), Duration::from_secs(30));
        assert_eq!(bounded(Duration::from_secs(15)), Duration::from_secs(15));
    }

    #[test]
    fn a_deadline_in_the_name_server_is_ours() {
        let judged = judge(Failure::TimedOut, None);
        assert!(
            matches!(judged, Err(DeliverError::NameServerTimeout)),
            "{judged:?}"
        );
        let judged = judge(Failure::TimedOut, Some(Phase::Tls)).unwrap();
        assert_eq!(judged, ExchangeResult::TimedOut { phase: Phase::Tls });
    }
}
