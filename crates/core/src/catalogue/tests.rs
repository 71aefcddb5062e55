//! Whether every name of every source reaches the event type that it should.

use super::*;

/// Jump's events as its API reference lists them, and the two that its key settings add.
const JUMP: &[&str] = &[
    "patient.created",
    "patient.updated",
    "patient.archived",
    "appointment.created",
    "appointment.updated",
    "appointment.cancelled",
    "appointment.completed",
    "appointment.no_show",
    "appointment.rescheduled",
    "questionnaire_response.created",
    "questionnaire_response.updated",
    "clinician_profile.updated",
    "clinician_profile.deactivated",
    "location.updated",
    "location.deactivated",
    "appointment_template.updated",
    "appointment_template.deactivated",
    "document.created",
    "document.updated",
    "test.ping",
];

/// Decoda's events as its API reference spells them, with the event types that each one reaches.
const DECODA: &[(&str, &[&str])] = &[
    ("PATIENT_CREATED", &["patient.created"]),
    ("PATIENT_UPDATED", &["patient.updated"]),
    ("APPOINTMENT_CANCELLED", &["appointment.cancelled"]),
    ("APPOINTMENT_RESCHEDULED", &["appointment.rescheduled"]),
    ("APPOINTMENT_REQUEST", &["appointment.requested"]),
    ("PAYMENT_CREATED", &["payment.created"]),
    ("PAYMENT_FAILED", &["payment.failed"]),
    ("PAYMENT_SUCCEEDED", &["payment.succeeded"]),
    ("CHARGE_CREATED", &["charge.created"]),
    ("REFUND_CREATED", &["refund.created"]),
    ("REFUND_FAILED", &["refund.failed"]),
    ("REFUND_SUCCEEDED", &["refund.succeeded"]),
    ("ADJUSTMENT_CREATED", &["adjustment.created"]),
    ("ADJUSTMENT_FAILED", &["adjustment.failed"]),
    ("ADJUSTMENT_SUCCEEDED", &["adjustment.succeeded"]),
    ("INVOICE_SENT", &["invoice.sent"]),
    ("INVOICE_FAILED", &["invoice.failed"]),
    ("CALL_RECIEVED", &["call.received"]),
    ("CALL_MADE", &["call.made"]),
    ("MESSAGE_RECIEVED", &["message.received"]),
    ("MESSAGE_SENT", &["message.sent"]),
    ("MESSAGE_DELIVERED", &["message.delivered"]),
    ("MESSAGE_FAILED", &["message.failed"]),
    ("EMAIL_RECIEVED", &["email.received"]),
    ("EMAIL_SENT", &["email.sent"]),
    (
        "FORM_SUBMITTED",
        &["form.submitted", "questionnaire_response.created"],
    ),
    ("MAIL_SENT", &["mail.sent"]),
    ("MAIL_DELIVERY_FAILED", &["mail.delivery_failed"]),
];

/// The right spelling of what Decoda's reference misspells.
const DECODA_RESPELLED: &[(&str, &[&str])] = &[
    ("CALL_RECEIVED", &["call.received"]),
    ("MESSAGE_RECEIVED", &["message.received"]),
    ("EMAIL_RECEIVED", &["email.received"]),
];

const MYCURE_SERVICES: &[&str] = &[
    "organizations",
    "accounts",
    "medical-patients",
    "medical-encounters",
    "medical-records",
    "appointments",
    "billing-invoices",
    "billing-payments",
    "queue-items",
];

/// MYCURE's names for what the catalogue has under another code as well.
const MYCURE_MAPPED: &[(&str, &[&str])] = &[
    ("medical-patients.created", &["patient.created"]),
    ("medical-patients.updated", &["patient.updated"]),
    ("appointments.created", &["appointment.created"]),
    ("appointments.updated", &["appointment.updated"]),
    (
        "billing-payments.created",
        &["billing-payments.created", "payment.created"],
    ),
];

