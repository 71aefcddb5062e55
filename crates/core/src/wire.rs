//! Dialects on the wire: bodies, headers and success rules of deliveries.
//!
//! What a dialect's deliveries look like stands in one file for each; this one chooses.

mod dated;
mod decoda;
mod ecg;
mod headers;
mod jump;
mod mycure;
mod native;
mod payload;
mod received;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::{Event, PayloadMode, Retired, RetryPolicy, Timestamp};

pub(crate) use mycure::PING;

pub use headers::{Envelope, Signers, signed_headers};
pub use received::{ReceivedError, claimed_time, verify_received};

/// An API face, and the form of the deliveries that it creates.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// Ours: Standard Webhooks.
    #[default]
    Native,
    /// Jump EHR.
    Jump,
    /// Decoda.
    Decoda,
    /// MYCURE.
    Mycure,
    /// ECG's Webhooks Module.
    Ecg,
}

/// What the body of a delivery is made of.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    /// The event.
    pub event: &'a Event,
    /// What the endpoint calls its type: [`crate::Endpoint::wire_name`].
    pub name: &'a str,
    /// Its place among the deliveries of the endpoint.
    pub sequence: u64,
    /// The time in the body, for those who have one: [`crate::Endpoint::sent_at`].
    pub sent_at: Timestamp,
    /// How much of the event it says.
    pub payload: PayloadMode,
    /// Where the rest of it can be fetched, in modes that have such a link.
    pub link: Option<&'a str>,
}

impl Dialect {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Native,
        Self::Jump,
        Self::Decoda,
        Self::Mycure,
        Self::Ecg,
    ];

    /// The word used in bodies, columns and commands.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Jump => "jump",
            Self::Decoda => "decoda",
            Self::Mycure => "mycure",
            Self::Ecg => "ecg",
        }
    }

    /// Whether a receiver's status means that it took the delivery.
    pub fn is_success(self, status: u16) -> bool {
        match self {
            Self::Native | Self::Jump | Self::Ecg => (200..300).contains(&status),
            Self::Decoda | Self::Mycure => status == 200,
        }
    }

    /// The retry schedule of an endpoint that has none of its own.
    pub fn default_retry_policy(self) -> RetryPolicy {
        match self {
            Self::Native | Self::Decoda | Self::Mycure | Self::Ecg => RetryPolicy::native(),
            Self::Jump => RetryPolicy::jump(),
        }
    }

    /// What becomes of the secrets that a rotation has replaced.
    pub fn retired_secrets(self) -> Retired {
        match self {
            Self::Native | Self::Jump | Self::Decoda | Self::Mycure => Retired::Forget,
            Self::Ecg => Retired::Keep,
        }
    }

    /// Renders the body of a delivery: the bytes that are signed and sent.
    pub fn render_body(self, message: &Message<'_>) -> Bytes {
        match self {
            Self::Native => native::body(message),
            Self::Jump => jump::body(message),
            Self::Decoda => decoda::body(message),
            Self::Mycure => mycure::body(message),
            Self::Ecg => ecg::body(message),
        }
    }
}

#[cfg(test)]
mod tests;
