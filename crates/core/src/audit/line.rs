//! Checkpoints and registers as one word of text, which survives logs, mails and tickets: what is
//! kept elsewhere has to be found again wherever it was put.

use std::fmt;
use std::str::FromStr;

use super::{AuditBook, AuditId, ChainHash, ChainHead, Checkpoint, Register, RegisterSum};
use crate::Timestamp;

const CHECKPOINT: &str = "carehook-checkpoint";
const REGISTER: &str = "carehook-register";

/// What was signed, as it was written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignedLine {
    /// How far a book had come.
    Checkpoint(Checkpoint),
    /// Which books there were.
    Register(Register),
}

/// The text is no [`SignedLine`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a signed checkpoint as `carehook audit checkpoints` prints it")]
pub struct SignedLineError;

/// Its parts with colons between them, without any white space.
impl fmt::Display for SignedLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Checkpoint(signed) => write!(
                f,
                "{CHECKPOINT}:{}:{}:{}:{}:{}:{}:{}",
                signed.organization,
                signed.incarnation,
                signed.book,
                signed.head.count,
                signed.head.hash,
                signed.at.0,
                hex::encode(&signed.signature)
            ),
            Self::Register(signed) => write!(
                f,
                "{REGISTER}:{}:{}:{}:{}:{}:{}",
                signed.number,
                signed.at.0,
                signed.sum.books,
                signed.sum.entries,
                hex::encode(signed.sum.digest),
                hex::encode(&signed.signature)
            ),
        }
    }
}

impl FromStr for SignedLine {
    type Err = SignedLineError;

    fn from_str(text: &str) -> Result<Self, SignedLineError> {
        let mut parts = text.split(':');
        let line = match parts.next() {
            Some(CHECKPOINT) => checkpoint(&mut parts).map(Self::Checkpoint),
            Some(REGISTER) => register(&mut parts).map(Self::Register),
            _ => None,
        };
        line.filter(|_| parts.next().is_none())
            .ok_or(SignedLineError)
    }
}

impl SignedLine {
    /// All that stand somewhere in a text, such as a log or an export; what begins like one and is
    /// none is an error.
    pub fn all_in(text: &str) -> impl Iterator<Item = Result<Self, SignedLineError>> {
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '-' | '_' | '.');
        let words = text.split(move |c| !is_part(c));
        words
            .filter(|word| {
                let name = word.split(':').next().unwrap_or_default();
                word.contains(':') && (name == CHECKPOINT || name == REGISTER)
            })
            .map(str::parse)
    }
}

fn checkpoint<'a>(parts: &mut impl Iterator<Item = &'a str>) -> Option<Checkpoint> {
    Some(Checkpoint {
        organization: parts.next()?.parse().ok()?,
        incarnation: parts.next()?.parse().ok()?,
        book: book(parts.next()?)?,
        head: ChainHead {
            count: parts.next()?.parse().ok()?,
            hash: ChainHash(digest(parts.next()?)?),
        },
        at: Timestamp(parts.next()?.parse().ok()?),
        signature: hex::decode(parts.next()?).ok()?,
    })
}

fn register<'a>(parts: &mut impl Iterator<Item = &'a str>) -> Option<Register> {
    Some(Register {
        number: parts.next()?.parse().ok()?,
        at: Timestamp(parts.next()?.parse().ok()?),
        sum: RegisterSum {
            books: parts.next()?.parse().ok()?,
            entries: parts.next()?.parse().ok()?,
            digest: digest(parts.next()?)?,
        },
        signature: hex::decode(parts.next()?).ok()?,
    })
}

fn book(name: &str) -> Option<AuditBook> {
    let first: AuditId = format!("{name}-1").parse().ok()?;
    Some(first.book)
}

fn digest(text: &str) -> Option<[u8; 32]> {
    hex::decode(text).ok()?.try_into().ok()
}
