//! Subscriptions: what an endpoint wants, in the words of its dialect and in ours.

use crate::wire::PING;
use crate::{Catalogue, Dialect, EventType, EventTypeDefinition, Pattern, WireNames};

/// One entry of an endpoint's list of wanted events.
///
/// A name that stands for several event types (MYCURE's `appointments`) makes several entries of
/// the same name, next to each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// The name that the subscriber used; deliveries use it too.
    pub name: Box<str>,
    /// What it matches.
    pub pattern: Pattern,
}

impl Subscription {
    /// Whether its name is the subscriber's own name of exactly this event type.
    pub(crate) fn names(&self, event_type: &EventType) -> bool {
        let is_exact = matches!(&self.pattern, Pattern::Exactly(wanted) if wanted == event_type);
        is_exact && (*self.name == *event_type.as_str() || !is_group(&self.name))
    }

    fn new(name: &str, pattern: Pattern) -> Self {
        Self {
            name: name.into(),
            pattern,
        }
    }
}

/// Whether a name stands for several event types: a pattern, or a bare service of MYCURE.
fn is_group(name: &str) -> bool {
    name.contains('*') || name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
}

impl Dialect {
    /// Reads one name of a list of wanted events; `None` when the dialect has no such name.
    ///
    /// What a name stands for is fixed here: the catalogue may grow later.
    pub fn subscriptions(self, name: &str, catalogue: &Catalogue) -> Option<Vec<Subscription>> {
        let patterns = match self {
            Self::Native => native(name)?,
            Self::Jump => jump(name, catalogue),
            Self::Decoda => called(name, self, catalogue),
            Self::Mycure => mycure(name, catalogue)?,
            Self::Ecg => ecg(name, catalogue)?,
        };
        let entries: Vec<_> = patterns
            .into_iter()
            .map(|pattern| Subscription::new(name, pattern))
            .collect();
        (!entries.is_empty()).then_some(entries)
    }

    /// What the dialect calls an event type when the subscriber has no name of its own for it.
    pub(crate) fn own_name(self, event_type: &EventType) -> String {
        let known = Catalogue::built_in().event_type(event_type);
        let own = known.and_then(|definition| definition.wire_names.of(self).first());
        match (own, self) {
            (Some(name), _) => name.clone(),
            (None, Self::Decoda) => shouted(event_type),
            (None, Self::Native | Self::Jump | Self::Mycure | Self::Ecg) => event_type.to_string(),
        }
    }
}

impl WireNames {
    /// The names in one dialect; empty when it has none of its own.
    pub fn of(&self, dialect: Dialect) -> &[String] {
        let Self {
            jump,
            decoda,
            mycure,
            ecg,
        } = self;
        match dialect {
            Dialect::Native => &[],
            Dialect::Jump => jump,
            Dialect::Decoda => decoda,
            Dialect::Mycure => mycure,
            Dialect::Ecg => ecg,
        }
    }
}

fn native(name: &str) -> Option<Vec<Pattern>> {
    Some(vec![name.parse().ok()?])
}

/// Jump's event types by name or by pattern; a pattern means those that Jump knows, because what
/// its keys may read is only said of them.
fn jump(name: &str, catalogue: &Catalogue) -> Vec<Pattern> {
    let Ok(wanted) = name.parse::<Pattern>() else {
        return Vec::new();
    };
    let known = catalogue
        .matching(&wanted)
        .filter(|definition| !definition.wire_names.jump.is_empty());
    known.map(exactly).collect()
}

/// `*`, `ping`, `<service>` and `<service>.<method>`.
fn mycure(name: &str, catalogue: &Catalogue) -> Option<Vec<Pattern>> {
    if name == "*" || name == PING {
        return native(name);
    }
    let service = name.strip_suffix(".*").unwrap_or(name);
    if service.contains('.') {
        return Some(named_or_coded(name, Dialect::Mycure, catalogue));
    }
    let below = format!("{service}.");
    let is_of_it = |definition: &&EventTypeDefinition| {
        let names = &definition.wire_names.mycure;
        names.iter().any(|name| name.starts_with(&below))
            || definition.code.as_str().starts_with(&below)
    };
    let mut patterns: Vec<_> = catalogue
        .event_types()
        .filter(is_of_it)
        .map(exactly)
        .collect();
    if !patterns.is_empty() {
        // What an operator adds to the service later belongs to it too.
        patterns.push(format!("{below}*").parse().ok()?);
    }
    Some(patterns)
}

/// Codes as they stand.
fn ecg(name: &str, catalogue: &Catalogue) -> Option<Vec<Pattern>> {
    let code: EventType = name.parse().ok()?;
    let known = catalogue.knows(&code);
    Some(
        known
            .then_some(Pattern::Exactly(code))
            .into_iter()
            .collect(),
    )
}

