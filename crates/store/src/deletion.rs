//! What is still known of an endpoint that was deleted.

use carehook_core::{Dialect, Endpoint, Mode};

/// Who may know that an endpoint was there: what decided who saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeletedEndpoint {
    /// The dialect that it spoke.
    pub dialect: Dialect,
    /// Its mode.
    pub mode: Mode,
}

impl From<&Endpoint> for DeletedEndpoint {
    fn from(endpoint: &Endpoint) -> Self {
        Self {
            dialect: endpoint.dialect,
            mode: endpoint.mode,
        }
    }
}