/// What other sources tell about the things of MYCURE's services, named by its rule as well, so
/// that a subscription to the service gets it.
const MYCURE_TWINS: &[(&str, &str)] = &[
    ("appointments.cancelled", "appointment.cancelled"),
    ("appointments.completed", "appointment.completed"),
    ("appointments.no_show", "appointment.no_show"),
    ("appointments.rescheduled", "appointment.rescheduled"),
    ("appointments.requested", "appointment.requested"),
    ("medical-patients.archived", "patient.archived"),
    ("billing-payments.succeeded", "payment.succeeded"),
    ("billing-payments.failed", "payment.failed"),
    ("billing-invoices.sent", "invoice.sent"),
    ("billing-invoices.failed", "invoice.failed"),
];

const ECG: &[&str] = &[
    "vitals.observations.created",
    "ack",
    "nack",
    "phone-log",
    "vitals-observation",
];

const OPERATIONAL: &[&str] = &[
    "endpoint.failing",
    "endpoint.disabled",
    "endpoint.recovered",
    "delivery.exhausted",
];

fn code(text: &str) -> EventType {
    text.parse().unwrap()
}

fn pattern(text: &str) -> Pattern {
    text.parse().unwrap()
}

fn known(text: &str) -> &'static EventTypeDefinition {
    Catalogue::built_in()
        .event_type(&code(text))
        .unwrap_or_else(|| panic!("{text} is missing"))
}

/// The codes, sorted, of the event types with the name `wire` among those that `names` picks.
fn reached(wire: &str, names: impl Fn(&WireNames) -> &Vec<String>) -> Vec<&'static str> {
    Catalogue::built_in()
        .event_types()
        .filter(|definition| {
            names(&definition.wire_names)
                .iter()
                .any(|name| name == wire)
        })
        .map(|definition| definition.code.as_str())
        .collect()
}

fn count(names: impl Fn(&WireNames) -> &Vec<String>) -> usize {
    let types = Catalogue::built_in().event_types();
    types
        .map(|definition| names(&definition.wire_names).len())
        .sum()
}

#[test]
fn every_name_of_jump_is_its_own_event_type() {
    for name in JUMP {
        assert_eq!(reached(name, |wire| &wire.jump), [*name]);
    }
    assert_eq!(count(|wire| &wire.jump), JUMP.len());
}

#[test]
fn every_name_of_decoda_reaches_its_event_types_in_both_spellings() {
    assert_eq!(DECODA.len(), 28);
    for (name, codes) in DECODA.iter().chain(DECODA_RESPELLED) {
        assert_eq!(reached(name, |wire| &wire.decoda), *codes, "{name}");
    }
    let pairs = DECODA.iter().chain(DECODA_RESPELLED);
    let expected: usize = pairs.map(|(_, codes)| codes.len()).sum();
    assert_eq!(count(|wire| &wire.decoda), expected);
}

#[test]
fn the_sources_spelling_comes_first() {
    for name in ["call.received", "message.received", "email.received"] {
        let first = known(name).wire_names.decoda.first().unwrap();
        assert!(first.ends_with("_RECIEVED"), "{first}");
    }
}

#[test]
fn every_method_of_mycures_services_reaches_an_event_type() {
    for service in MYCURE_SERVICES {
        for method in ["created", "updated", "removed"] {
            let name = format!("{service}.{method}");
            let mapped = MYCURE_MAPPED.iter().find(|(wire, _)| *wire == name);
            let expected = mapped.map_or(vec![name.as_str()], |(_, codes)| codes.to_vec());
            assert_eq!(reached(&name, |wire| &wire.mycure), expected, "{name}");
        }
    }
    assert_eq!(reached("ping", |wire| &wire.mycure), ["ping"]);
    for (name, code) in MYCURE_TWINS {
        assert_eq!(reached(name, |wire| &wire.mycure), [*code]);
    }
    // 9 services with 3 methods, `ping`, and the second meaning of `billing-payments.created`.
    let expected = 9 * 3 + 1 + 1 + MYCURE_TWINS.len();
    assert_eq!(count(|wire| &wire.mycure), expected);
}

#[test]
fn what_ecg_names_and_what_carehook_reports_is_there() {
    for name in ECG {
        assert_eq!(reached(name, |wire| &wire.ecg), [*name]);
    }
    assert_eq!(count(|wire| &wire.ecg), ECG.len());
    for name in OPERATIONAL {
        assert_eq!(known(name).wire_names, WireNames::default());
        assert_eq!(known(name).category.as_str(), "operations");
    }
}

