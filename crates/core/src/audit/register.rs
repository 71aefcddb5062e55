//! The register: a signed statement of which books an installation has and how far each was signed,
//! so that a checkpoint that was removed together with its book still shows.

use std::fmt;

use aws_lc_rs::digest::{Context, SHA256};

use super::{AuditBook, ChainHead, CheckpointKey, CheckpointPublicKey};
use crate::Timestamp;

/// What all checkpoints of an installation came to at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Register {
    /// Counts the statements: each says more than the one before. 0 is that of an installation
    /// that has signed nothing yet.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// All checkpoints together.
    pub sum: RegisterSum,
    /// Ed25519 over [`Self::signed_bytes`].
    pub signature: Vec<u8>,
}

/// Checkpoints, counted and hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegisterSum {
    /// Books that have a checkpoint.
    pub books: u64,
    /// Entries that these sign.
    pub entries: u64,
    /// SHA-256 over the books with the same code, and then over those hashes, by code.
    pub digest: [u8; 32],
}

impl Register {
    /// What is signed: `carehook register 1`, a line feed, and then big-endian the number, the
    /// time, the books, the entries, and the digest.
    pub fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = b"carehook register 1\n".to_vec();
        bytes.extend(self.number.to_be_bytes());
        bytes.extend(self.at.0.to_be_bytes());
        bytes.extend(self.sum.books.to_be_bytes());
        bytes.extend(self.sum.entries.to_be_bytes());
        bytes.extend(self.sum.digest);
        bytes
    }

    /// Whether the signature is of this key.
    pub fn is_signed_by(&self, key: &CheckpointPublicKey) -> bool {
        key.has_signed(&self.signed_bytes(), &self.signature)
    }
}

impl CheckpointKey {
    /// Signs a register, whatever signature it had.
    #[must_use]
    pub fn sign_register(&self, mut register: Register) -> Register {
        register.signature = self.sign_bytes(&register.signed_bytes());
        register
    }
}

/// Puts together the checkpoints of one book of all organizations: all journals, or a day.
pub struct RegisterPart {
    context: Context,
    books: u64,
    entries: u64,
}

impl fmt::Debug for RegisterPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RegisterPart({} books)", self.books)
    }
}

impl RegisterPart {
    /// Without any.
    pub fn new(book: AuditBook) -> Self {
        let mut context = Context::new(&SHA256);
        context.update(&book.code().to_be_bytes());
        Self {
            context,
            books: 0,
            entries: 0,
        }
    }

    /// The next one, by the organization's number.
    pub fn add(&mut self, incarnation: i64, head: ChainHead) {
        self.context.update(&incarnation.to_be_bytes());
        self.context.update(&head.count.to_be_bytes());
        self.context.update(&head.hash.0);
        self.books += 1;
        self.entries = self.entries.saturating_add(head.count);
    }

    /// What they come to.
    pub fn sum(self) -> RegisterSum {
        let digest = self.context.finish();
        RegisterSum {
            books: self.books,
            entries: self.entries,
            digest: digest.as_ref().try_into().expect("SHA-256 has 32 bytes"),
        }
    }
}

impl RegisterSum {
    /// What parts come to, in the order of their books' codes; empty ones are left out.
    pub fn of<'a>(parts: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut context = Context::new(&SHA256);
        let (mut books, mut entries) = (0, 0u64);
        for part in parts.into_iter().filter(|part| part.books > 0) {
            context.update(&part.digest);
            books += part.books;
            entries = entries.saturating_add(part.entries);
        }
        let digest = context.finish();
        Self {
            books,
            entries,
            digest: digest.as_ref().try_into().expect("SHA-256 has 32 bytes"),
        }
    }
}

/// What is wrong with the register of a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegisterFault {
    /// There is none.
    #[error("the signed statement of which books exist is gone")]
    Gone,
    /// It was not signed with the key of this installation.
    #[error("the statement of which books exist has a wrong signature")]
    Signature,
    /// It is not about the checkpoints that are there.
    #[error(
        "checkpoints were removed or changed: {stated} books with {stated_entries} signed entries \
         were stated, those of {found} books with {found_entries} are there"
    )]
    Differs {
        /// Books that were stated.
        stated: u64,
        /// Entries that were stated.
        stated_entries: u64,
        /// Books that have a checkpoint.
        found: u64,
        /// Entries that these sign.
        found_entries: u64,
    },
    /// A newer one is known: the directory, or one of its files, is of an earlier time.
    #[error(
        "statement {newer} is known, and number {number} is there: files of an earlier time were put back"
    )]
    Older {
        /// The number that was found.
        number: u64,
        /// That of the newer one.
        newer: u64,
    },
}

impl RegisterFault {
    /// Of a statement about other checkpoints than those found.
    pub fn differs(stated: &RegisterSum, found: &RegisterSum) -> Self {
        Self::Differs {
            stated: stated.books,
            stated_entries: stated.entries,
            found: found.books,
            found_entries: found.entries,
        }
    }
}
