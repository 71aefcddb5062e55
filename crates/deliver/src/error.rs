//! Faults: ours, which no receiver is charged for, and those of a target.

use std::borrow::Cow;
use std::error::Error;
use std::io;

/// A fault of ours; the receiver had no part in it and is not charged an attempt.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeliverError {
    #[error("set up TLS")]
    Tls(#[source] rustls::Error),
    #[error("find a trusted certificate authority on this machine")]
    NoRoots,
    #[error("read the name server configuration")]
    NameServerConfig(#[source] Box<dyn Error + Send + Sync>),
    #[error("ask the name server")]
    NameServer(#[source] Box<dyn Error + Send + Sync>),
    #[error("ask the name server: no answer in time")]
    NameServerTimeout,
    #[error("list the addresses of this machine")]
    Interfaces(#[source] io::Error),
    #[error("open a connection from this machine")]
    Connection(#[source] io::Error),
    #[error("start an attempt: deliveries are stopped")]
    Stopped,
}

/// Why a URL cannot be a target.
///
/// The reasons are fixed texts: they say what is wrong without repeating the URL, and say the same
/// for every refused address, so that nobody learns our network from them.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// Not a URL that can be posted to.
    #[error("{reason}")]
    Invalid { reason: &'static str },
    /// The address policy forbids it.
    #[error("{reason}")]
    Refused { reason: &'static str },
    /// The name does not exist or has no address.
    #[error("the host name does not resolve to an address")]
    Unresolvable,
    /// We could not find out.
    #[error("vet the target")]
    Fault(#[source] DeliverError),
}

/// How an attempt ended early, before it is known whom to charge.
#[derive(Debug)]
pub(crate) enum Failure {
    Ours(DeliverError),
    Blocked,
    Unreachable(Cow<'static, str>),
    TimedOut,
}

impl From<DeliverError> for Failure {
    fn from(error: DeliverError) -> Self {
        Self::Ours(error)
    }
}
