//! The flags that set what the file and the environment can set too.

use std::path::PathBuf;

use clap::Args;

/// Where the data is, and whether this is a trial.
#[derive(Args, Debug, Default)]
pub(crate) struct DataFlags {
    /// Try things out: data in ./carehook-data, keys made for you, http and loopback targets allowed
    #[arg(long)]
    pub(super) dev: bool,
    #[arg(long, value_name = "DIR")]
    #[arg(help = "The directory that keeps all data [env: CAREHOOK_DATA]")]
    pub(super) data: Option<PathBuf>,
    /// A configuration file in TOML; the environment and flags win over it
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    // Known, so that its refusal can say why; hidden, because it does nothing yet.
    #[arg(long, value_name = "URL", hide = true)]
    pub(super) database: Option<String>,
}

/// The flags of the server.
#[derive(Args, Debug, Default)]
pub(crate) struct ServerFlags {
    #[command(flatten)]
    pub(super) data: DataFlags,
    #[arg(long, value_name = "ADDR")]
    #[arg(
        help = "Where to listen; port 0 takes a free one [env: CAREHOOK_LISTEN] [default: 127.0.0.1:8080]"
    )]
    pub(super) listen: Option<String>,
}
