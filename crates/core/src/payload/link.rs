//! Links from which a receiver fetches the payload that its delivery has left out.
//!
//! A link is a claim with a seal: which delivery it stands for, until when, and HMAC-SHA256 over
//! that. It holds ids only, and it opens nothing by itself: who follows it needs a key too. The same
//! attempt always has the same link, so that what was sent can be rendered again.

use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::{Endpoint, EndpointId, Event, EventId, OrganizationId, RecordId, Timestamp};

/// The first byte of a token: what follows it has the form that is read here.
const FORM: u8 = 1;
const SEAL_BYTES: usize = 32;
/// Longer texts are no tokens of ours: two ids of the longest kind, and some numbers.
const MAX_CHARS: usize = 400;

/// What a link stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayloadClaim {
    /// Whose event it is.
    pub organization: OrganizationId,
    /// The event.
    pub event: EventId,
    /// The endpoint that got the link.
    pub endpoint: EndpointId,
    /// The event's place among the deliveries of the endpoint.
    pub sequence: u64,
    /// When the attempt that carried the link started.
    pub sent_at: Timestamp,
    /// From when on the link is worth nothing.
    pub expires_at: Timestamp,
}

/// Why a link does not lead to a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PayloadLinkError {
    /// It was not made here, or was changed.
    #[error("is not a link that was made here")]
    Unknown,
    /// Its time is over.
    #[error("has expired")]
    Expired,
}

/// Makes and reads the links of an installation.
#[derive(Clone)]
pub struct PayloadLinks {
    key: hmac::Key,
    base: Box<str>,
}

impl PayloadLinks {
    /// How long a link is good for, unless the payload's retention ends before.
    pub const LIFETIME: Duration = Duration::from_hours(7 * 24);
    /// Where links lead, below the server's public URL.
    pub const PATH: &'static str = "/v1/payloads/";

    /// Takes the key of the installation, and the URL under which receivers reach the server.
    pub fn new(key: &[u8; 32], base: &str) -> Self {
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, key),
            base: base.trim_end_matches('/').into(),
        }
    }

    /// The link of an attempt; `None` when the endpoint's deliveries carry none.
    pub fn of_attempt(
        &self,
        endpoint: &Endpoint,
        event: &Event,
        (sequence, sent_at): (u64, Timestamp),
    ) -> Option<String> {
        endpoint.payload.has_link().then(|| {
            self.link(&PayloadClaim {
                organization: event.organization.clone(),
                event: event.id.clone(),
                endpoint: endpoint.id,
                sequence,
                sent_at,
                expires_at: sent_at.plus(Self::LIFETIME),
            })
        })
    }

    /// The URL that stands for a claim.
    pub fn link(&self, claim: &PayloadClaim) -> String {
        let mut token = written(claim);
        let seal = hmac::sign(&self.key, &token);
        token.extend_from_slice(seal.as_ref());
        let token = URL_SAFE_NO_PAD.encode(token);
        format!("{}{}{token}", self.base, Self::PATH)
    }

    /// Reads the last part of a link; the seal is compared in constant time.
    pub fn read(&self, token: &str, now: Timestamp) -> Result<PayloadClaim, PayloadLinkError> {
        let claim = self.sealed(token).ok_or(PayloadLinkError::Unknown)?;
        if now >= claim.expires_at {
            return Err(PayloadLinkError::Expired);
        }
        Ok(claim)
    }

    fn sealed(&self, token: &str) -> Option<PayloadClaim> {
        if token.len() > MAX_CHARS {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (claim, seal) = bytes.split_at_checked(bytes.len().checked_sub(SEAL_BYTES)?)?;
        hmac::verify(&self.key, claim, seal).ok()?;
        claimed(claim)
    }
}

