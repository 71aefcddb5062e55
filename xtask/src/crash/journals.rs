//! The journals of both ends, and what the server says about its deliveries.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

/// An event that was acknowledged to the publisher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Acknowledged {
    pub(super) number: u64,
    pub(super) event: String,
    /// How many endpoints it is owed to.
    pub(super) deliveries: u64,
}

/// A request that the receiver answered with success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Received {
    pub(super) event: String,
    pub(super) path: String,
    pub(super) number: u64,
    pub(super) sequence: u64,
}

/// A delivery as the server shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Delivery {
    pub(super) event: String,
    pub(super) path: String,
    pub(super) state: String,
    pub(super) reason: Option<String>,
    pub(super) sequence: u64,
    pub(super) attempts: u64,
}

/// Reads the journal of a publisher.
pub(super) fn acknowledged(path: &Path) -> Result<Vec<Acknowledged>> {
    rows(path, |[number, event, _organization, deliveries]| {
        Some(Acknowledged {
            number: number.parse().ok()?,
            event: event.to_owned(),
            deliveries: deliveries.parse().ok()?,
        })
    })
}

/// Reads the journal of the receiver.
pub(super) fn received(path: &Path) -> Result<Vec<Received>> {
    rows(path, |[event, path, number, sequence]| {
        Some(Received {
            event: event.to_owned(),
            path: path.to_owned(),
            number: number.parse().ok()?,
            sequence: sequence.parse().ok()?,
        })
    })
}

/// Reads the server's deliveries; `paths` tells where each endpoint leads.
pub(super) fn deliveries(path: &Path, paths: &HashMap<String, String>) -> Result<Vec<Delivery>> {
    rows(
        path,
        |[event, endpoint, state, reason, sequence, attempts]| {
            Some(Delivery {
                event: event.to_owned(),
                path: paths.get(endpoint)?.clone(),
                state: state.to_owned(),
                reason: (reason != "-").then(|| reason.to_owned()),
                sequence: sequence.parse().ok()?,
                attempts: attempts.parse().ok()?,
            })
        },
    )
}

/// Reads lines of `N` columns.
fn rows<T, const N: usize>(path: &Path, read: impl Fn([&str; N]) -> Option<T>) -> Result<Vec<T>> {
    let text = fs::read_to_string(path).with_context(|| format!("read {}", path.display()))?;
    let row = |line: &str| {
        let columns: Vec<&str> = line.split('\t').collect();
        let row = columns.try_into().ok().and_then(&read);
        row.with_context(|| format!("{} has a line of unknown form: {line}", path.display()))
    };
    text.lines().map(row).collect()
}
