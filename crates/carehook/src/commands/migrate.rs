//! `carehook migrate`: brings the data directory to this version's schema.

use std::collections::HashMap;

use carehook_core::Clock;
use carehook_store::{DirectoryState, inspect_directory};
use clap::Args;

use crate::config::{DataFlags, Environment, Settings};
use crate::exit::Exit;
use crate::output::{self, Table};
use crate::server::{OpenDataError, open_store};

#[derive(Args)]
#[command(after_help = "\
`carehook serve` does the same when it starts; this does it apart, for instance during an upgrade.
The server must not be running. Running it again changes nothing.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    data: DataFlags,
}

pub(crate) async fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let settings = Settings::resolve_data(&arguments.data, &Environment::read()?)?;
    let data = settings.data_ready()?;
    let before = if data.directory.exists() {
        inspect_directory(&data.directory).map_err(OpenDataError::from)?
    } else {
        DirectoryState {
            in_use: false,
            files: Vec::new(),
        }
    };
    let (store, _) = open_store(&data, Clock::system())?;
    store.close().await;
    drop(store);
    let after = inspect_directory(&data.directory).map_err(OpenDataError::from)?;
    output::line(versions(before, after))?;
    output::line(format_args!(
        "\nThe data in {} is up to date.",
        data.directory.display()
    ))?;
    Ok(Exit::Done)
}

fn versions(before: DirectoryState, after: DirectoryState) -> Table {
    let old = before
        .files
        .into_iter()
        .map(|file| (file.name, file.version));
    let old: HashMap<String, u32> = old.collect();
    let mut table = Table::new(&["file", "was version", "is version"]);
    for file in after.files {
        let was = match old.get(&file.name) {
            // A file that was just made starts without a schema.
            None | Some(0) => "new".to_owned(),
            Some(version) => version.to_string(),
        };
        table.row([file.name, was, file.version.to_string()]);
    }
    table
}
