//! The bytes of an entry that its hash is made of: one form for each entry, and back.
//!
//! Version 1, all integers big-endian, a text is its length (u32) and its UTF-8 bytes:
//! `version u8 = 1 · number u64 · at i64 (Unix milliseconds) · actor · action · object · outcome ·
//! source (a text, empty without) · subject (u32 0 or 16, and the bytes) · count of details u32 ·
//! name and value of each detail, by name`.

use std::collections::BTreeMap;
use std::fmt::{Display, Write as _};

use super::{AuditEntry, SubjectHash};
use crate::Timestamp;

const VERSION: u8 = 1;

/// Why bytes are not an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuditEntryError {
    /// They have another version.
    #[error("the entry has a version that this program does not know")]
    Version,
    /// They end too early, go on too long, or are not in the canonical form.
    #[error("the entry is not in its canonical form")]
    Form,
    /// An action or an outcome is unknown.
    #[error("the entry has an unknown action or outcome")]
    Word,
}

/// The fields before the details, borrowed.
pub(super) struct Head<'a> {
    pub(super) number: u64,
    pub(super) at: Timestamp,
    pub(super) actor: &'a str,
    pub(super) action: &'a str,
    pub(super) object: &'a dyn Display,
    pub(super) outcome: &'a str,
    pub(super) source: &'a str,
    pub(super) subject: Option<&'a SubjectHash>,
    pub(super) details: u32,
}

impl Head<'_> {
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.push(VERSION);
        out.extend(self.number.to_be_bytes());
        out.extend(self.at.0.to_be_bytes());
        write_text(out, self.actor);
        write_text(out, self.action);
        write_display(out, self.object);
        write_text(out, self.outcome);
        write_text(out, self.source);
        write_bytes(out, self.subject.map_or(&[], |subject| &subject[..]));
        out.extend(self.details.to_be_bytes());
    }
}

pub(super) fn write_text(out: &mut Vec<u8>, text: &str) {
    write_bytes(out, text.as_bytes());
}

fn write_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).expect("no text of an entry has gigabytes");
    out.extend(length.to_be_bytes());
    out.extend_from_slice(bytes);
}

/// Writes a text whose length is known only afterwards.
pub(super) fn write_display(out: &mut Vec<u8>, value: &dyn Display) {
    struct Text<'a>(&'a mut Vec<u8>);
    impl std::fmt::Write for Text<'_> {
        fn write_str(&mut self, text: &str) -> std::fmt::Result {
            self.0.extend_from_slice(text.as_bytes());
            Ok(())
        }
    }
    let start = out.len();
    out.extend([0; 4]);
    write!(Text(out), "{value}").expect("writing into memory does not fail");
    let length = u32::try_from(out.len() - start - 4).expect("no text of an entry has gigabytes");
    let place = out
        .get_mut(start..start + 4)
        .expect("four bytes were written there");
    place.copy_from_slice(&length.to_be_bytes());
}

impl AuditEntry {
    /// The canonical bytes of the entry with this number.
    pub fn canonical(&self, number: u64) -> Vec<u8> {
        let Self {
            at,
            actor,
            action,
            object,
            outcome,
            source,
            subject,
            details,
        } = self;
        let mut out = Vec::with_capacity(256);
        let source = source.map(|source| source.to_string()).unwrap_or_default();
        let head = Head {
            number,
            at: *at,
            actor,
            action: action.as_str(),
            object,
            outcome: outcome.as_str(),
            source: &source,
            subject: subject.as_ref(),
            details: u32::try_from(details.len()).expect("an entry has few details"),
        };
        head.write(&mut out);
        for (name, value) in details {
            write_text(&mut out, name);
            write_text(&mut out, value);
        }
        out
    }

    /// Reads canonical bytes: the number and the entry.
    pub fn from_canonical(bytes: &[u8]) -> Result<(u64, Self), AuditEntryError> {
        let mut rest = Reader(bytes);
        let [version] = rest.array()?;
        if version != VERSION {
            return Err(AuditEntryError::Version);
        }
        let number = u64::from_be_bytes(rest.array()?);
        let at = Timestamp(i64::from_be_bytes(rest.array()?));
        let actor = rest.text()?.to_owned();
        let action = rest.text()?.parse()?;
        let object = rest.text()?.to_owned();
        let outcome = rest.text()?.parse()?;
        let source = match rest.text()? {
            "" => None,
            text => Some(text.parse().map_err(|_| AuditEntryError::Form)?),
        };
        let subject = match rest.bytes()? {
            [] => None,
            subject => Some(subject.try_into().map_err(|_| AuditEntryError::Form)?),
        };
        let mut details = BTreeMap::new();
        for _ in 0..u32::from_be_bytes(rest.array()?) {
            let name = rest.text()?.to_owned();
            details.insert(name, rest.text()?.to_owned());
        }
        let entry = Self {
            at,
            actor,
            action,
            object,
            outcome,
            source,
            subject,
            details,
        };
        // Details out of order, twice, or bytes at the end: each entry has one form only.
        if entry.canonical(number) != bytes {
            return Err(AuditEntryError::Form);
        }
        Ok((number, entry))
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], AuditEntryError> {
        let (taken, rest) = self
            .0
            .split_at_checked(count)
            .ok_or(AuditEntryError::Form)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], AuditEntryError> {
        let bytes = self.take(N)?;
        bytes.try_into().map_err(|_| AuditEntryError::Form)
    }

    fn bytes(&mut self) -> Result<&'a [u8], AuditEntryError> {
        let length = u32::from_be_bytes(self.array()?);
        self.take(length as usize)
    }

    fn text(&mut self) -> Result<&'a str, AuditEntryError> {
        std::str::from_utf8(self.bytes()?).map_err(|_| AuditEntryError::Form)
    }
}
