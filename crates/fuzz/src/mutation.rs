//! Changes bytes at random, as a fuzzer without coverage does.

use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, RngExt as _};

use crate::Target;

/// Inputs are not made longer.
const BYTES: usize = 8 * 1024;

/// A changed copy of one of the samples.
pub(crate) fn mutated(target: &Target, samples: &[Vec<u8>], random: &mut StdRng) -> Vec<u8> {
    let mut bytes = samples.choose(random).cloned().unwrap_or_default();
    for _ in 0..random.random_range(1..=6) {
        change(&mut bytes, target, samples, random);
    }
    bytes.truncate(BYTES);
    bytes
}

fn change(bytes: &mut Vec<u8>, target: &Target, samples: &[Vec<u8>], random: &mut StdRng) {
    let start = random.random_range(0..=bytes.len());
    let length = random.random_range(0..=16).min(bytes.len() - start);
    let end = start + length;
    match random.random_range(0..8) {
        0 => {
            if let Some(byte) = bytes.get_mut(start) {
                *byte ^= 1 << random.random_range(0..8);
            }
        }
        1 => bytes.insert(start, random.random()),
        2 => drop(bytes.drain(start..end)),
        3 => {
            let copy = bytes[start..end].to_vec();
            let times = random.random_range(1..=20);
            bytes.splice(start..start, copy.repeat(times));
        }
        4 | 5 => {
            let word = target.words.choose(random).copied().unwrap_or_default();
            bytes.splice(start..end, word.bytes());
        }
        6 => {
            let other = samples.choose(random).cloned().unwrap_or_default();
            let from = random.random_range(0..=other.len());
            bytes.truncate(start);
            bytes.extend_from_slice(&other[from..]);
        }
        _ => {
            let mut noise = [0; 8];
            random.fill_bytes(&mut noise);
            bytes.splice(start..end, noise);
        }
    }
}
