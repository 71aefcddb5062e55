//! `carehook audit verify`: walks along every chain and checks what was signed.

use std::collections::BTreeMap;

use carehook_core::{CheckpointPublicKey, OrganizationId};
use carehook_store::BookReport;
use clap::Args;

use crate::config::DataFlags;
use crate::exit::Exit;
use crate::output::{self, Table};
use crate::server::OpenDataError;

#[derive(Args)]
#[command(after_help = "\
The server may be running, and the directory may be a copy. The master key is not needed.

Who can change the files can also change the public key that lies beside them. Note the key when
the server is set up, keep it elsewhere, and give it with --public-key.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    data: DataFlags,
    /// Only the trail of this organization
    #[arg(long, value_name = "ORGANIZATION")]
    organization: Option<OrganizationId>,
    /// The public key that was noted [default: the one in the directory]
    #[arg(long, value_name = "HEX", value_parser = super::parse_key)]
    public_key: Option<CheckpointPublicKey>,
}

/// What was found of one organization.
#[derive(Default)]
struct Sum {
    books: usize,
    entries: u64,
    unsigned: u64,
    broken: usize,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let audit = super::open(&arguments.data)?;
    let stored = audit.public_key();
    let key = arguments.public_key.or(stored);
    let key = key.ok_or_else(|| anyhow::anyhow!("the directory holds no public key"))?;
    let mut sums: BTreeMap<(OrganizationId, i64), Sum> = BTreeMap::new();
    let mut faults = Vec::new();
    for book in super::books_of(&audit, arguments.organization.as_ref())? {
        let report = audit.verify(&book, &key).map_err(OpenDataError::from)?;
        let owner = (report.organization.clone(), report.incarnation);
        add(sums.entry(owner).or_default(), &report);
        if let Err(fault) = report.result {
            let (organization, book) = (report.organization, report.book);
            faults.push(format!("{organization}, {book}: {fault}"));
        }
    }
    output::line(table(&sums))?;
    for fault in &faults {
        output::line(format_args!("BROKEN  {fault}"))?;
    }
    let origin = match (arguments.public_key, stored) {
        (Some(given), Some(stored)) if given != stored => "given; the directory names another one",
        (Some(_), _) => "given",
        (None, _) => "from the directory itself; note it elsewhere",
    };
    output::line(format_args!("\nPublic key {key} ({origin})."))?;
    if faults.is_empty() {
        output::line("Nothing was changed.")?;
        return Ok(Exit::Done);
    }
    Ok(Exit::NotVerified)
}

fn add(sum: &mut Sum, report: &BookReport) {
    sum.books += 1;
    let Ok(head) = report.result else {
        sum.broken += 1;
        return;
    };
    let signed = report.checkpoint.as_ref();
    sum.entries += head.count - report.trimmed;
    sum.unsigned += head.count - signed.map_or(0, |checkpoint| checkpoint.head.count);
}

fn table(sums: &BTreeMap<(OrganizationId, i64), Sum>) -> Table {
    let mut table = Table::new(&[
        "organization",
        "books",
        "entries",
        "not signed yet",
        "result",
    ]);
    for ((organization, incarnation), sum) in sums {
        let namesakes = sums.keys().filter(|(other, _)| other == organization);
        let name = if namesakes.count() > 1 {
            format!("{organization} (number {incarnation})")
        } else {
            organization.to_string()
        };
        let result = match sum.broken {
            0 => "whole".to_owned(),
            broken => format!("{broken} broken"),
        };
        table.row([
            name,
            sum.books.to_string(),
            sum.entries.to_string(),
            sum.unsigned.to_string(),
            result,
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_key_is_read_as_it_is_printed() {
        let key = CheckpointPublicKey([0xa7; 32]);
        assert_eq!(super::super::parse_key(&key.to_string()), Ok(key));
        for wrong in ["", "a7", &"g".repeat(64), &"ä".repeat(32)] {
            assert!(super::super::parse_key(wrong).is_err(), "{wrong}");
        }
    }
}
