//! The key of links to payloads, which follows from the key that API keys are found by.
//!
//! That one lies sealed by the master key and outlives its rotation; nothing else has to be kept.

use zeroize::Zeroizing;

use super::EmbeddedStore;

/// No text of an API key, which is what the other digests are made of.
const PURPOSE: &str = "carehook: links to payloads, 1";

impl EmbeddedStore {
    pub(crate) fn payload_link_key(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.shared.digest_key.digest(PURPOSE))
    }
}
