//! How `serde` reads and writes a [`JsonText`] in a definition: as the JSON object that it is.

use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::JsonText;

pub(super) fn serialize<S: Serializer>(text: &JsonText, serializer: S) -> Result<S::Ok, S::Error> {
    let raw = text.to_raw().map_err(S::Error::custom)?;
    raw.serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<JsonText, D::Error> {
    checked(&Box::<RawValue>::deserialize(deserializer)?)
}

fn checked<E: serde::de::Error>(raw: &RawValue) -> Result<JsonText, E> {
    JsonText::object(raw).map_err(E::custom)
}

/// The same for a field that may be missing or null.
pub(super) mod optional {
    use serde::{Deserialize, Deserializer, Serializer};
    use serde_json::value::RawValue;

    use crate::JsonText;

    #[expect(
        clippy::ref_option,
        reason = "serde hands over a reference to the field"
    )]
    pub(in crate::catalogue) fn serialize<S: Serializer>(
        text: &Option<JsonText>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match text {
            Some(text) => super::serialize(text, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(in crate::catalogue) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<JsonText>, D::Error> {
        Option::<Box<RawValue>>::deserialize(deserializer)?
            .map(|raw| super::checked(&raw))
            .transpose()
    }
}

/// The same for an object of them.
pub(super) mod by_name {
    use std::collections::BTreeMap;

    use serde::ser::{Error as _, SerializeMap as _};
    use serde::{Deserialize, Deserializer, Serializer};
    use serde_json::value::RawValue;

    use crate::JsonText;

    pub(in crate::catalogue) fn serialize<S: Serializer>(
        texts: &BTreeMap<String, JsonText>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(texts.len()))?;
        for (name, text) in texts {
            map.serialize_entry(name, &text.to_raw().map_err(S::Error::custom)?)?;
        }
        map.end()
    }

    pub(in crate::catalogue) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<String, JsonText>, D::Error> {
        let texts = BTreeMap::<String, Box<RawValue>>::deserialize(deserializer)?.into_iter();
        texts
            .map(|(name, raw)| Ok((name, super::checked(&raw)?)))
            .collect()
    }
}
