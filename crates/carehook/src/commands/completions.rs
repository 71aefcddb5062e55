//! `carehook completions`: completion scripts for shells.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use crate::cli::Cli;
use crate::exit::Exit;
use crate::output;

#[derive(Args)]
#[command(after_help = "\
Examples:
  carehook completions bash > ~/.local/share/bash-completion/completions/carehook
  carehook completions zsh > \"${fpath[1]}/_carehook\"
  carehook completions fish > ~/.config/fish/completions/carehook.fish")]
pub(crate) struct Arguments {
    /// The shell that will read the script
    shell: Shell,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(
        arguments.shell,
        &mut Cli::command(),
        "carehook",
        &mut script,
    );
    output::write(&script)?;
    Ok(Exit::Done)
}
