//! Idempotency of requests other than publishes: a request runs once, its answer is given again.

use bytes::Bytes;
use carehook_core::OrganizationId;

/// Names a request that a caller may repeat.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestKey {
    /// Who asks; keys of different callers never meet.
    pub caller: Box<str>,
    /// The `Idempotency-Key`.
    pub key: Box<str>,
    /// The organization that the request is about, if it is about one: an erasure there forgets
    /// the answer.
    pub organization: Option<OrganizationId>,
}

/// What to do with a request that has an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestStart {
    /// It is new: run it, then call `finish_request` or `abandon_request`.
    New,
    /// It was answered before.
    Answered(StoredAnswer),
    /// It is being worked on.
    Running,
}

/// An answer that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The body; sealed at rest, because it may hold a secret.
    pub body: Bytes,
}
