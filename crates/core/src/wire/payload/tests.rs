//! What each mode leaves of an event, in every dialect.

use super::*;
use crate::wire::tests::{NOW, event, headers};
use crate::{Dialect, Event, verify_received};

const LINK: &str = "https://hooks.example.com/v1/payloads/AQ-_";
const DATA: &str = r#"{"id":"pat_1","clinicId":7,"name":"Canary Zoë","mrn_id":"no space here",
    "visit_uuid":"3d1","nested":{"id":"x"},"email_id":"a@b.example","list_id":[1],"valid":true,
    "big_id":-12,"float_id":1.5,"_id":"m1"}"#;
const PREVIOUS: &str = r#"{"name":"Old Canary","address":{"id":"y"}}"#;

fn rendered(dialect: Dialect, name: &str, event: &Event, payload: PayloadMode) -> String {
    let message = Message {
        event,
        name,
        sequence: 7,
        sent_at: NOW,
        payload,
        link: payload.has_link().then_some(LINK),
    };
    String::from_utf8(dialect.render_body(&message).into()).unwrap()
}

#[test]
fn every_dialect_has_its_own_envelope_around_what_each_mode_leaves() {
    let event = event(
        "patient.updated",
        r#"{"id":"p1","n":1.10,"note":"é"}"#,
        Some(r#"{"note":"è","n":2}"#),
    );
    let id = "evt_00000000000170008000000100000001";
    let thin = format!(r#"{{"id":"p1","changed":["note","n"],"payload_url":"{LINK}"}}"#);
    let id_only = format!(r#"{{"event_id":"{id}","payload_url":"{LINK}"}}"#);
    for (mode, part) in [
        (PayloadMode::Thin, thin.as_str()),
        (PayloadMode::IdOnly, &id_only),
        (PayloadMode::Empty, "{}"),
    ] {
        let python = part.replace(r#"","#, r#"", "#).replace("],", "], ");
        let python = python.replace(r#"":"#, r#"": "#);
        let bodies = [
            (
                Dialect::Native,
                "patient.updated",
                format!(
                    r#"{{"type":"patient.updated","timestamp":"2026-01-02T03:04:05.006Z","data":{part},"organization_id":"northside","mode":"live","sequence":7}}"#
                ),
            ),
            (
                Dialect::Jump,
                "patient.updated",
                format!(
                    r#"{{"id":"{id}","type":"patient.updated","created_at":"2026-01-02T03:04:05.006Z","organization_id":"northside","data":{{"object":{part},"previous":null}}}}"#
                ),
            ),
            (
                Dialect::Decoda,
                "PATIENT_UPDATED",
                format!(
                    r#"{{"id": "{id}", "type": "PATIENT_UPDATED", "data": {python}, "createdDate": "2026-01-02T03:04:05.006Z", "alertId": null}}"#
                ),
            ),
            (
                Dialect::Mycure,
                "medical-patients.updated",
                format!(r#"{{"id":"{id}","event":"medical-patients.updated","payload":{part}}}"#),
            ),
            (
                Dialect::Ecg,
                "patient.updated",
                format!(
                    r#"{{"eventType":"patient.updated","version":"v1","organizationId":"northside","createdAt":1790000000123,"data":{part}}}"#
                ),
            ),
        ];
        for (dialect, name, expected) in bodies {
            let found = rendered(dialect, name, &event, mode);
            assert_eq!(found, expected, "{dialect:?} {mode:?}");
        }
    }
}

#[test]
fn only_what_can_be_an_id_is_left_in_a_thin_payload() {
    let event = event("patient.updated", DATA, Some(PREVIOUS));
    let part = thin(&event.body, Some(LINK));
    let expected = format!(
        r#"{{"id":"pat_1","clinicId":7,"visit_uuid":"3d1","big_id":-12,"_id":"m1","changed":["name","address"],"payload_url":"{LINK}"}}"#
    );
    assert_eq!(String::from_utf8(part).unwrap(), expected);
    let created = self::event("patient.created", "{}", None);
    assert_eq!(thin(&created.body, None), br#"{"changed":null}"#);
}

#[test]
fn a_name_is_id_like_by_its_end() {
    for name in [
        "id",
        "_id",
        "uuid",
        "patient_id",
        "patientId",
        "a1Id",
        "visit_uuid",
    ] {
        assert!(is_id_name(name), "{name}");
    }
    for name in [
        "",
        "paid",
        "Id",
        "ID",
        "NHSId",
        "idea",
        "patient_ids",
        "patient",
    ] {
        assert!(!is_id_name(name), "{name}");
    }
}

#[test]
fn no_mode_but_the_full_one_shows_a_value_that_is_no_id_and_all_are_verified() {
    let secret = "0123456789abcdef0123456789abcdef";
    let event = event("patient.updated", DATA, Some(PREVIOUS));
    for dialect in Dialect::ALL {
        for mode in PayloadMode::ALL {
            let name = dialect.own_name(&event.event_type);
            let body = rendered(dialect, &name, &event, mode);
            serde_json::from_str::<serde_json::Value>(&body).unwrap();
            let shows = body.contains("Canary");
            assert_eq!(shows, mode == PayloadMode::Full, "{dialect:?} {mode:?}");
            assert_eq!(body.contains(LINK), mode.has_link(), "{dialect:?} {mode:?}");
            let ids = body.contains("pat_1");
            assert_eq!(ids, mode.shows_data(), "{dialect:?} {mode:?}");
            let sent = headers(dialect, &[secret], &body, NOW);
            let secret = crate::Secret::new(secret);
            let verified = verify_received(dialect, &secret, &sent, body.as_bytes(), NOW);
            assert_eq!(verified, Ok(()), "{dialect:?} {mode:?}");
        }
    }
}
