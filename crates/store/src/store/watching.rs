//! The contract of watching: news of commits for people, beside the hints for the engine.

use super::Store;
use crate::DeliveryWatch;

impl Store {
    /// Hears of every delivery that is made, attempted, made due again or called off from now on,
    /// of all organizations. What was committed is told to all watchers; one that is slow misses
    /// some and is told so, and nobody ever waits for it. Without watchers it costs nothing.
    ///
    /// Deliveries that end with their endpoint or organization are not told one by one.
    pub fn watch_deliveries(&self) -> DeliveryWatch {
        let Self::Embedded(store) = self;
        store.watch_deliveries()
    }
}
