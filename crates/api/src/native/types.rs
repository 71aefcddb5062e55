//! The wire structs of the native API: what comes in, what goes out, and the translations.

mod api_key;
mod audit;
mod category;
mod credentials;
mod delivery;
mod endpoint;
mod endpoint_patch;
mod erasure;
mod event;
mod event_type;
mod header_map;
mod introspection;
mod master_key;
mod operator_key;
mod organization;
mod page;
mod portal_session;
mod publish;
mod replay;
mod secret;
mod settings;
mod sign_in_link;

pub(super) use api_key::{ApiKeyIn, ApiKeyOut, MadeApiKeyOut};
pub use audit::AuditEntryOut;
pub(super) use audit::{AuditKeyOut, AuditQuery};
pub(super) use category::{CategoryIn, CategoryOut, CategoryPatch};
pub(super) use delivery::{DeliveriesQuery, DeliveryOut, DeliveryWithAttempts};
pub(super) use endpoint::{EndpointIn, EndpointOut, NewEndpointOut};
pub(super) use endpoint_patch::EndpointPatch;
pub(super) use erasure::{ErasureIn, ErasureOut};
pub(super) use event::{EventOut, EventsQuery};
pub(super) use event_type::{
    EventTypeIn, EventTypeOut, EventTypePatch, EventTypesQuery, SampleOut, SchemaQuery, VersionOut,
};
pub(super) use introspection::{IntrospectionIn, IntrospectionOut};
pub(super) use master_key::RotatedMasterKeyOut;
pub(super) use operator_key::{MadeOperatorKeyOut, OperatorKeyIn, OperatorKeyOut};
pub(super) use organization::{OrganizationIn, OrganizationOut, OrganizationPatch};
pub(super) use page::{ListOut, PageQuery, Whole};
pub(super) use portal_session::{PortalSessionIn, PortalSessionOut};
pub(super) use publish::{BatchIn, BatchOut, EventIn, PublishedOut};
pub(super) use replay::{ReplayIn, ReplayOut};
pub(super) use secret::{PublicKeysOut, RotationIn, RotationOut, SecretOut, TestIn, TestSentOut};
pub(super) use sign_in_link::SignInLinkOut;
