//! `carehook events`: what was published to a running server.

use carehook_core::Timestamp;
use clap::{Args, Subcommand};

use crate::client::{Call, ClientFlags, OrganizationFlag, PageFlags, print_page};
use crate::exit::Exit;
use crate::output::{Column, OutputFlag, print_record};

const COLUMNS: [Column; 5] = [
    Column::of("id"),
    Column::of("type"),
    Column::of("version"),
    Column::of("mode"),
    Column::titled("created", "created_at"),
];
const FIELDS: [&str; 4] = ["id", "type", "version", "mode"];

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
    /// List the events of an organization, newest first
    List {
        #[command(flatten)]
        of: OrganizationFlag,
        #[command(flatten)]
        filter: Filter,
        #[command(flatten)]
        page: PageFlags,
    },
    /// Show one event with its payload
    Get {
        /// The event's id
        id: String,
        #[command(flatten)]
        of: OrganizationFlag,
    },
}

#[derive(Args)]
struct Filter {
    /// Only those of one event type
    #[arg(long = "type", value_name = "TYPE")]
    event_type: Option<String>,
    /// Only those of one mode
    #[arg(long, value_parser = ["live", "test"])]
    mode: Option<String>,
    /// Only those accepted at this time or later, such as 2026-01-02T03:04:05Z
    #[arg(long, value_name = "TIME")]
    since: Option<Timestamp>,
    /// Only those accepted before this time
    #[arg(long, value_name = "TIME")]
    until: Option<Timestamp>,
}

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let client = arguments.server.client()?;
    let format = arguments.output.output;
    match &arguments.action {
        Action::List { of, filter, page } => {
            let call = || {
                Call::get(&of.path(&["events"]))
                    .query("type", filter.event_type.as_deref())
                    .query("mode", filter.mode.as_deref())
                    .query("since", filter.since)
                    .query("until", filter.until)
            };
            print_page(&client, call, page, format, &COLUMNS).await?;
        }
        Action::Get { id, of } => {
            let call = Call::get(&of.path(&["events", id]));
            print_record(format, &client.record(call).await?, &FIELDS)?;
        }
    }
    Ok(Exit::Done)
}
