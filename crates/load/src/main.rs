//! Load, receivers and look-ups for `cargo xtask bench` and `cargo xtask crash`.
//!
//! Every command runs on one thread (`bare` on several when it is asked to) and prints JSON, one
//! object a line. It is made to cost little:
//! what it takes is missing to the server that is measured beside it.
#![expect(
    clippy::print_stdout,
    reason = "a terminal program for developers: its output is its purpose"
)]

mod api;
mod bare;
mod connection;
mod cpu;
mod deliveries;
mod disk;
mod payload;
mod publish;
mod quantiles;
mod receive;
mod set_up;
mod wall;
mod wire;

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};
use serde::Serialize;
use tokio::task::LocalSet;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Load and receivers for benchmarks and crash tests
#[derive(Parser)]
#[command(name = "carehook-load")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Answers requests and counts them; takes commands from stdin
    Receive(receive::Arguments),
    /// Posts to a receiver with hyper's plain client: what the server is compared with
    Bare(bare::Arguments),
    /// Publishes events to a server
    Publish(publish::Arguments),
    /// Makes organizations and endpoints
    SetUp(set_up::Arguments),
    /// Waits until nothing is pending, or writes all deliveries to a file
    Deliveries(deliveries::Arguments),
    /// Measures what a sync of the disk takes
    Disk(disk::Arguments),
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            print_json(&serde_json::json!({"error": format!("{error:#}")}));
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    match command {
        Command::Receive(arguments) => wait_for(receive::run(arguments)),
        Command::Bare(arguments) => bare::run(&arguments),
        Command::Publish(arguments) => wait_for(publish::run(arguments)),
        Command::SetUp(arguments) => wait_for(set_up::run(arguments)),
        Command::Deliveries(arguments) => wait_for(deliveries::run(arguments)),
        Command::Disk(arguments) => disk::run(&arguments),
    }
}

/// Does work on this thread.
fn wait_for(work: impl Future<Output = Result<()>>) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("start the runtime")?;
    LocalSet::new().block_on(&runtime, work)
}

/// Prints one result as one line.
fn print_json(value: &impl Serialize) {
    let text = serde_json::to_string(value).expect("our own structs can be written as JSON");
    println!("{text}");
}
