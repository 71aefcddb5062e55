//! Fields of a PATCH: left out, null, or a value.

use std::fmt::Display;

use carehook_app::{Change, Faults};
use serde::{Deserialize, Deserializer};

/// A field of a PATCH.
#[derive(Debug)]
pub(crate) struct Patch<T>(pub(crate) Change<T>);

impl<T> Default for Patch<T> {
    fn default() -> Self {
        Self(Change::Keep)
    }
}

impl<T> Patch<T> {
    /// A field that cannot be cleared.
    pub(crate) fn required(self, pointer: &str, faults: &mut Faults) -> Option<T> {
        match self.0 {
            Change::Keep => None,
            Change::Clear => {
                faults.add(pointer, "cannot be null");
                None
            }
            Change::Set(value) => Some(value),
        }
    }

    /// A field whose null stands for the empty value.
    pub(crate) fn or_empty(self) -> Option<T>
    where
        T: Default,
    {
        match self.0 {
            Change::Keep => None,
            Change::Clear => Some(T::default()),
            Change::Set(value) => Some(value),
        }
    }

    /// A field whose value has a form.
    pub(crate) fn read<U, E: Display>(
        self,
        pointer: &str,
        faults: &mut Faults,
        read: impl FnOnce(T) -> Result<U, E>,
    ) -> Change<U> {
        match self.0 {
            Change::Keep => Change::Keep,
            Change::Clear => Change::Clear,
            Change::Set(value) => match faults.take(pointer, read(value)) {
                Some(value) => Change::Set(value),
                None => Change::Keep,
            },
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Option::<T>::deserialize(deserializer)?;
        Ok(Self(value.map_or(Change::Clear, Change::Set)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Body {
        #[serde(default)]
        field: Patch<u8>,
    }

    #[test]
    fn left_out_null_and_a_value_are_three_things() {
        let read = |text| serde_json::from_str::<Body>(text).unwrap().field.0;
        assert_eq!(read("{}"), Change::Keep);
        assert_eq!(read(r#"{"field": null}"#), Change::Clear);
        assert_eq!(read(r#"{"field": 7}"#), Change::Set(7));
    }
}
