//! What the commands print: tables for people, JSON for programs.

mod records;
mod table;
mod time;

use std::fmt;
use std::io::{self, Write as _};

use clap::ValueEnum;

pub(crate) use records::{Column, Record, print_list, print_record, print_record_and_list};
pub(crate) use table::Table;
pub(crate) use time::local_time;

/// The flag that chooses between them.
#[derive(clap::Args)]
pub(crate) struct OutputFlag {
    /// Aligned columns with times in your zone, or what the server sent, a record on each line
    #[arg(
        short,
        long,
        value_name = "FORMAT",
        default_value = "table",
        global = true
    )]
    pub(crate) output: Format,
}

/// How a result is printed; the flag's help says it, so that the values stay on one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Table,
    Json,
}

/// Writes bytes to stdout.
pub(crate) fn write(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()
}

/// Writes a line to stdout, visible at once also in a pipe.
pub(crate) fn line(text: impl fmt::Display) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{text}")?;
    stdout.flush()
}

/// Writes a line to stderr, for what must not mix with a result.
pub(crate) fn note(text: impl fmt::Display) {
    // A closed stderr must not stop the work.
    let _ = writeln!(io::stderr(), "{text}");
}
