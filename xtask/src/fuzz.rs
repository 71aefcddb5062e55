//! `cargo xtask fuzz`: runs the fuzz targets for a bounded time.

use anyhow::Result;
use clap::Args;

use crate::process::Tool;
use crate::workspace::root;

#[derive(Args)]
pub(crate) struct FuzzArguments {
    /// Goes on to the targets' own driver: `[TARGET] [--seconds N] [--seed N] [--input FILE]`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    driver: Vec<String>,
}

pub(crate) fn run(arguments: &FuzzArguments) -> Result<()> {
    let cargo = ["run", "--locked", "--package", "carehook-fuzz", "--"];
    Tool::cargo(&cargo)
        .args(&arguments.driver)
        .dir(root())
        .run()
}
