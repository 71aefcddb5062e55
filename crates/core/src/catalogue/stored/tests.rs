//! What is read back is what was stored, also by a program whose built-in entries differ.

use super::*;
use crate::catalogue::{Audit, Edit};
use crate::{JsonText, Timestamp};

const EDIT: Edit<'static> = Edit {
    by: "ana",
    at: Timestamp(1_800_000_000_000),
};

fn vitals() -> EventTypeDefinition {
    let code = "vitals.observations.created".parse().unwrap();
    Catalogue::built_in().event_type(&code).unwrap().clone()
}

fn sample(version: &str, json: &str) -> SamplePayload {
    let raw = serde_json::from_str(json).unwrap();
    SamplePayload {
        version: version.to_owned(),
        data: JsonText::object(raw).unwrap(),
        previous: None,
        thin: None,
        audit: Audit::made(EDIT),
    }
}

/// The catalogue that a restart makes of this one.
fn restarted(catalogue: &Catalogue) -> Catalogue {
    let rows = catalogue.stored_entries().map(|entry| {
        let json = entry.to_json().unwrap();
        let read = StoredEntry::from_json(entry.kind(), &json).unwrap();
        assert_eq!(read, entry);
        read
    });
    let (read, left_out) = Catalogue::from_stored(rows);
    assert_eq!(left_out, []);
    read
}

#[test]
fn an_untouched_catalogue_stores_nothing() {
    assert_eq!(Catalogue::built_in().stored_entries().count(), 0);
}

#[test]
fn every_change_of_a_built_in_entry_survives_a_restart() {
    let mut catalogue = Catalogue::built_in().clone();
    let mut changed = vitals();
    changed.name = "Vital signs".to_owned();
    changed.samples = vec![sample("v2", r#"{"mine":true}"#)];
    changed.status.set_active(false, EDIT);
    catalogue.change_event_type(changed.clone()).unwrap();
    let mut category = catalogue
        .existing_category(&changed.category)
        .unwrap()
        .clone();
    category.description = String::new();
    category.status.set_archived(true, EDIT);
    catalogue.change_category(category.clone()).unwrap();

    let read = restarted(&catalogue);
    assert_eq!(read, catalogue);
    assert_eq!(read.event_type(&changed.code), Some(&changed));
    assert_eq!(read.category(&category.code), Some(&category));
}

#[test]
fn only_differences_are_stored_so_that_a_newer_program_wins() {
    let mut catalogue = Catalogue::built_in().clone();
    let mut changed = vitals();
    changed.samples.pop();
    changed.status.audit.change(EDIT);
    catalogue.change_event_type(changed).unwrap();
    let stored: Vec<_> = catalogue.stored_entries().collect();
    let json = stored.first().unwrap().to_json().unwrap();
    for fixed in ["wire_names", "category", "versions", "description", "name"] {
        assert!(!json.contains(&format!("\"{fixed}\":")), "{json}");
    }
    assert!(json.contains(r#""removed_samples":["v2"]"#), "{json}");
    assert!(!json.contains("\"samples\""), "{json}");
}

#[test]
fn a_change_of_what_is_no_longer_there_is_left_out() {
    let overlay = |json: &str| StoredEntry::from_json(EVENT_TYPE_OVERLAY, json).unwrap();
    let status = serde_json::to_string(&EntryStatus::default()).unwrap();
    let gone = overlay(&format!(r#"{{"code":"no.more","status":{status}}}"#));
    let sample = serde_json::to_string(&sample("v9", "{}")).unwrap();
    let no_version = overlay(&format!(
        r#"{{"code":"ping","name":"Knock","samples":[{sample}],"status":{status}}}"#
    ));
    let (catalogue, left_out) = Catalogue::from_stored([gone, no_version]);
    assert_eq!(left_out.len(), 1);
    assert_eq!(
        left_out.first().unwrap().to_string(),
        "there is no event type `no.more`"
    );
    let ping = catalogue.event_type(&"ping".parse().unwrap()).unwrap();
    assert_eq!(ping.name, "Knock");
    assert!(ping.samples.is_empty());
}

#[test]
fn entries_stored_by_the_first_release_are_read() {
    let old = [
        ("category", r#"{"code":"wards","name":"Wards"}"#),
        (
            "event_type",
            r#"{"code":"bed.assigned","category":"wards","description":"","versions":["v1"],
                "wire_names":{},"samples":[{"version":"v1","data":{}}]}"#,
        ),
    ];
    let entries = old.map(|(kind, json)| StoredEntry::from_json(kind, json).unwrap());
    let (catalogue, left_out) = Catalogue::from_stored(entries);
    assert_eq!(left_out, []);
    let read = catalogue
        .event_type(&"bed.assigned".parse().unwrap())
        .unwrap();
    assert_eq!(read.name, "Bed assigned");
    assert_eq!(read.status, EntryStatus::default());
    assert!(StoredEntry::from_json("something", "{}").is_none());
}
