//! `carehook openapi`: the description of the native API.

use clap::Args;

use crate::exit::Exit;
use crate::output;

#[derive(Args)]
pub(crate) struct Arguments {}

pub(crate) fn run(Arguments {}: &Arguments) -> anyhow::Result<Exit> {
    output::line(carehook_api::openapi_json().trim_end())?;
    Ok(Exit::Done)
}
