//! `carehook audit verify`: walks along every chain and checks what was signed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use carehook_core::{CheckpointPublicKey, OrganizationId};
use carehook_store::{BookReport, DirectoryAudit, OwnedBook};
use clap::Args;

use super::checkpoints::Kept;
use crate::config::DataFlags;
use crate::exit::Exit;
use crate::output::{self, Table};
use crate::server::OpenDataError;

#[derive(Args)]
#[command(after_help = "\
The server may be running, and the directory may be a copy. The master key is not needed.

Who can change the files can also change the public key that lies beside them. Note the key when
the server is set up, keep it elsewhere, and give it with --public-key.

Who can change all files can take everything back to an earlier time, or remove whole books, unseen
by any look at the files alone. Checkpoints that were kept elsewhere show it: give them with
--checkpoint. A file may be the output of `carehook audit checkpoints`, an export, or a log.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    data: DataFlags,
    /// Only the trail of this organization
    #[arg(long, value_name = "ORGANIZATION")]
    organization: Option<OrganizationId>,
    /// The public key that was noted [default: the one in the directory]
    #[arg(long, value_name = "HEX", value_parser = super::parse_key)]
    public_key: Option<CheckpointPublicKey>,
    /// Checkpoints that were kept elsewhere; may be given several times
    #[arg(long, value_name = "FILE")]
    checkpoint: Vec<PathBuf>,
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
    let kept = Kept::read(&arguments.checkpoint, &key)?;
    let mut faults = of_the_whole(&audit, &key, &kept);
    if let (Some(given), Some(stored)) = (arguments.public_key, stored)
        && given != stored
    {
        faults.push(format!("the directory names another public key: {stored}"));
    }
    for book in books(&audit, arguments, &kept)? {
        let report = audit.verify_with(&book, &key, &kept.checkpoints);
        let report = report.map_err(OpenDataError::from)?;
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

/// What is wrong beyond any one book.
fn of_the_whole(audit: &DirectoryAudit, key: &CheckpointPublicKey, kept: &Kept) -> Vec<String> {
    let register = audit.verify_register(key, &kept.registers).err();
    let forged = kept.forged.iter().map(|line| {
        let line = line.to_string();
        let named: Vec<&str> = line.split(':').take(5).collect();
        format!(
            "kept elsewhere, and not signed with this key: {}",
            named.join(":")
        )
    });
    let register = register.map(|fault| fault.to_string());
    register.into_iter().chain(forged).collect()
}

/// The books of the directory, and those that it had when they were signed.
fn books(
    audit: &DirectoryAudit,
    arguments: &Arguments,
    kept: &Kept,
) -> anyhow::Result<BTreeSet<OwnedBook>> {
    let wanted = arguments.organization.as_ref();
    let mut books: BTreeSet<_> = super::books_of(audit, wanted)?.into_iter().collect();
    let known: BTreeSet<_> = (books.iter())
        .map(|book| (book.incarnation, book.book))
        .collect();
    let of_wanted = |book: &OwnedBook| wanted.is_none_or(|wanted| *wanted == book.organization);
    books.extend(
        kept.books()
            .filter(of_wanted)
            .filter(|book| !known.contains(&(book.incarnation, book.book))),
    );
    if let (Some(wanted), true) = (wanted, books.is_empty()) {
        return Err(super::unknown(wanted));
    }
    Ok(books)
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
