//! The files of a data directory whose audit trail is read: of any version, some of them not there.

use std::collections::HashMap;
use std::path::Path;

use carehook_core::{
    AuditBook, ChainHash, ChainHead, Checkpoint, CheckpointPublicKey, OrganizationId, Register,
    RegisterSum, Timestamp,
};
use rusqlite::{Connection, OptionalExtension as _};

use super::{DirectoryAudit, Result, StatedRegister};
use crate::OpenError;
use crate::embedded::audit::{installation, register};
use crate::embedded::control::{rows, unreadable};
use crate::embedded::files;
use crate::embedded::open::control_error;
use crate::keys::INSTALLATION;

/// The first schema of the control file that has a trail.
const FIRST_SCHEMA: u32 = 7;
/// The first schema of the file of kept disclosures that has a copy of the register.
const FIRST_COPY: u32 = 2;
/// The first schema of the control file that has a register.
const FIRST_REGISTER: u32 = 11;
/// The first schema of a log file that has one.
const FIRST_LOG_SCHEMA: u32 = 4;

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

    pub(super) fn owner(&self, number: i64) -> OrganizationId {
        match self.owners.get(&number) {
            Some(id) => id.clone(),
            None if number == INSTALLATION => installation(),
            // Its row was removed: the chain will not fit this name.
            None => format!("unknown-{}", number.unsigned_abs())
                .parse()
                .expect("letters, digits and - are an id"),
        }
    }

    pub(in crate::embedded::audit) fn kept(&self) -> Result<Option<Connection>> {
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
    pub(in crate::embedded::audit) fn log(&self, day: i64) -> Result<Option<Connection>> {
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

pub(in crate::embedded::audit) fn of_log(dir: &Path, source: rusqlite::Error) -> OpenError {
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
