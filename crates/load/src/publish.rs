//! `publish`: publishes numbered events, as fast as they are acknowledged or at a steady rate.

mod batch;
mod journal;
mod outcome;
mod plan;
mod worker;

use std::path::PathBuf;
use std::rc::Rc;

use anyhow::{Context as _, Result};
use clap::Args;
use tokio::task::{JoinSet, spawn_local};

use crate::api::Target;
use crate::{cpu, print_json};
use plan::Plan;
use worker::{Shared, Worker};

#[derive(Args, Clone)]
pub(crate) struct Arguments {
    #[command(flatten)]
    target: Target,
    /// Accounts that the events of an organization go round
    #[arg(long, default_value_t = 0)]
    accounts: u64,
    /// Requests at the same time
    #[arg(long, default_value_t = 64)]
    connections: u64,
    /// Events in each request; 1 uses the route for single events
    #[arg(long, default_value_t = 1)]
    batch: u64,
    /// Bytes of each payload
    #[arg(long, default_value_t = 600)]
    size: usize,
    /// Events in all
    #[arg(long, default_value_t = u64::MAX)]
    count: u64,
    /// Ends after so many seconds
    #[arg(long)]
    seconds: Option<f64>,
    /// Events a second; without it each connection sends when the answer before is there
    #[arg(long)]
    rate: Option<f64>,
    /// The number of the first event
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// Sends an idempotency key, and the same request again until it is acknowledged
    #[arg(long)]
    retry: bool,
    /// Ends when stdin does
    #[arg(long)]
    until_stdin_ends: bool,
    /// Writes a line for each acknowledged event
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
}

pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    let plan = Plan::new(arguments.first, arguments.count, arguments.rate);
    let shared = Rc::new(Shared::new(arguments.clone(), plan)?);
    if arguments.until_stdin_ends {
        spawn_local(stop_with_stdin(Rc::clone(&shared)));
    }
    if let Some(seconds) = arguments.seconds {
        shared.plan.end_after(seconds);
    }
    let cpu_before = cpu::own_nanos()?;
    let mut tasks = JoinSet::new();
    for _ in 0..arguments.connections.max(1) {
        tasks.spawn_local(Worker::new(Rc::clone(&shared)).run());
    }
    while let Some(done) = tasks.join_next().await {
        done.context("a connection panicked")??;
    }
    let cpu = cpu::own_nanos()? - cpu_before;
    let report = shared.report(cpu)?;
    print_json(&report);
    Ok(())
}

async fn stop_with_stdin(shared: Rc<Shared>) {
    let (tx, rx) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        // Nobody writes to it; only its end matters.
        let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
        let _ = tx.send(());
    });
    let _ = rx.await;
    shared.plan.stop();
}
