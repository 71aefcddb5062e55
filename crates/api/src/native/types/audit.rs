//! The audit trail on the wire.

use std::collections::BTreeMap;
use std::net::IpAddr;

use carehook_app::{AppError, AuditFilter, AuditRecord, Faults, Page, ShownAuditEntry};
use carehook_core::{AuditAction, CheckpointPublicKey, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::page::page;

/// Which entries are wanted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditQuery {
    /// Of this action, such as `event.disclosed` or `secret.viewed`.
    action: Option<String>,
    /// About this subject, as the publisher named it.
    subject: Option<String>,
    /// At this time or later.
    #[param(format = DateTime)]
    since: Option<String>,
    /// Before this time.
    #[param(format = DateTime)]
    until: Option<String>,
    /// Entries at most.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100, default = 20)]
    limit: Option<String>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

impl TryFrom<AuditQuery> for (AuditFilter, Page) {
    type Error = AppError;

    fn try_from(query: AuditQuery) -> Result<Self, AppError> {
        let AuditQuery {
            action,
            subject,
            since,
            until,
            limit,
            cursor,
        } = query;
        let mut faults = Faults::default();
        let known = |word: &str| {
            let parsed: Result<AuditAction, _> = word.parse();
            parsed.map_err(|_| "is not an action")
        };
        let filter = AuditFilter {
            action: faults.take_optional("/action", action.as_deref().map(known)),
            subject: subject.map(Into::into),
            since: faults.take_optional("/since", since.as_deref().map(str::parse)),
            until: faults.take_optional("/until", until.as_deref().map(str::parse)),
        };
        let page = page(limit.as_deref(), cursor, &mut faults);
        faults.finish(Some((filter, page)))
    }
}

/// One thing that happened.
// Exports print it too, so it is part of what this crate shows.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditEntry, example = json!({
    "id": "2026-11-21-17",
    "at": "2026-11-21T10:20:00.000Z",
    "actor": "system",
    "actor_name": null,
    "action": "event.disclosed",
    "object": "endpoint/01991f1e-8e00-7000-8000-000000000004",
    "outcome": "success",
    "source": null,
    "details": {
        "attempt": "01991f1e-8e00-7000-8000-000000000005",
        "event": "evt_01991f1e8e0070008000000000000003",
        "event_type": "patient.created",
        "host": "receiver.example",
        "status": "200",
    },
    "hash": "9c1185a5c5e9fc54612808977ee8f548b2258d31a1b2c3d4e5f60718293a4b5c",
    "previous_hash": "3964912d23b3b98b1248399c7e11f11711347e4a344f4c018c970d6482e69487",
}))]
pub struct AuditEntryOut {
    /// Its chain and its number there: `journal-17`, or the day of the event and a number for a
    /// disclosure. Numbers have no gaps.
    id: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Who: `operator`, the id of a key, `portal:` with the id of a session of the console,
    /// `token:` with the subject of a token, or `system`.
    actor: String,
    /// What the person is called who was signed in to the console, by whoever let the person in.
    #[schema(value_type = Option<String>, required = true)]
    actor_name: Option<String>,
    /// What was done.
    action: &'static str,
    /// To what: kind and id.
    object: String,
    /// How it ended: `success`, `refused` or `failed`.
    outcome: &'static str,
    /// The address that it was asked from; null for what the server did by itself.
    #[schema(value_type = Option<String>, required = true)]
    source: Option<IpAddr>,
    /// More about it, by name.
    details: BTreeMap<String, String>,
    /// SHA-256 over the hash before and this entry.
    hash: String,
    /// The hash of the entry before in its chain.
    previous_hash: String,
}

impl From<AuditRecord> for AuditEntryOut {
    fn from(record: AuditRecord) -> Self {
        let ShownAuditEntry {
            id,
            at,
            actor,
            actor_name,
            action,
            object,
            outcome,
            source,
            details,
            hash,
            previous_hash,
        } = record.into();
        Self {
            id,
            at,
            actor,
            actor_name,
            action,
            object,
            outcome,
            source,
            details,
            hash,
            previous_hash,
        }
    }
}

/// What the checkpoints of the trail are verified with.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditKey)]
pub(crate) struct AuditKeyOut {
    /// The Ed25519 public key, 64 hexadecimal digits: what `carehook audit verify --public-key`
    /// takes.
    public_key: String,
}

impl From<CheckpointPublicKey> for AuditKeyOut {
    fn from(key: CheckpointPublicKey) -> Self {
        Self {
            public_key: key.to_string(),
        }
    }
}