fn called(name: &str, dialect: Dialect, catalogue: &Catalogue) -> Vec<Pattern> {
    let is_called = |definition: &&EventTypeDefinition| {
        let names = definition.wire_names.of(dialect);
        names.iter().any(|known| known == name)
    };
    let found = catalogue.event_types().filter(is_called);
    found.map(exactly).collect()
}

fn named_or_coded(name: &str, dialect: Dialect, catalogue: &Catalogue) -> Vec<Pattern> {
    let mut patterns = called(name, dialect, catalogue);
    if patterns.is_empty() {
        let coded = name.parse().ok().filter(|code| catalogue.knows(code));
        patterns.extend(coded.map(Pattern::Exactly));
    }
    patterns
}

fn exactly(definition: &EventTypeDefinition) -> Pattern {
    Pattern::Exactly(definition.code.clone())
}

/// `lab.result_ready` as Decoda would spell it: `LAB_RESULT_READY`.
fn shouted(event_type: &EventType) -> String {
    let upper = event_type.as_str().to_ascii_uppercase();
    upper.replace(['.', '-'], "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(dialect: Dialect, name: &str) -> Vec<String> {
        let found = dialect.subscriptions(name, Catalogue::built_in());
        let found = found.into_iter().flatten();
        found.map(|entry| entry.pattern.to_string()).collect()
    }

    #[test]
    fn each_dialect_reads_its_own_names() {
        let cases: [(Dialect, &str, &[&str]); 14] = [
            (Dialect::Native, "patient.*", &["patient.*"]),
            (Dialect::Jump, "patient.created", &["patient.created"]),
            (Dialect::Jump, "payment.created", &[]),
            (
                Dialect::Jump,
                "document.*",
                &["document.created", "document.updated"],
            ),
            (Dialect::Decoda, "PATIENT_CREATED", &["patient.created"]),
            (Dialect::Decoda, "CALL_RECIEVED", &["call.received"]),
            (Dialect::Decoda, "CALL_RECEIVED", &["call.received"]),
            (Dialect::Decoda, "patient.created", &[]),
            (Dialect::Decoda, "*", &[]),
            (Dialect::Mycure, "ping", &["ping"]),
            (
                Dialect::Mycure,
                "medical-patients.created",
                &["patient.created"],
            ),
            (Dialect::Mycure, "nonsense", &[]),
            (
                Dialect::Ecg,
                "vitals.observations.created",
                &["vitals.observations.created"],
            ),
            (Dialect::Ecg, "vitals.*", &[]),
        ];
        for (dialect, name, expected) in cases {
            assert_eq!(codes(dialect, name), expected, "{dialect:?} {name}");
        }
    }

    #[test]
    fn a_service_stands_for_everything_that_happens_to_it() {
        let appointments = codes(Dialect::Mycure, "appointments");
        for code in [
            "appointment.created",
            "appointment.updated",
            "appointments.removed",
        ] {
            assert!(appointments.contains(&code.to_owned()), "{appointments:?}");
        }
        assert_eq!(appointments.last().unwrap(), "appointments.*");
        assert_eq!(codes(Dialect::Mycure, "appointments.*"), appointments);
    }

    #[test]
    fn a_name_for_several_event_types_is_the_name_of_none() {
        let names = |dialect: Dialect, name: &str, code: &str| {
            let entries = dialect.subscriptions(name, Catalogue::built_in()).unwrap();
            let code: EventType = code.parse().unwrap();
            entries.iter().any(|entry| entry.names(&code))
        };
        assert!(!names(
            Dialect::Mycure,
            "appointments",
            "appointment.created"
        ));
        assert!(names(
            Dialect::Mycure,
            "appointments.created",
            "appointment.created"
        ));
        assert!(names(Dialect::Mycure, "ping", "ping"));
        assert!(names(Dialect::Decoda, "CALL_RECEIVED", "call.received"));
        assert!(!names(Dialect::Jump, "patient.*", "patient.created"));
    }

    #[test]
    fn an_event_type_without_a_name_of_its_own_keeps_its_code_or_is_shouted() {
        let code: EventType = "lab.result-ready".parse().unwrap();
        assert_eq!(Dialect::Decoda.own_name(&code), "LAB_RESULT_READY");
        assert_eq!(Dialect::Mycure.own_name(&code), "lab.result-ready");
        let known: EventType = "appointment.created".parse().unwrap();
        assert_eq!(Dialect::Mycure.own_name(&known), "appointments.created");
    }
}
