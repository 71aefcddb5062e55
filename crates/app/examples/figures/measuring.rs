//! A full store, and how long what is asked of it takes; for programs that measure.

use std::error::Error;
use std::io::Write as _;
use std::time::Instant;

use carehook_app::{App, AppConfig};
use carehook_core::{Clock, ManualClock, Secret, Timestamp};
use carehook_deliver::{DeliverConfig, Deliverer};
use carehook_store::{EmbeddedOptions, MasterKey, Store};

use crate::filling;

/// 2026-03-10T12:00:00Z.
pub(crate) const START: Timestamp = Timestamp(1_773_144_000_000);
pub(crate) const OPERATOR_KEY: &str = "key-1";

/// An application on a full store; what it keeps goes when this is dropped.
pub(crate) struct Full {
    pub(crate) app: App,
    pub(crate) store: Store,
    _directory: tempfile::TempDir,
}

impl Full {
    /// Makes as many deliveries as the first word of the command line says.
    pub(crate) async fn of_the_wanted_size() -> Result<Self, Box<dyn Error>> {
        let wanted = std::env::args().nth(1);
        let wanted = wanted.unwrap_or_else(|| "20000".to_owned()).parse()?;
        let directory = tempfile::tempdir()?;
        let clock = ManualClock::at(START);
        let at = Clock::Manual(clock.clone());
        let (master, options) = (MasterKey::new([7; 32]), EmbeddedOptions::default());
        let store = Store::open_embedded(directory.path(), master, &at, options)?;
        let config = AppConfig {
            operator_key: Some(Secret::new(OPERATOR_KEY)),
            ..AppConfig::default()
        };
        let deliverer = Deliverer::new(DeliverConfig::default())?;
        let app = App::new(config, store.clone(), deliverer, at);
        let begun = Instant::now();
        filling::fill(&app, &store, &clock, wanted).await?;
        store.keep_statistics().await?;
        say(&format!("# filled in {} s", begun.elapsed().as_secs()))?;
        Ok(Self {
            app,
            store,
            _directory: directory,
        })
    }
}

/// Asks so often, and prints how long it took: the median and the longest, in milliseconds.
pub(crate) async fn time<T, E: Into<Box<dyn Error>>>(
    name: &str,
    times: usize,
    mut ask: impl AsyncFnMut() -> Result<T, E>,
) -> Result<(), Box<dyn Error>> {
    let mut taken = Vec::with_capacity(times);
    for _ in 0..times {
        let begun = Instant::now();
        ask().await.map_err(Into::into)?;
        taken.push(begun.elapsed().as_secs_f64() * 1_000.0);
    }
    taken.sort_by(f64::total_cmp);
    let median = taken.get(times / 2).copied().unwrap_or_default();
    let longest = taken.last().copied().unwrap_or_default();
    say(&format!("{name}\t{median:.1}\t{longest:.1}"))
}

fn say(line: &str) -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}
