//! What was published, what has arrived, and what is still missing.

use std::collections::HashMap;
use std::fmt;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use super::receiver::Arrival;

/// The deliveries that the demo waits for.
#[derive(Default)]
pub(super) struct Journal {
    events: HashMap<String, Published>,
    verified: usize,
    expected: usize,
}

struct Published {
    event_type: String,
    at: Instant,
    missing: usize,
}

/// One verified delivery in words.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    dialect: &'static str,
    name: String,
    event_id: String,
    after: Duration,
}

impl Journal {
    /// An event was accepted and is owed to this many endpoints.
    pub(super) fn published(
        &mut self,
        event_id: String,
        event_type: String,
        deliveries: usize,
        at: Instant,
    ) {
        self.expected += deliveries;
        let published = Published {
            event_type,
            at,
            missing: deliveries,
        };
        self.events.insert(event_id, published);
    }

    /// A request arrived at a receiver.
    ///
    /// # Errors
    /// It was not signed as it should be, nobody expected it, or it came twice.
    pub(super) fn arrived(&mut self, arrival: Arrival) -> anyhow::Result<Row> {
        let Arrival {
            dialect,
            event_id,
            name,
            verdict,
            at,
        } = arrival;
        let event = self
            .events
            .get_mut(&event_id)
            .with_context(|| format!("a request for `{event_id}`, which was never published"))?;
        if let Err(reason) = verdict {
            bail!(
                "{} ({event_id}) could not be verified: {reason}",
                event.event_type
            );
        }
        event.missing = event
            .missing
            .checked_sub(1)
            .with_context(|| format!("{} ({event_id}) came twice", event.event_type))?;
        self.verified += 1;
        Ok(Row {
            dialect: dialect.as_str(),
            name,
            event_id,
            after: at.saturating_duration_since(event.at),
        })
    }

    pub(super) fn is_complete(&self) -> bool {
        self.verified == self.expected
    }

    pub(super) fn verified(&self) -> usize {
        self.verified
    }

    pub(super) fn expected(&self) -> usize {
        self.expected
    }

    /// The types of events that are still to arrive.
    pub(super) fn missing(&self) -> Vec<&str> {
        let missing = self.events.values().filter(|event| event.missing > 0);
        let mut types: Vec<&str> = missing.map(|event| event.event_type.as_str()).collect();
        types.sort_unstable();
        types
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            dialect,
            name,
            event_id,
            after,
        } = self;
        let milliseconds = after.as_secs_f64() * 1000.0;
        write!(
            f,
            "  verified  {dialect:<7} {name:<31} {event_id}  {milliseconds:>7.1} ms"
        )
    }
}

#[cfg(test)]
mod tests {
    use carehook_core::Dialect;

    use super::*;

    fn journal() -> Journal {
        let mut journal = Journal::default();
        journal.published("evt_1".into(), "patient.created".into(), 1, Instant::now());
        journal
    }

    fn arrival(event_id: &str, verdict: Result<(), String>) -> Arrival {
        Arrival {
            dialect: Dialect::Native,
            event_id: event_id.to_owned(),
            name: "patient.created".to_owned(),
            verdict,
            at: Instant::now(),
        }
    }

    fn refusal(journal: &mut Journal, arrival: Arrival) -> String {
        journal.arrived(arrival).unwrap_err().to_string()
    }

    #[test]
    fn the_demo_is_complete_when_every_delivery_was_verified() {
        let mut journal = journal();
        assert!(!journal.is_complete());
        assert_eq!(journal.missing(), ["patient.created"]);
        journal.arrived(arrival("evt_1", Ok(()))).unwrap();
        assert!(journal.is_complete() && journal.missing().is_empty());
    }

    #[test]
    fn what_is_forged_unknown_or_repeated_ends_the_demo() {
        let mut journal = journal();
        let forged = arrival("evt_1", Err("no signature fits".into()));
        let text = refusal(&mut journal, forged);
        assert_eq!(
            text,
            "patient.created (evt_1) could not be verified: no signature fits"
        );
        let unknown = refusal(&mut journal, arrival("evt_2", Ok(())));
        assert!(unknown.contains("never published"), "{unknown}");
        journal.arrived(arrival("evt_1", Ok(()))).unwrap();
        let repeated = refusal(&mut journal, arrival("evt_1", Ok(())));
        assert!(repeated.contains("came twice"), "{repeated}");
    }
}
