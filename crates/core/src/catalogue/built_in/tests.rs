//! Whether the embedded data is complete and has the form that it should have.

mod synthetic;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Map, Value};

use super::*;

const PATIENT: &[&str] = &[
    "id",
    "first_name",
    "last_name",
    "preferred_name",
    "date_of_birth",
    "biological_sex",
    "nhs_number",
    "email",
    "phone",
    "postcode",
    "status",
    "consent_sms",
    "consent_email",
    "created_at",
    "updated_at",
];

const APPOINTMENT: &[&str] = &[
    "id",
    "patient_id",
    "clinician_profile_id",
    "appointment_type_id",
    "location_id",
    "title",
    "start_time",
    "end_time",
    "status",
    "is_remote",
    "video_link",
    "duration_minutes",
    "booking_source",
];

const CANCELLED_APPOINTMENT: &[&str] = &[
    "id",
    "patient_id",
    "clinician_profile_id",
    "appointment_type_id",
    "location_id",
    "title",
    "start_time",
    "end_time",
    "status",
    "is_remote",
    "video_link",
    "duration_minutes",
    "booking_source",
    "cancellation_reason",
];

const QUESTIONNAIRE: &[&str] = &[
    "id",
    "questionnaire_id",
    "patient_id",
    "submitted_at",
    "status",
];

const ENCOUNTER: &[&str] = &[
    "id",
    "facility",
    "patient",
    "type",
    "encounterType",
    "doctors",
    "services",
    "tags",
    "queueNumber",
    "createdAt",
    "finishedAt",
];

const VITALS: &[&str] = &[
    "subscriberId",
    "organizationId",
    "deviceId",
    "measuredAt",
    "vitals",
];

const PAYMENT: &[&str] = &[
    "id",
    "amount",
    "currency",
    "fee",
    "status",
    "paymentMedium",
    "patientId",
    "paymentMethodId",
    "createdDate",
];

const MESSAGE: &[&str] = &[
    "id",
    "patient_id",
    "channel",
    "direction",
    "started_at",
    "duration_seconds",
    "outcome",
];

const DOCUMENT: &[&str] = &[
    "id",
    "patient_id",
    "document_type",
    "title",
    "mime_type",
    "file_size",
    "uploaded_by",
];

type Row = (
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

/// Type, version, fields of the payload, fields of the thin form.
const SAMPLE_FIELDS: &[Row] = &[
    ("patient.created", "v1", PATIENT, &["id"]),
    ("patient.updated", "v1", PATIENT, &["id", "changed_fields"]),
    (
        "appointment.created",
        "v1",
        APPOINTMENT,
        &["id", "patient_id"],
    ),
    (
        "appointment.cancelled",
        "v1",
        CANCELLED_APPOINTMENT,
        &["id", "patient_id"],
    ),
    (
        "questionnaire_response.created",
        "v1",
        QUESTIONNAIRE,
        &["id"],
    ),
    ("medical-encounters.created", "v1", ENCOUNTER, &["id"]),
    ("vitals.observations.created", "v1", VITALS, &["id"]),
    ("vitals.observations.created", "v2", VITALS, &["id"]),
    ("payment.succeeded", "v1", PAYMENT, &["id"]),
    ("message.sent", "v1", MESSAGE, &["id"]),
    ("document.created", "v1", DOCUMENT, &["id"]),
];

fn object(text: &JsonText) -> Map<String, Value> {
    serde_json::from_slice(text.bytes()).unwrap()
}

fn names(object: &Map<String, Value>) -> BTreeSet<&str> {
    object.keys().map(String::as_str).collect()
}

fn sample(event_type: &str) -> &'static SampleEvent {
    let found = sample_events()
        .iter()
        .find(|event| event.event_type.as_str() == event_type);
    found.unwrap_or_else(|| panic!("no sample of {event_type}"))
}

fn text(object: &Map<String, Value>, field: &str) -> String {
    let value = object.get(field).and_then(Value::as_str);
    value
        .unwrap_or_else(|| panic!("{field} is not text"))
        .to_owned()
}

