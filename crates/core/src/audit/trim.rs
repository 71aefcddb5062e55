//! Trims: signed statements that the oldest entries of a journal went because of their age, so that
//! a beginning that somebody has dropped still shows.

use super::{Checkpoint, CheckpointKey, CheckpointPublicKey};

/// Up to where a journal was taken away: [`Checkpoint::head`] has the number and the hash of the last
/// entry that went, on which the first one that stays follows.
///
/// It is signed apart from checkpoints: otherwise an old one of those would do as well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trim(pub Checkpoint);

impl Trim {
    /// What is signed: as of a checkpoint, but beginning with `carehook trim 1`.
    pub fn signed_bytes(&self) -> Vec<u8> {
        self.0.bytes_headed("carehook trim 1")
    }

    /// Whether the signature is of this key.
    pub fn is_signed_by(&self, key: &CheckpointPublicKey) -> bool {
        key.has_signed(&self.signed_bytes(), &self.0.signature)
    }
}

impl CheckpointKey {
    /// Signs a trim, whatever signature it had.
    #[must_use]
    pub fn sign_trim(&self, trim: Trim) -> Trim {
        let signature = self.sign_bytes(&trim.signed_bytes());
        Trim(Checkpoint {
            signature,
            ..trim.0
        })
    }
}
