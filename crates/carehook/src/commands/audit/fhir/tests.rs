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

/// The entry in the trail of an organization whose number is 8.
fn exported(entry: AuditEntry) -> Value {
    let server = Server::of_this_machine(Some("hooks.example".to_owned()));
    let book = OwnedBook {
        organization: "northside".parse().unwrap(),
        incarnation: 8,
        book: AuditBook::Journal,
    };
    audit_event((&server, &book), &record(entry))
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
    let event = exported(entry);
    assert_eq!(event["meta"]["profile"][0], PROFILE);
    assert_eq!(event["type"]["code"], "110106");
    assert_eq!(event["subtype"][0]["code"], "disclose");
    assert_eq!(event["action"], "R");
    assert_eq!(event["outcome"], "0");
    assert_eq!(event["recorded"], "1970-01-01T00:00:00.000Z");
    let roles = [0, 1].map(|at| event["agent"][at]["type"]["coding"][0]["code"].clone());
    assert_eq!(roles, ["110153", "110152"]);
    // The profile asks for both networks.
    let networks = [0, 1].map(|at| event["agent"][at]["network"].clone());
    assert_eq!(
        networks[0],
        json!({"address": "hooks.example", "type": "1"})
    );
    assert_eq!(
        networks[1],
        json!({"address": "receiver.example", "type": "1"})
    );
    assert_eq!(event["source"]["observer"]["identifier"]["value"], "8");
    let patient = &event["entity"][0];
    assert_eq!(patient["role"]["code"], "1");
    assert_eq!(patient["what"]["identifier"]["value"], "ab".repeat(16));
    assert_eq!(event["entity"][1]["what"]["identifier"]["value"], "evt_1");
}

#[test]
fn who_was_signed_in_is_named_beside_the_actor() {
    let action = AuditAction::PayloadViewed;
    let entry = AuditEntry::new(Timestamp(0), "portal:7", action, "event/1".to_owned());
    let unnamed = exported(entry.clone());
    assert!(unnamed["agent"][0].get("name").is_none());
    let named = exported(entry.with(AuditEntry::ACTOR_NAME, "dr.k@clinic.example"));
    assert_eq!(named["agent"][0]["who"]["display"], "portal:7");
    assert_eq!(named["agent"][0]["name"], "dr.k@clinic.example");
    assert!(named["entity"][0].get("detail").is_none(), "said once");
}

#[test]
fn an_event_about_nobody_says_so() {
    let event = exported(disclosed());
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
            let event = exported(entry);
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

#[test]
fn an_address_is_no_name_of_a_machine() {
    for (host, address) in [("127.0.0.1", "127.0.0.1"), ("[2001:db8::7]", "2001:db8::7")] {
        let event = exported(disclosed().with("host", host));
        let network = &event["agent"][1]["network"];
        assert_eq!(*network, json!({"address": address, "type": "2"}));
    }
    let machine = Server::of_this_machine(None);
    assert!(!machine.name.is_empty());
}

#[test]
fn what_a_receiver_fetches_is_disclosed_to_it() {
    let action = AuditAction::PayloadFetched;
    let entry = AuditEntry::new(Timestamp(0), "key", action, "event/evt_1".to_owned());
    let mut entry = entry
        .with("endpoint", 7)
        .from_source(Some([192, 0, 2, 1].into()));
    entry.subject = Some([0xab; 16]);
    let event = exported(entry.clone());
    assert_eq!(event["meta"]["profile"][0], PROFILE);
    assert_eq!(event["type"]["code"], "110106");
    assert_eq!(event["agent"][1]["who"]["display"], "endpoint/7");
    assert_eq!(
        event["agent"][1]["network"],
        json!({"address": "192.0.2.1", "type": "2"})
    );
    assert_eq!(
        event["entity"][0]["what"]["identifier"]["value"],
        "ab".repeat(16)
    );
    assert_eq!(event["entity"][1]["what"]["identifier"]["value"], "evt_1");
    // Entries of older versions do not say to whom.
    entry.details.clear();
    let event = exported(entry);
    assert!(event["meta"].is_null());
    assert_eq!(event["type"]["code"], "110110");
}

#[test]
fn no_text_is_empty() {
    fn texts(value: &Value) -> Vec<&str> {
        match value {
            Value::String(text) => vec![text],
            Value::Array(items) => items.iter().flat_map(texts).collect(),
            Value::Object(fields) => fields.values().flat_map(texts).collect(),
            _ => Vec::new(),
        }
    }
    for action in AuditAction::ALL {
        let entry = AuditEntry::new(Timestamp(0), "operator", *action, String::new());
        let event = exported(
            entry
                .with("event", "e")
                .with("host", "h")
                .with("fields", ""),
        );
        if *action != AuditAction::EventDisclosed {
            assert!(texts(&event).iter().all(|text| !text.is_empty()), "{event}");
        }
    }
}
