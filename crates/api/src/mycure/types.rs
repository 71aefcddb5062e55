//! The wire structs of MYCURE's API: what comes in, what goes out, and the translations.

mod creation;
mod event_names;
mod list;
mod ping;
mod webhook;

pub(super) use creation::{Created, CreationIn, Wish};
pub(super) use list::{ListOut, ListQuery, Wanted};
use ping::PingOut;
use webhook::NewWebhookOut;
pub(super) use webhook::{WebhookOut, WebhookPatch};