/// Form, times, sequence, endpoint, the organization with its length before it, the event.
fn written(claim: &PayloadClaim) -> Vec<u8> {
    let PayloadClaim {
        organization,
        event,
        endpoint,
        sequence,
        sent_at,
        expires_at,
    } = claim;
    let organization = organization.as_str().as_bytes();
    let length = u8::try_from(organization.len()).expect("an organization's id is short");
    let mut bytes = Vec::with_capacity(160);
    bytes.push(FORM);
    bytes.extend_from_slice(&sent_at.0.to_be_bytes());
    bytes.extend_from_slice(&expires_at.0.to_be_bytes());
    bytes.extend_from_slice(&sequence.to_be_bytes());
    bytes.extend_from_slice(&endpoint.0.to_bytes());
    bytes.push(length);
    bytes.extend_from_slice(organization);
    bytes.extend_from_slice(event.to_string().as_bytes());
    bytes
}

/// Reads what [`written`] wrote.
fn claimed(bytes: &[u8]) -> Option<PayloadClaim> {
    let (&FORM, rest) = bytes.split_first()? else {
        return None;
    };
    let (sent_at, rest) = rest.split_first_chunk::<8>()?;
    let (expires_at, rest) = rest.split_first_chunk::<8>()?;
    let (sequence, rest) = rest.split_first_chunk::<8>()?;
    let (endpoint, rest) = rest.split_first_chunk::<16>()?;
    let (&length, rest) = rest.split_first()?;
    let (organization, event) = rest.split_at_checked(usize::from(length))?;
    Some(PayloadClaim {
        organization: std::str::from_utf8(organization).ok()?.parse().ok()?,
        event: std::str::from_utf8(event).ok()?.parse().ok()?,
        endpoint: EndpointId(RecordId::from_bytes(*endpoint)),
        sequence: u64::from_be_bytes(*sequence),
        sent_at: Timestamp(i64::from_be_bytes(*sent_at)),
        expires_at: Timestamp(i64::from_be_bytes(*expires_at)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_790_000_000_123);

    fn claim(event: &str) -> PayloadClaim {
        PayloadClaim {
            organization: "northside".parse().unwrap(),
            event: event.parse().unwrap(),
            endpoint: EndpointId(RecordId::new(1, 2, 3)),
            sequence: 7,
            sent_at: NOW,
            expires_at: NOW.plus(PayloadLinks::LIFETIME),
        }
    }

    fn token(link: &str) -> &str {
        let base = "https://hooks.example.com/v1/payloads/";
        link.strip_prefix(base).unwrap()
    }

    #[test]
    fn a_link_gives_back_its_claim_until_it_expires() {
        let links = PayloadLinks::new(&[1; 32], "https://hooks.example.com/");
        let longest = "x".repeat(EventId::MAX_LEN);
        for event in ["evt_00000000000170008000000100000001", "a", &longest] {
            let mut claim = claim(event);
            claim.organization = "o".repeat(OrganizationId::MAX_LEN).parse().unwrap();
            let link = links.link(&claim);
            assert_eq!(links.link(&claim), link, "the same claim, the same link");
            assert_eq!(links.read(token(&link), NOW), Ok(claim.clone()));
            let last = Timestamp(claim.expires_at.0 - 1);
            assert_eq!(links.read(token(&link), last), Ok(claim.clone()));
            let late = links.read(token(&link), claim.expires_at);
            assert_eq!(late, Err(PayloadLinkError::Expired));
        }
    }

    #[test]
    fn a_link_that_was_changed_or_made_elsewhere_is_unknown() {
        let links = PayloadLinks::new(&[1; 32], "https://hooks.example.com");
        let elsewhere = PayloadLinks::new(&[2; 32], "https://hooks.example.com");
        let unknown = Err(PayloadLinkError::Unknown);
        let link = links.link(&claim("evt_1"));
        assert_eq!(elsewhere.read(token(&link), NOW), unknown);
        let bytes = URL_SAFE_NO_PAD.decode(token(&link)).unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let changed = URL_SAFE_NO_PAD.encode(changed);
            assert_eq!(links.read(&changed, NOW), unknown, "byte {at}");
            let cut = URL_SAFE_NO_PAD.encode(&bytes[..at]);
            assert_eq!(links.read(&cut, NOW), unknown, "{at} bytes");
        }
        for text in ["", "a", "=", "ü", &"A".repeat(MAX_CHARS + 1)] {
            assert_eq!(links.read(text, NOW), unknown, "{text}");
        }
    }
}
