//! The chain of a book: each hash covers its entry and the hash before it.

use std::fmt;

use aws_lc_rs::digest::{Context, SHA256};

use super::{AuditBook, Checkpoint};
use crate::OrganizationId;

/// `h(i) = SHA-256(h(i-1) ‖ canonical(entry i))`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ChainHash(pub [u8; 32]);

impl ChainHash {
    /// `h(0)` of a book: no two books begin alike, so that none can pass for another.
    ///
    /// `incarnation` tells organizations apart that had the same id one after the other.
    pub fn start(organization: &OrganizationId, incarnation: i64, book: AuditBook) -> Self {
        let mut context = Context::new(&SHA256);
        context.update(b"carehook audit 1\n");
        context.update(organization.as_str().as_bytes());
        context.update(b"\n");
        context.update(&incarnation.to_be_bytes());
        context.update(&book.code().to_be_bytes());
        Self::of(context)
    }

    /// The hash of the next entry.
    #[must_use]
    pub fn next(self, canonical: &[u8]) -> Self {
        let mut context = Context::new(&SHA256);
        context.update(&self.0);
        context.update(canonical);
        Self::of(context)
    }

    fn of(context: Context) -> Self {
        let digest = context.finish();
        Self(digest.as_ref().try_into().expect("SHA-256 has 32 bytes"))
    }
}

/// As 64 hexadecimal digits.
impl fmt::Display for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The end of a chain: how many entries it has, and the hash of the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainHead {
    /// Entries.
    pub count: u64,
    /// The hash of the last one; `h(0)` without any.
    pub hash: ChainHash,
}

impl ChainHead {
    /// Of a book without entries.
    pub fn start(organization: &OrganizationId, incarnation: i64, book: AuditBook) -> Self {
        Self {
            count: 0,
            hash: ChainHash::start(organization, incarnation, book),
        }
    }

    /// The head after one more entry, whose number is [`Self::count`] of the new head.
    #[must_use]
    pub fn after(self, canonical: &[u8]) -> Self {
        Self {
            count: self.count + 1,
            hash: self.hash.next(canonical),
        }
    }
}

/// What is wrong with a book, and where it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuditFault {
    /// The entry that belongs here is not there, or another one stands in its place.
    #[error("entry {0} is missing")]
    Missing(u64),
    /// The entry is not what its hash was made of, or the hash was changed.
    #[error("entry {0} was changed")]
    Changed(u64),
    /// All hashes fit, but not the one that was signed.
    #[error("the entries up to {0} are not those that were signed")]
    Rewritten(u64),
    /// The book ends before what was signed.
    #[error("entries {0} to {1} are missing at the end")]
    TailDropped(u64, u64),
    /// The checkpoint was not signed with the key of this installation.
    #[error("the checkpoint of {0} entries has a wrong signature")]
    Signature(u64),
}

/// Walks along a book and stops at the first thing that is wrong.
pub struct ChainVerifier {
    head: ChainHead,
    /// What was signed and is still to come, the last one first.
    signed: Vec<ChainHead>,
    /// Something was signed of the beginning that is not so.
    rewritten: Option<AuditFault>,
}

impl ChainVerifier {
    /// Begins at `start`. What was signed before there is not looked at; the signatures are checked
    /// by [`Checkpoint::is_signed_by`].
    pub fn new<'a>(
        start: ChainHead,
        checkpoints: impl IntoIterator<Item = &'a Checkpoint>,
    ) -> Self {
        let heads = checkpoints.into_iter().map(|checkpoint| checkpoint.head);
        let (here, mut signed): (Vec<_>, Vec<_>) = heads
            .filter(|head| head.count >= start.count)
            .partition(|head| head.count == start.count);
        signed.sort_unstable_by_key(|head| std::cmp::Reverse(head.count));
        let is_other = here.iter().any(|head| head.hash != start.hash);
        Self {
            head: start,
            signed,
            rewritten: is_other.then_some(AuditFault::Rewritten(start.count)),
        }
    }

    /// Checks the next entry: its number, its canonical bytes and the hash that is kept with it.
    ///
    /// `None` stands for bytes that could not be made, because a part of the entry is gone.
    pub fn entry(
        &mut self,
        number: u64,
        canonical: Option<&[u8]>,
        hash: &[u8],
    ) -> Result<(), AuditFault> {
        self.rewritten.map_or(Ok(()), Err)?;
        let expected = self.head.count + 1;
        if number != expected {
            return Err(AuditFault::Missing(expected));
        }
        let canonical = canonical.ok_or(AuditFault::Changed(number))?;
        let next = self.head.after(canonical);
        if hash != next.hash.0 {
            return Err(AuditFault::Changed(number));
        }
        self.head = next;
        while let Some(signed) = self.signed.pop_if(|signed| signed.count == number) {
            if signed.hash != next.hash {
                return Err(AuditFault::Rewritten(number));
            }
        }
        Ok(())
    }

    /// Where the entries so far end.
    pub fn head(&self) -> ChainHead {
        self.head
    }

    /// Says that there are no more entries; where the book ends.
    pub fn end(self) -> Result<ChainHead, AuditFault> {
        self.rewritten.map_or(Ok(()), Err)?;
        match self.signed.first() {
            Some(last) => Err(AuditFault::TailDropped(self.head.count + 1, last.count)),
            None => Ok(self.head),
        }
    }
}
