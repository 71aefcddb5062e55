//! `carehook endpoints`: who receives which events of an organization.

mod bodies;
mod credentials;
mod replays;

use clap::{Args, Subcommand};
use http::Method;

use crate::client::{Call, Client, ClientFlags, OrganizationFlag, PageFlags, print_page};
use crate::exit::Exit;
use crate::output::{
    self, Column, Format, OutputFlag, Record, print_record, print_record_and_list,
};
use bodies::{Change, New, Rotation, TestEvent};
use replays::{Job, Listed, NewReplay};

const COLUMNS: [Column; 5] = [
    Column::of("id"),
    Column::of("name"),
    Column::of("url"),
    Column::of("events"),
    Column::of("active"),
];
const FIELDS: [&str; 11] = [
    "id",
    "name",
    "url",
    "events",
    "active",
    "disabled_reason",
    "secret",
    "dialect",
    "mode",
    "payload",
    "challenge",
];
const SECRET_FIELDS: [&str; 2] = ["secret", "public_key"];
const PREVIOUS_COLUMNS: [Column; 2] = [
    Column::titled("previous secret", "secret"),
    Column::titled("signs until", "expires_at"),
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
    /// List the endpoints of an organization
    List {
        #[command(flatten)]
        of: OrganizationFlag,
        #[command(flatten)]
        page: PageFlags,
    },
    /// Show one endpoint
    Get(One),
    /// Make an endpoint; its secret is shown
    Create {
        #[command(flatten)]
        of: OrganizationFlag,
        #[command(flatten)]
        new: New,
    },
    /// Change an endpoint; what you leave out stays as it is
    Update {
        #[command(flatten)]
        one: One,
        #[command(flatten)]
        change: Change,
    },
    /// Delete an endpoint; what it is still owed fails
    Delete(One),
    /// Ask an endpoint for the ownership challenge again, at once
    Challenge(One),
    /// Send a test event to an endpoint, whatever it is subscribed to
    Test {
        #[command(flatten)]
        one: One,
        #[command(flatten)]
        test: TestEvent,
    },
    /// Show the secrets that sign an endpoint's deliveries
    Secret(One),
    /// Give an endpoint a new secret; the present one goes on signing for a while
    Rotate {
        #[command(flatten)]
        one: One,
        #[command(flatten)]
        rotation: Rotation,
    },
    /// Send an endpoint again, or for the first time, what was published earlier
    Replay {
        #[command(flatten)]
        one: One,
        #[command(flatten)]
        new: NewReplay,
        /// Wait for its end, with a bar on a terminal
        #[arg(long)]
        follow: bool,
    },
    /// List the replays of an endpoint, newest first, or show one
    Replays(Listed),
    /// Stop a replay; what is due already is still sent
    Stop(Job),
}

/// One endpoint of an organization.
#[derive(Args)]
struct One {
    /// The endpoint's id
    id: String,
    #[command(flatten)]
    of: OrganizationFlag,
}

impl One {
    fn path<'a>(&'a self, action: &[&'a str]) -> Vec<&'a str> {
        self.of
            .path(&[&["endpoints", self.id.as_str()], action].concat())
    }
}

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let client = arguments.server.client()?;
    let format = arguments.output.output;
    let call = match &arguments.action {
        Action::List { of, page } => {
            let call = || Call::get(&of.path(&["endpoints"]));
            print_page(&client, call, page, format, &COLUMNS).await?;
            return Ok(Exit::Done);
        }
        Action::Delete(one) => return delete(&client, one).await,
        Action::Secret(one) => {
            let call = Call::get(&one.path(&["secret"]));
            return print_secret(format, &client.record(call).await?);
        }
        Action::Rotate { one, rotation } => {
            let call = Call::post(&one.path(&["secret", "rotate"])).json(rotation);
            return print_secret(format, &client.record(call).await?);
        }
        Action::Replay { one, new, follow } => {
            return replays::start((&client, format), one, new, *follow).await;
        }
        Action::Replays(listed) => return replays::list((&client, format), listed).await,
        Action::Stop(job) => return replays::stop(&client, format, job).await,
        Action::Get(one) => Call::get(&one.path(&[])),
        Action::Create { of, new } => Call::post(&of.path(&["endpoints"])).json(new),
        Action::Update { one, change } => Call::new(Method::PATCH, &one.path(&[])).json(change),
        Action::Challenge(one) => Call::post(&one.path(&["challenge"])),
        Action::Test { one, test } => Call::post(&one.path(&["test"])).json(test),
    };
    print_record(format, &client.record(call).await?, &FIELDS)?;
    Ok(Exit::Done)
}

async fn delete(client: &Client, one: &One) -> anyhow::Result<Exit> {
    client
        .send(Call::new(Method::DELETE, &one.path(&[])))
        .await?;
    output::note(format_args!("Deleted endpoint {}.", one.id));
    Ok(Exit::Done)
}

fn print_secret(format: Format, secret: &Record) -> anyhow::Result<Exit> {
    let previous = ("previous", &PREVIOUS_COLUMNS[..]);
    print_record_and_list(format, secret, &SECRET_FIELDS, previous)?;
    Ok(Exit::Done)
}
