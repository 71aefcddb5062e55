//! `carehook config show`: every setting and where it comes from.

use clap::Args;
use serde_json::json;

use crate::config::{Environment, ServerFlags, Settings};
use crate::exit::Exit;
use crate::output::{self, Format, OutputFlag, Table};

#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    server: ServerFlags,
    #[command(flatten)]
    output: OutputFlag,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let settings = Settings::resolve(&arguments.server, &Environment::read()?)?;
    let rows = settings.shown();
    match arguments.output.output {
        Format::Json => {
            let settings: serde_json::Map<_, _> = rows
                .into_iter()
                .map(|row| {
                    (
                        row.name.to_owned(),
                        json!({"value": row.value, "origin": row.origin, "variable": row.variable}),
                    )
                })
                .collect();
            output::line(format_args!("{:#}", serde_json::Value::Object(settings)))?;
        }
        Format::Table => {
            let mut table = Table::new(&["setting", "value", "from", "variable"]);
            for row in rows {
                table.row([row.name.to_owned(), row.value, row.origin, row.variable]);
            }
            output::line(&table)?;
        }
    }
    Ok(Exit::Done)
}
