//! `disk`: what one small write and its sync take, without any database.

use std::fs::{self, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context as _, Result};
use clap::Args;
use serde_json::json;

use crate::print_json;
use crate::quantiles::Samples;

#[derive(Args)]
pub(crate) struct Arguments {
    /// A folder on the disk
    #[arg(long)]
    folder: PathBuf,
    /// How often
    #[arg(long, default_value_t = 300)]
    count: u32,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let path = arguments.folder.join("carehook-load.sync");
    let mut file = OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(true)
        .open(&path)
        .with_context(|| format!("create {}", path.display()))?;
    let mut samples = Samples::default();
    for round in 0..arguments.count {
        let start = Instant::now();
        // Like a write-ahead log that has its size already: the same pages again and again.
        file.seek(SeekFrom::Start(u64::from(round % 64) * 4_096))?;
        file.write_all(&[round.to_le_bytes()[0]; 4_096])?;
        file.sync_data().context("sync")?;
        samples.add(u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX));
    }
    drop(file);
    fs::remove_file(&path).with_context(|| format!("remove {}", path.display()))?;
    print_json(&json!({"sync": samples.quantiles()}));
    Ok(())
}
