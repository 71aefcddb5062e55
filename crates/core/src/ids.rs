//! The ids of the domain: newtypes that are checked once and never mixed up.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What is wrong with an id that came from outside.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// The text is empty or longer than the kind of id allows.
    #[error("an id has 1 to {max} characters")]
    Length {
        /// The most characters that this kind of id may have.
        max: usize,
    },
    /// The text has a character outside `A-Z a-z 0-9 . _ : -`.
    #[error("an id consists of letters, digits and . _ : -")]
    Character,
    /// The text is not a UUID.
    #[error("the id is not a UUID")]
    NotUuid,
}

/// A `UUIDv7` (RFC 9562) whose lower bits carry the number of a stored record.
///
/// Layout: 48 bits of Unix milliseconds, 42 bits of record number, 32 bits of salt. A store can
/// go from an id to its row without an index, and ids sort by time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RecordId(Uuid);

impl RecordId {
    /// The largest record number that fits.
    pub const MAX_NUMBER: u64 = (1 << 42) - 1;

    /// Builds an id from milliseconds since 1970, a record number and a salt.
    ///
    /// Numbers above [`Self::MAX_NUMBER`] are cut to their lower 42 bits.
    pub fn new(millis: i64, number: u64, salt: u32) -> Self {
        let number = u128::from(number & Self::MAX_NUMBER);
        let time = u128::from(millis.max(0).cast_unsigned() & 0xffff_ffff_ffff);
        let value = (time << 80)
            | (0x7 << 76)
            | ((number >> 30) << 64)
            | (0b10 << 62)
            | ((number & 0x3fff_ffff) << 32)
            | u128::from(salt);
        Self(Uuid::from_u128(value))
    }

    /// The milliseconds since 1970 in the id.
    pub fn millis(self) -> i64 {
        i64::try_from(self.0.as_u128() >> 80).expect("48 bits fit into an i64")
    }

    /// The record number in the id.
    pub fn number(self) -> u64 {
        let value = self.0.as_u128();
        let high = (value >> 64) & 0xfff;
        let low = (value >> 32) & 0x3fff_ffff;
        u64::try_from((high << 30) | low).expect("42 bits fit into a u64")
    }

    /// The salt in the id.
    pub fn salt(self) -> u32 {
        u32::try_from(self.0.as_u128() & 0xffff_ffff).expect("32 bits fit into a u32")
    }

    /// The id as 16 bytes, most significant first.
    pub fn to_bytes(self) -> [u8; 16] {
        self.0.into_bytes()
    }

    /// Reads what [`Self::to_bytes`] wrote.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl fmt::Debug for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for RecordId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        // `Uuid` also reads braces and URNs; ids have one spelling only.
        if text.len() != 36 {
            return Err(IdError::NotUuid);
        }
        Uuid::parse_str(text)
            .map(Self)
            .map_err(|_| IdError::NotUuid)
    }
}

macro_rules! record_ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub RecordId);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                text.parse().map(Self)
            }
        }
    )*};
}

record_ids! {
    /// Names an endpoint.
    EndpointId;
    /// Names a delivery: one event owed to one endpoint.
    DeliveryId;
    /// Names an attempt: one HTTP request made for a delivery.
    AttemptId;
    /// Names an API key.
    ApiKeyId;
    /// Names an operator key.
    OperatorKeyId;
    /// Names a session.
    SessionId;
    /// Names an erasure.
    ErasureId;
    /// Names a replay.
    ReplayId;
}

impl AttemptId {
    /// The id of a delivery's `number`-th attempt; it follows from the delivery's own.
    pub fn of(delivery: DeliveryId, number: u32) -> Self {
        Self(RecordId::new(
            delivery.0.millis(),
            delivery.0.number(),
            number,
        ))
    }

    /// The delivery that it was made for.
    pub fn delivery(self) -> DeliveryId {
        DeliveryId(RecordId::new(self.0.millis(), self.0.number(), 0))
    }

    /// 1 for the first attempt of the delivery.
    pub fn number(self) -> u32 {
        self.0.salt()
    }
}

