//! The `carehook` program: the server and its command line.

mod cli;
mod cli_values;
mod client;
mod commands;
mod config;
mod exit;
mod output;
mod server;
mod telemetry;

use std::io::{self, Write as _};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser as _;

use cli::Cli;
use exit::Exit;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(exit) => exit.into(),
        Err(error) => {
            let exit = Exit::of(&error);
            if exit != Exit::Done {
                // Nobody is left to tell when stderr is closed as well.
                let _ = writeln!(io::stderr(), "error: {error:#}");
            }
            exit.into()
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<Exit> {
    // Without this, rustls panics at first use when a build ever holds two providers.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("start the runtime")?;
    runtime.block_on(cli.run())
}
