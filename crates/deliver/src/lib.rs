//! One outbound attempt: a signed webhook is posted to a receiver that nobody vouches for.
//!
//! **The course of an attempt.** A [`Target`] is parsed and vetted once. [`Deliverer::send`] takes a
//! kept connection to its origin or opens one: the name is resolved by our own questions, all of
//! its addresses are vetted, a vetted one is connected to, the peer's address is checked again,
//! and TLS verifies the host's name. When the connection is ready the caller is asked whether it
//! still wants the request; then it is written. The status of the answer is what counts; up to
//! 16 KiB of its body are read and 4 KiB kept.
//!
//! **Guarantees.** One deadline covers all of it. No packet goes to an address that the policy
//! refuses, however it is spelled and whatever a name server says the second time. A request is
//! written at most once in an attempt. Redirects are not followed, bodies not decompressed, heads
//! bounded. What the receiver did is an [`ExchangeResult`]; an [`Err`] is a fault of ours, for
//! which no receiver is charged. Reasons are fixed texts without anything from a URL or an answer.
//!
//! [`Deliverer::fetch`] is for the operator's own places, such as a set of keys: it trusts the
//! same authorities, and has bounds of its own, but neither the address policy nor the pool.
//!
//! **Not done here.** Whether a status is a success, when to try again, how many requests a host
//! gets: that is the engine's. Nothing is stored and nothing is logged about an attempt.

mod answer;
mod certificates;
mod config;
mod connection;
mod deliverer;
mod dial;
mod error;
mod exchange;
mod fetch;
mod policy;
mod pool;
mod reason;
mod resolver;
mod target;
mod tls;

pub use answer::RetryAfter;
pub use certificates::{CertificateInfo, PemContents, PemFault, PemField, PemTexts};
pub use config::{DeliverConfig, PlainHttp};
pub use deliverer::Deliverer;
pub use error::{DeliverError, TargetError};
pub use exchange::{Exchange, ExchangeResult, Outbound, Phase};
pub use fetch::{FetchError, FetchLimits, FetchRequest, Fetched};
pub use ipnet::IpNet;
pub use policy::ADDRESS_REFUSED as BLOCKED;
pub use rustls::pki_types::CertificateDer;
pub use target::Target;
pub use tls::{ClientCertificate, SharedTlsError, TlsProfile};
pub use url::Url;
