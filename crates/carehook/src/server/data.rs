//! Opening the data directory.

use carehook_core::Clock;
use carehook_store::{EmbeddedOptions, OpenError, Store};

use crate::config::DataConfig;

/// The data directory cannot be used; says what to do where that is known.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenDataError {
    #[error("open the data directory ({0})")]
    Hinted(&'static str, #[source] OpenError),
    #[error("open the data directory")]
    Plain(#[source] OpenError),
}

impl From<OpenError> for OpenDataError {
    fn from(error: OpenError) -> Self {
        let hint = match &error {
            OpenError::Locked(_) => "is another `carehook serve` running?",
            OpenError::WrongMasterKey => {
                "set CAREHOOK_MASTER_KEY to the key of the first start; --dev keeps it in master.key"
            }
            OpenError::Io { .. }
            | OpenError::Database { .. }
            | OpenError::Newer { .. }
            | OpenError::Unreadable(_) => return Self::Plain(error),
        };
        Self::Hinted(hint, error)
    }
}

/// Opens the store, and puts the clock no earlier than what is stored.
pub(crate) fn open_store(data: &DataConfig, clock: Clock) -> Result<(Store, Clock), OpenDataError> {
    let options = EmbeddedOptions::default();
    let store = Store::open_embedded(&data.directory, data.master_key.clone(), &clock, options)?;
    let clock = clock.not_before(store.newest_time());
    Ok((store, clock))
}
