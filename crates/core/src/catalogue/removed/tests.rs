//! What was removed is known until it is made again, also after a restart.

use super::*;
use crate::catalogue::{CategoryDefinition, StoredEntry};

const WARDS: &str = r#"{"code": "wards", "name": "Wards"}"#;
const BED_ASSIGNED: &str = r#"{
    "code": "bed.assigned", "category": "wards", "name": "Bed assigned",
    "versions": ["v1", "v2"],
    "samples": [{"version": "v1", "data": {}}, {"version": "v2", "data": {}}]
}"#;

fn wards() -> CategoryDefinition {
    serde_json::from_str(WARDS).unwrap()
}

fn bed_assigned() -> EventTypeDefinition {
    serde_json::from_str(BED_ASSIGNED).unwrap()
}

/// The built-in catalogue with `bed.assigned` in `wards`.
fn with_wards() -> Catalogue {
    let mut catalogue = Catalogue::built_in().clone();
    catalogue.add_category(wards()).unwrap();
    catalogue.add_event_type(bed_assigned()).unwrap();
    catalogue
}

/// The catalogue that a restart makes of this one.
fn restarted(catalogue: &Catalogue) -> Catalogue {
    let rows = catalogue.stored_entries().map(|entry| {
        let json = entry.to_json().unwrap();
        StoredEntry::from_json(entry.kind(), &json).unwrap()
    });
    let (read, left_out) = Catalogue::from_stored(rows);
    assert_eq!(left_out, []);
    assert_eq!(read, *catalogue);
    read
}

#[test]
fn an_event_type_that_was_removed_is_known_in_its_category_until_it_is_made_again() {
    let mut catalogue = with_wards();
    let bed = bed_assigned();
    let other = "queues".parse().unwrap();
    assert!(!catalogue.had_event_type(&bed.category, bed.id()));
    catalogue.remove_event_type(&bed.code).unwrap();
    let mut catalogue = restarted(&catalogue);
    assert!(catalogue.had_event_type(&bed.category, bed.id()));
    assert!(!catalogue.had_event_type(&other, bed.id()));
    catalogue.add_event_type(bed.clone()).unwrap();
    assert!(!restarted(&catalogue).had_event_type(&bed.category, bed.id()));
}

#[test]
fn a_category_that_was_removed_is_known_until_it_is_made_again() {
    let mut catalogue = with_wards();
    let bed = bed_assigned();
    catalogue.remove_event_type(&bed.code).unwrap();
    assert!(!catalogue.had_category(wards().id()));
    catalogue.remove_category(&wards().code).unwrap();
    let mut catalogue = restarted(&catalogue);
    assert!(catalogue.had_category(wards().id()));
    catalogue.add_category(wards()).unwrap();
    let catalogue = restarted(&catalogue);
    assert!(!catalogue.had_category(wards().id()));
    // A new category of the same code never had the event type.
    assert!(!catalogue.had_event_type(&bed.category, bed.id()));
}

#[test]
fn a_sample_that_was_removed_is_known_until_there_is_one_again() {
    let mut catalogue = with_wards();
    let whole = bed_assigned();
    let mut without = whole.clone();
    without.samples.pop();
    assert!(!catalogue.had_sample(&whole.code, "v2"));
    catalogue.change_event_type(without.clone()).unwrap();
    let mut catalogue = restarted(&catalogue);
    assert!(catalogue.had_sample(&whole.code, "v2"));
    assert!(!catalogue.had_sample(&whole.code, "v1"));
    assert!(!catalogue.had_sample(&whole.code, "v3"));
    catalogue.change_event_type(whole.clone()).unwrap();
    assert!(!restarted(&catalogue).had_sample(&whole.code, "v2"));
    // An event type that is made again never had it.
    catalogue.change_event_type(without.clone()).unwrap();
    catalogue.remove_event_type(&whole.code).unwrap();
    catalogue.add_event_type(without).unwrap();
    assert!(!restarted(&catalogue).had_sample(&whole.code, "v2"));
}

#[test]
fn a_removed_sample_of_a_built_in_event_type_is_known() {
    let code = "vitals.observations.created".parse().unwrap();
    let mut catalogue = Catalogue::built_in().clone();
    let mut without = catalogue.existing_event_type(&code).unwrap().clone();
    without.samples.pop();
    catalogue.change_event_type(without).unwrap();
    assert!(restarted(&catalogue).had_sample(&code, "v2"));
}

#[test]
fn a_catalogue_from_which_nothing_was_removed_stores_nothing_about_it() {
    let kinds: Vec<_> = with_wards().stored_entries().map(|e| e.kind()).collect();
    assert_eq!(kinds, ["category", "event_type"]);
}
