//! The wire structs of Jump's API: what comes in, what goes out, and the translations.

mod answer;
mod list;
mod sent;
mod webhook;

pub(super) use answer::{Answer, Meta};
pub(super) use list::{ListOut, ListQuery};
pub(super) use sent::{DeletedOut, TestIn, TestOut};
pub(super) use webhook::{NewWebhookOut, WebhookIn, WebhookOut, WebhookPatch};
