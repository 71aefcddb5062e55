//! The audit trail of a data directory, read without opening the store: beside a running server,
//! from a copy, and without the master key.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use carehook_core::{
    AuditBook, AuditEntry, AuditFault, AuditId, ChainHash, ChainHead, ChainVerifier, Checkpoint,
    CheckpointPublicKey, EndpointId, OrganizationId, RecordId, Register, RegisterSum, Timestamp,
    Trim,
};
use rusqlite::{Connection, OptionalExtension as _};

use super::{disclosures, installation, kept, register, signing, trims};
use crate::embedded::control::{rows, unreadable};
use crate::embedded::files;
use crate::embedded::open::control_error;
use crate::keys::INSTALLATION;
use crate::{AuditRecord, BookReport, OpenError};

const CHUNK: usize = 1_000;
/// The first schema of the control file that has a trail.
const FIRST_SCHEMA: u32 = 7;
/// The first schema of the file of kept disclosures that has a copy of the register.
const FIRST_COPY: u32 = 2;
/// The first schema of the control file that has a register.
const FIRST_REGISTER: u32 = 11;
/// The first schema of a log file that has one.
const FIRST_LOG_SCHEMA: u32 = 4;

type Result<T> = std::result::Result<T, OpenError>;

/// A data directory whose trail is read.
pub struct DirectoryAudit {
    pub(super) dir: PathBuf,
    pub(super) control: Connection,
    owners: HashMap<i64, OrganizationId>,
    checkpoints: HashMap<(i64, AuditBook), Checkpoint>,
    key: Option<CheckpointPublicKey>,
    /// What is stated of all books, with the copy of it; `None` before there were such statements.
    pub(super) register: Option<StatedRegister>,
}

/// The register as it was found.
pub(super) struct StatedRegister {
    pub(super) stated: Option<Register>,
    pub(super) copy: Option<Register>,
    pub(super) found: RegisterSum,
}

/// A book and whose it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OwnedBook {
    /// Whose book; of the installation's own, the word `installation`.
    pub organization: OrganizationId,
    /// Tells organizations apart that had the same id one after the other; 0 is the installation.
    pub incarnation: i64,
    /// Which book.
    pub book: AuditBook,
}

/// An entry as it lies in a file.
struct Stored {
    number: u64,
    canonical: Option<Vec<u8>>,
    hash: Vec<u8>,
}

impl DirectoryAudit {
    /// Opens a directory for reading; takes no lock and changes nothing.
    pub fn open(dir: &Path) -> Result<Self> {
        // Before what it is a copy of: so the copy can only be the older one.
        let copy = copied_register(dir)?;
        let path = dir.join(files::CONTROL);
        let control = files::open_reader(&path).map_err(|source| OpenError::Database {
            path: path.clone(),
            source,
        })?;
        let (found, known) = (version(&control)?, files::newest_control());
        if found > known {
            return Err(OpenError::Newer { path, found, known });
        }
        if found < FIRST_SCHEMA {
            return Err(unreadable("the audit trail of an older version"));
        }
        // Before the books: these only grow, so that none can be behind a checkpoint read here.
        let mut audit = Self {
            dir: dir.to_owned(),
            owners: owners(&control)?,
            key: public_key(&control)?,
            control,
            checkpoints: HashMap::new(),
            register: None,
        };
        let (checkpoints, register) = {
            let snapshot = audit.control.unchecked_transaction();
            let _snapshot = snapshot.map_err(control_error)?;
            let register = (found >= FIRST_REGISTER).then(|| audit.stated(copy));
            (audit.stored_checkpoints()?, register.transpose()?)
        };
        (audit.checkpoints, audit.register) = (checkpoints, register);
        Ok(audit)
    }

    /// The key that the directory itself names. Who can change the files can change it too: one
    /// that was noted elsewhere proves more.
    pub fn public_key(&self) -> Option<CheckpointPublicKey> {
        self.key
    }

    /// All books, also those that are known from their checkpoints alone.
    pub fn books(&self) -> Result<Vec<OwnedBook>> {
        let mut names: BTreeSet<(i64, AuditBook)> = self.checkpoints.keys().copied().collect();
        let journals = signing::journals(&self.control).map_err(control_error)?;
        names.extend(journals.into_iter().map(|of| (of, AuditBook::Journal)));
        for day in files::log_days(&self.dir)? {
            let Some(log) = self.log(day)? else { continue };
            let mut owner = i64::MIN;
            while let Some(next) =
                disclosures::next_owner(&log, owner).map_err(|error| of_log(&self.dir, error))?
            {
                names.insert((next, AuditBook::Disclosures(day)));
                owner = next;
            }
        }
        if let Some(kept) = self.kept()? {
            let days = kept_books(&kept).map_err(|error| of_log(&self.dir, error))?;
            names.extend(
                days.into_iter()
                    .map(|(of, day)| (of, AuditBook::Disclosures(day))),
            );
        }
        let owned = |(incarnation, book)| OwnedBook {
            organization: self.owner(incarnation),
            incarnation,
            book,
        };
        let mut books: Vec<_> = names.into_iter().map(owned).collect();
        books.sort();
        Ok(books)
    }

