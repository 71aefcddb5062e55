//! Entries of the audit trail as rows, and the form that narrows them.

use carehook_app::{AppError, AuditFilter, AuditRecord};
use carehook_core::{AuditAction, AuditEntry, AuditOutcome, Timestamp};
use serde::Deserialize;

use crate::address;
use crate::failure::capitalized;
use crate::moment::Moment;
use crate::visitor::Place;

/// What the trail is narrowed to, as the form sends it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Narrowing {
    pub(super) action: String,
    /// Never part of an address.
    pub(super) subject: String,
    /// The first day, in UTC.
    pub(super) since: String,
    /// The last day, in UTC.
    pub(super) until: String,
    pub(super) cursor: Option<String>,
}

impl Narrowing {
    /// The same as a use case takes it.
    pub(super) fn filter(&self) -> Result<AuditFilter, AppError> {
        let action = match self.action.as_str() {
            "" => None,
            word => Some(
                word.parse()
                    .map_err(|error| AppError::invalid("/action", error))?,
            ),
        };
        let subject = self.subject.trim();
        let until = day(&self.until, "/until")?;
        Ok(AuditFilter {
            action,
            subject: (!subject.is_empty()).then(|| subject.into()),
            since: day(&self.since, "/since")?,
            until: until.map(|until| Timestamp::from_day(until.day() + 1)),
        })
    }

    /// Whether anything is narrowed.
    pub(super) fn is_set(&self) -> bool {
        [&self.action, &self.subject, &self.since, &self.until]
            .iter()
            .any(|text| !text.is_empty())
    }

    /// The address of the same without a subject.
    pub(super) fn query(&self, cursor: Option<&str>) -> String {
        let Self {
            action,
            subject: _,
            since,
            until,
            cursor: _,
        } = self;
        let named = [
            ("action", action.as_str()),
            ("since", since),
            ("until", until),
            ("cursor", cursor.unwrap_or_default()),
        ];
        let set = named.iter().filter(|(_, value)| !value.is_empty());
        let pairs: Vec<_> = set
            .map(|(name, value)| format!("{name}={}", address::part(value)))
            .collect();
        pairs.join("&")
    }
}

fn day(text: &str, pointer: &str) -> Result<Option<Timestamp>, AppError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let day = format!("{text}T00:00:00Z").parse();
    let unreadable = || AppError::invalid(pointer, "must be a day such as 2026-03-16");
    day.map(Some).map_err(|_| unreadable())
}

/// An action that can be chosen.
pub(super) struct Choice {
    pub(super) word: &'static str,
    pub(super) label: String,
    pub(super) chosen: bool,
}

/// All actions, in the order of their names.
pub(super) fn choices(chosen: &str) -> Vec<Choice> {
    let mut all: Vec<_> = AuditAction::ALL
        .iter()
        .map(|action| Choice {
            word: action.as_str(),
            label: label(*action),
            chosen: action.as_str() == chosen,
        })
        .collect();
    all.sort_by(|one, other| one.label.cmp(&other.label));
    all
}

/// `api_key.created` as people read it.
fn label(action: AuditAction) -> String {
    let words = action.as_str().replace(['.', '_'], " ");
    capitalized(&words).trim_end_matches('.').to_owned()
}

/// An entry on a page.
pub(super) struct Row {
    pub(super) id: String,
    pub(super) at: Moment,
    pub(super) who: String,
    /// What the person is called who was signed in.
    pub(super) called: Option<String>,
    pub(super) action: String,
    pub(super) object: String,
    /// Where the object can be looked at.
    pub(super) object_at: Option<String>,
    pub(super) outcome: (&'static str, &'static str),
    pub(super) source: String,
    pub(super) details: Vec<(String, String)>,
    pub(super) about_somebody: bool,
    pub(super) hash: String,
}

pub(super) fn row(place: &Place, record: &AuditRecord) -> Row {
    let AuditRecord {
        id,
        entry,
        hash,
        previous_hash: _,
    } = record;
    let AuditEntry {
        at,
        actor,
        action,
        object,
        outcome,
        source,
        subject,
        details,
    } = entry;
    Row {
        id: id.to_string(),
        at: Moment(*at),
        who: actor.clone(),
        called: entry.actor_name().map(str::to_owned),
        action: label(*action),
        object: object.clone(),
        object_at: object_at(place, object),
        outcome: match outcome {
            AuditOutcome::Success => ("good", "done"),
            AuditOutcome::Refused => ("warn", "refused"),
            AuditOutcome::Failed => ("bad", "failed"),
        },
        source: source.map(|source| source.to_string()).unwrap_or_default(),
        details: details
            .iter()
            .filter(|(name, _)| *name != AuditEntry::ACTOR_NAME)
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
        about_somebody: subject.is_some(),
        hash: hash.to_string(),
    }
}

fn object_at(place: &Place, object: &str) -> Option<String> {
    let (kind, id) = object.split_once('/')?;
    let id = address::part(id);
    match kind {
        "endpoint" => Some(place.to(&format!("webhooks/{id}"))),
        "delivery" => Some(place.to(&format!("deliveries/{id}"))),
        "event" => Some(place.to(&format!("find?q={id}"))),
        "erasure" => Some(place.to(&format!("erasures/{id}"))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_day_is_meant_whole_and_no_subject_stands_in_an_address() {
        let narrowing = Narrowing {
            action: "event.disclosed".to_owned(),
            subject: "patient/17".to_owned(),
            since: "2026-03-16".to_owned(),
            until: "2026-03-16".to_owned(),
            cursor: None,
        };
        let filter = narrowing.filter().unwrap();
        let (since, until) = (filter.since.unwrap(), filter.until.unwrap());
        assert_eq!(until.day() - since.day(), 1);
        assert_eq!(filter.subject.as_deref(), Some("patient/17"));
        let query = narrowing.query(Some("a b"));
        assert_eq!(
            query,
            "action=event.disclosed&since=2026-03-16&until=2026-03-16&cursor=a%20b"
        );
    }

    #[test]
    fn what_is_no_day_is_said_so() {
        let narrowing = Narrowing {
            since: "yesterday".to_owned(),
            ..Narrowing::default()
        };
        let Err(AppError::Invalid(faults)) = narrowing.filter() else {
            panic!("a word is no day");
        };
        assert_eq!(faults[0].pointer, "/since");
    }
}
