//! Deliveries as the server sends them, at a fixed time and with fixed secrets.

use std::collections::BTreeMap;

use carehook_core::{
    Dialect, Envelope, Event, EventBody, EventId, JsonText, Limits, Message, Mode, PayloadMode,
    RecordId, Secret, Secrets, Signers, Timestamp, signed_headers,
};
use http::HeaderMap;
use serde_json::value::RawValue;

/// When all of them are sent: 2026-09-21T14:13:20.123Z.
pub(super) const SENT_AT: Timestamp = Timestamp(1_790_000_000_123);

/// What a delivery tells.
#[derive(Clone, Copy)]
pub(super) struct Content {
    pub(super) event_type: &'static str,
    pub(super) data: &'static str,
    pub(super) previous: Option<&'static str>,
}

/// A signed request.
#[derive(Clone)]
pub(super) struct Delivery {
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: String,
}

/// Three secrets in the form of the dialect: the present one, the one before, and a stranger's.
pub(super) fn secrets(dialect: Dialect) -> [&'static str; 3] {
    match dialect {
        Dialect::Native | Dialect::Jump | Dialect::Mycure => [
            "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
            "whsec_ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=",
            "whsec_QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl8=",
        ],
        Dialect::Decoda => [
            "000102030405060708090a0b0c0d0e0f",
            "101112131415161718191a1b1c1d1e1f",
            "202122232425262728292a2b2c2d2e2f",
        ],
        Dialect::Ecg => ["ecg-secret-new", "ecg-secret-old", "ecg-secret-foreign"],
    }
}

/// The header with the signature that the dialect's page tells to check.
pub(super) fn signature_header(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Native | Dialect::Mycure => "webhook-signature",
        Dialect::Jump => "x-webhook-signature",
        Dialect::Decoda => "decoda-signature",
        Dialect::Ecg => "x-webhook-hash",
    }
}

/// The header with the signed time, if there is one.
pub(super) fn time_header(dialect: Dialect) -> Option<&'static str> {
    match dialect {
        Dialect::Native | Dialect::Mycure => Some("webhook-timestamp"),
        Dialect::Jump => Some("x-webhook-timestamp"),
        Dialect::Decoda => None,
        Dialect::Ecg => Some("x-webhook-created-at"),
    }
}

/// Renders and signs a delivery with secrets given newest first, replaced one minute ago.
pub(super) fn deliver(dialect: Dialect, content: Content, newest_first: &[&str]) -> Delivery {
    let event = event(content);
    let name = name_in(dialect, content.event_type);
    let body = dialect.render_body(&Message {
        event: &event,
        name,
        sequence: 7,
        sent_at: SENT_AT,
        payload: PayloadMode::Full,
        link: None,
    });
    let envelope = Envelope {
        event_id: &event.id.to_string(),
        body: &body,
        sent_at: SENT_AT,
        wall: SENT_AT,
    };
    let signers = Signers::new(&rotated(dialect, newest_first), dialect).unwrap();
    let headers = signed_headers(&HeaderMap::new(), &envelope, &signers);
    let text = |value: &http::HeaderValue| value.to_str().unwrap().to_owned();
    Delivery {
        headers: headers
            .iter()
            .map(|(name, value)| (name.to_string(), text(value)))
            .collect(),
        body: String::from_utf8(body.into()).unwrap(),
    }
}

fn rotated(dialect: Dialect, newest_first: &[&str]) -> Secrets {
    let mut oldest_first = newest_first.iter().rev().map(|text| Secret::new(*text));
    let secrets = Secrets::first(oldest_first.next().unwrap(), Timestamp(0));
    let a_minute_ago = SENT_AT.0 - 60_000;
    oldest_first.fold(secrets, |secrets, newer| {
        let grace = Limits::ROTATION_GRACE;
        secrets.rotated(
            newer,
            Timestamp(a_minute_ago),
            grace,
            dialect.retired_secrets(),
        )
    })
}

fn event(content: Content) -> Event {
    let json = |text: &str| {
        let raw: Box<RawValue> = serde_json::from_str(text).unwrap();
        JsonText::object(&raw).unwrap()
    };
    let accepted_at = Timestamp(SENT_AT.0 - 2_000);
    Event {
        id: EventId::Made(RecordId::new(accepted_at.0, 1, 1)),
        organization: "northside".parse().unwrap(),
        event_type: content.event_type.parse().unwrap(),
        version: "v1".into(),
        mode: Mode::Live,
        account: None,
        occurred_at: None,
        created_at: accepted_at,
        body: EventBody {
            data: json(content.data),
            previous: content.previous.map(json),
            subject: None,
            ordering_key: None,
        },
    }
}

/// What the dialect's subscribers call the event types that occur here.
fn name_in(dialect: Dialect, event_type: &'static str) -> &'static str {
    match (dialect, event_type) {
        (Dialect::Decoda, "patient.updated") => "PATIENT_UPDATED",
        (Dialect::Decoda, "test.ping") => "TEST_PING",
        (Dialect::Mycure, "patient.updated") => "medical-patients.updated",
        (_, name) => name,
    }
}
