//! The master key on the wire: never the key itself.

use serde::Serialize;
use utoipa::ToSchema;

/// A rotation of the master key that is done.
#[derive(Serialize, ToSchema)]
#[schema(as = RotatedMasterKey, example = json!({"data_keys": 62}))]
pub(crate) struct RotatedMasterKeyOut {
    /// How many data keys it wraps now.
    pub(crate) data_keys: usize,
}
