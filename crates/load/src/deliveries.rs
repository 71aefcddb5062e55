//! `deliveries`: waits until nothing is pending, or writes all deliveries to a file.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use clap::Args;
use serde::Deserialize;
use serde_json::json;
use tokio::time::sleep;

use crate::api::Target;
use crate::connection::Connection;
use crate::print_json;

#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    target: Target,
    /// Waits so many seconds at most until nothing is pending
    #[arg(long, value_name = "SECONDS")]
    wait: Option<u64>,
    /// Writes a line for each delivery: event, endpoint, state, reason, sequence, attempts
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// How long to wait before looking again.
const PAUSE: Duration = Duration::from_millis(100);

#[derive(Deserialize)]
struct Page {
    data: Vec<Delivery>,
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct Delivery {
    event_id: String,
    endpoint_id: String,
    state: String,
    reason: Option<String>,
    sequence: u64,
    attempt_count: u64,
}

pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    let mut connection = Connection::to(arguments.target.server);
    let mut pending = None;
    if let Some(seconds) = arguments.wait {
        let end = Instant::now() + Duration::from_secs(seconds);
        pending = Some(wait(&arguments.target, &mut connection, end).await?);
    }
    let mut written = 0;
    if let Some(path) = &arguments.out {
        let file = File::create(path).with_context(|| format!("create {}", path.display()))?;
        let mut file = BufWriter::new(file);
        for number in 0..arguments.target.organizations {
            written += dump(&arguments.target, number, &mut connection, &mut file).await?;
        }
        file.flush().context("write the deliveries")?;
    }
    print_json(&json!({"pending": pending, "written": written}));
    Ok(())
}

/// Says whether something is still pending at the end of the wait.
async fn wait(target: &Target, connection: &mut Connection, end: Instant) -> Result<bool> {
    let mut number = 0;
    while number < target.organizations {
        let organization = target.organization(number);
        let path = format!("/v1/organizations/{organization}/deliveries?state=pending&limit=1");
        let page: Page = target.call(connection, ("GET", &path, b"")).await?;
        if page.data.is_empty() {
            number += 1;
        } else if Instant::now() > end {
            return Ok(true);
        } else {
            sleep(PAUSE).await;
        }
    }
    Ok(false)
}

async fn dump(
    target: &Target,
    number: u64,
    connection: &mut Connection,
    file: &mut BufWriter<File>,
) -> Result<u64> {
    let organization = target.organization(number);
    let route = format!("/v1/organizations/{organization}/deliveries?limit=100");
    let mut path = route.clone();
    let mut written = 0;
    loop {
        let page: Page = target.call(connection, ("GET", &path, b"")).await?;
        for delivery in page.data {
            let Delivery {
                event_id,
                endpoint_id,
                state,
                reason,
                sequence,
                attempt_count,
            } = delivery;
            let reason = reason.unwrap_or_else(|| "-".to_owned());
            writeln!(
                file,
                "{event_id}\t{endpoint_id}\t{state}\t{reason}\t{sequence}\t{attempt_count}"
            )
            .context("write a delivery")?;
            written += 1;
        }
        match page.next_cursor {
            Some(cursor) => path = format!("{route}&cursor={cursor}"),
            None => return Ok(written),
        }
    }
}
