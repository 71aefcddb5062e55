//! Kinds of events and the patterns that subscribe to them.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What is wrong with an event type or a pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EventTypeError {
    /// Empty, too long, or with characters outside `a-z 0-9 . _ -`.
    #[error(
        "an event type has 1 to 128 characters of a-z, 0-9, . _ and - and begins with a letter or digit"
    )]
    Code,
    /// A star that is not the whole pattern or its last part.
    #[error("a pattern is an event type, `resource.*` or `*`")]
    Star,
}

/// A canonical code such as `appointment.created`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventType(Arc<str>);

impl EventType {
    /// The most characters of a code.
    pub const MAX_LEN: usize = 128;

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EventType {
    type Err = EventTypeError;

    fn from_str(text: &str) -> Result<Self, EventTypeError> {
        let allowed = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-');
        let first = text.bytes().next().ok_or(EventTypeError::Code)?;
        let well_formed = text.len() <= Self::MAX_LEN
            && text.bytes().all(allowed)
            && first.is_ascii_alphanumeric();
        if well_formed {
            Ok(Self(text.into()))
        } else {
            Err(EventTypeError::Code)
        }
    }
}

/// What an endpoint subscribes to.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Pattern {
    /// `*`: every event type.
    All,
    /// `resource.*`: every event type below `resource.`, at any depth.
    Below(Arc<str>),
    /// One event type.
    Exactly(EventType),
}

impl Pattern {
    /// Whether an event of this type is wanted.
    pub fn matches(&self, event_type: &EventType) -> bool {
        match self {
            Self::All => true,
            Self::Below(resource) => event_type
                .as_str()
                .strip_prefix(&**resource)
                .is_some_and(|rest| rest.starts_with('.') && rest.len() > 1),
            Self::Exactly(wanted) => wanted == event_type,
        }
    }
}

impl FromStr for Pattern {
    type Err = EventTypeError;

    fn from_str(text: &str) -> Result<Self, EventTypeError> {
        if text == "*" {
            return Ok(Self::All);
        }
        if let Some(resource) = text.strip_suffix(".*") {
            let resource: EventType = resource.parse().map_err(|_| EventTypeError::Star)?;
            return Ok(Self::Below(resource.0));
        }
        if text.contains('*') {
            return Err(EventTypeError::Star);
        }
        text.parse().map(Self::Exactly)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("*"),
            Self::Below(resource) => write!(f, "{resource}.*"),
            Self::Exactly(event_type) => fmt::Display::fmt(event_type, f),
        }
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! text_serde {
    ($($name:ident)*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

text_serde! { EventType Pattern }

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn matches(pattern: &str, code: &str) -> bool {
        let pattern: Pattern = pattern.parse().unwrap();
        pattern.matches(&code.parse().unwrap())
    }

    #[test]
    fn patterns_match_exactly_below_and_everything() {
        assert!(matches("*", "patient.created"));
        assert!(matches("patient.created", "patient.created"));
        assert!(!matches("patient.created", "patient.created.v2"));
        assert!(matches("patient.*", "patient.created"));
        assert!(matches("vitals.*", "vitals.observations.created"));
        assert!(matches(
            "vitals.observations.*",
            "vitals.observations.created"
        ));
        assert!(!matches("patient.*", "patients.created"));
        assert!(!matches("patient.*", "patient"));
        assert!(!matches("patient.*", "patient."));
    }

    #[test]
    fn malformed_patterns_are_refused() {
        for text in ["**", "*.created", "patient.*.x", ".*", "p*"] {
            assert_eq!(text.parse::<Pattern>(), Err(EventTypeError::Star), "{text}");
        }
        for text in ["", "Patient.created", ".created", "a b", "ü"] {
            assert_eq!(
                text.parse::<EventType>(),
                Err(EventTypeError::Code),
                "{text}"
            );
        }
        assert!("x".repeat(129).parse::<EventType>().is_err());
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(code in "[a-z0-9][a-z0-9_-]{0,9}(\\.[a-z0-9_-]{1,9}){0,3}") {
            let exact: Pattern = code.parse().unwrap();
            let below: Pattern = format!("{code}.*").parse().unwrap();
            prop_assert_eq!(exact.to_string(), code.clone());
            prop_assert_eq!(below.to_string(), format!("{code}.*"));
            prop_assert!(exact.matches(&code.parse().unwrap()));
            prop_assert!(!below.matches(&code.parse().unwrap()));
            let deeper: EventType = format!("{code}.x").parse().unwrap();
            prop_assert!(below.matches(&deeper));
        }
    }
}
