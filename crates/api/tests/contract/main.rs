//! The contract of the native API: the router on a real store, called as a client would.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod access;
mod api_keys;
mod audit;
mod audit_details;
mod audit_views;
mod batch;
mod bodies;
mod catalogue;
mod challenges;
mod credentials;
mod decoda;
mod deliveries;
mod described;
mod description;
mod documents;
mod ecg;
mod endpoints;
mod fields;
mod idempotency;
mod introspection;
mod isolation;
mod jump;
mod lists;
mod moved_endpoints;
mod mycure;
mod names;
mod operation;
mod operator_keys;
mod organizations;
mod payloads;
mod permissions;
mod portal_sessions;
mod publish;
mod rate_limits;
mod recorded;
mod recording;
mod replays;
mod restricted_keys;
mod schemas;
mod secrets;
mod sign_in_links;
mod targets;
mod test_events;
mod world;
