//! Bodies and headers of every dialect, against the golden vectors and by example.

use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use serde_json::Value;

use super::*;
use crate::{EventBody, EventId, JsonText, Mode, RecordId, Secret, Secrets};

const VECTORS: &str = include_str!("../../data/vectors/signatures.json");
pub(super) const NOW: Timestamp = Timestamp(1_790_000_000_123);

fn vectors(name: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(VECTORS).unwrap();
    all.get(name).unwrap().as_array().unwrap().clone()
}

fn text<'a>(vector: &'a Value, field: &str) -> &'a str {
    vector.get(field).unwrap().as_str().unwrap()
}

pub(super) fn event(event_type: &str, data: &str, previous: Option<&str>) -> Event {
    let json = |text: &str| {
        let raw: Box<serde_json::value::RawValue> = serde_json::from_str(text).unwrap();
        JsonText::object(&raw).unwrap()
    };
    Event {
        id: EventId::Made(RecordId::new(1, 1, 1)),
        organization: "northside".parse().unwrap(),
        event_type: event_type.parse().unwrap(),
        version: "v1".into(),
        mode: Mode::Live,
        account: None,
        occurred_at: None,
        created_at: Timestamp(1_767_323_045_006),
        body: EventBody {
            data: json(data),
            previous: previous.map(json),
            subject: None,
            ordering_key: None,
        },
    }
}

fn rendered(dialect: Dialect, name: &str, event: &Event) -> String {
    let message = Message {
        event,
        name,
        sequence: 7,
        sent_at: NOW,
        payload: PayloadMode::Full,
        link: None,
    };
    String::from_utf8(dialect.render_body(&message).into()).unwrap()
}

