//! Whose signature a request is expected to have.

use carehook_core::Dialect;
use clap::ValueEnum;
use clap::builder::PossibleValue;
use http::HeaderMap;

use super::signatures;
use crate::cli_values::DialectName;

/// A dialect, or what the headers say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    /// Recognised by the headers.
    Auto,
    /// This one.
    Of(DialectName),
}

impl Expected {
    pub(super) fn resolve(self, headers: &HeaderMap) -> Dialect {
        match self {
            Self::Auto => signatures::recognise(headers),
            Self::Of(name) => name.into(),
        }
    }
}

impl ValueEnum for Expected {
    fn value_variants<'a>() -> &'a [Self] {
        &[
            Self::Auto,
            Self::Of(DialectName::Native),
            Self::Of(DialectName::Jump),
            Self::Of(DialectName::Decoda),
            Self::Of(DialectName::Mycure),
            Self::Of(DialectName::Ecg),
        ]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        match self {
            Self::Auto => Some(PossibleValue::new("auto").help("Recognised by the headers")),
            Self::Of(name) => name.to_possible_value(),
        }
    }
}
