//! Entries as FHIR R4 `AuditEvents`: disclosures after IHE BALP `PrivacyDisclosure.Source`, which asks
//! for a source, a recipient and a patient; everything else as a plain `AuditEvent`.

use std::net::IpAddr;

use carehook_core::{AuditAction, AuditEntry, AuditOutcome};
use carehook_store::{AuditRecord, OwnedBook};
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
const INCARNATION: &str = "urn:carehook:organization-number";
const OBJECT: &str = "urn:carehook:object";

/// The server that has sent what was disclosed.
pub(super) struct Server {
    name: String,
}

impl Server {
    /// Called by this name, or by that of the machine.
    pub(super) fn of_this_machine(name: Option<String>) -> Self {
        let machine = || {
            rustix::system::uname()
                .nodename()
                .to_string_lossy()
                .into_owned()
        };
        let name = name.unwrap_or_else(machine);
        // What has no name still has that of every machine to itself.
        let name = if name.is_empty() {
            "localhost".to_owned()
        } else {
            name
        };
        Self { name }
    }
}

/// An entry as an `AuditEvent`.
pub(super) fn audit_event((server, book): (&Server, &OwnedBook), record: &AuditRecord) -> Value {
    let entry = &record.entry;
    let mut event = match (entry.action, entry.source, entry.details.get("endpoint")) {
        (AuditAction::EventDisclosed, ..) => disclosure(server, entry, &Sent::pushed(entry)),
        // What a receiver fetches has left just as what was sent to it.
        (AuditAction::PayloadFetched, Some(from), Some(to)) => {
            disclosure(server, entry, &Sent::fetched(entry, from, to))
        }
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
            "site": book.organization.as_str(),
            "observer": {
                "identifier": {"system": INCARNATION, "value": book.incarnation.to_string()},
                "display": "Carehook",
            },
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

/// What was disclosed to whom.
struct Sent {
    event: String,
    event_type: String,
    recipient: String,
    address: String,
}

impl Sent {
    fn pushed(entry: &AuditEntry) -> Self {
        let detail = |name: &str| entry.details.get(name).cloned().unwrap_or_default();
        Self {
            event: detail("event"),
            event_type: detail("event_type"),
            recipient: entry.object.clone(),
            address: detail("host"),
        }
    }

    fn fetched(entry: &AuditEntry, from: IpAddr, to: &str) -> Self {
        let event = entry.object.strip_prefix("event/").unwrap_or(&entry.object);
        Self {
            event: event.to_owned(),
            event_type: entry.details.get("event_type").cloned().unwrap_or_default(),
            recipient: format!("endpoint/{to}"),
            address: from.to_string(),
        }
    }
}

fn disclosure(server: &Server, entry: &AuditEntry, sent: &Sent) -> Value {
    let mut what = json!({"identifier": {"system": EVENT, "value": sent.event}});
    if !sent.event_type.is_empty() {
        what["display"] = json!(sent.event_type);
    }
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
                "network": network(&server.name),
            },
            {
                "type": {"coding": [coding(DICOM, "110152", "Destination Role ID")]},
                "who": {"display": sent.recipient},
                "requestor": false,
                "network": network(&sent.address),
            },
        ],
        "entity": [patient(entry), {
            "what": what,
            "type": coding(ENTITY_TYPE, "2", "System Object"),
            "role": coding(ROLE, "3", "Report"),
            "detail": details(entry),
        }],
    })
}

/// `AuditEvent.agent.network`: of type 2 where it is an IP address, otherwise 1, a machine's name.
fn network(host: &str) -> Value {
    // URLs have brackets around addresses of version 6.
    let bare = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let address = bare.unwrap_or(host);
    let kind = if address.parse::<IpAddr>().is_ok() {
        "2"
    } else {
        "1"
    };
    json!({"address": address, "type": kind})
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
    if let Some(name) = entry.actor_name() {
        agent["name"] = json!(name);
    }
    if let Some(source) = entry.source {
        agent["network"] = network(&source.to_string());
    }
    // FHIR knows no empty texts.
    let what = match entry.object.as_str() {
        "" => json!({"display": entry.action.as_str()}),
        object => json!({"identifier": {"system": OBJECT, "value": object}}),
    };
    let mut object = json!({
        "what": what,
        "type": coding(ENTITY_TYPE, "2", "System Object"),
    });
    let said = details(entry);
    if !said.is_empty() {
        object["detail"] = said.into();
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
        | AuditAction::OperatorKeyCreated
        | AuditAction::PortalLinkCreated
        | AuditAction::PasswordLinkCreated => of("110129", "Security Configuration", "C"),
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
        | AuditAction::PasswordSet
        | AuditAction::CatalogueChanged => of("110129", "Security Configuration", "U"),
        AuditAction::SecretViewed => of("110129", "Security Configuration", "R"),
        AuditAction::PayloadViewed | AuditAction::PayloadFetched => {
            of("110110", "Patient Record", "R")
        }
        AuditAction::ErasureRequested | AuditAction::ErasureCompleted => {
            of("110110", "Patient Record", "D")
        }
        AuditAction::AuditViewed => of("110101", "Audit Log Used", "R"),
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

/// FHIR knows no empty texts, and has another place for the name of who acted.
fn details(entry: &AuditEntry) -> Vec<Value> {
    let detail = |(name, value): (&String, &String)| json!({"type": name, "valueString": value});
    let said = entry.details.iter();
    let said = said.filter(|(name, value)| *name != AuditEntry::ACTOR_NAME && !value.is_empty());
    said.map(detail).collect()
}

fn coding(system: &str, code: &str, display: &str) -> Value {
    json!({"system": system, "code": code, "display": display})
}

#[cfg(test)]
mod tests;
