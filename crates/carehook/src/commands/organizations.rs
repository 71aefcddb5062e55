//! `carehook organizations`: tenants of a running server.

mod settings;

use std::io::{self, BufRead};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use http::Method;
use serde::Serialize;

use crate::client::{Call, ClientFlags, PageFlags, print_page};
use crate::exit::Exit;
use crate::output::{self, Column, OutputFlag, print_record};
use settings::Settings;

const COLUMNS: [Column; 3] = [
    Column::of("id"),
    Column::of("name"),
    Column::titled("created", "created_at"),
];
const FIELDS: [&str; 9] = [
    "id",
    "name",
    "retention.payload_days",
    "retention.metadata_days",
    "retention.audit_years",
    "schema_check",
    "rate_limits.requests_per_hour",
    "rate_limits.events_per_second",
    "ownership_challenge",
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
    /// List all organizations
    List(PageFlags),
    /// Show one organization
    Get {
        /// Its id
        id: String,
    },
    /// Make an organization
    Create(New),
    /// Change the name or the settings of an organization
    Update {
        /// Its id
        id: String,
        #[command(flatten)]
        change: Change,
    },
    /// Delete an organization with its endpoints, and destroy the keys of its data; asks for its id
    /// once more
    Delete {
        /// Its id
        id: String,
        /// Ask nothing
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Args, Serialize)]
struct New {
    /// Its name
    name: String,
    /// Its id; without one, the server makes one
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[command(flatten)]
    #[serde(flatten)]
    settings: Settings,
}

#[derive(Args, Serialize)]
struct Change {
    /// Its new name
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[command(flatten)]
    #[serde(flatten)]
    settings: Settings,
}

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let client = arguments.server.client()?;
    let format = arguments.output.output;
    let call = match &arguments.action {
        Action::List(page) => {
            let call = || Call::get(&["organizations"]);
            print_page(&client, call, page, format, &COLUMNS).await?;
            return Ok(Exit::Done);
        }
        Action::Delete { id, yes } => {
            if !yes && !is_meant(id, io::stdin().lock())? {
                output::note("Nothing was deleted: that is another id. Type it, or give --yes.");
                return Ok(Exit::Usage);
            }
            client
                .send(Call::new(Method::DELETE, &["organizations", id]))
                .await?;
            output::note(format_args!("Deleted organization {id}."));
            return Ok(Exit::Done);
        }
        Action::Get { id } => Call::get(&["organizations", id]),
        Action::Create(new) => Call::post(&["organizations"]).json(new),
        Action::Update { id, change } => {
            Call::new(Method::PATCH, &["organizations", id]).json(change)
        }
    };
    print_record(format, &client.record(call).await?, &FIELDS)?;
    Ok(Exit::Done)
}

/// Whether somebody who is asked for the id of what is to be deleted types it.
fn is_meant(id: &str, mut answers: impl BufRead) -> anyhow::Result<bool> {
    output::note(format_args!(
        "This destroys the keys of all data of {id}; no backup of ours brings them back. \
         Type the id to go on:"
    ));
    let mut typed = String::new();
    answers.read_line(&mut typed).context("read the answer")?;
    Ok(typed.trim_end() == id)
}
