//! The domain of Carehook: ids, event types, endpoints, deliveries, retry policy, signing and wire formats.
//!
//! Pure: no I/O, no async. The wall clock is read in [`Clock`] and nowhere else.

#![warn(missing_docs)]
#![cfg_attr(not(test), warn(clippy::indexing_slicing))]

mod api_key;
mod attempt;
mod audit;
mod catalogue;
mod challenge;
mod clock;
mod credentials;
mod delivery;
mod endpoint;
mod erasure;
mod event;
mod event_type;
mod ids;
mod javascript_json;
mod json;
mod limits;
mod mail_address;
mod operator_key;
mod organization;
mod payload;
mod person;
mod plain_text;
mod python_json;
mod replay;
mod reprint;
mod retry;
mod secret;
mod session;
mod sign;
mod subscription;
mod wire;

pub use api_key::{
    ApiKey, ApiKeyText, LastUse, Permission, PermissionError, Resource, Right, Scope, ScopeError,
};
pub use attempt::{Attempt, AttemptOutcome, Trigger};
pub use audit::{
    AuditAction, AuditBook, AuditEntry, AuditEntryError, AuditFault, AuditId, AuditIdError,
    AuditOutcome, ChainHash, ChainHead, ChainVerifier, Checkpoint, CheckpointKey,
    CheckpointPublicKey, Disclosure, Register, RegisterFault, RegisterPart, RegisterSum,
    SignedLine, SignedLineError, SubjectHash, Trim, host_of,
};
pub use catalogue::{
    Audit, Catalogue, CatalogueError, CatalogueVersion, CategoryCode, CategoryCodeError,
    CategoryDefinition, CategoryId, CategoryOverlay, Edit, EntryStatus, EventTypeDefinition,
    EventTypeId, EventTypeOverlay, RemovedEntry, SampleEvent, SampleId, SamplePayload, StoredEntry,
    WireNames, example_events, sample_events,
};
pub use challenge::{ChallengeOutcome, Ownership, answers_challenge, challenge_body};
pub use clock::{Clock, ManualClock, SystemClock, Timestamp, TimestampError};
pub use credentials::{
    Authentication, AuthenticationFault, Authorities, CertificateFacts, ClientIdentity, EndpointTls,
};
pub use delivery::{
    Delivery, DeliveryState, EndpointEffect, Finding, Reason, RetryAfter, Verdict, judge,
};
pub use endpoint::{CustomHeader, DisabledReason, Endpoint, HeaderRefusal, checked_header};
pub use erasure::{Erasure, ErasureCounts, ErasureState};
pub use event::{Event, EventBody, Mode};
pub use event_type::{EventType, EventTypeError, Pattern};
pub use ids::{
    AccountId, ApiKeyId, AttemptId, DeliveryId, EndpointId, ErasureId, EventId, IdError,
    OperatorKeyId, OrganizationId, RecordId, ReplayId, SessionId,
};
pub use javascript_json::write_javascript_json;
pub use json::{JsonText, JsonTextError};
pub use limits::Limits;
pub use mail_address::{MailAddress, MailAddressError};
pub use operator_key::{OperatorKey, OperatorKeyText};
pub use organization::{
    Organization, OrganizationSettings, RateLimits, Retention, SchemaCheck, SchemaCheckError,
    SettingError,
};
pub use payload::{PayloadClaim, PayloadLinkError, PayloadLinks, PayloadMode};
pub use person::{PersonName, PersonNameError};
pub use plain_text::is_deceptive;
pub use python_json::write_python_json;
pub use replay::{Replay, ReplayCounts, ReplayFilter, ReplayOf, ReplayOfError, ReplayState};
pub use retry::{RetryPolicy, RetryPolicyError};
pub use secret::{DatedSecret, Retired, Secret, SecretError, Secrets};
pub use session::{GrantMaker, PortalGrant, Session, SessionHolder, SignInLink};
pub use sign::text::{sign_text, verify_text};
pub use sign::{SignatureError, Signer, SigningKey, TOLERANCE, Verifier};
pub use subscription::Subscription;
pub use wire::{
    Dialect, Envelope, Message, ReceivedError, Signers, claimed_time, signed_headers,
    verify_received,
};
