//! Fills a store with deliveries once and times every main page of the console.
//!
//! `cargo run --release -p carehook-console --example pages -- 1000000` prints a line for each page:
//! its address, and its median and longest time in milliseconds, up to its last byte.
//! `cargo xtask bench` reads them.

#[path = "../../../app/examples/figures/filling.rs"]
mod filling;
#[path = "../../../app/examples/figures/measuring.rs"]
mod measuring;
mod reader;
mod tour;

use std::error::Error;

use carehook_console::{ConsoleConfig, router};
use measuring::{Full, OPERATOR_KEY};
use reader::Reader;

/// How often each page is opened.
const TIMES: usize = 11;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let full = Full::of_the_wanted_size().await?;
    let pages = router(full.app.clone(), &ConsoleConfig::default())?;
    let operator = Reader::operator(&full.app, pages).await?;
    for page in tour::pages(&operator, filling::ORGANIZATION).await? {
        measuring::time(&page, TIMES, async || operator.page(&page).await).await?;
    }
    full.store.close().await;
    Ok(())
}
