//! Repeated keys: as in a Python dict and in a JavaScript object, a key stays at its first place and has its last value.
//!
//! Keys are compared as they were written: each character has one spelling there, so two keys are equal exactly
//! when their spellings are.

use std::ops::Range;

/// Up to this many members comparing all pairs is quicker than sorting and allocates nothing.
const FEW_MEMBERS: usize = 12;

/// Where a member of an object stands in the output.
#[derive(Clone, Copy)]
pub(super) struct Member {
    /// Where its key begins.
    pub(super) key: usize,
    /// Where its value begins.
    pub(super) value: usize,
}

impl Member {
    pub(super) fn at(key: usize) -> Self {
        Self { key, value: key }
    }

    /// The key with the colon after it.
    fn spelling(self, out: &[u8]) -> &[u8] {
        out.get(self.key..self.value).unwrap_or_default()
    }
}

/// An object in which a key stands more than once.
pub(super) struct Repeating {
    /// Where its opening brace stands.
    pub(super) start: usize,
    /// Where its closing brace stands.
    pub(super) end: usize,
    /// What remains of the output between its braces, in the order of the result.
    pub(super) kept: Vec<Range<usize>>,
}

/// What remains of an object whose closing brace stands at `end`; `None` when no key is repeated.
///
/// `comma` is the length of what stands before each member but the first.
pub(super) fn kept(
    out: &[u8],
    members: &[Member],
    (end, comma): (usize, usize),
) -> Option<Vec<Range<usize>>> {
    if members.len() <= FEW_MEMBERS && all_differ(out, members) {
        return None;
    }
    let spelling = |place: usize| members.get(place).map(|member| member.spelling(out));
    let mut places: Vec<usize> = (0..members.len()).collect();
    // Equal keys side by side, each group in the order of the text.
    places.sort_unstable_by_key(|&place| (spelling(place), place));
    let same_key = |a: &usize, b: &usize| spelling(*a) == spelling(*b);
    let mut keys: Vec<(usize, usize)> = places
        .chunk_by(same_key)
        .filter_map(|group| Some((*group.first()?, *group.last()?)))
        .collect();
    if keys.len() == members.len() {
        return None;
    }
    keys.sort_unstable();
    let parts = |(first, last)| {
        let key = key_part(members, first, comma)?;
        Some([key, value_part(members, last, (end, comma))?])
    };
    Some(keys.into_iter().filter_map(parts).flatten().collect())
}

fn all_differ(out: &[u8], members: &[Member]) -> bool {
    let mut rest = members;
    while let Some((member, others)) = rest.split_first() {
        let key = member.spelling(out);
        if others.iter().any(|other| other.spelling(out) == key) {
            return false;
        }
        rest = others;
    }
    true
}

/// The key with the separator before it and the colon after it.
fn key_part(members: &[Member], place: usize, comma: usize) -> Option<Range<usize>> {
    let Member { key, value } = *members.get(place)?;
    let separator = if place == 0 { 0 } else { comma };
    Some(key.saturating_sub(separator)..value)
}

fn value_part(
    members: &[Member],
    place: usize,
    (end, comma): (usize, usize),
) -> Option<Range<usize>> {
    let after = members
        .get(place + 1)
        .map_or(end, |next| next.key.saturating_sub(comma));
    Some(members.get(place)?.value..after)
}

/// Gives `out` without what repeated keys override.
///
/// Values that are dropped are not looked into, so each byte is copied at most once, however deep the objects nest.
pub(super) fn resolve(out: &[u8], mut repeating: Vec<Repeating>) -> Vec<u8> {
    // Objects come in the order of their ends.
    repeating.sort_unstable_by_key(|object| object.start);
    let mut resolved = Vec::with_capacity(out.len());
    let mut copy = |range| resolved.extend_from_slice(out.get(range).unwrap_or_default());
    let whole = 0..out.len();
    let mut waiting = vec![whole];
    while let Some(range) = waiting.pop() {
        let next = repeating.partition_point(|object| object.start < range.start);
        match repeating.get(next) {
            Some(object) if object.end < range.end => {
                copy(range.start..object.start + 1);
                waiting.push(object.end..range.end);
                waiting.extend(object.kept.iter().rev().cloned());
            }
            _ => copy(range),
        }
    }
    resolved
}
