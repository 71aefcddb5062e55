//! Randomness for keys and ids.

use std::fmt::Write as _;

use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use carehook_core::{RecordId, Timestamp};

/// The application's source of randomness.
#[derive(Default)]
pub(crate) struct Random(SystemRandom);

impl Random {
    /// `N` random bytes.
    pub(crate) fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0
            .fill(&mut bytes)
            .expect("the system's generator does not fail once it is seeded");
        bytes
    }

    /// 32 hex digits.
    pub(crate) fn hex(&self) -> String {
        let mut text = String::with_capacity(32);
        for byte in self.bytes::<16>() {
            write!(text, "{byte:02x}").expect("writing to a String cannot fail");
        }
        text
    }

    /// An id that sorts by time and is random otherwise.
    pub(crate) fn record_id(&self, now: Timestamp) -> RecordId {
        let number = u64::from_le_bytes(self.bytes());
        let salt = u32::from_le_bytes(self.bytes());
        RecordId::new(now.0, number, salt)
    }
}
