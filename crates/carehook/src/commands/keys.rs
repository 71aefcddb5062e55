//! `carehook keys`: what the programs of an organization sign in with.

use clap::{Args, Subcommand};
use http::Method;
use serde::Serialize;

use crate::client::{Call, Client, ClientFlags, OrganizationFlag, PageFlags, print_page};
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
    /// List the keys of an organization, those that were revoked as well
    List {
        #[command(flatten)]
        of: OrganizationFlag,
        #[command(flatten)]
        page: PageFlags,
    },
    /// Make a key; its text is shown once
    Create {
        #[command(flatten)]
        of: OrganizationFlag,
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
        of: OrganizationFlag,
    },
}

#[derive(Args, Serialize)]
struct New {
    /// What people call it
    name: String,
    /// `live` or `test`: it sees and makes only what is of this mode
    #[arg(long)]
    mode: String,
    /// Records that it may see or change, such as patients:read,appointments:write
    #[arg(long, value_name = "PERMISSIONS", value_delimiter = ',')]
    permissions: Vec<String>,
    /// What it may do with Carehook, such as publish,read:payload [default: read,manage]
    #[arg(long, value_name = "SCOPES", value_delimiter = ',')]
    #[serde(skip_serializing_if = "Option::is_none")]
    scopes: Option<Vec<String>>,
    /// From when on it is refused, such as 2027-01-01T00:00:00Z [default: never]
    #[arg(long, value_name = "TIME")]
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    /// Requests that it may make in an hour, publishing left out [default: what holds for its
    /// organization]
    #[arg(long, value_name = "REQUESTS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    rate_limit: Option<u32>,
}

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let client = arguments.server.client()?;
    let format = arguments.output.output;
    match &arguments.action {
        Action::List { of, page } => {
            let call = || Call::get(&of.path(&["api-keys"]));
            print_page(&client, call, page, format, &COLUMNS).await?;
        }
        Action::Create { of, new } => {
            let call = Call::post(&of.path(&["api-keys"])).json(new);
            print_record(format, &client.record(call).await?, &FIELDS)?;
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

async fn revoke(client: &Client, of: &OrganizationFlag, id: &str) -> anyhow::Result<()> {
    let call = Call::new(Method::DELETE, &of.path(&["api-keys", id]));
    client.send(call).await?;
    output::note(format_args!("Revoked key {id}."));
    Ok(())
}
