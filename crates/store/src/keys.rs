//! Keys at rest: a master key wraps one data key for each organization and day.
//!
//! Payloads, secrets, custom header values and stored answers are sealed with AES-256-GCM-SIV;
//! the associated data names organization, kind and row, so that a sealed value cannot be moved.

mod sealing;

use std::collections::HashMap;
use std::sync::Arc;

use aws_lc_rs::rand;
use parking_lot::RwLock;
use zeroize::Zeroizing;

pub(crate) use sealing::{Kind, Place, SealKey, Unsealable};

/// What is wrong with a master key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a master key is 32 bytes in base64")]
pub struct MasterKeyError;

/// The key that wraps every data key.
#[derive(Clone, PartialEq, Eq)]
pub struct MasterKey(Zeroizing<[u8; 32]>);

impl MasterKey {
    /// Takes the key's bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Reads the base64 form that configuration uses.
    pub fn from_base64(text: &str) -> Result<Self, MasterKeyError> {
        use base64::Engine as _;
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(text.trim())
            .map(Zeroizing::new)
            .map_err(|_| MasterKeyError)?;
        let bytes: [u8; 32] = bytes.as_slice().try_into().map_err(|_| MasterKeyError)?;
        Ok(Self::new(bytes))
    }
}

/// A data key wrapped by the master key, and its name.
#[derive(Clone)]
pub(crate) struct WrappedKey {
    pub(crate) organization: i64,
    pub(crate) day: i64,
    pub(crate) wrapped: Vec<u8>,
}

/// The day under which the key for configuration is kept: secrets, headers, subjects.
pub(crate) const CONFIGURATION: i64 = -1;
/// The organization of what belongs to the installation.
pub(crate) const INSTALLATION: i64 = 0;

/// Unwrapped keys that are kept; each is about 2 KiB, and there is one a day and organization.
const UNWRAPPED: usize = 4_096;

type KeyName = (i64, i64);

/// The master key and what it wraps; they change together.
struct Wrapped {
    master: SealKey,
    keys: HashMap<KeyName, Box<[u8]>>,
}

/// Everything that a master key seals, sealed by another one.
pub(crate) struct Rewrapped {
    master: SealKey,
    pub(crate) keys: Vec<WrappedKey>,
    pub(crate) check: Vec<u8>,
    pub(crate) digest_key: Vec<u8>,
}

/// All data keys: wrapped as they are stored, and unwrapped when they were used lately.
pub(crate) struct KeyRing {
    wrapped: RwLock<Wrapped>,
    unwrapped: RwLock<HashMap<KeyName, Arc<SealKey>>>,
}

impl KeyRing {
    pub(crate) fn new(master: &MasterKey) -> Self {
        Self {
            wrapped: RwLock::new(Wrapped {
                master: SealKey::new(&master.0),
                keys: HashMap::new(),
            }),
            unwrapped: RwLock::default(),
        }
    }

    /// A value that only the same master key opens.
    pub(crate) fn master_check(&self) -> Vec<u8> {
        self.wrapped.read().master.seal(check_place(), b"carehook")
    }

    pub(crate) fn is_master_of(&self, check: &[u8]) -> bool {
        let wrapped = self.wrapped.read();
        wrapped.master.open(check_place(), check).is_ok()
    }

    /// Seals the key by which API keys are found; the master key alone opens it.
    pub(crate) fn seal_digest_key(&self, key: &[u8; 32]) -> Vec<u8> {
        self.wrapped.read().master.seal(digest_key_place(), key)
    }

    pub(crate) fn open_digest_key(&self, sealed: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
        let wrapped = self.wrapped.read();
        let plain = wrapped.master.open(digest_key_place(), sealed).ok()?;
        let plain = Zeroizing::new(plain);
        plain.as_slice().try_into().ok().map(Zeroizing::new)
    }

    /// The key of an organization for a day; `None` when there is none or it does not open.
    pub(crate) fn get(&self, organization: i64, day: i64) -> Option<Arc<SealKey>> {
        let name = (organization, day);
        if let Some(key) = self.unwrapped.read().get(&name) {
            return Some(Arc::clone(key));
        }
        let key = {
            let wrapped = self.wrapped.read();
            let sealed = wrapped.keys.get(&name)?;
            let plain = unwrap(&wrapped.master, name, sealed).ok()?;
            SealKey::new(&plain)
        };
        self.keep(name, key)
    }

    /// Whether there is a key, even one that does not open.
    pub(crate) fn has(&self, organization: i64, day: i64) -> bool {
        self.wrapped.read().keys.contains_key(&(organization, day))
    }

    /// Keeps an unwrapped key, unless it was forgotten meanwhile.
    fn keep(&self, name: KeyName, key: SealKey) -> Option<Arc<SealKey>> {
        let mut unwrapped = self.unwrapped.write();
        if !self.wrapped.read().keys.contains_key(&name) {
            return None;
        }
        if unwrapped.len() >= UNWRAPPED {
            unwrapped.clear();
        }
        let key = unwrapped.entry(name).or_insert_with(|| Arc::new(key));
        Some(Arc::clone(key))
    }

    /// A new random data key; it is used only after [`Self::insert`].
    pub(crate) fn generate(&self, organization: i64, day: i64) -> WrappedKey {
        let mut key = Zeroizing::new([0u8; 32]);
        rand::fill(&mut *key).expect("the system gives random bytes");
        let row = day.to_be_bytes();
        let place = wrap_place(organization, &row);
        let wrapped = self.wrapped.read().master.seal(place, &*key);
        WrappedKey {
            organization,
            day,
            wrapped,
        }
    }

