//! Compares the journals of both ends with each other and with the server's deliveries.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use super::journals::{Acknowledged, Delivery, Received};

/// What the engine may have in flight for one endpoint.
const WINDOW: u64 = 64;
/// Results that may wait for the disk.
const UNRECORDED: u64 = 1_024;
/// Examples of a fault that are shown.
const SHOWN: usize = 5;

/// Everything that is known after a run.
pub(super) struct Evidence {
    pub(super) acknowledged: Vec<Acknowledged>,
    pub(super) received: Vec<Received>,
    pub(super) deliveries: Vec<Delivery>,
    /// Endpoints of each organization.
    pub(super) fan_out: u64,
    pub(super) endpoints: u64,
    /// How often what was in flight could be forgotten.
    pub(super) interruptions: u64,
    /// Requests whose signature or payload was wrong.
    pub(super) not_genuine: u64,
}

/// What the evidence shows.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) acknowledged: u64,
    pub(super) lost: u64,
    pub(super) duplicates: u64,
    pub(super) bound: u64,
    pub(super) deliveries: u64,
    pub(super) retried: u64,
    /// What must not be, in words.
    pub(super) faults: Vec<String>,
}

impl Verdict {
    pub(super) fn of(evidence: &Evidence) -> Self {
        let mut verdict = Self {
            acknowledged: count(&evidence.acknowledged),
            bound: evidence.interruptions * (WINDOW * evidence.endpoints + UNRECORDED),
            deliveries: count(&evidence.deliveries),
            ..Self::default()
        };
        verdict.retried = sum(evidence
            .deliveries
            .iter()
            .map(|delivery| delivery.attempts > 1));
        let receipts = verdict.look_at_receipts(evidence);
        verdict.look_for_lost(evidence, &receipts);
        verdict.look_at_numbers(evidence);
        verdict.look_at_sequences(evidence);
        let not_genuine = evidence.not_genuine;
        verdict.complain_if(not_genuine > 0, || {
            format!("{not_genuine} requests had a wrong signature or payload")
        });
        let (duplicates, bound) = (verdict.duplicates, verdict.bound);
        verdict.complain_if(duplicates > bound, || {
            format!("{duplicates} duplicates are more than the bound of {bound}")
        });
        verdict
    }

    /// Whether the promise was kept.
    pub(super) fn holds(&self) -> bool {
        self.lost == 0 && self.faults.is_empty() && self.acknowledged > 0
    }

