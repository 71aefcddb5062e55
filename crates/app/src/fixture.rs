//! For tests: an application on an embedded store of its own.

use carehook_core::{Clock, ManualClock, Timestamp};
use carehook_deliver::{DeliverConfig, Deliverer};
use carehook_store::{EmbeddedOptions, MasterKey, Store};
use tempfile::TempDir;

use crate::{App, AppConfig};

/// The application, and the directory that goes with its owner.
pub(crate) fn app_with(config: AppConfig) -> (App, TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::Manual(ManualClock::at(Timestamp(1_773_656_465_000)));
    let master = MasterKey::new([7; 32]);
    let options = EmbeddedOptions::default();
    let store = Store::open_embedded(directory.path(), master, &clock, options).unwrap();
    let deliverer = Deliverer::new(DeliverConfig::default()).unwrap();
    let app = App::new(config, store, deliverer, clock);
    (app, directory)
}
