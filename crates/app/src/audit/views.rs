//! Entries about answers that show many payloads: one for each whom they are about.

use std::collections::{BTreeMap, BTreeSet};

use carehook_core::{AuditEntry, Event};
use carehook_store::{Activity, ActivityOrigin};

/// Ids in one entry; more are said in further ones.
const IDS: usize = 100;

/// What somebody is about to see.
#[derive(Debug)]
pub(crate) struct Shown {
    id: String,
    subject: Option<Box<str>>,
}

impl Shown {
    /// An event, or what a receiver answered to it.
    pub(crate) fn event(event: &Event) -> Self {
        Self {
            id: event.id.to_string(),
            subject: event.body.subject.clone(),
        }
    }

    /// What an activity posted and what came back; `None` when nothing of it can be read.
    pub(crate) fn activity(activity: &Activity) -> Option<Self> {
        match &activity.origin {
            ActivityOrigin::Attempt {
                event: Some(event), ..
            } => Some(Self::event(event)),
            // The answer is kept as long as the event, and can be read as long as it.
            ActivityOrigin::Attempt { event: None, .. } => None,
            ActivityOrigin::Report { .. } => Some(Self {
                id: format!("report/{}", activity.id),
                subject: None,
            }),
        }
    }
}

/// The entries, each with whom it is about: those of one person together, each id once.
pub(super) fn entries(
    shown: impl IntoIterator<Item = Shown>,
    entry: impl Fn() -> AuditEntry,
) -> Vec<(Option<Box<str>>, AuditEntry)> {
    let mut about: BTreeMap<Option<Box<str>>, BTreeSet<String>> = BTreeMap::new();
    for Shown { id, subject } in shown {
        about.entry(subject).or_default().insert(id);
    }
    let mut entries = Vec::new();
    for (subject, ids) in about {
        let ids: Vec<String> = ids.into_iter().collect();
        for some in ids.chunks(IDS) {
            let entry = entry().with("count", some.len());
            entries.push((subject.clone(), entry.with("events", some.join(" "))));
        }
    }
    entries
}

#[cfg(test)]
mod tests {
    use carehook_core::{AuditAction, Timestamp};

    use super::*;

    fn said(shown: Vec<(&str, Option<&str>)>) -> Vec<(Option<Box<str>>, String, String)> {
        let shown = shown.into_iter().map(|(id, subject)| Shown {
            id: id.to_owned(),
            subject: subject.map(Into::into),
        });
        let entry = || {
            let action = AuditAction::PayloadViewed;
            AuditEntry::new(Timestamp(0), "tester", action, "events".to_owned())
        };
        let entries = entries(shown, entry).into_iter();
        entries
            .map(|(subject, mut entry)| {
                let mut detail = |name| entry.details.remove(name).unwrap();
                (subject, detail("count"), detail("events"))
            })
            .collect()
    }

    #[test]
    fn everybody_has_one_entry_with_each_of_their_events_once() {
        let found = said(vec![
            ("e1", Some("anna")),
            ("e2", None),
            ("e3", Some("ben")),
            ("e4", Some("anna")),
            ("e1", Some("anna")),
        ]);
        let entry = |subject: Option<&str>, count: &str, events: &str| {
            (subject.map(Into::into), count.to_owned(), events.to_owned())
        };
        let expected = [
            entry(None, "1", "e2"),
            entry(Some("anna"), "2", "e1 e4"),
            entry(Some("ben"), "1", "e3"),
        ];
        assert_eq!(found, expected);
        assert!(said(Vec::new()).is_empty());
    }

    #[test]
    fn an_entry_names_a_hundred_events_and_the_next_one_the_rest() {
        let ids: Vec<String> = (0..250).map(|number| format!("e{number:03}")).collect();
        let shown = ids.iter().map(|id| (id.as_str(), Some("anna"))).collect();
        let found = said(shown);
        let counts: Vec<&str> = found.iter().map(|(_, count, _)| &**count).collect();
        assert_eq!(counts, ["100", "100", "50"]);
        assert!(found[2].2.ends_with(" e249"));
    }
}