    /// Counts what came more than once, and finds what was never published.
    fn look_at_receipts<'a>(&mut self, evidence: &'a Evidence) -> Receipts<'a> {
        let published: HashMap<&str, u64> = evidence
            .acknowledged
            .iter()
            .map(|event| (event.event.as_str(), event.number))
            .collect();
        let mut receipts = Receipts::new();
        let mut strangers = Vec::new();
        for receipt in &evidence.received {
            if published.get(receipt.event.as_str()) != Some(&receipt.number) {
                strangers.push(receipt.event.as_str());
            }
            let sequences = receipts.entry((&receipt.event, &receipt.path)).or_default();
            sequences.push(receipt.sequence);
        }
        self.duplicates = receipts.values().map(|all| count(all) - 1).sum();
        self.complain("were received but not published", &strangers);
        receipts
    }

    /// Every acknowledged event must have reached every endpoint, or have ended with a reason.
    fn look_for_lost(&mut self, evidence: &Evidence, receipts: &Receipts<'_>) {
        let mut rows: HashMap<&str, Vec<&Delivery>> = HashMap::new();
        for delivery in &evidence.deliveries {
            rows.entry(&delivery.event).or_default().push(delivery);
        }
        let (mut lost, mut fan_outs) = (Vec::new(), Vec::new());
        for event in &evidence.acknowledged {
            let found = rows
                .get(event.event.as_str())
                .map_or(&[][..], Vec::as_slice);
            let paths: HashSet<&str> = found.iter().map(|row| row.path.as_str()).collect();
            if event.deliveries != evidence.fan_out || paths.len() != found.len() {
                fan_outs.push(event.event.as_str());
            }
            let safe = found.iter().filter(|row| is_safe(row, receipts)).count();
            if count(&paths) < evidence.fan_out || safe < found.len() {
                lost.push(event.event.as_str());
            }
        }
        self.lost = count(&lost);
        self.complain("were acknowledged and lost", &lost);
        self.complain("were not fanned out exactly once", &fan_outs);
    }

    /// One number is one event, and the server knows no others.
    fn look_at_numbers(&mut self, evidence: &Evidence) {
        let mut events: HashMap<u64, &str> = HashMap::new();
        let mut ids = HashSet::new();
        let mut twice = Vec::new();
        for event in &evidence.acknowledged {
            ids.insert(event.event.as_str());
            if events.insert(event.number, &event.event).is_some() {
                twice.push(event.event.as_str());
            }
        }
        self.complain("were acknowledged twice for one key", &twice);
        self.complain_if(ids.len() != events.len(), || {
            "two events of one key have the same id".to_owned()
        });
        let unknown = evidence.deliveries.iter().map(|row| row.event.as_str());
        let mut unknown: Vec<&str> = unknown.filter(|event| !ids.contains(event)).collect();
        unknown.dedup();
        self.complain("are in the store but were never acknowledged", &unknown);
    }

    /// The deliveries of an endpoint are numbered from 1 without gaps.
    fn look_at_sequences(&mut self, evidence: &Evidence) {
        let mut sequences: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
        for delivery in &evidence.deliveries {
            let numbers = sequences.entry(&delivery.path).or_default();
            numbers.push(delivery.sequence);
        }
        for (path, mut numbers) in sequences {
            numbers.sort_unstable();
            let gap = (1..)
                .zip(&numbers)
                .find(|(expected, number)| expected != *number);
            if let Some((expected, number)) = gap {
                let fault = format!("{path}: sequence {number} is where {expected} should be");
                self.faults.push(fault);
            }
        }
    }

    fn complain(&mut self, what: &str, events: &[&str]) {
        self.complain_if(!events.is_empty(), || {
            let some = events[..events.len().min(SHOWN)].join(", ");
            format!("{} events {what}: {some} …", events.len())
        });
    }

    fn complain_if(&mut self, is_so: bool, fault: impl FnOnce() -> String) {
        if is_so {
            self.faults.push(fault());
        }
    }
}

/// The sequence numbers under which an event came to a path, one for each time.
type Receipts<'a> = HashMap<(&'a str, &'a str), Vec<u64>>;

fn is_safe(row: &Delivery, receipts: &Receipts<'_>) -> bool {
    match row.state.as_str() {
        "delivered" => receipts
            .get(&(row.event.as_str(), row.path.as_str()))
            .is_some_and(|sequences| sequences.iter().all(|number| *number == row.sequence)),
        "failed" | "cancelled" => row.reason.is_some(),
        _ => false,
    }
}

fn count<T>(all: impl IntoIterator<Item = T>) -> u64 {
    all.into_iter().fold(0, |sum, _| sum + 1)
}

fn sum(all: impl Iterator<Item = bool>) -> u64 {
    all.map(u64::from).sum()
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            acknowledged,
            lost,
            duplicates,
            bound,
            deliveries,
            retried,
            faults,
        } = self;
        writeln!(f, "{:<14}{acknowledged:>9}", "acknowledged")?;
        writeln!(f, "{:<14}{lost:>9}", "lost")?;
        writeln!(f, "{:<14}{duplicates:>9}", "duplicates")?;
        writeln!(
            f,
            "{:<14}{bound:>9}   (what may be in flight or unrecorded, for each interruption)",
            "bound"
        )?;
        write!(
            f,
            "{:<14}{deliveries:>9}   ({retried} with retries)",
            "deliveries"
        )?;
        for fault in faults {
            write!(f, "\nBROKEN: {fault}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
