//! The contract of links to payloads: they are sealed by a key of the installation.

use zeroize::Zeroizing;

use super::Store;

impl Store {
    /// What the links to payloads are sealed with: the same after every start, and another one in
    /// every installation.
    pub fn payload_link_key(&self) -> Zeroizing<[u8; 32]> {
        let Self::Embedded(store) = self;
        store.payload_link_key()
    }
}
