//! The name that a person has for others: in lists of who is signed in, and in the audit trail.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::is_deceptive;

/// What is wrong with a person's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PersonNameError {
    /// It is empty, only white space, or too long.
    #[error("must have 1 to {} characters", PersonName::MAX_CHARS)]
    Length,
    /// It holds what could make it look like another name.
    #[error("must not have control characters, nor such as turn the direction of writing")]
    Deceptive,
}

/// What a person is called by whoever vouches for the person: an address, a user name, a number.
///
/// It names a member of staff and is no secret, but it is not for logs: `Debug` does not print it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonName(Arc<str>);

impl PersonName {
    /// Most characters of a name.
    pub const MAX_CHARS: usize = 200;

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// White space around it is no part of it.
impl FromStr for PersonName {
    type Err = PersonNameError;

    fn from_str(text: &str) -> Result<Self, PersonNameError> {
        let text = text.trim();
        if text.is_empty() || text.chars().count() > Self::MAX_CHARS {
            return Err(PersonNameError::Length);
        }
        if text.chars().any(is_deceptive) {
            return Err(PersonNameError::Deceptive);
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonName")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_any_writing_that_reads_as_it_is() {
        for name in ["dr.k@clinic.example", "د. مريم", "דר׳ כהן", "Zoë 🏥", "7"] {
            assert_eq!(name.parse::<PersonName>().unwrap().as_str(), name);
        }
        let name: PersonName = " mary \n".parse().unwrap();
        assert_eq!(name.to_string(), "mary");
        assert!(!format!("{name:?}").contains("mary"));
    }

    #[test]
    fn a_name_that_could_look_like_another_is_refused() {
        let most = "é".repeat(PersonName::MAX_CHARS);
        assert!(most.parse::<PersonName>().is_ok());
        for text in ["", " \t", &format!("{most}é")] {
            assert_eq!(text.parse::<PersonName>(), Err(PersonNameError::Length));
        }
        for c in [
            '\0', '\n', '\u{7f}', '\u{85}', '\u{202e}', '\u{2066}', '\u{200f}', '\u{61c}',
        ] {
            let name = format!("mary{c}x");
            assert_eq!(name.parse::<PersonName>(), Err(PersonNameError::Deceptive));
        }
    }
}
