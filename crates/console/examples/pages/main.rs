//! Fills a store with deliveries once and times every main page of the console.
//!
//! `cargo run --release -p carehook-console --example pages -- 1000000` prints a line for each page:
//! its address, and its median and longest time in milliseconds, up to its last byte.
//! `cargo xtask bench` reads them.

#[path = "../../../app/examples/figures/filling.rs"]
mod filling;
mod reader;
mod tour;

use std::error::Error;
use std::io::Write as _;
use std::time::Instant;

use carehook_app::{App, AppConfig};
use carehook_console::{ConsoleConfig, router};
use carehook_core::{Clock, ManualClock, Secret, Timestamp};
use carehook_deliver::{DeliverConfig, Deliverer};
use carehook_store::{EmbeddedOptions, MasterKey, Store};
use reader::Reader;

/// How often each page is opened.
const TIMES: usize = 11;
/// 2026-03-10T12:00:00Z.
const START: Timestamp = Timestamp(1_773_144_000_000);
const OPERATOR_KEY: &str = "key-1";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let wanted = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "20000".to_owned());
    let directory = tempfile::tempdir()?;
    let clock = ManualClock::at(START);
    let at = Clock::Manual(clock.clone());
    let master = MasterKey::new([7; 32]);
    let store = Store::open_embedded(directory.path(), master, &at, EmbeddedOptions::default())?;
    let config = AppConfig {
        operator_key: Some(Secret::new(OPERATOR_KEY)),
        ..AppConfig::default()
    };
    let deliverer = Deliverer::new(DeliverConfig::default())?;
    let app = App::new(config, store.clone(), deliverer, at);
    let begun = Instant::now();
    filling::fill(&app, &store, &clock, wanted.parse()?).await?;
    store.keep_statistics().await?;
    say(&format!("# filled in {} s", begun.elapsed().as_secs()))?;
    let pages = router(app.clone(), &ConsoleConfig::default())?;
    let operator = Reader::operator(&app, pages).await?;
    for page in tour::pages(&operator, filling::ORGANIZATION).await? {
        time(&operator, &page).await?;
    }
    store.close().await;
    Ok(())
}

/// Opens a page and says how long it took.
async fn time(reader: &Reader, page: &str) -> Result<(), Box<dyn Error>> {
    let mut times = Vec::with_capacity(TIMES);
    for _ in 0..TIMES {
        let begun = Instant::now();
        reader.page(page).await?;
        times.push(begun.elapsed().as_secs_f64() * 1_000.0);
    }
    times.sort_by(f64::total_cmp);
    let median = times.get(TIMES / 2).copied().unwrap_or_default();
    let longest = times.last().copied().unwrap_or_default();
    say(&format!("{page}\t{median:.1}\t{longest:.1}"))
}

fn say(line: &str) -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}
