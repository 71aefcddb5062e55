//! Opening the data directory.

use carehook_core::Clock;
use carehook_store::{EmbeddedOptions, MasterKey, OpenError, Store};

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
                "set CAREHOOK_MASTER_KEY (or what CAREHOOK_MASTER_KEY_FILE or _COMMAND gives) to the key \
                 of the first start or of the last rotation; --dev keeps it in master.key"
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
    let open = |key| Store::open_embedded(&data.directory, key, &clock, options);
    let store = match open(data.master_key.clone()) {
        Err(OpenError::WrongMasterKey) => open_after_rotation(data, open)?,
        opened => opened?,
    };
    let clock = clock.not_before(store.newest_time());
    Ok((store, clock))
}

/// A rotation may have ended before the configuration was changed.
fn open_after_rotation(
    data: &DataConfig,
    open: impl FnOnce(MasterKey) -> Result<Store, OpenError>,
) -> Result<Store, OpenError> {
    let next = data.next_master_key.as_ref();
    let next = next.and_then(|source| source.read().ok());
    let store = open(next.ok_or(OpenError::WrongMasterKey)?)?;
    tracing::warn!(
        "the master key was rotated: put the next key where this server reads its master key from \
         (CAREHOOK_MASTER_KEY, its file or its command), and remove the setting of the next one"
    );
    Ok(store)
}