macro_rules! text_ids {
    ($($(#[$doc:meta])* $name:ident, $max:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The most characters that this id may have.
            pub const MAX_LEN: usize = $max;

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                check_text(text, $max).map(|()| Self(text.into()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

text_ids! {
    /// Names an organization (a tenant).
    OrganizationId, 64;
    /// Names an account: an optional part of an organization.
    AccountId, 64;
}

fn check_text(text: &str, max: usize) -> Result<(), IdError> {
    if text.is_empty() || text.len() > max {
        return Err(IdError::Length { max });
    }
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b':' | b'-');
    // `.` and `..` would vanish when a client puts the id into a URL path.
    if !text.bytes().all(allowed) || text.bytes().all(|b| b == b'.') {
        return Err(IdError::Character);
    }
    Ok(())
}

/// Names an event: made by Carehook (`evt_` and 32 hex digits) or given by the publisher.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum EventId {
    /// Made at accept; leads to its record.
    Made(RecordId),
    /// Given by the publisher as the `id` of its event.
    Given(Arc<str>),
}

impl EventId {
    /// The most characters of a given id.
    pub const MAX_LEN: usize = 128;

    fn made_from(text: &str) -> Option<RecordId> {
        let hex = text.strip_prefix("evt_").filter(|hex| hex.len() == 32)?;
        if !hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return None;
        }
        let value = u128::from_str_radix(hex, 16).ok()?;
        let uuid = Uuid::from_u128(value);
        (uuid.get_version_num() == 7).then_some(RecordId(uuid))
    }
}

impl FromStr for EventId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        if let Some(id) = Self::made_from(text) {
            return Ok(Self::Made(id));
        }
        check_text(text, Self::MAX_LEN).map(|()| Self::Given(text.into()))
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Made(id) => write!(f, "evt_{}", id.0.simple()),
            Self::Given(text) => f.write_str(text),
        }
    }
}

impl fmt::Debug for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_record_id_gives_back_its_parts(
            millis in 0i64..(1 << 47), number in 0u64..=RecordId::MAX_NUMBER, salt: u32,
        ) {
            let id = RecordId::new(millis, number, salt);
            prop_assert_eq!((id.millis(), id.number(), id.salt()), (millis, number, salt));
            prop_assert_eq!(id.0.get_version_num(), 7);
            prop_assert_eq!(id.0.get_variant(), uuid::Variant::RFC4122);
            prop_assert_eq!(id.to_string().parse::<RecordId>(), Ok(id));
            let event = EventId::Made(id);
            prop_assert_eq!(event.to_string().parse::<EventId>(), Ok(event));
        }

        #[test]
        fn record_ids_sort_by_time_then_number(
            a in (0i64..1 << 40, 0u64..1000), b in (0i64..1 << 40, 0u64..1000), s: u32, t: u32,
        ) {
            prop_assume!(a != b);
            let (x, y) = (RecordId::new(a.0, a.1, s), RecordId::new(b.0, b.1, t));
            prop_assert_eq!(x.cmp(&y), a.cmp(&b));
        }
    }

    #[test]
    fn ids_from_outside_are_checked() {
        let check = |text: &str| text.parse::<OrganizationId>().map(|id| id.to_string());
        assert_eq!(check("northside-1"), Ok("northside-1".into()));
        assert_eq!(check(""), Err(IdError::Length { max: 64 }));
        assert_eq!(check(&"x".repeat(65)), Err(IdError::Length { max: 64 }));
        assert_eq!(check("a/b"), Err(IdError::Character));
        assert_eq!(check(".."), Err(IdError::Character));
        assert_eq!(check("ü"), Err(IdError::Character));
    }

    #[test]
    fn an_event_id_is_made_or_given() {
        let made = EventId::Made(RecordId::new(1, 2, 3));
        assert!(matches!(made.to_string().parse(), Ok(EventId::Made(_))));
        // Upper case and other UUID versions are the publisher's own text.
        let upper = made.to_string().to_uppercase();
        assert!(matches!(upper.parse(), Ok(EventId::Given(_))));
        let v4 = "evt_00000000000040008000000000000000";
        assert!(matches!(v4.parse(), Ok(EventId::Given(_))));
        assert!("order 1".parse::<EventId>().is_err());
    }
}
