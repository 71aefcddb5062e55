//! `carehook audit export`: prints the entries of the trail, a line each.

use std::io::{self, BufWriter, Write as _};

use carehook_core::{OrganizationId, Timestamp};
use carehook_store::{AuditRecord, OwnedBook};
use clap::{Args, ValueEnum};

use super::ndjson::EntryLine;
use super::{fhir, ndjson};
use crate::config::DataFlags;
use crate::exit::Exit;
use crate::server::OpenDataError;

#[derive(Args)]
#[command(after_help = "\
Prints a JSON object on each line, book by book, oldest first. Subjects are printed as the keyed
hashes that are kept of them. With ndjson each book ends with its newest signed checkpoint,
and a journal that has lost its oldest entries to age begins with the signed trim that says so.

An export does not verify: run `carehook audit verify` as well.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    data: DataFlags,
    /// The form of the lines
    #[arg(long, value_name = "FORMAT", default_value = "ndjson")]
    format: Form,
    /// The host name or address of the server, as FHIR lines name the source of disclosures
    /// [default: the name of this machine]
    #[arg(long, value_name = "NAME")]
    server_name: Option<String>,
    /// Only the trail of this organization
    #[arg(long, value_name = "ORGANIZATION")]
    organization: Option<OrganizationId>,
    /// Only what happened at this time or later (RFC 3339)
    #[arg(long, value_name = "TIME")]
    since: Option<Timestamp>,
    /// Only what happened before this time (RFC 3339)
    #[arg(long, value_name = "TIME")]
    until: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// Entries with their hashes
    Ndjson,
    /// FHIR R4 `AuditEvents`; disclosures follow IHE BALP PrivacyDisclosure.Source
    Fhir,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let audit = super::open(&arguments.data)?;
    let mut out = BufWriter::new(io::stdout().lock());
    let books = super::books_of(&audit, arguments.organization.as_ref())?;
    if let (Some(wanted), true) = (&arguments.organization, books.is_empty()) {
        return Err(super::unknown(wanted));
    }
    let server = fhir::Server::of_this_machine(arguments.server_name.clone());
    for book in books {
        if arguments.format == Form::Ndjson
            && let Some(trim) = audit.trim(&book).map_err(OpenDataError::from)?
        {
            writeln!(out, "{}", ndjson::trim(&trim))?;
        }
        let mut written = Ok(());
        let write = |record: AuditRecord| {
            if written.is_ok() && arguments.wants(&record) {
                written = arguments.line((&mut out, &server), &book, record);
            }
        };
        audit.entries(&book, write).map_err(OpenDataError::from)?;
        written?;
        if arguments.format == Form::Ndjson
            && let Some(checkpoint) = audit.checkpoint(&book)
        {
            writeln!(out, "{}", ndjson::checkpoint(checkpoint))?;
        }
    }
    out.flush()?;
    Ok(Exit::Done)
}

impl Arguments {
    fn wants(&self, record: &AuditRecord) -> bool {
        let at = record.entry.at;
        self.since.is_none_or(|since| at >= since) && self.until.is_none_or(|until| at < until)
    }

    fn line(
        &self,
        (out, server): (&mut impl io::Write, &fhir::Server),
        book: &OwnedBook,
        record: AuditRecord,
    ) -> io::Result<()> {
        match self.format {
            Form::Ndjson => serde_json::to_writer(&mut *out, &EntryLine::new(book, record))?,
            Form::Fhir => write!(out, "{}", fhir::audit_event((server, book), &record))?,
        }
        writeln!(out)
    }
}
