//! Codes and ids of catalogue entries; an id follows from the code, so it is the same everywhere.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{EventType, IdError};

/// What is wrong with a category's code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a category's code has 1 to {} characters of a-z, 0-9, . _ and - and begins with a letter or digit",
    EventType::MAX_LEN
)]
pub struct CategoryCodeError;

/// The code of a category, such as `appointments`; spelled by the rules of an event type.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CategoryCode(Arc<str>);

impl CategoryCode {
    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CategoryCode {
    type Err = CategoryCodeError;

    fn from_str(text: &str) -> Result<Self, CategoryCodeError> {
        match text.parse::<EventType>() {
            Ok(_) => Ok(Self(text.into())),
            Err(_) => Err(CategoryCodeError),
        }
    }
}

impl TryFrom<String> for CategoryCode {
    type Error = CategoryCodeError;

    fn try_from(text: String) -> Result<Self, CategoryCodeError> {
        text.parse()
    }
}

impl From<CategoryCode> for String {
    fn from(code: CategoryCode) -> Self {
        code.as_str().to_owned()
    }
}

impl fmt::Display for CategoryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for CategoryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The name space of the ids of catalogue entries (RFC 9562, 5.5); must never change.
const ENTRIES: Uuid = Uuid::from_u128(0x6f1d_3a52_8c0e_4b7f_9a35_2d7e_41c8_b096);

fn named(kind: &str, name: &str) -> Uuid {
    Uuid::new_v5(&ENTRIES, format!("{kind}:{name}").as_bytes())
}

macro_rules! entry_ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                // `Uuid` also reads braces and URNs; ids have one spelling only.
                if text.len() != 36 {
                    return Err(IdError::NotUuid);
                }
                let id = Uuid::parse_str(text).map_err(|_| IdError::NotUuid)?;
                Ok(Self(id))
            }
        }
    )*};
}

entry_ids! {
    /// Names a category: a `UUIDv5` of its code.
    CategoryId;
    /// Names an event type: a `UUIDv5` of its code.
    EventTypeId;
    /// Names a sample payload: a `UUIDv5` of its event type and version.
    SampleId;
}

impl CategoryId {
    /// The id of the category with this code.
    pub fn of(code: &CategoryCode) -> Self {
        Self(named("category", code.as_str()))
    }
}

impl EventTypeId {
    /// The id of the event type with this code.
    pub fn of(code: &EventType) -> Self {
        Self(named("event_type", code.as_str()))
    }
}

impl SampleId {
    /// The id of an event type's sample of this version.
    pub fn of(code: &EventType, version: &str) -> Self {
        Self(named("sample", &format!("{code}:{version}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_follow_from_kind_and_code_and_stay_the_same_for_ever() {
        let category = CategoryId::of(&"patients".parse().unwrap());
        let event_type = EventTypeId::of(&"patients".parse().unwrap());
        assert_eq!(category.to_string(), "165375e8-7777-5ff0-af7b-954d23b2800a");
        assert_eq!(
            event_type.to_string(),
            "f517db30-a817-53fb-8c64-04dbf2c7cdac"
        );
        let sample = SampleId::of(&"patients".parse().unwrap(), "v1");
        assert_eq!(sample.to_string(), "9eb14950-a0e9-52de-9059-7724797df7ff");
    }

    #[test]
    fn an_id_has_one_spelling() {
        let id = EventTypeId::of(&"ping".parse().unwrap());
        assert_eq!(id.to_string().parse(), Ok(id));
        for text in ["", "ping", &format!("{{{id}}}"), &format!("urn:uuid:{id}")] {
            assert_eq!(text.parse::<EventTypeId>(), Err(IdError::NotUuid), "{text}");
        }
    }
}
