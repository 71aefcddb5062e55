//! Values that ECG's own samples spell as texts: numbers, truth values, and objects.
//!
//! The document declares them as what they are and shows them in quotes; both are taken.

use carehook_core::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// `true`, or `"true"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Truth(pub(super) bool);

impl<'de> Deserialize<'de> for Truth {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        match raw.get().trim_matches('"') {
            "true" => Ok(Self(true)),
            "false" => Ok(Self(false)),
            _ => Err(serde::de::Error::custom("must be a boolean value")),
        }
    }
}

/// A whole number, or one in quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Whole(pub(super) i64);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let parsed = raw.get().trim_matches('"').parse();
        let refused = |_| serde::de::Error::custom("must be a whole number");
        parsed.map(Self).map_err(refused)
    }
}

/// A JSON object, or a text that holds one.
pub(super) struct ObjectOrText(pub(super) Box<RawValue>);

impl<'de> Deserialize<'de> for ObjectOrText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        if !raw.get().starts_with('"') {
            return Ok(Self(raw));
        }
        let inner = serde_json::from_str::<String>(raw.get()).and_then(RawValue::from_string);
        Ok(Self(inner.unwrap_or(raw)))
    }
}

/// An RFC 3339 time, or an empty text for none.
pub(super) fn time(text: &str) -> Option<Result<Timestamp, &'static str>> {
    let given = (!text.is_empty()).then_some(text)?;
    let parsed = given.parse();
    Some(parsed.map_err(|_| "must be a valid ISO 8601 date string"))
}

/// A time as [`time`] takes it, the beginning of a day (UTC), or milliseconds since 1970.
pub(super) fn moment(text: &str) -> Option<Result<Timestamp, &'static str>> {
    let milliseconds = || text.parse().ok().map(Timestamp);
    let day = || format!("{text}T00:00:00Z").parse().ok();
    let exact = time(text)?;
    let others = || milliseconds().or_else(day);
    Some(exact.or_else(|reason| others().ok_or(reason)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_values_are_taken_for_what_they_hold() {
        let truth = |text| serde_json::from_str::<Truth>(text).ok();
        assert_eq!(truth("true"), Some(Truth(true)));
        assert_eq!(truth("\"false\""), Some(Truth(false)));
        assert_eq!(truth("1"), None);
        let whole = |text| serde_json::from_str::<Whole>(text).ok();
        assert_eq!(whole("200"), Some(Whole(200)));
        assert_eq!(whole("\"200\""), Some(Whole(200)));
        assert_eq!(whole("2.5"), None);
        assert_eq!(whole("{}"), None);
        let object = |text| {
            let parsed: ObjectOrText = serde_json::from_str(text).unwrap();
            parsed.0.get().to_owned()
        };
        assert_eq!(object("{\"a\":1.10}"), "{\"a\":1.10}");
        assert_eq!(object("\"{\\\"a\\\":1.10}\""), "{\"a\":1.10}");
        assert_eq!(object("\"{vitals:100}\""), "\"{vitals:100}\"");
        let expected = Some(Ok(Timestamp(1_660_780_800_000)));
        for spelled in ["2022-08-18T00:00:00Z", "2022-08-18", "1660780800000"] {
            assert_eq!(moment(spelled), expected, "{spelled}");
        }
        assert_eq!(moment(""), None);
        assert!(moment("2022-08").unwrap().is_err());
        assert_eq!(time(""), None);
        assert_eq!(
            time("soon"),
            Some(Err("must be a valid ISO 8601 date string"))
        );
    }
}
