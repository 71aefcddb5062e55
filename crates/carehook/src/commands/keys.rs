//! `carehook keys`: what the programs of an organization sign in with, and those of the operator.

use clap::{Args, Subcommand};
use http::Method;
use serde::Serialize;

use crate::client::{Call, Client, ClientFlags, PageFlags, print_page};
use crate::exit::Exit;
use crate::output::{self, Column, OutputFlag, print_record};

const COLUMNS: [Column; 8] = [
    Column::of("id"),
    Column::of("name"),
    Column::of("prefix"),
    Column::of("mode"),
    Column::of("scopes"),
    Column::titled("last used", "last_used_at"),
    Column::titled("expires", "expires_at"),
    Column::titled("revoked", "revoked_at"),
];
const OPERATOR_COLUMNS: [Column; 7] = [
    Column::of("id"),
    Column::of("name"),
    Column::of("prefix"),
    Column::of("scopes"),
    Column::titled("last used", "last_used_at"),
    Column::titled("expires", "expires_at"),
    Column::titled("revoked", "revoked_at"),
];
const FIELDS: [&str; 8] = [
    "id",
    "name",
    "key",
    "mode",
    "permissions",
    "scopes",
    "expires_at",
    "rate_limit",
];

const OPERATOR_FIELDS: [&str; 5] = ["id", "name", "key", "scopes", "expires_at"];

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
    /// List keys, those that were revoked as well
    List {
        #[command(flatten)]
        of: Owner,
        #[command(flatten)]
        page: PageFlags,
    },
    /// Make a key; its text is shown once
    Create {
        #[command(flatten)]
        of: Owner,
        #[command(flatten)]
        new: New,
    },
    /// Go over to the next master key of a running server; the operator's key is needed
    ///
    /// The server reads the next key from `CAREHOOK_MASTER_KEY_NEXT`, `CAREHOOK_MASTER_KEY_NEXT_FILE` or
    /// `CAREHOOK_MASTER_KEY_NEXT_COMMAND`; without any of these from the file of the present key with
    /// `.next` behind its name. Nothing is stopped.
    RotateMaster,
    /// Revoke a key: its next request is refused
    Revoke {
        /// The key's id
        id: String,
        #[command(flatten)]
        of: Owner,
    },
}

/// Whose keys a command is about.
#[derive(Args)]
#[group(required = true, multiple = false)]
struct Owner {
    /// The organization's id
    #[arg(long, value_name = "ORG", alias = "org")]
    organization: Option<String>,
    /// The operator's own keys, which reach all organizations
    #[arg(long)]
    operator: bool,
}

impl Owner {
    /// The parts of a path below the owner's keys.
    fn path<'a>(&'a self, below: &[&'a str]) -> Vec<&'a str> {
        match &self.organization {
            Some(id) => [&["organizations", id.as_str(), "api-keys"], below].concat(),
            None => [&["operator-keys"], below].concat(),
        }
    }

    fn columns(&self) -> &'static [Column] {
        if self.operator {
            &OPERATOR_COLUMNS
        } else {
            &COLUMNS
        }
    }

    fn fields(&self) -> &'static [&'static str] {
        if self.operator {
            &OPERATOR_FIELDS
        } else {
            &FIELDS
        }
    }
}

#[derive(Args, Serialize)]
struct New {
    /// What people call it
    name: String,
    /// `live` or `test`: it sees and makes only what is of this mode
    #[arg(
        long,
        required_unless_present = "operator",
        conflicts_with = "operator"
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<String>,
    /// Records that it may see or change, such as patients:read,appointments:write [default: those
    /// of the key that makes it]
    #[arg(
        long,
        value_name = "PERMISSIONS",
        value_delimiter = ',',
        conflicts_with = "operator"
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions: Option<Vec<String>>,
    /// What it may do with Carehook, such as publish,read:payload [default: read,manage; with
    /// --operator all that the key may that makes it]
    #[arg(long, value_name = "SCOPES", value_delimiter = ',')]
    #[serde(skip_serializing_if = "Option::is_none")]
    scopes: Option<Vec<String>>,
    /// From when on it is refused, such as 2027-01-01T00:00:00Z [default: never]
    #[arg(long, value_name = "TIME")]
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    /// Requests that it may make in an hour, publishing left out [default: what holds for its
    /// organization]
    #[arg(long, value_name = "REQUESTS", conflicts_with = "operator")]
    #[serde(skip_serializing_if = "Option::is_none")]
    rate_limit: Option<u32>,
}

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let client = arguments.server.client()?;
    let format = arguments.output.output;
    match &arguments.action {
        Action::List { of, page } => {
            let call = || Call::get(&of.path(&[]));
            print_page(&client, call, page, format, of.columns()).await?;
        }
        Action::Create { of, new } => {
            let call = Call::post(&of.path(&[])).json(new);
            print_record(format, &client.record(call).await?, of.fields())?;
            output::note("Keep the key now: it cannot be shown again.");
        }
        Action::RotateMaster => {
            let call = Call::post(&["master-key", "rotate"]);
            print_record(format, &client.record(call).await?, &[])?;
            output::note(
                "The next master key is in use. Before the next start, put it where the server \
                 reads its master key from; the old one opens nothing any more but old backups.",
            );
        }
        Action::Revoke { id, of } => revoke(&client, of, id).await?,
    }
    Ok(Exit::Done)
}

async fn revoke(client: &Client, of: &Owner, id: &str) -> anyhow::Result<()> {
    let call = Call::new(Method::DELETE, &of.path(&[id]));
    client.send(call).await?;
    output::note(format_args!("Revoked key {id}."));
    Ok(())
}
