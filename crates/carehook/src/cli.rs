//! The tree of commands.

use clap::{Parser, Subcommand};

use crate::commands::{
    audit, completions, config_show, deliveries, demo, doctor, endpoints, erasures, events, keys,
    migrate, openapi, organizations, publish, serve, sign_in_link, tokens, verify,
};
use crate::exit::Exit;

/// Delivers webhooks for health software: durable, signed, and visible to both sides
#[derive(Parser)]
#[command(name = "carehook", version, after_long_help = Exit::help(), max_term_width = 100)]
#[command(arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server
    Serve(serve::Arguments),
    /// See everything at work: a server, a receiver, and sample events
    Demo(demo::Arguments),
    /// Publish events from a JSON or NDJSON file to a running server
    Publish(publish::Arguments),
    /// Check the signature of a received request, offline
    Verify(verify::Arguments),
    /// Organizations of a running server
    #[command(visible_alias = "organization")]
    Organizations(organizations::Arguments),
    /// API keys: what the programs of an organization sign in with, or the operator
    #[command(visible_alias = "key")]
    Keys(keys::Arguments),
    /// Endpoints of a running server: who receives which events
    #[command(visible_alias = "endpoint")]
    Endpoints(Box<endpoints::Arguments>),
    /// Events of a running server
    #[command(visible_alias = "event")]
    Events(events::Arguments),
    /// Deliveries of a running server: what became of an event
    #[command(visible_alias = "delivery")]
    Deliveries(deliveries::Arguments),
    /// Erasures: what is kept about a subject is made unreadable
    #[command(visible_alias = "erasure")]
    Erasures(erasures::Arguments),
    /// Make a link to set the password of the console with; the operator's key is needed
    ///
    /// For an operator who has forgotten it. The link is good once and for ten minutes; setting the
    /// password ends the operator's other sessions.
    SignInLink(sign_in_link::Arguments),
    /// Bearer tokens for callers
    #[command(subcommand, visible_alias = "token")]
    Tokens(tokens::Action),
    /// The audit trail of a data directory: who did what, and who received what
    #[command(subcommand)]
    Audit(audit::Action),
    /// Bring the data directory to this version's schema
    Migrate(migrate::Arguments),
    /// Check keys, disk, clock, name server and limits, and say what to do
    Doctor(doctor::Arguments),
    /// Look at the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Print the OpenAPI description of the native API, or of a dialect
    Openapi(openapi::Arguments),
    /// Print a completion script for a shell
    Completions(completions::Arguments),
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Show every setting, where it comes from, and no secret
    Show(config_show::Arguments),
}

impl Cli {
    pub(crate) async fn run(self) -> anyhow::Result<Exit> {
        match self.command {
            Command::Serve(arguments) => serve::run(arguments).await,
            Command::Demo(arguments) => demo::run(arguments).await,
            Command::Publish(arguments) => publish::run(arguments).await,
            Command::Verify(arguments) => verify::run(&arguments),
            Command::Organizations(arguments) => organizations::run(arguments).await,
            Command::Keys(arguments) => keys::run(arguments).await,
            Command::Endpoints(arguments) => endpoints::run(*arguments).await,
            Command::Events(arguments) => events::run(arguments).await,
            Command::Deliveries(arguments) => deliveries::run(arguments).await,
            Command::Erasures(arguments) => erasures::run(arguments).await,
            Command::SignInLink(arguments) => sign_in_link::run(arguments).await,
            Command::Tokens(action) => tokens::run(&action),
            Command::Audit(action) => audit::run(&action),
            Command::Migrate(arguments) => migrate::run(&arguments).await,
            Command::Doctor(arguments) => doctor::run(&arguments).await,
            Command::Config(ConfigCommand::Show(arguments)) => config_show::run(&arguments),
            Command::Openapi(arguments) => openapi::run(&arguments),
            Command::Completions(arguments) => completions::run(&arguments),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_tree_of_commands_has_no_conflicts() {
        Cli::command().debug_assert();
    }
}
