//! The commands: each reads its arguments, calls what does the work, and prints the result.

pub(crate) mod audit;
pub(crate) mod completions;
pub(crate) mod config_show;
pub(crate) mod deliveries;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod endpoints;
pub(crate) mod erasures;
pub(crate) mod events;
pub(crate) mod keys;
pub(crate) mod migrate;
pub(crate) mod openapi;
pub(crate) mod organizations;
pub(crate) mod publish;
pub(crate) mod serve;
pub(crate) mod sign_in_link;
pub(crate) mod tokens;
pub(crate) mod verify;
