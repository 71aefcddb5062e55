//! House tasks of Carehook: one command per module, run as `cargo xtask <command>`.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a terminal program for developers: its output is its purpose"
)]

mod bench;
mod ci;
mod codegen;
mod crash;
mod fuzz;
mod lab;
mod process;
mod sbom;
mod screenshots;
mod steps;
mod test;
mod tidy;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// House tasks of Carehook.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Runs every check a change must pass, in the order of their cost
    Ci(ci::CiArguments),
    /// Runs the tests, after making ready what they need beyond Rust
    Test(test::TestArguments),
    /// Measures what the design promises and writes docs/benchmarks.md
    Bench(bench::BenchArguments),
    /// Kills the server again and again, and checks that nothing was lost
    Crash(crash::CrashArguments),
    /// Feeds random bytes to everything that reads what strangers send
    Fuzz(fuzz::FuzzArguments),
    /// Prints a list of everything that the program is made of (`CycloneDX`)
    Sbom,
    /// Takes the pictures of the console in docs/user/screenshots anew
    Screenshots,
    /// Checks the house rules that no lint knows
    Tidy,
    /// Writes the generated files of the repository anew
    Codegen(codegen::CodegenArguments),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().task {
        Task::Ci(arguments) => ci::run(&arguments),
        Task::Test(arguments) => test::run(&arguments),
        Task::Bench(arguments) => bench::run(&arguments),
        Task::Crash(arguments) => crash::run(&arguments),
        Task::Fuzz(arguments) => fuzz::run(&arguments),
        Task::Sbom => sbom::run(),
        Task::Screenshots => screenshots::run(),
        Task::Tidy => tidy::run(),
        Task::Codegen(arguments) => codegen::run(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}
