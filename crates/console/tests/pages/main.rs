//! Every page, asked for over HTTP without a network, by people with different rights.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod addresses;
mod catalogue;
mod delivery;
mod done;
mod find;
mod identity_provider;
mod keys;
mod log;
mod modes;
mod news;
mod once;
mod operations;
mod overview;
mod people;
mod privacy;
mod reach;
mod sent_by_hand;
mod signing_in;
mod speed;
mod traffic;
mod waiting;
mod webhooks;
mod world;

use world::OPERATOR_KEY;
