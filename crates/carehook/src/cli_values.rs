//! Values of flags that several commands take.

use carehook_core::Dialect;
use clap::ValueEnum;

/// A dialect on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DialectName {
    /// Ours: Standard Webhooks
    Native,
    /// Jump EHR
    Jump,
    /// Decoda
    Decoda,
    /// MYCURE
    Mycure,
    /// ECG's Webhooks Module
    Ecg,
}

impl From<DialectName> for Dialect {
    fn from(name: DialectName) -> Self {
        match name {
            DialectName::Native => Self::Native,
            DialectName::Jump => Self::Jump,
            DialectName::Decoda => Self::Decoda,
            DialectName::Mycure => Self::Mycure,
            DialectName::Ecg => Self::Ecg,
        }
    }
}
