//! The contract of the Decoda API.

mod client;
mod description;
mod events;
mod isolation;
mod recorded;
mod refusals;
mod webhooks;
