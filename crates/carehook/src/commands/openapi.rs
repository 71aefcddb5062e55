//! `carehook openapi`: the description of the native API or of a dialect's.

use carehook_core::Dialect;
use clap::Args;

use crate::cli_values::DialectName;
use crate::exit::Exit;
use crate::output;

#[derive(Args)]
pub(crate) struct Arguments {
    /// Whose API
    #[arg(long, value_name = "DIALECT", default_value = "native")]
    dialect: DialectName,
}

pub(crate) fn run(Arguments { dialect }: &Arguments) -> anyhow::Result<Exit> {
    let dialect: Dialect = (*dialect).into();
    output::line(carehook_api::openapi_json(dialect).trim_end())?;
    Ok(Exit::Done)
}