#[test]
fn every_body_has_the_form_of_its_dialect() {
    let event = event(
        "patient.updated",
        r#"{ "n": 1.10, "z": "é\u00e9" }"#,
        Some(r#"{"n": 1E5}"#),
    );
    let cases = [
        (
            Dialect::Native,
            "patient.updated",
            concat!(
                r#"{"type":"patient.updated","timestamp":"2026-01-02T03:04:05.006Z","#,
                r#""data":{"n":1.10,"z":"é\u00e9"},"previous":{"n":1E5},"#,
                r#""organization_id":"northside","mode":"live","sequence":7}"#
            ),
        ),
        (
            Dialect::Jump,
            "patient.updated",
            concat!(
                r#"{"id":"evt_00000000000170008000000100000001","type":"patient.updated","#,
                r#""created_at":"2026-01-02T03:04:05.006Z","organization_id":"northside","#,
                r#""data":{"object":{"n":1.10,"z":"é\u00e9"},"previous":{"n":1E5}}}"#
            ),
        ),
        (
            Dialect::Decoda,
            "PATIENT_UPDATED",
            concat!(
                r#"{"id": "evt_00000000000170008000000100000001", "type": "PATIENT_UPDATED", "#,
                r#""data": {"n": 1.1, "z": "\u00e9\u00e9"}, "#,
                r#""createdDate": "2026-01-02T03:04:05.006Z", "alertId": null}"#
            ),
        ),
        (
            Dialect::Mycure,
            "medical-patients.updated",
            concat!(
                r#"{"id":"evt_00000000000170008000000100000001","#,
                r#""event":"medical-patients.updated","payload":{"n":1.10,"z":"é\u00e9"}}"#
            ),
        ),
        (
            Dialect::Ecg,
            "patient.updated",
            concat!(
                r#"{"eventType":"patient.updated","version":"v1","organizationId":"northside","#,
                r#""createdAt":1790000000123,"data":{"n":1.1,"z":"éé"}}"#
            ),
        ),
    ];
    for (dialect, name, expected) in cases {
        assert_eq!(rendered(dialect, name, &event), expected, "{dialect:?}");
    }
}

#[test]
fn what_did_not_change_and_pings_are_said_as_each_dialect_says_it() {
    let plain = event("patient.created", "{}", None);
    let jump = rendered(Dialect::Jump, "patient.created", &plain);
    assert!(jump.ends_with(r#""data":{"object":{},"previous":null}}"#));
    let ping = event("ping", "{}", None);
    let mycure = rendered(Dialect::Mycure, "ping", &ping);
    assert_eq!(
        mycure,
        r#"{"id":"evt_00000000000170008000000100000001","event":"ping"}"#
    );
}

#[test]
fn only_the_statuses_that_a_dialect_names_are_success() {
    for dialect in Dialect::ALL {
        let strict = matches!(dialect, Dialect::Decoda | Dialect::Mycure);
        for (status, lax) in [
            (200, true),
            (201, true),
            (204, true),
            (299, true),
            (302, false),
        ] {
            let expected = if strict { status == 200 } else { lax };
            assert_eq!(dialect.is_success(status), expected, "{dialect:?} {status}");
        }
        assert!(!dialect.is_success(500) && !dialect.is_success(199));
    }
    let seconds = [10, 60, 600, 3_600, 21_600];
    assert_eq!(Dialect::Jump.default_retry_policy().seconds(), seconds);
    assert_eq!(Dialect::Ecg.default_retry_policy(), RetryPolicy::native());
}

/// The headers of a delivery signed with secrets given newest first.
pub(super) fn headers(dialect: Dialect, secrets: &[&str], body: &str, at: Timestamp) -> HeaderMap {
    let (newest, older) = secrets.split_first().unwrap();
    let mut all = Secrets::first(Secret::new(*older.first().unwrap_or(newest)), Timestamp(0));
    if !older.is_empty() {
        let grace = Duration::from_hours(900_000);
        all = all.rotated(Secret::new(*newest), Timestamp(1), grace, Retired::Forget);
    }
    let envelope = Envelope {
        event_id: "evt_1",
        body: body.as_bytes(),
        sent_at: at,
        wall: at,
    };
    let signers = Signers::new(&all, dialect).unwrap();
    signed_headers(&HeaderMap::new(), &envelope, &signers)
}

#[test]
fn the_golden_vectors_of_the_dialects_own_signatures_hold() {
    for vector in vectors("jump") {
        let secrets: Vec<&str> = match vector.get("secrets_newest_first") {
            Some(list) => list
                .as_array()
                .unwrap()
                .iter()
                .map(|s| s.as_str().unwrap())
                .collect(),
            None => vec![text(&vector, "secret")],
        };
        let at = Timestamp(vector.get("timestamp").unwrap().as_i64().unwrap() * 1000);
        let found = headers(Dialect::Jump, &secrets, text(&vector, "body"), at);
        assert_eq!(
            found["x-webhook-signature"],
            text(&vector, "x_webhook_signature")
        );
        assert_eq!(found["x-webhook-timestamp"], at.seconds().to_string());
        assert_eq!(found["x-webhook-id"], "evt_1");
    }
    for vector in vectors("decoda") {
        let body = text(&vector, "dumps");
        let found = headers(Dialect::Decoda, &[text(&vector, "secret")], body, NOW);
        assert_eq!(found["decoda-signature"], text(&vector, "decoda_signature"));
    }
    for vector in vectors("ecg") {
        let at = Timestamp(vector.get("createdAt").unwrap().as_i64().unwrap());
        let body = text(&vector, "payload_compact");
        let found = headers(Dialect::Ecg, &[text(&vector, "secretKey")], body, at);
        assert_eq!(found["x-webhook-hash"], text(&vector, "hash"));
        assert_eq!(found["x-webhook-created-at"], at.0.to_string());
    }
}

#[test]
fn during_a_rotation_jump_has_both_signatures_and_one_value_headers_the_newest() {
    let (new, old) = ("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX", "old-secret-of-16");
    let both = headers(Dialect::Jump, &[new, old], "{}", NOW);
    let stamp = format!("{}.", NOW.seconds());
    let expected = [new, old].map(|s| crate::sign_text(&Secret::new(s), &stamp, b"{}"));
    assert_eq!(both["x-webhook-signature"], expected.join(" "));
    let newest = headers(Dialect::Decoda, &[new, old], "{}", NOW);
    let expected = crate::sign_text(&Secret::new(new), "", b"{}");
    assert_eq!(newest["decoda-signature"], expected);
    assert!(crate::verify_text(&Secret::new(new), "", b"{}", &expected));
    assert!(!crate::verify_text(&Secret::new(old), "", b"{}", &expected));
}

#[test]
fn every_dialect_carries_the_standard_webhooks_headers() {
    for dialect in Dialect::ALL {
        let found = headers(dialect, &["0123456789abcdef0123456789abcdef"], "{}", NOW);
        assert_eq!(found["webhook-id"], "evt_1", "{dialect:?}");
        assert_eq!(found["webhook-timestamp"], "1790000000", "{dialect:?}");
        let signature = found["webhook-signature"].to_str().unwrap();
        assert!(signature.starts_with("v1,"), "{dialect:?}");
    }
}

#[test]
fn our_headers_win_over_the_endpoints_own() {
    let secrets = Secrets::first(Secret::symmetric(&[1; 32]), NOW);
    let signers = Signers::new(&secrets, Dialect::Native).unwrap();
    let mut own = HeaderMap::new();
    own.insert("webhook-id", HeaderValue::from_static("forged"));
    own.insert("x-tenant", HeaderValue::from_static("a"));
    let envelope = Envelope {
        event_id: "evt_1",
        body: b"{}",
        sent_at: NOW,
        wall: NOW,
    };
    let headers = signed_headers(&own, &envelope, &signers);
    assert_eq!(headers["webhook-id"], "evt_1");
    assert_eq!(headers["x-tenant"], "a");
    assert_eq!(headers["content-type"], "application/json");
}

#[test]
fn what_each_dialect_sends_is_verified_and_what_was_changed_is_not() {
    let secret = "0123456789abcdef0123456789abcdef";
    let event = event("patient.created", r#"{"n":1E5,"name":"Zoë"}"#, None);
    for dialect in Dialect::ALL {
        let body = rendered(dialect, "patient.created", &event);
        let sent = headers(dialect, &[secret], &body, NOW);
        let check = |secret: &str, body: &str, now| {
            verify_received(dialect, &Secret::new(secret), &sent, body.as_bytes(), now)
        };
        assert_eq!(check(secret, &body, NOW), Ok(()), "{dialect:?}");
        let forged = body.replace("Zo", "Bo");
        assert!(check(secret, &forged, NOW).is_err(), "{dialect:?}");
        assert!(
            check("another-secret-of-16", &body, NOW).is_err(),
            "{dialect:?}"
        );
        let late = check(secret, &body, NOW.plus(Duration::from_secs(302)));
        // Decoda's header carries no time.
        assert_eq!(late.is_ok(), dialect == Dialect::Decoda, "{dialect:?}");
        let nothing = verify_received(
            dialect,
            &Secret::new(secret),
            &HeaderMap::new(),
            body.as_bytes(),
            NOW,
        );
        let missing = matches!(nothing, Err(ReceivedError::Missing(_)));
        assert!(missing, "{dialect:?} {nothing:?}");
    }
}

#[test]
fn a_delivery_says_when_it_was_signed_unless_it_is_of_decoda() {
    let secret = "0123456789abcdef0123456789abcdef";
    for dialect in Dialect::ALL {
        let sent = headers(dialect, &[secret], "{}", NOW);
        let expected = match dialect {
            Dialect::Native | Dialect::Jump | Dialect::Mycure => {
                Some(Timestamp(NOW.seconds() * 1_000))
            }
            Dialect::Decoda => None,
            Dialect::Ecg => Some(NOW),
        };
        assert_eq!(claimed_time(dialect, &sent), Ok(expected), "{dialect:?}");
        let nothing = claimed_time(dialect, &HeaderMap::new());
        assert_eq!(nothing.is_ok(), dialect == Dialect::Decoda, "{dialect:?}");
    }
    let mut odd = HeaderMap::new();
    odd.insert("x-webhook-created-at", HeaderValue::from_static("soon"));
    let error = claimed_time(Dialect::Ecg, &odd);
    assert_eq!(error, Err(ReceivedError::Time("x-webhook-created-at")));
}
