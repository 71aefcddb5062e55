//! News of deliveries for watchers, made only while there are some.

use std::sync::Arc;

use carehook_core::{DeliveryId, EndpointId};
use tokio::sync::broadcast;

use super::EmbeddedStore;
use super::control::Control;
use super::shared::Shared;
use super::statistics::Counted;
use crate::{DeliveryChange, DeliveryNews, DeliveryWatch, DueDelivery};

/// Commits that a watcher may be behind.
const BEHIND: usize = 256;

/// Tells watchers.
pub(super) struct Watchers(broadcast::Sender<Arc<[DeliveryNews]>>);

impl Default for Watchers {
    fn default() -> Self {
        Self(broadcast::Sender::new(BEHIND))
    }
}

impl Watchers {
    pub(super) fn are_there(&self) -> bool {
        self.0.receiver_count() > 0
    }

    fn tell(&self, news: Vec<DeliveryNews>) {
        if !news.is_empty() {
            // The last watcher may have gone meanwhile.
            drop(self.0.send(news.into()));
        }
    }
}

impl EmbeddedStore {
    pub(crate) fn watch_deliveries(&self) -> DeliveryWatch {
        DeliveryWatch(self.shared.watchers.0.subscribe())
    }
}

impl Shared {
    /// Tells of a committed group.
    pub(super) fn tell_of_group(&self, made: &[DueDelivery], attempted: &[Counted]) {
        if !self.watchers.are_there() {
            return;
        }
        let control = self.control.read();
        let made = made.iter().map(|due| DeliveryNews {
            organization: due.event.organization.clone(),
            mode: due.event.mode,
            endpoint: due.endpoint,
            delivery: due.id,
            what: DeliveryChange::Made,
        });
        let attempted = attempted.iter().filter_map(|counted| {
            let endpoint = control.endpoint_id(counted.endpoint)?;
            let what = DeliveryChange::Attempted(counted.meaning);
            news(&control, endpoint, counted.delivery, what)
        });
        self.watchers.tell(made.chain(attempted).collect());
    }

    /// Tells of deliveries that were changed without an attempt.
    pub(super) fn tell_of_change(
        &self,
        deliveries: impl IntoIterator<Item = (EndpointId, DeliveryId)>,
        what: DeliveryChange,
    ) {
        if !self.watchers.are_there() {
            return;
        }
        let control = self.control.read();
        let changed = deliveries.into_iter();
        let changed =
            changed.filter_map(|(endpoint, delivery)| news(&control, endpoint, delivery, what));
        self.watchers.tell(changed.collect());
    }
}

/// An endpoint has the mode of its deliveries.
fn news(
    control: &Control,
    endpoint: EndpointId,
    delivery: DeliveryId,
    what: DeliveryChange,
) -> Option<DeliveryNews> {
    let place = control.place(endpoint)?;
    let living = control.endpoint(endpoint).map(|endpoint| endpoint.mode);
    Some(DeliveryNews {
        organization: control.organization_id(place.organization)?.clone(),
        mode: living.or_else(|| control.deleted(endpoint).map(|deleted| deleted.mode))?,
        endpoint,
        delivery,
        what,
    })
}
