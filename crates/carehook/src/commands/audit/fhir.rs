//! Entries as FHIR R4 `AuditEvents`: disclosures after IHE BALP `PrivacyDisclosure.Source`, which asks
//! for a source, a recipient and a patient; everything else as a plain `AuditEvent`.

use carehook_core::{AuditAction, AuditEntry, AuditOutcome, OrganizationId};
use carehook_store::AuditRecord;
use serde_json::{Value, json};

use super::ndjson::hex;

const PROFILE: &str =
    "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PrivacyDisclosure.Source";
const DICOM: &str = "http://dicom.nema.org/resources/ontology/DCM";
const LIFECYCLE: &str = "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle";
const ENTITY_TYPE: &str = "http://terminology.hl7.org/CodeSystem/audit-entity-type";
const ROLE: &str = "http://terminology.hl7.org/CodeSystem/object-role";
/// Systems of what only Carehook knows.
const ACTION: &str = "urn:carehook:audit-action";
const SUBJECT: &str = "urn:carehook:subject-hash";
const EVENT: &str = "urn:carehook:event";
const OBJECT: &str = "urn:carehook:object";

/// An entry as an `AuditEvent`.
pub(super) fn audit_event(organization: &OrganizationId, record: &AuditRecord) -> Value {
    let entry = &record.entry;
    let mut event = match entry.action {
        AuditAction::EventDisclosed => disclosure(entry),
        _ => other(entry),
    };
    let more = json!({
        "resourceType": "AuditEvent",
        // An id of FHIR has at most 64 characters; the hash names the entry everywhere.
        "id": record.hash.to_string(),
        "recorded": entry.at,
        "outcome": outcome(entry.outcome),
        "outcomeDesc": entry.outcome.as_str(),
        "source": {
            "site": organization.as_str(),
            "observer": {"display": "Carehook"},
            "type": [{
                "system": "http://terminology.hl7.org/CodeSystem/security-source-type",
                "code": "4",
                "display": "Application Server",
            }],
        },
    });
    if let (Some(event), Value::Object(more)) = (event.as_object_mut(), more) {
        event.extend(more);
    }
    event
}

/// `AuditEvent.outcome`: 0 success, 4 minor failure, 8 serious failure.
fn outcome(outcome: AuditOutcome) -> &'static str {
    match outcome {
        AuditOutcome::Success => "0",
        AuditOutcome::Refused => "4",
        AuditOutcome::Failed => "8",
    }
}

fn disclosure(entry: &AuditEntry) -> Value {
    let detail = |name: &str| entry.details.get(name).cloned().unwrap_or_default();
    let (event, event_type, host) = (detail("event"), detail("event_type"), detail("host"));
    json!({
        "meta": {"profile": [PROFILE]},
        "type": coding(DICOM, "110106", "Export"),
        "subtype": [coding(LIFECYCLE, "disclose", "Disclose Record Lifecycle Event")],
        "action": "R",
        "agent": [
            {
                "type": {"coding": [coding(DICOM, "110153", "Source Role ID")]},
                "who": {"display": "Carehook"},
                "requestor": true,
            },
            {
                "type": {"coding": [coding(DICOM, "110152", "Destination Role ID")]},
                "who": {"display": entry.object},
                "requestor": false,
                // A machine's name (audit event network type 1).
                "network": {"address": host, "type": "1"},
            },
        ],
        "entity": [patient(entry), {
            "what": {"identifier": {"system": EVENT, "value": event}, "display": event_type},
            "type": coding(ENTITY_TYPE, "2", "System Object"),
            "role": coding(ROLE, "3", "Report"),
            "detail": details(entry),
        }],
    })
}

/// The profile asks for a patient. An event that names no subject is about nobody that we know of.
fn patient(entry: &AuditEntry) -> Value {
    let what = match &entry.subject {
        Some(subject) => json!({"identifier": {"system": SUBJECT, "value": hex(subject)}}),
        None => json!({"display": "not named by the publisher"}),
    };
    json!({
        "what": what,
        "type": coding(ENTITY_TYPE, "1", "Person"),
        "role": coding(ROLE, "1", "Patient"),
    })
}

fn other(entry: &AuditEntry) -> Value {
    let mut agent = json!({"who": {"display": entry.actor}, "requestor": true});
    if let Some(source) = entry.source {
        // An IP address (audit event network type 2).
        agent["network"] = json!({"address": source.to_string(), "type": "2"});
    }
    let mut object = json!({
        "what": {"identifier": {"system": OBJECT, "value": entry.object}},
        "type": coding(ENTITY_TYPE, "2", "System Object"),
    });
    if !entry.details.is_empty() {
        object["detail"] = details(entry);
    }
    let mut entities = vec![object];
    if entry.subject.is_some() {
        entities.push(patient(entry));
    }
    let (kind, action) = kind(entry.action);
    json!({
        "type": kind,
        "subtype": [coding(ACTION, entry.action.as_str(), entry.action.as_str())],
        "action": action,
        "agent": [agent],
        "entity": entities,
    })
}

/// The DICOM code that fits best, and what was done (C, R, U, D or E).
fn kind(action: AuditAction) -> (Value, &'static str) {
    let of = |code, display, done| (coding(DICOM, code, display), done);
    match action {
        AuditAction::OrganizationCreated
        | AuditAction::EndpointCreated
        | AuditAction::ApiKeyCreated
        | AuditAction::OperatorKeyCreated => of("110129", "Security Configuration", "C"),
        AuditAction::OrganizationDeleted | AuditAction::EndpointDeleted => {
            of("110129", "Security Configuration", "D")
        }
        AuditAction::OrganizationChanged
        | AuditAction::EndpointChanged
        | AuditAction::EndpointDisabled
        | AuditAction::MasterKeyRotated
        | AuditAction::SecretRotated
        | AuditAction::ApiKeyRevoked
        | AuditAction::OperatorKeyRevoked
        | AuditAction::CatalogueChanged => of("110129", "Security Configuration", "U"),
        AuditAction::SecretViewed => of("110129", "Security Configuration", "R"),
        AuditAction::PayloadViewed | AuditAction::PayloadFetched => {
            of("110110", "Patient Record", "R")
        }
        AuditAction::ErasureRequested | AuditAction::ErasureCompleted => {
            of("110110", "Patient Record", "D")
        }
        AuditAction::AuditViewed => of("110101", "Audit Log Used", "R"),
        AuditAction::PortalLinkCreated => of("110129", "Security Configuration", "C"),
        AuditAction::PasswordSet => of("110129", "Security Configuration", "U"),
        AuditAction::SignedIn | AuditAction::SignInRefused | AuditAction::SessionEnded => {
            of("110114", "User Authentication", "E")
        }
        AuditAction::AccessRefused => of("110113", "Security Alert", "E"),
        AuditAction::EventDisclosed => of("110106", "Export", "R"),
        AuditAction::EndpointTested
        | AuditAction::DeliveryRetried
        | AuditAction::DeliveryCancelled
        | AuditAction::ReplayStarted
        | AuditAction::ReplayStopped => of("110100", "Application Activity", "E"),
    }
}

fn details(entry: &AuditEntry) -> Value {
    let detail = |(name, value): (&String, &String)| json!({"type": name, "valueString": value});
    entry.details.iter().map(detail).collect()
}

fn coding(system: &str, code: &str, display: &str) -> Value {
    json!({"system": system, "code": code, "display": display})
}

#[cfg(test)]
mod tests;
