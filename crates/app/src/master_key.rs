//! The master key: rotated by the operator, to a key that the configuration names.

use std::fmt;
use std::sync::Arc;

use carehook_core::AuditAction;
use carehook_store::MasterKey;

use crate::{App, AppError, Operator};

/// Where the next master key comes from: read when a rotation is asked for, never out of a request.
#[derive(Clone)]
pub struct NextMasterKey(Arc<dyn Fn() -> Result<MasterKey, String> + Send + Sync>);

impl NextMasterKey {
    /// Takes what reads the key. It may block; a reason is shown to the operator.
    pub fn new(read: impl Fn() -> Result<MasterKey, String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }
}

impl fmt::Debug for NextMasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NextMasterKey")
    }
}

impl App {
    /// Goes over to the next master key; how many data keys it wraps now.
    ///
    /// # Errors
    /// [`AppError::Conflict`] says why there is no next key, or that it is in use already.
    pub async fn rotate_master_key(&self, operator: &Operator) -> Result<usize, AppError> {
        let Some(NextMasterKey(read)) = self.inner().next_master_key.clone() else {
            return Err(AppError::conflict(
                "there is no next master key: set CAREHOOK_MASTER_KEY_NEXT, \
                 CAREHOOK_MASTER_KEY_NEXT_FILE or CAREHOOK_MASTER_KEY_NEXT_COMMAND",
            ));
        };
        let key = tokio::task::spawn_blocking(move || read()).await;
        let key = key.map_err(|error| AppError::unfinished(&error))?;
        let key = key.map_err(|reason| {
            AppError::conflict(format!("the next master key cannot be used: {reason}"))
        })?;
        let object = "master-key".to_owned();
        let entry = operator.entry(self.now(), AuditAction::MasterKeyRotated, object);
        let noting = self.noting_for_all(entry);
        let count = noting.rotate_master(key).await?;
        tracing::info!(data_keys = count, "the master key was rotated");
        Ok(count)
    }
}
