//! One path of a receiver: how it answers, and what came in.

use anyhow::{Context as _, Result, bail};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use crate::payload;
use crate::quantiles::{Quantiles, Samples};
use crate::wire::Request;

/// One in so many requests fails on a flaky path.
const FLAKY: u64 = 50;

/// How a path answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Behaviour {
    #[default]
    Ok,
    Fail,
    Flaky,
    Hang,
}

impl Behaviour {
    pub(super) fn parse(text: &str) -> Result<Self> {
        Ok(match text {
            "ok" => Self::Ok,
            "fail" => Self::Fail,
            "flaky" => Self::Flaky,
            "hang" => Self::Hang,
            other => bail!("`{other}` is none of ok, fail, flaky, hang"),
        })
    }
}

/// What is sent back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    Ok,
    Fail,
    Never,
}

/// The state of one path.
#[derive(Default)]
pub(super) struct Lane {
    pub(super) behaviour: Behaviour,
    key: Option<hmac::Key>,
    requests: u64,
    answered_ok: u64,
    bad: u64,
    first_at: u64,
    last_at: u64,
    delays: Samples,
}

/// What is told about it.
#[derive(Serialize)]
pub(super) struct LaneReport {
    requests: u64,
    answered_ok: u64,
    bad: u64,
    first_at: u64,
    last_at: u64,
    delay: Option<Quantiles>,
}

impl Lane {
    /// Checks all signatures from now on.
    pub(super) fn set_secret(&mut self, secret: &str) -> Result<()> {
        let text = secret.strip_prefix("whsec_").unwrap_or(secret);
        let key = STANDARD.decode(text).context("the secret is not base64")?;
        self.key = Some(hmac::Key::new(hmac::HMAC_SHA256, &key));
        Ok(())
    }

    /// Forgets what came in, and keeps how to answer.
    pub(super) fn reset(&mut self) {
        *self = Self {
            behaviour: self.behaviour,
            key: self.key.take(),
            ..Self::default()
        };
    }

    /// Counts a request at `now` and says how to answer it.
    pub(super) fn take(&mut self, request: &Request<'_>, body: &[u8], now: u64) -> Reply {
        self.requests += 1;
        self.last_at = now;
        if self.requests == 1 {
            self.first_at = now;
        }
        if let Some(at) = payload::number_after(body, br#""at":"#) {
            self.delays.add(now.saturating_sub(at));
        }
        if let Some(key) = &self.key
            && !is_genuine(key, request, body)
        {
            self.bad += 1;
        }
        let reply = match self.behaviour {
            Behaviour::Ok => Reply::Ok,
            Behaviour::Flaky if !self.requests.is_multiple_of(FLAKY) => Reply::Ok,
            Behaviour::Flaky | Behaviour::Fail => Reply::Fail,
            Behaviour::Hang => Reply::Never,
        };
        self.answered_ok += u64::from(reply == Reply::Ok);
        reply
    }

    pub(super) fn report(&self) -> LaneReport {
        LaneReport {
            requests: self.requests,
            answered_ok: self.answered_ok,
            bad: self.bad,
            first_at: self.first_at,
            last_at: self.last_at,
            delay: self.delays.quantiles(),
        }
    }
}

/// Whether the signature fits and the payload is one that was published.
fn is_genuine(key: &hmac::Key, request: &Request<'_>, body: &[u8]) -> bool {
    let mut signed = Vec::with_capacity(body.len() + 80);
    for part in [request.id, ".", request.timestamp, "."] {
        signed.extend_from_slice(part.as_bytes());
    }
    signed.extend_from_slice(body);
    let fits = |signature: &str| {
        let tag = signature
            .strip_prefix("v1,")
            .and_then(|text| STANDARD.decode(text).ok());
        tag.is_some_and(|tag| hmac::verify(key, &signed, &tag).is_ok())
    };
    request.signature.split(' ').any(fits)
        && payload::marks(body).is_some_and(|marks| marks.are_whole(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body() -> Vec<u8> {
        let mut body = br#"{"data":"#.to_vec();
        payload::append(&mut body, 1, 1_000, 100);
        body.push(b'}');
        body
    }

    fn request<'a>(signature: &'a str, body: &[u8]) -> Request<'a> {
        Request {
            path: "/ok",
            id: "evt_1",
            timestamp: "5",
            signature,
            body: 0..body.len(),
        }
    }

    #[test]
    fn only_a_request_with_the_right_signature_is_genuine() {
        let body = body();
        let mut lane = Lane::default();
        let secret = STANDARD.encode([7; 24]);
        lane.set_secret(&format!("whsec_{secret}")).unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &[7; 24]);
        let signed = [b"evt_1.5.", &body[..]].concat();
        let tag = STANDARD.encode(hmac::sign(&key, &signed));
        lane.take(&request(&format!("v1a,x v1,{tag}"), &body), &body, 1_500);
        assert_eq!(lane.bad, 0);
        lane.take(&request("v1,AAAA", &body), &body, 1_500);
        assert_eq!((lane.bad, lane.requests), (1, 2));
    }

    #[test]
    fn a_flaky_path_fails_now_and_then() {
        let body = body();
        let mut lane = Lane {
            behaviour: Behaviour::Flaky,
            ..Lane::default()
        };
        let mut fails = 0;
        for _ in 0..100 {
            fails += usize::from(lane.take(&request("", &body), &body, 0) == Reply::Fail);
        }
        assert_eq!(fails, 2);
        assert_eq!(lane.answered_ok, 98);
    }

    #[test]
    fn the_delay_is_counted_from_the_time_in_the_payload() {
        let body = body();
        let mut lane = Lane::default();
        lane.take(&request("", &body), &body, 1_250);
        let text = serde_json::to_string(&lane.report()).unwrap();
        assert!(text.contains(r#""p50_us":250"#), "{text}");
        lane.reset();
        assert_eq!((lane.requests, lane.behaviour), (0, Behaviour::Ok));
    }
}
