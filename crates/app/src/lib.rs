//! Use cases driven by requests: validation, permissions, idempotency; knows no HTTP.
//!
//! [`App`] is what HTTP faces hold. Each use case takes a value that proves the caller's right
//! ([`Operator`], [`OrganizationAccess`]); such values come only from a checked credential. What is
//! wrong with a request is an [`AppError`], whose text a caller may see.

#![warn(missing_docs)]

mod access;
mod activities;
mod api_keys;
mod app;
mod audit;
mod catalogue;
mod change;
mod covered_text;
mod cursor;
mod deliveries;
mod delivery_log;
mod endpoint_access;
mod endpoint_ranges;
mod endpoints;
mod erasures;
mod error;
mod events;
mod faults;
mod fetched;
#[cfg(test)]
mod fixture;
mod form_tokens;
mod key_permissions;
mod master_key;
mod oidc;
mod operator_keys;
mod organizations;
mod payload_hashes;
mod payloads;
mod publish;
mod random;
mod rate_limits;
mod replays;
mod request_ids;
mod requests;
mod schemas;
mod secrets;
mod sessions;
mod standings;
mod statistics;
mod subscribed;
mod test_events;
mod tokens;
mod watching;

pub use access::{
    Allowance, Caller, CatalogueEditor, ClientAddress, CredentialKind, Introspection, KeyOperator,
    Operator, OrganizationAccess,
};
pub use activities::{
    ActivityFilter, ActivityId, ActivityStatus, ActivityView, Answered, NewOutcome, NewReport,
    Order, RetryChain,
};
pub use api_keys::{MadeApiKey, NewApiKey};
pub use app::{App, AppConfig};
pub use audit::ShownAuditEntry;
pub use carehook_store::{
    AuditFilter, AuditRecord, Backlog, Bounded, Counts, DeliveryChange, DeliveryFilter,
    DeliveryNews, DiskUse, Durations, EngineLoad, EventFilter, LastAttempt, LastEnded, LogFilter,
    LoggedAttempt, LoggedDelivery, Meaning, Notify, StatusClass, TimeSteps,
};
pub use catalogue::{CategoryChange, EventTypeChange, Sample};
pub use change::Change;
pub use cursor::{Page, PageOf};
pub use endpoint_ranges::{Range, RangeOf};
pub use endpoints::{
    CredentialsChange, EndpointChange, HeadersChange, Hold, MASKED, NewAuthentication,
    NewCredentials, NewEndpoint, NewTls,
};
pub use error::{AppError, Chain};
pub use faults::{Faults, FieldFault};
pub use master_key::NextMasterKey;
pub use oidc::{
    Issuer, IssuerError, OIDC_RETURN_PATH, OidcAnswer, OidcBegun, OidcConfig, OidcDoor, OidcError,
    OidcKept, OidcPerson, OidcReturn, People, PeopleError, read_as_every_answer_of_a_provider,
};
pub use operator_keys::{MadeOperatorKey, NewOperatorKey};
pub use organizations::{NewOrganization, OrganizationChange, SettingsChange};
pub use payload_hashes::{HashedPayload, NewPayload, PayloadHash, PayloadSender};
pub use publish::{Publication, Published};
pub use rate_limits::{Counting, Quota};
pub use replays::NewReplay;
pub use requests::{Answer, IdempotencyKey, Once, RepeatableRequest, Requester};
pub use secrets::{Algorithm, Rotation, SecretView};
pub use sessions::{
    MadePortalLink, NewPortalLink, PasswordLink, Person, PortalGuest, SessionView, SignedIn,
};
pub use standings::{StandingFilter, StandingView};
pub use statistics::{
    Ahead, Chart, EndpointHealth, EndpointLoad, NodeFacts, OrganizationLoad, Overview, Span,
    TroubledEndpoints,
};
pub use subscribed::{EndpointFilter, EventTypesOf};
pub use test_events::TestSent;
pub use tokens::{NewToken, TokenConfig, TokenOrganization, TokenSecret, TokenSecretError};
pub use watching::{DeliveryFeed, FeedItem};
