//! The entries of a book as they lie in the files, one after the other.

use carehook_core::{AuditBook, EndpointId, RecordId};
use rusqlite::{Connection, OptionalExtension as _};

use super::directory::of_log;
use super::{DirectoryAudit, OwnedBook, Result};
use crate::embedded::audit::{disclosures, kept};
use crate::embedded::open::control_error;

const CHUNK: usize = 1_000;

/// An entry as it lies in a file.
pub(super) struct Stored {
    pub(super) number: u64,
    pub(super) canonical: Option<Vec<u8>>,
    pub(super) hash: Vec<u8>,
}

impl DirectoryAudit {
    /// Walks along a book until `each` has seen enough.
    pub(super) fn walk(
        &self,
        book: &OwnedBook,
        mut each: impl FnMut(Stored) -> bool,
    ) -> Result<()> {
        let mut after = 0;
        let mut source = Source::of(self, book)?;
        loop {
            let rows = source.after(after)?;
            let Some(last) = rows.last() else {
                // What went over to the long-lived file comes first; the log file goes on.
                match source.next()? {
                    Some(next) => source = next,
                    None => return Ok(()),
                }
                continue;
            };
            after = last.number;
            for row in rows {
                if !each(row) {
                    return Ok(());
                }
            }
        }
    }

    fn endpoint(&self, number: i64) -> rusqlite::Result<Option<EndpointId>> {
        const SQL: &str = "-- carehook.audit_control.endpoint
            SELECT id FROM endpoints WHERE number = ?1";
        let id = self
            .control
            .prepare_cached(SQL)?
            .query_row([number], |row| row.get(0))
            .optional()?;
        Ok(id.map(|bytes| EndpointId(RecordId::from_bytes(bytes))))
    }
}

/// A file that a book, or a part of it, lies in.
enum Source<'a> {
    Journal(&'a DirectoryAudit, i64),
    Kept(&'a DirectoryAudit, (i64, i64), Option<Connection>),
    Log(&'a DirectoryAudit, i64, Option<Connection>),
}

impl<'a> Source<'a> {
    fn of(audit: &'a DirectoryAudit, book: &OwnedBook) -> Result<Self> {
        Ok(match book.book {
            AuditBook::Journal => Self::Journal(audit, book.incarnation),
            AuditBook::Disclosures(day) => {
                Self::Kept(audit, (book.incarnation, day), audit.kept()?)
            }
        })
    }

    fn next(&self) -> Result<Option<Self>> {
        match self {
            Self::Journal(..) | Self::Log(..) => Ok(None),
            Self::Kept(audit, (organization, day), _) => {
                Ok(Some(Self::Log(audit, *organization, audit.log(*day)?)))
            }
        }
    }

    fn after(&self, after: u64) -> Result<Vec<Stored>> {
        let as_stored = |row: kept::KeptRow| Stored {
            number: row.number,
            canonical: Some(row.entry),
            hash: row.hash,
        };
        match self {
            Self::Journal(audit, organization) => {
                let found = kept::journal_after(&audit.control, *organization, after, CHUNK);
                let found = found.map_err(control_error)?;
                Ok(found.into_iter().map(as_stored).collect())
            }
            Self::Kept(_, _, None) | Self::Log(_, _, None) => Ok(Vec::new()),
            Self::Kept(audit, name, Some(file)) => {
                let found = kept::after(file, *name, after, CHUNK);
                let found = found.map_err(|error| of_log(&audit.dir, error))?;
                Ok(found.into_iter().map(as_stored).collect())
            }
            Self::Log(audit, organization, Some(log)) => {
                let found = disclosures::after(log, *organization, after, CHUNK);
                let found = found.map_err(|error| of_log(&audit.dir, error))?;
                let stored = found.iter().map(|row| disclosed(audit, row));
                stored
                    .collect::<rusqlite::Result<_>>()
                    .map_err(control_error)
            }
        }
    }
}

fn disclosed(audit: &DirectoryAudit, row: &disclosures::DisclosureRow) -> rusqlite::Result<Stored> {
    let endpoint = match row.endpoint {
        None => None,
        Some(number) => audit.endpoint(number)?,
    };
    let canonical = row.with(endpoint, |disclosure| {
        let mut bytes = Vec::new();
        disclosure.write_canonical(row.number, &mut bytes);
        bytes
    });
    Ok(Stored {
        number: row.number,
        canonical,
        hash: row.hash.clone(),
    })
}
