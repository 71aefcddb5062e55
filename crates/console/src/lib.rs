//! The pages of Carehook: what people see and click, over the use cases of `carehook-app`.
//!
//! A page is one request. Its address says everything that it shows: organization, mode, filters,
//! place in a list; so it can be reloaded, left and sent to a colleague. Nothing here decides what a
//! person may do: [`visitor`] turns the cookie into the same proofs that the HTTP API works with.
//! Scripts only make pages quicker to use; reading works without them.

mod address;
mod assets;
mod chart;
mod cookies;
mod done;
mod download;
mod example;
mod failure;
mod figures;
mod foreign;
mod forms;
mod indented;
mod moment;
mod once;
mod page;
mod pages;
mod policy;
mod reach;
mod router;
mod strays;
mod verifying;
mod visitor;
mod words;

pub use reach::ForwardedScheme;
pub use router::{ConfigurationRow, ConsoleConfig, router};