    /// The newest checkpoint of a book.
    pub fn checkpoint(&self, book: &OwnedBook) -> Option<&Checkpoint> {
        self.checkpoints.get(&(book.incarnation, book.book))
    }

    /// Up to where a book was taken away because of its age; only journals are, bit by bit.
    pub fn trim(&self, book: &OwnedBook) -> Result<Option<Trim>> {
        if book.book != AuditBook::Journal {
            return Ok(None);
        }
        let stored = trims::trim_of(&self.control, book.incarnation).map_err(control_error)?;
        Ok(stored.map(|stored| {
            Trim(Checkpoint {
                organization: book.organization.clone(),
                incarnation: book.incarnation,
                book: book.book,
                head: stored.head,
                at: stored.at,
                signature: stored.signature,
            })
        }))
    }

    /// Checks a book from its beginning to its end, and its checkpoint with `key`.
    pub fn verify(&self, book: &OwnedBook, key: &CheckpointPublicKey) -> Result<BookReport> {
        self.verify_with(book, key, &[])
    }

    /// The same against checkpoints that were kept elsewhere as well; those of other books and
    /// those that `key` has not signed say nothing.
    pub fn verify_with(
        &self,
        book: &OwnedBook,
        key: &CheckpointPublicKey,
        elsewhere: &[Checkpoint],
    ) -> Result<BookReport> {
        // Of one moment: a running server may take away the oldest entries meanwhile.
        let snapshot = self.control.unchecked_transaction();
        let _snapshot = snapshot.map_err(control_error)?;
        let checkpoint = self.checkpoint(book);
        let trim = self.trim(book)?;
        let start = start_after(trim.as_ref(), book);
        let is_of_it = |kept: &&Checkpoint| {
            (kept.incarnation, kept.book) == (book.incarnation, book.book) && kept.is_signed_by(key)
        };
        let elsewhere = elsewhere.iter().filter(is_of_it);
        let mut verifier = ChainVerifier::new(start, checkpoint.into_iter().chain(elsewhere));
        let mut fault = None;
        self.walk(book, |stored| {
            let canonical = stored.canonical.as_deref();
            let checked = verifier.entry(stored.number, canonical, &stored.hash);
            fault = checked.err();
            fault.is_none()
        })?;
        let forged_trim = trim.filter(|trim| !trim.is_signed_by(key));
        let forged = checkpoint.filter(|checkpoint| !checkpoint.is_signed_by(key));
        let result = match (forged_trim, fault, forged) {
            (Some(Trim(forged)), ..) => Err(AuditFault::Signature(forged.head.count)),
            (None, Some(fault), _) => Err(fault),
            (None, None, Some(forged)) => Err(AuditFault::Signature(forged.head.count)),
            (None, None, None) => verifier.end(),
        };
        Ok(BookReport {
            organization: book.organization.clone(),
            incarnation: book.incarnation,
            book: book.book,
            trimmed: start.count,
            checkpoint: checkpoint.cloned(),
            result,
        })
    }

    /// Gives every readable entry of a book, oldest first.
    pub fn entries(&self, book: &OwnedBook, mut each: impl FnMut(AuditRecord)) -> Result<()> {
        let snapshot = self.control.unchecked_transaction();
        let _snapshot = snapshot.map_err(control_error)?;
        let trim = self.trim(book)?;
        let mut previous = start_after(trim.as_ref(), book).hash;
        self.walk(book, |stored| {
            let hash = ChainHash(stored.hash.as_slice().try_into().unwrap_or_default());
            let bytes = stored.canonical.unwrap_or_default();
            if let Ok((_, entry)) = AuditEntry::from_canonical(&bytes) {
                each(AuditRecord {
                    id: AuditId {
                        book: book.book,
                        number: stored.number,
                    },
                    entry,
                    hash,
                    previous_hash: previous,
                });
            }
            previous = hash;
            true
        })
    }

