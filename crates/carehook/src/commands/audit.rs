//! `carehook audit`: the audit trail of a data directory, verified and exported.

mod checkpoints;
mod export;
mod fhir;
mod ndjson;
mod verify;

use std::path::Path;

use carehook_core::{CheckpointPublicKey, OrganizationId};
use carehook_store::{DirectoryAudit, OwnedBook};
use clap::Subcommand;

use crate::config::{ConfigError, DataFlags, Environment, Settings};
use crate::exit::Exit;
use crate::server::OpenDataError;

#[derive(Subcommand)]
pub(crate) enum Action {
    /// Check that nothing in the trail was changed, removed or put in
    Verify(verify::Arguments),
    /// Print what was signed, to be kept elsewhere
    Checkpoints(checkpoints::Arguments),
    /// Print the trail as NDJSON, or as FHIR `AuditEvents`
    Export(export::Arguments),
}

pub(crate) fn run(action: &Action) -> anyhow::Result<Exit> {
    match action {
        Action::Verify(arguments) => verify::run(arguments),
        Action::Checkpoints(arguments) => checkpoints::run(arguments),
        Action::Export(arguments) => export::run(arguments),
    }
}

/// Opens the trail that the flags and the environment name; needs no master key and no lock.
fn open(flags: &DataFlags) -> anyhow::Result<DirectoryAudit> {
    let settings = Settings::resolve_data(flags, &Environment::read()?)?;
    let directory: &Path = settings
        .data_directory()
        .ok_or_else(ConfigError::missing_data_directory)?;
    Ok(DirectoryAudit::open(directory).map_err(OpenDataError::from)?)
}

/// The books of one organization, or of all.
fn books_of(
    audit: &DirectoryAudit,
    organization: Option<&OrganizationId>,
) -> anyhow::Result<Vec<OwnedBook>> {
    let mut books = audit.books().map_err(OpenDataError::from)?;
    books.retain(|book| organization.is_none_or(|wanted| *wanted == book.organization));
    Ok(books)
}

/// Every organization has a journal from its first moment on.
fn unknown(organization: &OrganizationId) -> anyhow::Error {
    anyhow::anyhow!("the directory has no trail of an organization `{organization}`")
}

/// Reads a public key as `verify` prints it.
fn parse_key(text: &str) -> Result<CheckpointPublicKey, String> {
    let wrong = || "is not a public key of 64 hexadecimal digits".to_owned();
    if text.len() != 64 || !text.is_ascii() {
        return Err(wrong());
    }
    let mut bytes = [0; 32];
    for (place, byte) in bytes.iter_mut().enumerate() {
        let digits = text.get(2 * place..2 * place + 2).ok_or_else(wrong)?;
        *byte = u8::from_str_radix(digits, 16).map_err(|_| wrong())?;
    }
    Ok(CheckpointPublicKey(bytes))
}
