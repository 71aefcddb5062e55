//! `carehook endpoints replay`, `replays` and `stop`: sends again what was published earlier.

mod following;

use carehook_core::Timestamp;
use clap::Args;
use serde::Serialize;

use super::One;
use crate::client::{Call, Client, PageFlags, print_page};
use crate::exit::Exit;
use crate::output::{self, Column, Format, Record, print_record};

const COLUMNS: [Column; 8] = [
    Column::of("id"),
    Column::of("state"),
    Column::titled("dry run", "dry_run"),
    Column::of("counted"),
    Column::of("sent"),
    Column::of("failed"),
    Column::titled("created", "created_at"),
    Column::titled("completed", "completed_at"),
];
const FIELDS: [&str; 13] = [
    "id",
    "state",
    "dry_run",
    "filters.state",
    "filters.types",
    "filters.since",
    "filters.until",
    "counted",
    "skipped",
    "due",
    "sent",
    "failed",
    "cancelled",
];

/// What is to be sent.
#[derive(Args, Serialize)]
pub(super) struct NewReplay {
    /// Failed deliveries, events that the endpoint was never owed, or both and what was delivered
    #[arg(long, value_parser = ["failed", "missing", "all"])]
    state: String,
    /// Only events of this type or pattern, such as `patient.*`; may be repeated
    #[arg(long = "type", value_name = "TYPE")]
    types: Vec<String>,
    /// Only events accepted at this time or later, such as 2026-01-02T03:04:05Z
    #[arg(long, value_name = "TIME")]
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<Timestamp>,
    /// Only events accepted before this time
    #[arg(long, value_name = "TIME")]
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Timestamp>,
    /// Count, and send nothing
    #[arg(long)]
    dry_run: bool,
}

/// A replay of an endpoint.
#[derive(Args)]
pub(super) struct Job {
    #[command(flatten)]
    one: One,
    /// The replay's id
    #[arg(long, value_name = "ID")]
    replay: String,
}

/// The replays of an endpoint, or one of them.
#[derive(Args)]
pub(super) struct Listed {
    #[command(flatten)]
    one: One,
    /// Show this one alone
    #[arg(long, value_name = "ID")]
    replay: Option<String>,
    /// Wait for its end, with a bar on a terminal
    #[arg(long, requires = "replay")]
    follow: bool,
    #[command(flatten)]
    page: PageFlags,
}

/// Starts a replay; its numbers are waited for where nothing is sent.
pub(super) async fn start(
    (client, format): (&Client, Format),
    one: &One,
    new: &NewReplay,
    follow: bool,
) -> anyhow::Result<Exit> {
    let call = Call::post(&one.path(&["replay"])).json(new);
    let made = client.record(call).await?;
    show((client, format), one, made, follow || new.dry_run).await
}

/// Lists replays, or shows one.
pub(super) async fn list(
    (client, format): (&Client, Format),
    listed: &Listed,
) -> anyhow::Result<Exit> {
    let Listed {
        one,
        replay,
        follow,
        page,
    } = listed;
    if let Some(id) = replay {
        let found = client
            .record(Call::get(&one.path(&["replays", id])))
            .await?;
        return show((client, format), one, found, *follow).await;
    }
    let call = || Call::get(&one.path(&["replays"]));
    print_page(client, call, page, format, &COLUMNS).await?;
    Ok(Exit::Done)
}

/// Stops a replay.
pub(super) async fn stop(client: &Client, format: Format, job: &Job) -> anyhow::Result<Exit> {
    let call = Call::post(&job.one.path(&["replays", &job.replay, "stop"]));
    print_record(format, &client.record(call).await?, &FIELDS)?;
    Ok(Exit::Done)
}

async fn show(
    (client, format): (&Client, Format),
    one: &One,
    job: Record,
    follow: bool,
) -> anyhow::Result<Exit> {
    let job = if follow {
        following::until_ended(client, one, job).await?
    } else {
        job
    };
    print_record(format, &job, &FIELDS)?;
    if follow && job.text_of("state") == Some("failed") {
        output::note("It failed: the server's log says which file could not be read.");
        return Ok(Exit::Failed);
    }
    Ok(Exit::Done)
}