    /// Walks along a book until `each` has seen enough.
    fn walk(&self, book: &OwnedBook, mut each: impl FnMut(Stored) -> bool) -> Result<()> {
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

    fn owner(&self, number: i64) -> OrganizationId {
        match self.owners.get(&number) {
            Some(id) => id.clone(),
            None if number == INSTALLATION => installation(),
            // Its row was removed: the chain will not fit this name.
            None => format!("unknown-{}", number.unsigned_abs())
                .parse()
                .expect("letters, digits and - are an id"),
        }
    }

    pub(super) fn kept(&self) -> Result<Option<Connection>> {
        let path = self.dir.join(files::AUDIT);
        if !path.exists() {
            return Ok(None);
        }
        let opened = files::open_reader(&path);
        opened
            .map(Some)
            .map_err(|source| OpenError::Database { path, source })
    }

    /// The log file of a day, if it is there and has disclosures.
    pub(super) fn log(&self, day: i64) -> Result<Option<Connection>> {
        if !files::log_days(&self.dir)?.contains(&day) {
            return Ok(None);
        }
        let open = || {
            let log = files::open_log_reader(&self.dir, day)?;
            let version: u32 = log.pragma_query_value(None, "user_version", |row| row.get(0))?;
            Ok((version >= FIRST_LOG_SCHEMA).then_some(log))
        };
        match open() {
            // Retention was faster.
            Err(_) if !files::log_days(&self.dir)?.contains(&day) => Ok(None),
            opened => opened.map_err(|source| OpenError::Database {
                path: files::log_path(&self.dir, day),
                source,
            }),
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

    fn stated(&self, copy: Option<Register>) -> Result<StatedRegister> {
        let sums = register::sums(&self.control, None).map_err(control_error)?;
        Ok(StatedRegister {
            stated: register::read(&self.control).map_err(control_error)?,
            copy,
            found: RegisterSum::of(sums.values()),
        })
    }

    fn stored_checkpoints(&self) -> Result<HashMap<(i64, AuditBook), Checkpoint>> {
        const SQL: &str = "-- carehook.audit_control.checkpoints
            SELECT organization, book, count, hash, at, signature FROM audit_checkpoints
            WHERE book >= -1";
        let read = |row: &rusqlite::Row<'_>| {
            let (incarnation, count): (i64, i64) = (row.get(0)?, row.get(2)?);
            let book = AuditBook::of_code(row.get(1)?);
            let hash: Vec<u8> = row.get(3).unwrap_or_default();
            let checkpoint = Checkpoint {
                organization: self.owner(incarnation),
                incarnation,
                book,
                head: ChainHead {
                    count: count.cast_unsigned(),
                    hash: ChainHash(hash.as_slice().try_into().unwrap_or_default()),
                },
                at: Timestamp(row.get(4).unwrap_or_default()),
                signature: row.get(5).unwrap_or_default(),
            };
            Ok(((incarnation, book), checkpoint))
        };
        Ok(rows(&self.control, SQL, read)?.into_iter().collect())
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

/// Where the first entry of a book follows on.
fn start_after(trim: Option<&Trim>, book: &OwnedBook) -> ChainHead {
    let start = || ChainHead::start(&book.organization, book.incarnation, book.book);
    trim.map_or_else(start, |Trim(signed)| signed.head)
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

/// A file of an older version, and one that was never made, have none.
fn copied_register(dir: &Path) -> Result<Option<Register>> {
    let path = dir.join(files::AUDIT);
    if !path.exists() {
        return Ok(None);
    }
    let read = || {
        let file = files::open_reader(&path)?;
        let version: u32 = file.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if version < FIRST_COPY {
            return Ok(None);
        }
        register::read(&file)
    };
    read().map_err(|source| OpenError::Database {
        path: path.clone(),
        source,
    })
}

fn version(file: &Connection) -> Result<u32> {
    let version = file.pragma_query_value(None, "user_version", |row| row.get(0));
    version.map_err(control_error)
}

pub(super) fn of_log(dir: &Path, source: rusqlite::Error) -> OpenError {
    let path = dir.join("log");
    OpenError::Database { path, source }
}

fn owners(control: &Connection) -> Result<HashMap<i64, OrganizationId>> {
    const SQL: &str = "-- carehook.audit_control.owners
        SELECT number, id FROM organizations";
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get::<_, String>(1)?));
    let owners = rows(control, SQL, read)?.into_iter();
    Ok(owners
        .filter_map(|(number, id)| Some((number, id.parse().ok()?)))
        .collect())
}

fn public_key(control: &Connection) -> Result<Option<CheckpointPublicKey>> {
    const SQL: &str = "-- carehook.audit_control.public_key
        SELECT value FROM meta WHERE name = 'audit_public_key'";
    let key = control.query_row(SQL, [], |row| row.get(0)).optional();
    Ok(key.map_err(control_error)?.map(CheckpointPublicKey))
}

/// All organizations and days that something was kept of.
fn kept_books(kept: &Connection) -> rusqlite::Result<Vec<(i64, i64)>> {
    const SQL: &str = "-- carehook.audit_kept.books
        SELECT DISTINCT organization, day FROM disclosures";
    let mut statement = kept.prepare(SQL)?;
    statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}
