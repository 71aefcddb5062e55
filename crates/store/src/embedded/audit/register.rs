//! The register as it lies in files: in the control file, always in step with the checkpoints, and
//! a copy beside the kept disclosures, so that what is removed from one file shows in the other.

use std::collections::BTreeMap;

use carehook_core::{
    AuditBook, ChainHash, ChainHead, CheckpointPublicKey, Register, RegisterFault, RegisterPart,
    RegisterSum, Timestamp,
};
use rusqlite::{Connection, OptionalExtension as _, params};

/// What the checkpoints come to, by the code of the book.
pub(super) type Sums = BTreeMap<i64, RegisterSum>;

/// Puts together all checkpoints, or those of one book.
pub(super) fn sums(control: &Connection, only: Option<i64>) -> rusqlite::Result<Sums> {
    const ALL: &str = "-- carehook.audit_control.register_all
        SELECT book, organization, count, hash FROM audit_checkpoints
        WHERE book >= ?1 ORDER BY book, organization";
    const ONE: &str = "-- carehook.audit_control.register_one
        SELECT book, organization, count, hash FROM audit_checkpoints
        WHERE book = ?1 ORDER BY organization";
    let (sql, code) = only.map_or((ALL, AuditBook::Journal.code()), |code| (ONE, code));
    let mut parts: BTreeMap<i64, RegisterPart> = BTreeMap::new();
    let mut statement = control.prepare_cached(sql)?;
    let mut rows = statement.query([code])?;
    while let Some(row) = rows.next()? {
        let (book, count): (i64, i64) = (row.get(0)?, row.get(2)?);
        let hash: Vec<u8> = row.get(3).unwrap_or_default();
        let head = ChainHead {
            count: count.cast_unsigned(),
            hash: ChainHash(hash.as_slice().try_into().unwrap_or_default()),
        };
        let part = || RegisterPart::new(AuditBook::of_code(book));
        parts
            .entry(book)
            .or_insert_with(part)
            .add(row.get(1)?, head);
    }
    let summed = parts.into_iter().map(|(code, part)| (code, part.sum()));
    Ok(summed.collect())
}

/// The register of a file; `None` when there is none.
pub(super) fn read(file: &Connection) -> rusqlite::Result<Option<Register>> {
    const SQL: &str = "-- carehook.audit_control.register_read
        SELECT number, at, books, entries, digest, signature FROM audit_register
        WHERE place = 1";
    let unsigned = |value: i64| value.cast_unsigned();
    let read = |row: &rusqlite::Row<'_>| {
        let digest: Vec<u8> = row.get(4).unwrap_or_default();
        Ok(Register {
            number: unsigned(row.get(0)?),
            at: Timestamp(row.get(1)?),
            sum: RegisterSum {
                books: unsigned(row.get(2)?),
                entries: unsigned(row.get(3)?),
                digest: digest.as_slice().try_into().unwrap_or_default(),
            },
            signature: row.get(5).unwrap_or_default(),
        })
    };
    file.prepare_cached(SQL)?.query_row([], read).optional()
}

/// Keeps a register instead of the one before.
pub(super) fn put(file: &Connection, register: &Register) -> rusqlite::Result<()> {
    const SQL: &str = "-- carehook.audit_control.register_put
        INSERT OR REPLACE INTO audit_register
            (place, number, at, books, entries, digest, signature)
        VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)";
    file.prepare_cached(SQL)?.execute(params![
        register.number.cast_signed(),
        register.at.0,
        register.sum.books.cast_signed(),
        register.sum.entries.cast_signed(),
        register.sum.digest,
        register.signature,
    ])?;
    Ok(())
}

/// Compares what is stated with what is there, and with the copy.
pub(super) fn check(
    stated: Option<&Register>,
    copy: Option<&Register>,
    found: &RegisterSum,
    key: &CheckpointPublicKey,
) -> Result<(), RegisterFault> {
    let newer = copy.filter(|copy| copy.is_signed_by(key));
    let newer = newer.map_or(0, |copy| copy.number);
    let stated = stated.ok_or(RegisterFault::Gone)?;
    let number = stated.number;
    if newer > number {
        return Err(RegisterFault::Older { number, newer });
    }
    // Before the first statement there is nothing that it could say.
    if number == 0 {
        return Ok(());
    }
    if !stated.is_signed_by(key) {
        return Err(RegisterFault::Signature);
    }
    if stated.sum != *found {
        return Err(RegisterFault::differs(&stated.sum, found));
    }
    Ok(())
}