    /// Takes a stored data key; it is unwrapped when it is first used.
    pub(crate) fn insert(&self, stored: WrappedKey) {
        let name = (stored.organization, stored.day);
        let keys = &mut self.wrapped.write().keys;
        keys.insert(name, stored.wrapped.into_boxed_slice());
    }

    /// All that the master key seals, sealed by another one; `None` when it is the same one or the
    /// digest key does not open. A data key that does not open stays as it is.
    pub(crate) fn rewrapped(&self, new: &MasterKey, digest_key: &[u8]) -> Option<Rewrapped> {
        let digest_key = self.open_digest_key(digest_key)?;
        let check = self.master_check();
        let master = SealKey::new(&new.0);
        if master.open(check_place(), &check).is_ok() {
            return None;
        }
        let wrapped = self.wrapped.read();
        let rewrap = |(name, old): (&KeyName, &[u8])| {
            let (organization, day) = *name;
            let row = day.to_be_bytes();
            let place = wrap_place(organization, &row);
            let plain = unwrap(&wrapped.master, *name, old);
            WrappedKey {
                organization,
                day,
                wrapped: plain.map_or_else(|_| old.to_vec(), |plain| master.seal(place, &*plain)),
            }
        };
        Some(Rewrapped {
            keys: wrapped
                .keys
                .iter()
                .map(|(name, old)| rewrap((name, old)))
                .collect(),
            check: master.seal(check_place(), b"carehook"),
            digest_key: master.seal(digest_key_place(), &*digest_key),
            master,
        })
    }

    /// Goes over to another master key, whose values are stored by now. No data key may have been
    /// made meanwhile.
    pub(crate) fn adopt(&self, rewrapped: Rewrapped) {
        let named = |key: WrappedKey| ((key.organization, key.day), key.wrapped.into_boxed_slice());
        let keys = rewrapped.keys.into_iter().map(named).collect();
        *self.wrapped.write() = Wrapped {
            master: rewrapped.master,
            keys,
        };
    }

    /// The first keys after `after`, by organization and day, that are wanted.
    pub(crate) fn first_after(
        &self,
        after: (i64, i64),
        limit: usize,
        wanted: impl Fn((i64, i64)) -> bool,
    ) -> Vec<(i64, i64)> {
        let names: Vec<KeyName> = {
            let wrapped = self.wrapped.read();
            let later = wrapped.keys.keys().filter(|name| **name > after);
            later.copied().collect()
        };
        let mut names: Vec<_> = names.into_iter().filter(|name| wanted(*name)).collect();
        names.sort_unstable();
        names.truncate(limit);
        names
    }

    /// Forgets one key.
    pub(crate) fn forget_day(&self, organization: i64, day: i64) {
        self.wrapped.write().keys.remove(&(organization, day));
        self.unwrapped.write().remove(&(organization, day));
    }

    /// Forgets the keys of an organization.
    pub(crate) fn forget(&self, organization: i64) {
        let of_others = |(owner, _): &KeyName| *owner != organization;
        self.wrapped.write().keys.retain(|name, _| of_others(name));
        self.unwrapped.write().retain(|name, _| of_others(name));
    }
}

fn unwrap(
    master: &SealKey,
    (organization, day): KeyName,
    wrapped: &[u8],
) -> Result<Zeroizing<[u8; 32]>, Unsealable> {
    let row = day.to_be_bytes();
    let bytes = Zeroizing::new(master.open(wrap_place(organization, &row), wrapped)?);
    let bytes: [u8; 32] = bytes.as_slice().try_into().map_err(|_| Unsealable)?;
    Ok(Zeroizing::new(bytes))
}

fn wrap_place(organization: i64, row: &[u8]) -> Place<'_> {
    Place {
        kind: Kind::DataKey,
        organization,
        row,
    }
}

fn check_place() -> Place<'static> {
    Place {
        kind: Kind::MasterCheck,
        organization: INSTALLATION,
        row: b"",
    }
}

fn digest_key_place() -> Place<'static> {
    Place {
        kind: Kind::DigestKey,
        organization: INSTALLATION,
        row: b"",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_master_key_unwraps() {
        let ring = KeyRing::new(&MasterKey::new([1; 32]));
        let other = KeyRing::new(&MasterKey::new([2; 32]));
        let wrapped = ring.generate(1, 20_000);
        ring.insert(wrapped.clone());
        other.insert(wrapped.clone());
        assert!(ring.get(1, 20_000).is_some());
        assert!(other.get(1, 20_000).is_none());
        assert!(ring.is_master_of(&ring.master_check()));
        assert!(!other.is_master_of(&ring.master_check()));
        ring.insert(WrappedKey {
            organization: 2,
            ..wrapped
        });
        assert!(ring.get(2, 20_000).is_none(), "it is of organization 1");
        ring.forget(1);
        assert!(ring.get(1, 20_000).is_none());
    }

    #[test]
    fn few_of_many_keys_are_kept_unwrapped() {
        let ring = KeyRing::new(&MasterKey::new([1; 32]));
        let days = 0..i64::try_from(UNWRAPPED).unwrap() + 10;
        for day in days.clone() {
            ring.insert(ring.generate(1, day));
        }
        assert_eq!(ring.unwrapped.read().len(), 0);
        let sealed = ring.get(1, 0).unwrap().seal(check_place(), b"plain");
        for day in days {
            assert!(ring.get(1, day).is_some());
            assert!(ring.unwrapped.read().len() <= UNWRAPPED);
        }
        let opened = ring.get(1, 0).unwrap().open(check_place(), &sealed);
        assert_eq!(opened, Ok(b"plain".to_vec()));
    }
}