#[test]
fn codes_are_unique_and_categories_exist() {
    let entries: Entries = serde_json::from_str(ENTRIES).unwrap();
    let catalogue = catalogue();
    assert_eq!(catalogue.categories().count(), entries.categories.len());
    assert_eq!(catalogue.event_types().count(), entries.event_types.len());
    for definition in catalogue.event_types() {
        assert!(definition.built_in, "{definition:?}");
        assert!(
            catalogue.category(&definition.category).is_some(),
            "{definition:?}"
        );
    }
    for category in catalogue.categories() {
        assert!(category.built_in, "{category:?}");
        assert!(
            catalogue.event_types_in(&category.code).next().is_some(),
            "{category:?}"
        );
    }
}

#[test]
fn built_in_entries_obey_the_rules_for_an_operators() {
    let entries: Entries = serde_json::from_str(ENTRIES).unwrap();
    let mut empty = Catalogue {
        categories: BTreeMap::new(),
        event_types: BTreeMap::new(),
        removed: BTreeSet::new(),
    };
    for category in entries.categories {
        assert!(!category.description.is_empty(), "{category:?}");
        empty.add_category(category).unwrap();
    }
    for mut definition in entries.event_types {
        assert!(definition.description.ends_with('.'), "{definition:?}");
        let built_in = catalogue().event_type(&definition.code).unwrap();
        definition.name.clone_from(&built_in.name);
        definition.samples.clone_from(&built_in.samples);
        empty.add_event_type(definition).unwrap();
    }
}

#[test]
fn every_file_of_samples_is_a_sample_of_a_known_type_and_version() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/samples");
    let files: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    let events = || sample_events().iter().chain(example_events());
    let named: BTreeSet<String> = events()
        .map(|event| format!("{}.{}.json", event.event_type, event.version))
        .collect();
    assert_eq!(files, named);
    for event in events() {
        let definition = catalogue().event_type(&event.event_type).unwrap();
        let payload = definition.sample(&event.version).unwrap();
        assert!(payload.data == event.data && payload.previous == event.previous);
        assert!(payload.thin.as_ref() == Some(&event.thin));
    }
    let attached = catalogue()
        .event_types()
        .map(|definition| definition.samples.len());
    assert_eq!(attached.sum::<usize>(), events().count());
}

#[test]
fn the_examples_are_ecgs_four_and_name_nobody() {
    let codes: Vec<_> = example_events()
        .iter()
        .map(|event| event.event_type.as_str())
        .collect();
    assert_eq!(codes, ["ack", "nack", "phone-log", "vitals-observation"]);
    for event in example_events() {
        let id = object(&event.thin);
        assert_eq!(names(&id), BTreeSet::from(["id"]));
        assert!(uuid::Uuid::try_parse(&text(&id, "id")).is_ok());
        let data = std::str::from_utf8(event.data.bytes()).unwrap();
        assert!(!data.contains('@') && !data.contains("phone"), "{data}");
    }
    let vitals = object(&example_events().last().unwrap().data);
    let expected: BTreeSet<&str> = VITALS.iter().copied().collect();
    assert_eq!(names(&vitals), expected);
}

#[test]
fn the_catalogue_has_versions_in_the_order_of_their_release() {
    let versions = versions();
    assert_eq!(versions.first().unwrap().version, "2026.11");
    assert!(versions.is_sorted_by_key(|version| version.released_at));
    let made = Audit::BUILT_IN_AT;
    assert!(versions.iter().all(|version| version.released_at > made));
}

#[test]
fn samples_have_exactly_the_fields_of_their_kind() {
    assert_eq!(sample_events().len(), SAMPLE_FIELDS.len());
    for (event, (event_type, version, data, thin)) in sample_events().iter().zip(SAMPLE_FIELDS) {
        assert_eq!(event.event_type.as_str(), *event_type);
        assert_eq!(event.version, *version);
        let expected: BTreeSet<&str> = data.iter().copied().collect();
        assert_eq!(names(&object(&event.data)), expected, "{event_type}");
        let expected: BTreeSet<&str> = thin.iter().copied().collect();
        assert_eq!(names(&object(&event.thin)), expected, "{event_type}");
    }
}

