//! `carehook sign-in-link`: the way back for an operator who has forgotten the console's password.

use clap::Args;

use crate::client::{Call, ClientFlags};
use crate::exit::Exit;
use crate::output::{self, OutputFlag, print_record};

#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    server: ClientFlags,
    #[command(flatten)]
    output: OutputFlag,
}

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let client = arguments.server.client()?;
    let made = client.record(Call::post(&["sign-in-links"])).await?;
    print_record(arguments.output.output, &made, &["url", "expires_at"])?;
    output::note("Open it in a browser now: it is good once, and for ten minutes.");
    Ok(Exit::Done)
}
