//! The work that the writer thread does, as it waits in the queue.

use std::sync::Arc;

use carehook_core::{DeliveryId, DeliveryState, Event, OrganizationId, Trigger};
use tokio::sync::oneshot;

use super::control::EndpointPlace;
use super::writer::Writer;
use crate::keys::SealKey;
use crate::{Accepted, ActivityId, AttemptRecord, AuditNote, Notify, StoreError};

/// What a change counts for in the queue.
const CHANGE_BYTES: usize = 1_024;

/// One entry of the queue.
pub(super) enum Work {
    /// Events to accept.
    Accept(AcceptWork),
    /// Results of attempts.
    Record(RecordWork),
    /// Somebody needs a data key.
    Key(KeyWork),
    /// Entries of the audit trail.
    Audit(AuditWork),
    /// Anything else: runs alone, with transactions of its own.
    Change(Box<dyn FnOnce(&mut Writer) + Send>),
}

/// Entries of the audit trail that belong to no change.
pub(super) struct AuditWork {
    pub(super) notes: Vec<AuditNote>,
    pub(super) reply: oneshot::Sender<Result<(), StoreError>>,
}

/// A request for a data key.
pub(super) struct KeyWork {
    /// The organization's number, and the day.
    pub(super) name: (i64, i64),
    pub(super) reply: oneshot::Sender<Result<Arc<SealKey>, StoreError>>,
}

impl Work {
    /// About what it weighs on disk, in bytes.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Accept(work) => {
                let weigh = |event: &Result<PreparedEvent, StoreError>| {
                    event.as_ref().map_or(0, PreparedEvent::bytes)
                };
                work.events.iter().map(weigh).sum()
            }
            Self::Record(work) => work.attempts.iter().map(PreparedAttempt::bytes).sum(),
            Self::Key(_) | Self::Audit(_) | Self::Change(_) => CHANGE_BYTES,
        }
    }
}

/// Events that one caller accepts together.
pub(super) struct AcceptWork {
    pub(super) events: Vec<Result<PreparedEvent, StoreError>>,
    pub(super) reply: oneshot::Sender<Vec<Result<Accepted, StoreError>>>,
}

/// An event, sealed and ready to be written.
#[derive(Clone)]
pub(super) struct PreparedEvent {
    pub(super) event: Arc<Event>,
    pub(super) number: u64,
    pub(super) organization: i64,
    pub(super) sealed: Vec<u8>,
    pub(super) subject: Option<[u8; 16]>,
    pub(super) to: Vec<EndpointPlace>,
    pub(super) idempotency: Option<Idempotency>,
    pub(super) trigger: Trigger,
    pub(super) retry_of: Option<ActivityId>,
}

/// The keys that make a publish repeatable.
#[derive(Clone)]
pub(super) struct Idempotency {
    pub(super) keys: Vec<String>,
    pub(super) fingerprint: [u8; 32],
}

/// Results that are recorded together.
pub(super) struct RecordWork {
    pub(super) attempts: Vec<PreparedAttempt>,
    pub(super) reply: oneshot::Sender<Result<(), StoreError>>,
}

/// A result, its answer sealed.
pub(super) struct PreparedAttempt {
    pub(super) record: AttemptRecord,
    pub(super) answer: Option<Vec<u8>>,
}

impl PreparedAttempt {
    fn bytes(&self) -> usize {
        120 + self.answer.as_ref().map_or(0, Vec::len)
    }

    /// Whether somebody is to be told when its delivery fails with it.
    pub(super) fn tells_of_failure(&self) -> bool {
        self.record.notify == Notify::OnFailure && self.record.state == DeliveryState::Failed
    }

    pub(super) fn delivery(&self) -> DeliveryId {
        self.record.delivery
    }
}

impl PreparedEvent {
    pub(super) fn owner(&self) -> &OrganizationId {
        &self.event.organization
    }

    /// About what it weighs on disk, in bytes.
    fn bytes(&self) -> usize {
        self.sealed.len() + 200 + 120 * self.to.len()
    }
}
