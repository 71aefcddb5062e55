//! How much of an event the deliveries of an endpoint carry.

mod link;

use serde::{Deserialize, Serialize};

pub use link::{PayloadClaim, PayloadLinkError, PayloadLinks};

/// How much of an event a delivery says; the envelope around it is always the dialect's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayloadMode {
    /// All of it.
    #[default]
    Full,
    /// Ids, the names of the fields that changed, and a link to all of it.
    Thin,
    /// The event's id and a link to all of it.
    IdOnly,
    /// Nothing.
    Empty,
}

/// As in bodies and commands.
impl std::fmt::Display for PayloadMode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl PayloadMode {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Full, Self::Thin, Self::IdOnly, Self::Empty];

    /// The word used in bodies and commands.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Thin => "thin",
            Self::IdOnly => "id_only",
            Self::Empty => "empty",
        }
    }

    /// Whether deliveries carry a link to the whole payload.
    pub fn has_link(self) -> bool {
        match self {
            Self::Thin | Self::IdOnly => true,
            Self::Full | Self::Empty => false,
        }
    }

    /// Whether deliveries say anything that the publisher wrote about a patient; such ones must
    /// not go over a line that others can read.
    pub fn shows_data(self) -> bool {
        match self {
            Self::Full | Self::Thin => true,
            Self::IdOnly | Self::Empty => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_has_one_spelling() {
        for mode in PayloadMode::ALL {
            let word = format!("\"{}\"", mode.as_str());
            assert_eq!(serde_json::to_string(&mode).unwrap(), word);
            assert_eq!(serde_json::from_str::<PayloadMode>(&word).unwrap(), mode);
        }
        assert_eq!(PayloadMode::default(), PayloadMode::Full);
    }
}
