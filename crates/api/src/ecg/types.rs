//! The wire structs of ECG's API: what comes in, what goes out, and the translations.

mod activity;
mod activity_in;
mod category;
mod chain;
mod event_type;
mod info;
mod lenient;
mod payload_hash;
mod sample;
mod secret;
mod subscription;
mod subscription_patch;

pub(super) use activity::{ActivityOut, ActivityPart};
pub(super) use activity_in::{ActivationsQuery, ActivitiesQuery, ActivityIn, OutcomeIn};
pub(super) use category::{CategoryIn, CategoryOut, PartQuery};
pub(super) use chain::{ChainOut, ChainQuery};
pub(super) use event_type::{EventTypeIn, EventTypeOut};
pub(super) use info::Done;
pub(super) use payload_hash::{HashIn, HashOut, PayloadIn, PayloadOut, PayloadQuery};
pub(super) use sample::{
    DeliverableOut, ExampleOut, ExampleQuery, SampleIn, SampleOut, SeedVersionOut, ShownSample,
    VersionQuery,
};
pub(super) use secret::{
    HistoryOut, HistoryQuery, SecretIn, SecretOut, SecretQuery, WithSubscription,
};
pub(super) use subscription::{SubscriptionIn, SubscriptionOut, SubscriptionsQuery};
pub(super) use subscription_patch::patched;
