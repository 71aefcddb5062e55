//! All persistence of Carehook: the only SQL and the only file format.
//!
//! [`Store`] is the contract. Its methods are intents, each atomic; no transaction leaves this
//! crate. The laws L1 to L14 that every backend keeps are in `conformance`.

#![warn(missing_docs)]
// A test that indexes past the end fails, as it should.
#![cfg_attr(not(test), warn(clippy::indexing_slicing))]

mod accept;
mod activity;
mod audit;
#[cfg(test)]
mod conformance;
mod deletion;
mod delivery_log;
mod embedded;
mod erasing;
mod error;
mod hints;
mod idempotency;
mod keys;
mod listing;
mod outbox;
mod replaying;
mod retaining;
mod standing;
mod statistics;
mod store;
mod watching;

pub use accept::{Accepted, AttemptRecord, NewEvent, SentTo};
pub use activity::{
    Activity, ActivityId, ActivityOrigin, ActivityPage, ActivityQuery, ActivityStatus, Order,
    Report, ReportedOutcome,
};
pub use audit::{AuditFilter, AuditNote, AuditPosition, AuditRecord, BookReport};
pub use deletion::DeletedEndpoint;
pub use delivery_log::{LogFilter, LoggedAttempt, LoggedDelivery, StatusClass};
pub use embedded::{
    DirectoryAudit, DirectoryState, EmbeddedOptions, EmbeddedStore, FileState, OwnedBook,
    inspect_directory, read_as_every_record,
};
pub use erasing::{ErasurePosition, ErasureStep, RunningErasure};
pub use error::{OpenError, Refusal, StoreError};
pub use hints::{DueDelivery, DuePage, DuePosition, HintBatch, PendingEndpoint};
pub use idempotency::{RequestKey, RequestStart, StoredAnswer};
pub use keys::{MasterKey, MasterKeyError};
pub use listing::{DeliveryFilter, EventFilter, ListPage, PageRequest};
pub use outbox::{DueMail, Failure, MailPage, Notify};
pub use replaying::{NewReplay, OpenReplay, ReplayPosition, ReplayStep};
pub use retaining::RetentionPosition;
pub use standing::{DeliveryStanding, LastAttempt, StandingQuery};
pub use statistics::{
    Backlog, Bounded, Counts, CountsOf, DiskUse, Durations, EndpointBacklog, EndpointCounts,
    EngineLoad, LastEnded, Meaning, TimeSteps,
};
pub use store::Store;
pub use watching::{DeliveryChange, DeliveryNews, DeliveryWatch, Watched};
