//! The wire structs of the Decoda API: what comes in, what goes out, and the translations.

mod delivery_attempt;
mod event_name;
mod webhook;
mod webhook_in;

pub(super) use delivery_attempt::{AttemptsQuery, DeliveryAttemptOut, SendQuery};
pub(super) use event_name::event_choice;
pub(super) use webhook::{NewWebhookOut, WebhookOut};
pub(super) use webhook_in::{WebhookIn, WebhookPatch};
