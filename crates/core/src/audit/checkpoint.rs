//! Checkpoints: signed statements of how far a book had come, so that a dropped tail shows.

use std::fmt;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

use super::{AuditBook, ChainHead};
use crate::{OrganizationId, Timestamp};

/// How far a book had come at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Whose book.
    pub organization: OrganizationId,
    /// See [`super::ChainHash::start`].
    pub incarnation: i64,
    /// Which book.
    pub book: AuditBook,
    /// Where it ended.
    pub head: ChainHead,
    /// When.
    pub at: Timestamp,
    /// Ed25519 over [`Self::signed_bytes`].
    pub signature: Vec<u8>,
}

impl Checkpoint {
    /// What is signed: `carehook checkpoint 1`, a line feed, the organization's id, a line feed,
    /// and then big-endian the incarnation, the book's code, the count, the hash and the time.
    pub fn signed_bytes(&self) -> Vec<u8> {
        self.bytes_headed("carehook checkpoint 1")
    }

    /// Everything but the signature, after a line that says what it states.
    pub(super) fn bytes_headed(&self, heading: &str) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(192);
        for line in [heading, self.organization.as_str()] {
            bytes.extend(line.as_bytes());
            bytes.push(b'\n');
        }
        bytes.extend(self.incarnation.to_be_bytes());
        bytes.extend(self.book.code().to_be_bytes());
        bytes.extend(self.head.count.to_be_bytes());
        bytes.extend(self.head.hash.0);
        bytes.extend(self.at.0.to_be_bytes());
        bytes
    }

    /// Whether the signature is of this key.
    pub fn is_signed_by(&self, key: &CheckpointPublicKey) -> bool {
        key.has_signed(&self.signed_bytes(), &self.signature)
    }
}

/// The key of an installation that signs checkpoints.
pub struct CheckpointKey(Ed25519KeyPair);

impl CheckpointKey {
    /// The key of a seed (RFC 8032, 5.1.5).
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed);
        Self(pair.expect("every 32 bytes are an ed25519 seed (RFC 8032)"))
    }

    /// The half that anybody may have.
    pub fn public(&self) -> CheckpointPublicKey {
        let bytes = self.0.public_key().as_ref();
        CheckpointPublicKey(bytes.try_into().expect("an ed25519 key has 32 bytes"))
    }

    /// Signs a checkpoint, whatever signature it had.
    #[must_use]
    pub fn sign(&self, checkpoint: Checkpoint) -> Checkpoint {
        let signature = self.sign_bytes(&checkpoint.signed_bytes());
        Checkpoint {
            signature,
            ..checkpoint
        }
    }

    pub(super) fn sign_bytes(&self, bytes: &[u8]) -> Vec<u8> {
        self.0.sign(bytes).as_ref().to_vec()
    }
}

/// What checkpoints are checked with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckpointPublicKey(pub [u8; 32]);

/// As 64 hexadecimal digits.
impl fmt::Display for CheckpointPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl CheckpointPublicKey {
    pub(super) fn has_signed(&self, bytes: &[u8], signature: &[u8]) -> bool {
        let public = UnparsedPublicKey::new(&ED25519, self.0);
        public.verify(bytes, signature).is_ok()
    }
}
