//! `cargo xtask ci`: every check a change must pass, cheap ones first.

use anyhow::Result;
use clap::Args;

use crate::process::Tool;
use crate::steps::Steps;
use crate::test::{self, TestArguments};
use crate::workspace::root;
use crate::{codegen, crash, tidy};

#[derive(Args)]
pub(crate) struct CiArguments {
    /// Leaves the tests out, for a caller that runs `cargo xtask test` itself
    #[arg(long)]
    skip_tests: bool,
}

pub(crate) fn run(arguments: &CiArguments) -> Result<()> {
    let mut steps = Steps::default();
    steps.run("format", "run `cargo fmt --all`.", format)?;
    steps.run(
        "clippy",
        "repair what the lints say; an exception is `#[expect(…, reason = \"…\")]`.",
        clippy,
    )?;
    steps.run(
        "docs",
        "repair the links and the markup that rustdoc names.",
        docs,
    )?;
    steps.run(
        "tidy",
        "each line above names a place and a remedy.",
        tidy::run,
    )?;
    steps.run(
        "deny",
        "see deny.toml; an exception there needs its reason.",
        deny,
    )?;
    steps.run(
        "codegen",
        "run `cargo xtask codegen` and commit the files it changes.",
        codegen::check,
    )?;
    steps.run(
        "crash",
        "repeat it with the seed above: `cargo xtask crash --short --kills 6 --seed NUMBER`.",
        crash::run_short,
    )?;
    if !arguments.skip_tests {
        steps.run(
            "tests",
            "run the failing test alone: `cargo xtask test -- <name>`.",
            || test::run(&TestArguments::default()),
        )?;
    }
    steps.print_summary();
    Ok(())
}

fn format() -> Result<()> {
    Tool::cargo(&["fmt", "--all", "--check"]).dir(root()).run()
}

/// What `cargo xtask tidy` checks of it needs nothing installed and is never left out.
fn deny() -> Result<()> {
    if !Tool::cargo(&["deny", "--version"]).dir(root()).succeeds() {
        println!("cargo-deny is not installed: deny.toml is not checked here");
        return Ok(());
    }
    // Advisories are fetched from a network that CI does not have.
    let arguments = ["deny", "--locked", "check", "licenses", "bans", "sources"];
    Tool::cargo(&arguments).dir(root()).run()
}

fn clippy() -> Result<()> {
    let arguments = [
        "clippy",
        "--locked",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ];
    Tool::cargo(&arguments).dir(root()).run()
}

fn docs() -> Result<()> {
    Tool::cargo(&[
        "doc",
        "--locked",
        "--workspace",
        "--no-deps",
        "--document-private-items",
    ])
    .env("RUSTDOCFLAGS", "-D warnings")
    .dir(root())
    .run()
}
