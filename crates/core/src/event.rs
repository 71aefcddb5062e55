//! Events: what happened, immutable once accepted.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::{AccountId, EventId, EventType, JsonText, OrganizationId, Timestamp};

/// Live or test; keys, endpoints and events each have one, and they never mix.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Real patients.
    #[default]
    Live,
    /// Development.
    Test,
}

impl Mode {
    /// The word used in bodies and columns.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Test => "test",
        }
    }
}

/// What an event says: the part that may hold patients' data.
#[derive(Clone, PartialEq, Eq)]
pub struct EventBody {
    /// The state after what happened.
    pub data: JsonText,
    /// The changed fields as they were before.
    pub previous: Option<JsonText>,
    /// Whom it is about, in the publisher's words.
    pub subject: Option<Box<str>>,
    /// Which events must keep their order among themselves.
    pub ordering_key: Option<Box<str>>,
}

impl EventBody {
    /// What is left of a body after its retention or an erasure: null, which nobody can publish.
    pub fn gone() -> Self {
        Self {
            data: JsonText::from_stored(Bytes::from_static(b"null")),
            previous: None,
            subject: None,
            ordering_key: None,
        }
    }

    /// Whether nothing is left of it.
    pub fn is_gone(&self) -> bool {
        **self.data.bytes() == *b"null"
    }
}

/// One thing that happened.
#[derive(Clone)]
pub struct Event {
    /// Its id, the same on every attempt of every delivery.
    pub id: EventId,
    /// Whose event it is.
    pub organization: OrganizationId,
    /// What kind of event it is.
    pub event_type: EventType,
    /// The version of its payload's form.
    pub version: Box<str>,
    /// Live or test.
    pub mode: Mode,
    /// The part of the organization it belongs to.
    pub account: Option<AccountId>,
    /// When it happened, if the publisher said so.
    pub occurred_at: Option<Timestamp>,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// What it says.
    pub body: EventBody,
}
