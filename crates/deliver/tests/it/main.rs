//! Attempts against real receivers on the loopback, friendly and hostile.

#![expect(
    clippy::unwrap_used,
    reason = "all of this is test code, its shared functions too"
)]

mod actors;
mod answers;
mod certificates;
mod fetch;
mod hostile;
mod http2;
mod names;
mod pooling;
mod spellings;
mod targets;
mod tls;
