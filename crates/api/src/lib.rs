//! The HTTP faces of Carehook: translations between HTTP and the use cases, and nothing more.
//!
//! Each dialect is a folder of routes, wire structs and errors over [`carehook_app::App`]; what
//! they share is in `extract` and `reply`. So far there is one, `native`.

mod decoda;
mod docs;
mod ecg;
mod extract;
mod jump;
mod mycure;
mod native;
mod openapi;
mod operations;
mod panics;
mod reply;
mod router;

pub use native::AuditEntryOut;
pub use openapi::openapi_json;
pub use operations::Operations;
pub use panics::answer;
pub use router::router;
