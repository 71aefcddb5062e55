//! Sealing: AES-256-GCM-SIV, bound to the place where a value belongs.

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::{hmac, rand};

const FORMAT: u8 = 1;
const NONCE_BYTES: usize = 12;

/// What a sealed value is; part of its associated data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    DataKey,
    MasterCheck,
    Event,
    Answer,
    Endpoint,
    Request,
    DigestKey,
    Report,
    ReportOutcome,
    PortalGrant,
    OperatorPassword,
    PersonName,
}

/// Where a sealed value belongs.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) kind: Kind,
    pub(crate) organization: i64,
    pub(crate) row: &'a [u8],
}

impl Place<'_> {
    fn associated_data(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(10 + self.row.len());
        bytes.extend([FORMAT, self.kind as u8]);
        bytes.extend(self.organization.to_be_bytes());
        bytes.extend(self.row);
        bytes
    }
}

/// A sealed value that does not open: wrong key, wrong place, or changed bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unsealable;

/// A key that seals and opens values.
pub(crate) struct SealKey {
    aead: LessSafeKey,
    mac: hmac::Key,
}

impl SealKey {
    pub(crate) fn new(bytes: &[u8; 32]) -> Self {
        let unbound =
            UnboundKey::new(&AES_256_GCM_SIV, bytes).expect("AES-256 takes 32 bytes of key");
        Self {
            aead: LessSafeKey::new(unbound),
            mac: hmac::Key::new(hmac::HMAC_SHA256, bytes),
        }
    }

    /// Seals `plain`: format byte, nonce, ciphertext with tag.
    pub(crate) fn seal(&self, place: Place<'_>, plain: &[u8]) -> Vec<u8> {
        let mut nonce = [0u8; NONCE_BYTES];
        rand::fill(&mut nonce).expect("the system gives random bytes");
        let mut sealed = Vec::with_capacity(1 + NONCE_BYTES + plain.len() + 16);
        sealed.push(FORMAT);
        sealed.extend(nonce);
        sealed.extend(plain);
        let (_, body) = sealed.split_at_mut(1 + NONCE_BYTES);
        let tag = self
            .aead
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(place.associated_data()),
                body,
            )
            .expect("sealing fails only for gigabytes");
        sealed.extend(tag.as_ref());
        sealed
    }

    /// Opens what [`Self::seal`] made for the same place.
    pub(crate) fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, Unsealable> {
        let (&FORMAT, rest) = sealed.split_first().ok_or(Unsealable)? else {
            return Err(Unsealable);
        };
        let (nonce, body) = rest.split_at_checked(NONCE_BYTES).ok_or(Unsealable)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Unsealable)?;
        let mut body = body.to_vec();
        let plain = self
            .aead
            .open_in_place(nonce, Aad::from(place.associated_data()), &mut body)
            .map_err(|_| Unsealable)?
            .len();
        body.truncate(plain);
        Ok(body)
    }

    /// A keyed hash: finds equal values without storing them.
    pub(crate) fn keyed_hash(&self, value: &[u8]) -> [u8; 16] {
        let mut short = [0u8; 16];
        let digest = self.keyed_digest(value);
        short.copy_from_slice(digest.split_at(16).0);
        short
    }

    /// The whole of it.
    pub(crate) fn keyed_digest(&self, value: &[u8]) -> [u8; 32] {
        let tag = hmac::sign(&self.mac, value);
        tag.as_ref().try_into().expect("HMAC-SHA256 has 32 bytes")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(row: &[u8]) -> Place<'_> {
        Place {
            kind: Kind::Event,
            organization: 7,
            row,
        }
    }

    #[test]
    fn a_sealed_value_opens_only_in_its_place_and_unchanged() {
        let key = SealKey::new(&[1; 32]);
        let sealed = key.seal(place(b"row"), b"canary");
        assert!(!sealed.windows(6).any(|w| w == b"canary"));
        assert_eq!(key.open(place(b"row"), &sealed), Ok(b"canary".to_vec()));
        assert_eq!(key.open(place(b"other"), &sealed), Err(Unsealable));
        let other = Place {
            organization: 8,
            ..place(b"row")
        };
        assert_eq!(key.open(other, &sealed), Err(Unsealable));
        let other = Place {
            kind: Kind::Answer,
            ..place(b"row")
        };
        assert_eq!(key.open(other, &sealed), Err(Unsealable));
        assert_eq!(
            SealKey::new(&[2; 32]).open(place(b"row"), &sealed),
            Err(Unsealable)
        );
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(
                key.open(place(b"row"), &changed),
                Err(Unsealable),
                "byte {at}"
            );
        }
        assert_eq!(key.open(place(b"row"), &[]), Err(Unsealable));
    }
}
