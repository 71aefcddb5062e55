//! Text in addresses of pages that says nothing to who reads the address.
//!
//! People look for patients. Addresses stay in browsers' histories and in the logs of proxies, and
//! are sent to colleagues; so what was looked for stands in them sealed, and opens only for those
//! who may look into the same organization.

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, RandomizedNonceKey};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use carehook_core::OrganizationId;

use crate::{App, OrganizationAccess};

/// Characters of a cover that anybody looks at: many times what is looked for.
const MOST_CHARS: usize = 8_192;
/// What the key is for, so that it is no other key of the installation.
const PURPOSE: &[u8] = b"carehook covered text";

/// Seals text for addresses.
pub(crate) struct Covers(RandomizedNonceKey);

impl Covers {
    /// Takes a key of the installation, so that addresses outlive a restart.
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        let own = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), PURPOSE);
        let key = RandomizedNonceKey::new(&AES_256_GCM_SIV, own.as_ref());
        Self(key.expect("AES-256 takes the 32 bytes that HMAC-SHA256 gives"))
    }

    fn seal(&self, organization: &OrganizationId, text: &str) -> String {
        let mut bytes = text.as_bytes().to_vec();
        let whose = Aad::from(organization.as_str());
        let nonce = self.0.seal_in_place_append_tag(whose, &mut bytes);
        let nonce = nonce.expect("a text is far shorter than what a nonce seals");
        let mut sealed = nonce.as_ref().to_vec();
        sealed.append(&mut bytes);
        URL_SAFE_NO_PAD.encode(sealed)
    }

    fn open(&self, organization: &OrganizationId, covered: &str) -> Option<String> {
        if covered.len() > MOST_CHARS {
            return None;
        }
        let sealed = URL_SAFE_NO_PAD.decode(covered).ok()?;
        let (nonce, bytes) = sealed.split_first_chunk::<12>()?;
        let mut bytes = bytes.to_vec();
        let whose = Aad::from(organization.as_str());
        let text = self.0.open_in_place(nonce.into(), whose, &mut bytes).ok()?;
        String::from_utf8(text.to_vec()).ok()
    }
}

impl App {
    /// The text as it may stand in an address: letters, digits, `-` and `_`.
    pub fn cover_text(&self, access: &OrganizationAccess, text: &str) -> String {
        self.inner().covers.seal(access.organization(), text)
    }

    /// What was covered in this organization; `None` for everything else.
    pub fn uncover_text(&self, access: &OrganizationAccess, covered: &str) -> Option<String> {
        self.inner().covers.open(access.organization(), covered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cover_opens_in_its_organization_only_and_says_nothing() {
        let covers = Covers::new(&[7; 32]);
        let (north, south) = ("north".parse().unwrap(), "south".parse().unwrap());
        let covered = covers.seal(&north, "patient/17");
        assert!(!covered.contains("patient"), "{covered}");
        assert_ne!(
            covers.seal(&north, "patient/17"),
            covered,
            "two look different"
        );
        assert_eq!(covers.open(&north, &covered).as_deref(), Some("patient/17"));
        assert_eq!(covers.open(&south, &covered), None);
        assert_eq!(covers.open(&north, &covered[1..]), None);
        assert_eq!(Covers::new(&[8; 32]).open(&north, &covered), None);
        for wrong in ["", "a", "patient/17", &"a".repeat(9_000)] {
            assert_eq!(covers.open(&north, wrong), None, "{wrong:.20}");
        }
    }
}
