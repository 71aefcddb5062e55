//! `carehook erasures`: makes unreadable what is kept about a subject, and tells how far it is.

mod waiting;

use std::io;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::client::{Call, ClientFlags, OrganizationFlag, PageFlags, print_page};
use crate::exit::Exit;
use crate::output::{self, Column, OutputFlag, print_record};

const COLUMNS: [Column; 4] = [
    Column::of("id"),
    Column::of("state"),
    Column::titled("created", "created_at"),
    Column::titled("completed", "completed_at"),
];
const FIELDS: [&str; 2] = ["id", "state"];

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
    /// Erase what was accepted about a subject until now
    Create {
        #[command(flatten)]
        of: OrganizationFlag,
        #[command(flatten)]
        new: New,
        /// Wait until it is done
        #[arg(long)]
        wait: bool,
    },
    /// Show how far an erasure is
    Get {
        /// Its id
        id: String,
        #[command(flatten)]
        of: OrganizationFlag,
        /// Wait until it is done
        #[arg(long)]
        wait: bool,
    },
    /// List the erasures of an organization, newest first
    List {
        #[command(flatten)]
        of: OrganizationFlag,
        #[command(flatten)]
        page: PageFlags,
    },
}

#[derive(Args, Serialize)]
struct New {
    /// The `subject` under which the events were published; `-` reads it from stdin, which, unlike
    /// a command line, others on this machine cannot see
    subject: String,
}

impl New {
    /// The same with the subject that stdin has, where that is meant: one line.
    fn read(&self) -> anyhow::Result<Self> {
        let mut subject = self.subject.clone();
        if subject == "-" {
            subject = io::read_to_string(io::stdin()).context("read the subject from stdin")?;
            let line = subject.trim_end_matches(['\r', '\n']).len();
            subject.truncate(line);
        }
        Ok(Self { subject })
    }
}

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let client = arguments.server.client()?;
    let format = arguments.output.output;
    let (made, of, wait) = match &arguments.action {
        Action::List { of, page } => {
            let call = || Call::get(&of.path(&["erasures"]));
            print_page(&client, call, page, format, &COLUMNS).await?;
            return Ok(Exit::Done);
        }
        Action::Create { of, new, wait } => {
            let new = new.read()?;
            let call = Call::post(&of.path(&["erasures"])).json(&new);
            (client.record(call).await?, of, *wait)
        }
        Action::Get { id, of, wait } => {
            let call = Call::get(&of.path(&["erasures", id]));
            (client.record(call).await?, of, *wait)
        }
    };
    let record = if wait {
        waiting::until_ended(&client, of, made).await?
    } else {
        made
    };
    print_record(format, &record, &FIELDS)?;
    if wait && record.text_of("state") == Some("failed") {
        output::note("It failed: the server's log says which file could not be read.");
        return Ok(Exit::Failed);
    }
    Ok(Exit::Done)
}