#[test]
fn payloads_are_compact() {
    for event in sample_events() {
        let compact = std::str::from_utf8(event.data.bytes()).unwrap();
        assert!(!compact.contains('\n'), "{compact}");
        assert!(compact.contains("\":"), "{compact}");
    }
}

#[test]
fn thin_forms_repeat_ids_and_nothing_else() {
    for event in sample_events() {
        let data = object(&event.data);
        for (field, value) in &object(&event.thin) {
            if field == "changed_fields" {
                assert!(event.previous.is_some());
            } else if let Some(full) = data.get(field) {
                assert_eq!(value, full, "{}.{field}", event.event_type);
            } else {
                // An observation has no id among its fields: the thin form names the whole set.
                assert_eq!(event.event_type.as_str(), "vitals.observations.created");
                assert!(uuid::Uuid::try_parse(value.as_str().unwrap()).is_ok());
            }
        }
    }
}

#[test]
fn only_an_update_tells_what_was_before() {
    let created = object(&sample("patient.created").data);
    let updated = sample("patient.updated");
    let after = object(&updated.data);
    let previous = object(updated.previous.as_ref().unwrap());

    let mut before = after.clone();
    before.extend(previous.clone());
    assert_eq!(
        before, created,
        "undoing the update gives the patient as created"
    );
    for (field, value) in &previous {
        assert_ne!(Some(value), after.get(field), "{field} did not change");
    }
    let thin = object(&updated.thin);
    let changed = thin
        .get("changed_fields")
        .and_then(Value::as_array)
        .unwrap();
    let changed: BTreeSet<&str> = changed.iter().map(|name| name.as_str().unwrap()).collect();
    assert_eq!(changed, names(&previous));

    for event in sample_events() {
        let updates = event.event_type == updated.event_type;
        assert_eq!(event.previous.is_some(), updates, "{}", event.event_type);
    }
}

#[test]
fn vital_signs_are_six_measurements_with_units() {
    let units = [
        ("sys", "mmHg"),
        ("dia", "mmHg"),
        ("pulse", "bpm"),
        ("spo2", "%"),
        ("weight", "kg"),
        ("temp", "°C"),
    ];
    for version in ["v1", "v2"] {
        let definition = catalogue()
            .event_type(&"vitals.observations.created".parse().unwrap())
            .unwrap();
        let data = object(&definition.sample(version).unwrap().data);
        let vitals = data.get("vitals").and_then(Value::as_array).unwrap();
        let measured: Vec<_> = vitals
            .iter()
            .map(|vital| {
                let vital = vital.as_object().unwrap();
                assert_eq!(names(vital), BTreeSet::from(["code", "value", "unit"]));
                assert!(vital.get("value").is_some_and(Value::is_number));
                (text(vital, "code"), text(vital, "unit"))
            })
            .collect();
        let expected = units.map(|(code, unit)| (code.to_owned(), unit.to_owned()));
        assert_eq!(measured, expected);
    }
}

#[test]
fn money_is_in_minor_units_and_encounters_in_epoch_milliseconds() {
    let payment = object(&sample("payment.succeeded").data);
    assert!(payment.get("amount").is_some_and(Value::is_u64));
    assert!(payment.get("fee").is_some_and(Value::is_u64));
    let encounter = object(&sample("medical-encounters.created").data);
    let created_at = encounter.get("createdAt").and_then(Value::as_i64).unwrap();
    assert!((1_700_000_000_000..1_900_000_000_000).contains(&created_at));
    for list in ["doctors", "services", "tags"] {
        assert!(encounter.get(list).is_some_and(Value::is_array), "{list}");
    }
    let kind = text(&encounter, "type");
    assert!(
        ["inpatient", "outpatient", "er"].contains(&kind.as_str()),
        "{kind}"
    );
    let visit = text(&encounter, "encounterType");
    assert!(["new", "follow-up"].contains(&visit.as_str()), "{visit}");
}
