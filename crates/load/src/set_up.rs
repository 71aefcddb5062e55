//! `set-up`: makes organizations and their endpoints.

use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;

use anyhow::{Context as _, Result};
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::api::Target;
use crate::connection::Connection;
use crate::print_json;

#[derive(Args, Clone)]
pub(crate) struct Arguments {
    #[command(flatten)]
    target: Target,
    /// The receiver's address
    #[arg(long)]
    receiver: SocketAddr,
    /// A path of the receiver: an endpoint in each organization; may be repeated
    #[arg(long = "path", value_name = "PATH")]
    paths: Vec<String>,
    /// So many endpoints for each path, each limited to an account of its own
    #[arg(long, default_value_t = 0)]
    accounts: u64,
    /// Adds the organization's number to the path
    #[arg(long)]
    own_paths: bool,
}

/// An endpoint that was made.
#[derive(Serialize)]
struct Made {
    organization: String,
    id: String,
    path: String,
    secret: String,
}

#[derive(Deserialize)]
struct EndpointOut {
    id: String,
    secret: String,
}

pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    let next = Rc::new(Cell::new(0));
    let mut tasks = JoinSet::new();
    for _ in 0..arguments.target.organizations.clamp(1, 16) {
        tasks.spawn_local(work(arguments.clone(), Rc::clone(&next)));
    }
    let mut endpoints = Vec::new();
    while let Some(done) = tasks.join_next().await {
        endpoints.extend(done.context("a task panicked")??);
    }
    print_json(&json!({"endpoints": endpoints}));
    Ok(())
}

async fn work(arguments: Arguments, next: Rc<Cell<u64>>) -> Result<Vec<Made>> {
    let mut connection = Connection::to(arguments.target.server);
    let mut made = Vec::new();
    while next.get() < arguments.target.organizations {
        let number = next.replace(next.get() + 1);
        made.extend(organization(&arguments, number, &mut connection).await?);
    }
    Ok(made)
}

async fn organization(
    arguments: &Arguments,
    number: u64,
    connection: &mut Connection,
) -> Result<Vec<Made>> {
    let target = &arguments.target;
    let id = target.organization(number);
    let body = json!({"id": id, "name": format!("Clinic {number}")}).to_string();
    let call = ("POST", "/v1/organizations", body.as_bytes());
    let _: Value = target.call(connection, call).await?;
    let mut made = Vec::new();
    for path in &arguments.paths {
        let path = if arguments.own_paths {
            format!("{path}-{number}")
        } else {
            path.clone()
        };
        for account in 0..arguments.accounts.max(1) {
            let mut body = json!({
                "url": format!("http://{}{path}", arguments.receiver),
                "events": ["*"],
            });
            if arguments.accounts > 0 {
                body["account"] = account_id(account).into();
            }
            let route = format!("/v1/organizations/{id}/endpoints");
            let body = body.to_string();
            let call = ("POST", route.as_str(), body.as_bytes());
            let out: EndpointOut = target.call(connection, call).await?;
            made.push(Made {
                organization: id.clone(),
                id: out.id,
                path: path.clone(),
                secret: out.secret,
            });
        }
    }
    Ok(made)
}

/// The id of an account.
pub(crate) fn account_id(number: u64) -> String {
    format!("a-{number}")
}
