//! `carehook tokens`: bearer tokens for callers, made without a server.

mod mint;

use clap::Subcommand;

use crate::exit::Exit;

#[derive(Subcommand)]
pub(crate) enum Action {
    /// Make a token, signed with the secret that the server has too
    Mint(mint::Arguments),
}

pub(crate) fn run(action: &Action) -> anyhow::Result<Exit> {
    match action {
        Action::Mint(arguments) => mint::run(arguments),
    }
}
