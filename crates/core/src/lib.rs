//! The domain of Carehook: ids, event types, endpoints, deliveries, retry policy, signing and wire formats.
//!
//! Pure: no I/O, no async. The wall clock is read in [`Clock`] and nowhere else.

#![warn(missing_docs)]
#![cfg_attr(not(test), warn(clippy::indexing_slicing))]

mod attempt;
mod catalogue;
mod clock;
mod delivery;
mod endpoint;
mod event;
mod event_type;
mod ids;
mod json;
mod limits;
mod organization;
mod retry;
mod secret;
mod sign;
mod wire;

pub use attempt::{Attempt, AttemptOutcome, Trigger};
pub use catalogue::{
    Catalogue, CatalogueError, CategoryCode, CategoryCodeError, CategoryDefinition,
    EventTypeDefinition, SampleEvent, SamplePayload, WireNames, sample_events,
};
pub use clock::{Clock, ManualClock, SystemClock, Timestamp, TimestampError};
pub use delivery::{
    Delivery, DeliveryState, EndpointEffect, Finding, Reason, RetryAfter, Verdict, judge,
};
pub use endpoint::{
    CustomHeader, DisabledReason, Endpoint, HeaderRefusal, Subscription, checked_header,
};
pub use event::{Event, EventBody, Mode};
pub use event_type::{EventType, EventTypeError, Pattern};
pub use ids::{
    AccountId, AttemptId, DeliveryId, EndpointId, EventId, IdError, OrganizationId, RecordId,
};
pub use json::{JsonText, JsonTextError};
pub use limits::Limits;
pub use organization::Organization;
pub use retry::{RetryPolicy, RetryPolicyError};
pub use secret::{DatedSecret, Secret, SecretError, Secrets};
pub use sign::{SignatureError, Signer, SigningKey, TOLERANCE, Verifier};
pub use wire::{Dialect, signed_headers};
