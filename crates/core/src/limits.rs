//! The sizes that Carehook accepts; past them a request is refused and nothing is stored.

use std::time::Duration;

/// Bounds on what comes from outside.
#[derive(Clone, Copy, Debug)]
pub struct Limits;

impl Limits {
    /// Most bytes of the body of one request that is not a batch.
    pub const BODY_BYTES: usize = 256 * 1024;
    /// Most bytes of the body of a batch.
    pub const BATCH_BYTES: usize = 4 * 1024 * 1024;
    /// Most events in a batch.
    pub const BATCH_EVENTS: usize = 1_000;
    /// Most endpoints of one organization.
    pub const ENDPOINTS_PER_ORGANIZATION: usize = 50;
    /// Most API keys of one organization that are not revoked.
    pub const API_KEYS_PER_ORGANIZATION: usize = 1_000;
    /// Most operator keys that are not revoked.
    pub const OPERATOR_KEYS: usize = 1_000;
    /// Most sessions of the operator, or of one organization; a new one ends the oldest.
    pub const SESSIONS: usize = 1_000;
    /// Most portal links of one organization that wait to be used.
    pub const PORTAL_LINKS: usize = 1_000;
    /// Fewest characters of the operator's password.
    pub const PASSWORD_CHARS_MIN: usize = 12;
    /// Most bytes of the operator's password.
    pub const PASSWORD_BYTES_MAX: usize = 1_024;
    /// Requests that a key may make in an hour through Jump's API, unless the operator says
    /// otherwise (seed `001`).
    pub const JUMP_REQUESTS_PER_HOUR: u32 = 1_000;
    /// Most subscriptions of one endpoint.
    pub const SUBSCRIPTIONS: usize = 256;
    /// Most custom headers of one endpoint.
    pub const CUSTOM_HEADERS: usize = 20;
    /// Most bytes of a custom header's value.
    pub const HEADER_VALUE_BYTES: usize = 1_024;
    /// Most bytes of an endpoint's URL.
    pub const URL_BYTES: usize = 2_048;
    /// Most characters of a name.
    pub const NAME_CHARS: usize = 200;
    /// Most bytes of an idempotency key.
    pub const IDEMPOTENCY_KEY_BYTES: usize = 255;
    /// How long an idempotency key is remembered.
    pub const IDEMPOTENCY: Duration = Duration::from_hours(24);
    /// Most entries of one page of a list.
    pub const PAGE: usize = 100;
    /// Entries of a page when the caller names no limit.
    pub const PAGE_DEFAULT: usize = 20;
    /// Shortest deadline of an attempt.
    pub const TIMEOUT_MIN: Duration = Duration::from_millis(500);
    /// Deadline of an attempt when the endpoint names none.
    pub const TIMEOUT_DEFAULT: Duration = Duration::from_secs(15);
    /// Longest deadline of an attempt.
    pub const TIMEOUT_MAX: Duration = Duration::from_secs(30);
    /// Most bytes of a receiver's answer that are stored.
    pub const ANSWER_BYTES: usize = 4 * 1024;
    /// How long the previous secret still signs after a rotation, unless the caller says otherwise.
    pub const ROTATION_GRACE: Duration = Duration::from_hours(24);
    /// The longest grace period of a rotation.
    pub const ROTATION_GRACE_MAX: Duration = Duration::from_hours(720);
}
