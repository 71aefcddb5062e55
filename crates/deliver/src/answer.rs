//! Reads what is kept of an answer: its status, when to come back, the first bytes of its body.
//!
//! The status decides about an attempt and the body is only for people, so a body that is too long,
//! too slow or broken never turns a success into a failure. It is kept as it was sent, never
//! decompressed.

use std::time::{Duration, UNIX_EPOCH};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Response, header};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use tokio::time::{Instant, timeout_at};

/// Reading more of a body than this would only serve the receiver's curiosity.
const MAX_READ_BYTES: usize = 16 * 1024;
const MAX_KEPT_BYTES: usize = 4 * 1024;
/// How long after its head the rest of an answer may take.
const BODY_TIME: Duration = Duration::from_secs(2);

/// When a receiver asks to be tried again (RFC 9110, 10.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    After(Duration),
    /// Seconds since the Unix epoch.
    At(i64),
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<RetryAfter>,
    pub(crate) body: Bytes,
    /// All of it was read, so the connection can take another request.
    pub(crate) complete: bool,
    /// How long the receiver keeps the idle connection, when it says so.
    pub(crate) idle_limit: Option<Duration>,
}

/// Reads the rest of an answer, within the deadline and the bounds above.
pub(crate) async fn read(response: Response<Incoming>, deadline: Instant) -> Answer {
    let (head, mut incoming) = response.into_parts();
    let mut body = Kept::default();
    let complete = if incoming.is_end_stream() {
        true
    } else {
        let ends = deadline.min(Instant::now() + BODY_TIME);
        timeout_at(ends, body.fill(&mut incoming))
            .await
            .unwrap_or(false)
    };
    Answer {
        status: head.status.as_u16(),
        retry_after: head.headers.get(header::RETRY_AFTER).and_then(retry_after),
        body: body.bytes.freeze(),
        complete,
        idle_limit: idle_limit(&head.headers),
    }
}

/// The beginning of a body, copied so that it does not hold on to the read buffer.
#[derive(Default)]
struct Kept {
    bytes: BytesMut,
}

impl Kept {
    /// Reads until the end (true), the bound or an error (false).
    async fn fill(&mut self, incoming: &mut Incoming) -> bool {
        let mut read = 0;
        while let Some(frame) = incoming.frame().await {
            let Ok(frame) = frame else { return false };
            let Ok(data) = frame.into_data() else {
                continue;
            };
            let room = MAX_KEPT_BYTES - self.bytes.len();
            self.bytes.extend_from_slice(&data[..data.len().min(room)]);
            read += data.len();
            if read > MAX_READ_BYTES {
                return false;
            }
        }
        true
    }
}

fn retry_after(value: &HeaderValue) -> Option<RetryAfter> {
    let text = value.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        // More digits than fit mean "very late", which the caller bounds anyway.
        let seconds = text.parse::<u32>().unwrap_or(u32::MAX);
        return Some(RetryAfter::After(Duration::from_secs(seconds.into())));
    }
    let at = httpdate::parse_http_date(text).ok()?;
    let seconds = at.duration_since(UNIX_EPOCH).ok()?.as_secs();
    i64::try_from(seconds).ok().map(RetryAfter::At)
}

/// Reads `keep-alive: timeout=N`; one second less avoids meeting the receiver's close half way.
fn idle_limit(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get("keep-alive")?.to_str().ok()?;
    let seconds = value
        .split(',')
        .find_map(|part| part.trim().strip_prefix("timeout="))?;
    let seconds = seconds.parse::<u32>().ok()?;
    Some(Duration::from_secs(seconds.saturating_sub(1).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<RetryAfter>) {
        assert_eq!(
            retry_after(&HeaderValue::from_str(text).unwrap()),
            expected,
            "{text:?}"
        );
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        check("90", Some(RetryAfter::After(Duration::from_secs(90))));
        check(" 0 ", Some(RetryAfter::After(Duration::ZERO)));
        check(
            "Wed, 21 Oct 2015 07:28:00 GMT",
            Some(RetryAfter::At(1_445_412_480)),
        );
        check(
            "99999999999999999999",
            Some(RetryAfter::After(Duration::from_secs(4_294_967_295))),
        );
    }

    #[test]
    fn anything_else_in_retry_after_is_ignored() {
        for text in [
            "",
            "-1",
            "1.5",
            "soon",
            "+5",
            "Wed, 21 Oct 1015 07:28:00 GMT",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn a_receiver_can_shorten_the_idle_time() {
        let mut headers = HeaderMap::new();
        assert_eq!(idle_limit(&headers), None);
        headers.insert("keep-alive", HeaderValue::from_static("max=100, timeout=5"));
        assert_eq!(idle_limit(&headers), Some(Duration::from_secs(4)));
        headers.insert("keep-alive", HeaderValue::from_static("timeout=0"));
        assert_eq!(idle_limit(&headers), Some(Duration::ZERO));
    }
}
