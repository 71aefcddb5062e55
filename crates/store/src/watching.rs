//! News of deliveries for people who watch: as they are committed, and never the only trace.

use std::sync::Arc;

use carehook_core::{DeliveryId, EndpointId, Mode, OrganizationId};
use tokio::sync::broadcast;

use crate::Meaning;

/// What happened to a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryNews {
    /// Whose it is.
    pub organization: OrganizationId,
    /// Live or test.
    pub mode: Mode,
    /// The receiver.
    pub endpoint: EndpointId,
    /// The delivery.
    pub delivery: DeliveryId,
    /// What happened to it.
    pub what: DeliveryChange,
}

/// See [`DeliveryNews`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryChange {
    /// It was made.
    Made,
    /// An attempt ended.
    Attempted(Meaning),
    /// Somebody made it due again.
    Retried,
    /// It ended without an attempt.
    Ended,
}

/// What a watcher is told.
#[derive(Clone, Debug)]
pub enum Watched {
    /// What was committed together, in its order.
    News(Arc<[DeliveryNews]>),
    /// There was more than the watcher took: it has to look for itself.
    Missed,
}

/// Hears of deliveries from its making on, until it is dropped.
#[derive(Debug)]
pub struct DeliveryWatch(pub(crate) broadcast::Receiver<Arc<[DeliveryNews]>>);

impl DeliveryWatch {
    /// Waits for the next news; `None` when the store was closed.
    pub async fn next(&mut self) -> Option<Watched> {
        match self.0.recv().await {
            Ok(news) => Some(Watched::News(news)),
            Err(broadcast::error::RecvError::Lagged(_)) => Some(Watched::Missed),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}
