//! A disclosure has what the profile asks for; everything else is an `AuditEvent` of R4.

use carehook_core::{AuditBook, AuditId, ChainHash, Timestamp};

use super::*;

fn record(entry: AuditEntry) -> AuditRecord {
    AuditRecord {
        id: AuditId {
            book: AuditBook::Journal,
            number: 1,
        },
        entry,
        hash: ChainHash([7; 32]),
        previous_hash: ChainHash([6; 32]),
    }
}

fn northside() -> OrganizationId {
    "northside".parse().unwrap()
}

fn disclosed() -> AuditEntry {
    let object = "endpoint/7".to_owned();
    let action = AuditAction::EventDisclosed;
    let entry = AuditEntry::new(Timestamp(0), AuditEntry::SYSTEM, action, object);
    entry
        .with("event", "evt_1")
        .with("host", "receiver.example")
}

#[test]
fn a_disclosure_has_source_recipient_and_patient() {
    let mut entry = disclosed();
    entry.subject = Some([0xab; 16]);
    let event = audit_event(&northside(), &record(entry));
    assert_eq!(event["meta"]["profile"][0], PROFILE);
    assert_eq!(event["type"]["code"], "110106");
    assert_eq!(event["subtype"][0]["code"], "disclose");
    assert_eq!(event["action"], "R");
    assert_eq!(event["outcome"], "0");
    assert_eq!(event["recorded"], "1970-01-01T00:00:00.000Z");
    let roles = [0, 1].map(|at| event["agent"][at]["type"]["coding"][0]["code"].clone());
    assert_eq!(roles, ["110153", "110152"]);
    assert_eq!(event["agent"][1]["network"]["address"], "receiver.example");
    let patient = &event["entity"][0];
    assert_eq!(patient["role"]["code"], "1");
    assert_eq!(patient["what"]["identifier"]["value"], "ab".repeat(16));
    assert_eq!(event["entity"][1]["what"]["identifier"]["value"], "evt_1");
}

#[test]
fn an_event_about_nobody_says_so() {
    let event = audit_event(&northside(), &record(disclosed()));
    let what = &event["entity"][0]["what"];
    assert_eq!(what["display"], "not named by the publisher");
}

#[test]
fn every_action_and_outcome_has_codes_of_the_standard() {
    for action in AuditAction::ALL {
        for outcome in AuditOutcome::ALL {
            let mut entry = AuditEntry::new(Timestamp(0), "operator", *action, "x/1".to_owned());
            entry.outcome = *outcome;
            entry.source = Some([192, 0, 2, 1].into());
            let event = audit_event(&northside(), &record(entry));
            assert_eq!(event["resourceType"], "AuditEvent");
            let action = event["action"].as_str().unwrap();
            assert!(["C", "R", "U", "D", "E"].contains(&action));
            assert!(["0", "4", "8"].contains(&event["outcome"].as_str().unwrap()));
            // What R4 asks of every one.
            for required in ["type", "recorded", "agent", "source"] {
                assert!(!event[required].is_null(), "{required} of {event}");
            }
            assert!(event["agent"][0]["requestor"].is_boolean());
            assert!(event["id"].as_str().unwrap().len() <= 64);
        }
    }
}
