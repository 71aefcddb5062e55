//! `carehook deliveries`: what became of events, endpoint by endpoint.

use carehook_core::Timestamp;
use clap::{Args, Subcommand};

use crate::client::{Call, ClientFlags, OrganizationFlag, PageFlags, print_page};
use crate::exit::Exit;
use crate::output::{Column, OutputFlag, print_record_and_list};

const COLUMNS: [Column; 7] = [
    Column::of("id"),
    Column::titled("event", "event_type"),
    Column::of("state"),
    Column::of("reason"),
    Column::titled("attempts", "attempt_count"),
    Column::titled("next attempt", "next_attempt_at"),
    Column::titled("created", "created_at"),
];
const FIELDS: [&str; 11] = [
    "id",
    "event_id",
    "event_type",
    "endpoint_id",
    "state",
    "reason",
    "attempt_count",
    "next_attempt_at",
    "created_at",
    "completed_at",
    "sequence",
];
const ATTEMPT_COLUMNS: [Column; 7] = [
    Column::titled("attempt", "number"),
    Column::titled("started", "started_at"),
    Column::titled("ms", "duration_ms"),
    Column::of("outcome"),
    Column::titled("status", "status_code"),
    Column::of("error"),
    Column::of("trigger"),
];

#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    server: ClientFlags,
    #[command(flatten)]
    output: OutputFlag,
}

#[derive(Subcommand)]
enum Action {
    /// List the deliveries of an organization, newest first
    List {
        #[command(flatten)]
        of: OrganizationFlag,
        #[command(flatten)]
        filter: Filter,
        #[command(flatten)]
        page: PageFlags,
    },
    /// Show one delivery with its attempts
    Get(One),
    /// Try a delivery again at once, also one that has ended
    Retry(One),
    /// Call off a pending delivery
    Cancel(One),
}

#[derive(Args)]
struct Filter {
    /// Only those in this state
    #[arg(long, value_parser = ["pending", "delivered", "failed", "cancelled"])]
    state: Option<String>,
    /// Only those to one endpoint
    #[arg(long, value_name = "ID")]
    endpoint: Option<String>,
    /// Only those of one event
    #[arg(long, value_name = "ID")]
    event: Option<String>,
    /// Only those of one event type
    #[arg(long = "type", value_name = "TYPE")]
    event_type: Option<String>,
    /// Only those made at this time or later, such as 2026-01-02T03:04:05Z
    #[arg(long, value_name = "TIME")]
    since: Option<Timestamp>,
    /// Only those made before this time
    #[arg(long, value_name = "TIME")]
    until: Option<Timestamp>,
}

/// One delivery of an organization.
#[derive(Args)]
struct One {
    /// The delivery's id
    id: String,
    #[command(flatten)]
    of: OrganizationFlag,
}

impl One {
    fn path<'a>(&'a self, action: &[&'a str]) -> Vec<&'a str> {
        self.of
            .path(&[&["deliveries", self.id.as_str()], action].concat())
    }
}

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let client = arguments.server.client()?;
    let format = arguments.output.output;
    let call = match &arguments.action {
        Action::List { of, filter, page } => {
            let call = || {
                Call::get(&of.path(&["deliveries"]))
                    .query("state", filter.state.as_deref())
                    .query("endpoint_id", filter.endpoint.as_deref())
                    .query("event_id", filter.event.as_deref())
                    .query("event_type", filter.event_type.as_deref())
                    .query("since", filter.since)
                    .query("until", filter.until)
            };
            print_page(&client, call, page, format, &COLUMNS).await?;
            return Ok(Exit::Done);
        }
        Action::Get(one) => Call::get(&one.path(&[])),
        Action::Retry(one) => Call::post(&one.path(&["retry"])),
        Action::Cancel(one) => Call::post(&one.path(&["cancel"])),
    };
    let delivery = client.record(call).await?;
    print_record_and_list(format, &delivery, &FIELDS, ("attempts", &ATTEMPT_COLUMNS))?;
    Ok(Exit::Done)
}