#[test]
fn only_vital_signs_have_a_second_version() {
    for definition in Catalogue::built_in().event_types() {
        let expected: &[&str] = match definition.code.as_str() {
            "vitals.observations.created" => &["v1", "v2"],
            _ => &["v1"],
        };
        assert_eq!(definition.versions, expected, "{}", definition.code);
        assert_eq!(definition.default_version(), "v1");
        assert!(!definition.has_version("v3"));
    }
}

#[test]
fn patterns_are_known_when_they_can_match() {
    let catalogue = Catalogue::built_in();
    for text in [
        "*",
        "patient.*",
        "vitals.*",
        "patient.created",
        "medical-records.*",
    ] {
        assert!(catalogue.matches_any(&pattern(text)), "{text}");
    }
    for text in ["patients.*", "patient.exploded", "patient", "ping.*"] {
        assert!(!catalogue.matches_any(&pattern(text)), "{text}");
    }
    let matching: Vec<_> = catalogue
        .matching(&pattern("patient.*"))
        .map(|definition| definition.code.as_str())
        .collect();
    assert_eq!(
        matching,
        ["patient.archived", "patient.created", "patient.updated"]
    );
    let everything = catalogue.matching(&pattern("*")).count();
    assert_eq!(everything, catalogue.event_types().count());
}

#[test]
fn an_entry_out_of_use_is_closed_and_so_is_what_its_category_holds() {
    let mut catalogue = Catalogue::built_in().clone();
    let edit = Edit {
        by: "ana",
        at: crate::Timestamp(1),
    };
    let reason = |catalogue: &Catalogue, text: &str| {
        let definition = catalogue.event_type(&code(text)).unwrap();
        let refused = catalogue.check_open(definition).err();
        refused.map(|error| error.to_string())
    };
    assert_eq!(reason(&catalogue, "document.created"), None);

    let mut created = known("document.created").clone();
    created.status.set_active(false, edit);
    catalogue.change_event_type(created.clone()).unwrap();
    let inactive = "the event type `document.created` is inactive";
    assert_eq!(
        reason(&catalogue, "document.created").as_deref(),
        Some(inactive)
    );
    assert!(!catalogue.matches_open(&pattern("document.created")));
    assert!(catalogue.matches_any(&pattern("document.created")));
    assert!(catalogue.matches_open(&pattern("document.*")));

    let documents = "documents".parse().unwrap();
    let mut category = catalogue.category(&documents).unwrap().clone();
    category.status.set_archived(true, edit);
    catalogue.change_category(category).unwrap();
    let archived = "the category `documents` is archived";
    assert_eq!(
        reason(&catalogue, "document.updated").as_deref(),
        Some(archived)
    );
    assert!(!catalogue.matches_open(&pattern("document.*")));
    assert!(catalogue.matches_open(&pattern("*")));
}

#[test]
fn names_are_the_words_of_the_code_unless_there_is_another() {
    for (of, name) in [
        ("vitals.observations.created", "Vitals observations created"),
        ("appointment.no_show", "Appointment no show"),
        ("phone-log", "Phone log"),
    ] {
        assert_eq!(known(of).name, name);
    }
}

#[test]
fn lookups_find_entries_by_code_and_by_category() {
    let catalogue = Catalogue::built_in();
    assert!(catalogue.knows(&code("ping")));
    assert!(!catalogue.knows(&code("pong")));
    assert!(catalogue.event_type(&code("pong")).is_none());
    let ping = known("ping");
    assert_eq!(catalogue.event_type_by_id(ping.id()), Some(ping));
    assert!(
        catalogue
            .event_type_by_id(EventTypeId::of(&code("pong")))
            .is_none()
    );
    let documents = "documents".parse().unwrap();
    let category = catalogue.category(&documents).unwrap();
    assert_eq!(category.name, "Documents");
    assert_eq!(catalogue.category_by_id(category.id()), Some(category));
    let codes: Vec<_> = catalogue
        .event_types_in(&documents)
        .map(|definition| definition.code.as_str())
        .collect();
    assert_eq!(codes, ["document.created", "document.updated"]);
    assert!(catalogue.category(&"nothing".parse().unwrap()).is_none());
}
