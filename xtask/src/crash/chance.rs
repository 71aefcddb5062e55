//! Choices that look random and can be repeated.

use std::hash::{BuildHasher as _, RandomState};

/// A splitmix64 generator: no promise but an even spread.
pub(super) struct Chance {
    seed: u64,
    state: u64,
}

impl Chance {
    /// Takes a seed, or makes one up.
    pub(super) fn new(seed: Option<u64>) -> Self {
        // The standard library seeds its hashers from the system.
        let seed = seed.unwrap_or_else(|| RandomState::new().hash_one(0) >> 32);
        Self { seed, state: seed }
    }

    pub(super) fn seed(&self) -> u64 {
        self.seed
    }

    /// A number from `from` to `to`, both included.
    pub(super) fn between(&mut self, from: u64, to: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        from + mixed % (to - from + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_its_choices_within_the_bounds() {
        let choices = |seed| {
            let mut chance = Chance::new(Some(seed));
            (0..100).map(|_| chance.between(3, 9)).collect::<Vec<_>>()
        };
        assert_eq!(choices(7), choices(7));
        assert_ne!(choices(7), choices(8));
        let all: std::collections::BTreeSet<_> = choices(7).into_iter().collect();
        assert_eq!(all.into_iter().collect::<Vec<_>>(), [3, 4, 5, 6, 7, 8, 9]);
    }
}
