//! The text of a key: 32 random bytes behind a prefix, with a checksum.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use crate::{Mode, Secret};

const RANDOM_BYTES: usize = 32;
const CHECKSUM_BYTES: usize = 4;
const LIVE: &str = "pk_live_";
const TEST: &str = "pk_test_";
/// How many characters after the prefix are shown in lists: 24 of the 256 random bits.
const SHOWN: usize = 4;

/// The text of an API key, which is shown once.
///
/// `pk_live_` or `pk_test_`, then base64url of 32 random bytes and the first 4 bytes of SHA-256
/// over prefix and random bytes: a typo, or another mode's prefix, is recognised without looking
/// anything up.
#[derive(Clone)]
pub struct ApiKeyText(Secret);

impl ApiKeyText {
    /// Makes the text of a new key.
    pub fn new(mode: Mode, random: &[u8; RANDOM_BYTES]) -> Self {
        Self(written(prefix_of(mode), random))
    }

    /// Whether a text has the form and the checksum of a key.
    pub fn is_well_formed(text: &str) -> bool {
        is_written(LIVE, text) || is_written(TEST, text)
    }

    /// The first characters, by which people recognise the key.
    pub fn prefix(&self) -> &str {
        shown(LIVE, &self.0)
    }

    /// The text, for those who must show or store it.
    pub fn secret(&self) -> &Secret {
        &self.0
    }
}

fn prefix_of(mode: Mode) -> &'static str {
    match mode {
        Mode::Live => LIVE,
        Mode::Test => TEST,
    }
}

/// The text of a key with this prefix.
pub(crate) fn written(prefix: &str, random: &[u8; RANDOM_BYTES]) -> Secret {
    let mut bytes = Zeroizing::new([0; RANDOM_BYTES + CHECKSUM_BYTES]);
    let (key, checksum) = bytes.split_at_mut(RANDOM_BYTES);
    key.copy_from_slice(random);
    checksum.copy_from_slice(&checksum_of(prefix, random));
    let encoded = Zeroizing::new(URL_SAFE_NO_PAD.encode(*bytes));
    Secret::new(format!("{prefix}{}", *encoded))
}

/// Whether a text has the form and the checksum of a key with this prefix.
pub(crate) fn is_written(prefix: &str, text: &str) -> bool {
    let Some(encoded) = text.strip_prefix(prefix) else {
        return false;
    };
    let mut bytes = Zeroizing::new([0; RANDOM_BYTES + CHECKSUM_BYTES]);
    if URL_SAFE_NO_PAD.decode_slice(encoded, &mut *bytes) != Ok(RANDOM_BYTES + CHECKSUM_BYTES) {
        return false;
    }
    let (key, checksum) = bytes.split_at(RANDOM_BYTES);
    *checksum == checksum_of(prefix, key)
}

/// The part of a key's text by which people recognise it; all keys of a kind show the same length.
pub(crate) fn shown<'a>(prefix: &str, text: &'a Secret) -> &'a str {
    let text = text.expose();
    text.get(..prefix.len() + SHOWN).unwrap_or(text)
}

fn checksum_of(prefix: &str, key: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(prefix.as_bytes());
    context.update(key);
    let digest = context.finish();
    let mut checksum = [0; CHECKSUM_BYTES];
    for (to, from) in checksum.iter_mut().zip(digest.as_ref()) {
        *to = *from;
    }
    checksum
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_made_text_is_well_formed_and_its_typos_are_not(
            random: [u8; 32], live: bool, at in 0usize..56, other in "[0-9A-Za-z_-]",
        ) {
            let mode = if live { Mode::Live } else { Mode::Test };
            let made = ApiKeyText::new(mode, &random);
            let text = made.secret().expose();
            prop_assert_eq!(text.len(), 56);
            prop_assert!(ApiKeyText::is_well_formed(text));
            prop_assert!(text.starts_with(made.prefix()));
            let mut typo = text.to_owned();
            typo.replace_range(at..=at, &other);
            prop_assume!(typo != text);
            prop_assert!(!ApiKeyText::is_well_formed(&typo));
        }
    }

    #[test]
    fn the_prefix_tells_the_mode_and_belongs_to_the_checksum() {
        let live = ApiKeyText::new(Mode::Live, &[7; 32]);
        let text = live.secret().expose();
        assert!(text.starts_with("pk_live_"));
        let test = text.replace("live", "test");
        assert!(!ApiKeyText::is_well_formed(&test));
        assert_eq!(
            ApiKeyText::new(Mode::Test, &[7; 32]).prefix(),
            "pk_test_BwcH"
        );
    }

    #[test]
    fn other_texts_are_not_well_formed() {
        let text = ApiKeyText::new(Mode::Live, &[7; 32]);
        let text = text.secret().expose();
        let longer = format!("{text}A");
        let padded = format!("{text}=");
        for other in [
            "",
            "pk_live_",
            "operator",
            &text[..55],
            &longer,
            &padded,
            &text[8..],
        ] {
            assert!(!ApiKeyText::is_well_formed(other), "{other}");
        }
    }
}
