//! The catalogue and the sample events that come with the program, read once from `data/`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use serde::Deserialize;

use super::{Audit, Catalogue, CategoryDefinition, EventTypeDefinition, SamplePayload, json_field};
use crate::{EventType, JsonText, Timestamp};

const ENTRIES: &str = include_str!("../../data/catalogue.json");

macro_rules! sample_files {
    ($($name:literal)*) => {
        &[$(include_str!(concat!("../../data/samples/", $name, ".json"))),*]
    };
}

/// The order in which a demonstration publishes them.
const SAMPLES: &[&str] = sample_files! {
    "patient.created.v1"
    "patient.updated.v1"
    "appointment.created.v1"
    "appointment.cancelled.v1"
    "questionnaire_response.created.v1"
    "medical-encounters.created.v1"
    "vitals.observations.created.v1"
    "vitals.observations.created.v2"
    "payment.succeeded.v1"
    "message.sent.v1"
    "document.created.v1"
};

/// Payloads for those who write a receiver, of event types that no publisher has to have.
const EXAMPLES: &[&str] = sample_files! {
    "ack.v1"
    "nack.v1"
    "phone-log.v1"
    "vitals-observation.v1"
};

/// A version of the entries that come with the program.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogueVersion {
    /// Its name: the year and month.
    pub version: String,
    /// When the first program with it came out.
    pub released_at: Timestamp,
}

/// A synthetic event: what a publisher would send, and how it looks when reduced to ids.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleEvent {
    /// What kind of event it is.
    #[serde(rename = "type")]
    pub event_type: EventType,
    /// The version of its payload.
    pub version: String,
    /// The full payload.
    #[serde(with = "json_field")]
    pub data: JsonText,
    /// The changed fields as they were before.
    #[serde(with = "json_field::optional")]
    pub previous: Option<JsonText>,
    /// The payload reduced to ids and the names of changed fields.
    #[serde(with = "json_field")]
    pub thin: JsonText,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entries {
    versions: Vec<CatalogueVersion>,
    categories: Vec<CategoryDefinition>,
    event_types: Vec<EventTypeDefinition>,
}

/// The synthetic events that come with the program; no value in them belongs to a person.
pub fn sample_events() -> &'static [SampleEvent] {
    static EVENTS: LazyLock<Vec<SampleEvent>> = LazyLock::new(|| parsed(SAMPLES));
    &EVENTS
}

/// The synthetic payloads of the sample types: ack, nack, phone-log and vitals-observation.
pub fn example_events() -> &'static [SampleEvent] {
    static EVENTS: LazyLock<Vec<SampleEvent>> = LazyLock::new(|| parsed(EXAMPLES));
    &EVENTS
}

fn parsed(files: &[&str]) -> Vec<SampleEvent> {
    let parsed = files.iter().map(|text| serde_json::from_str(text));
    parsed
        .collect::<Result<_, _>>()
        .expect("the embedded samples are parsed by this module's tests")
}

pub(super) fn catalogue() -> &'static Catalogue {
    &embedded().1
}

pub(super) fn versions() -> &'static [CatalogueVersion] {
    &embedded().0
}

fn embedded() -> &'static (Vec<CatalogueVersion>, Catalogue) {
    static EMBEDDED: LazyLock<(Vec<CatalogueVersion>, Catalogue)> = LazyLock::new(|| {
        let entries: Entries = serde_json::from_str(ENTRIES)
            .expect("the embedded catalogue is parsed by this module's tests");
        assemble(entries, sample_events().iter().chain(example_events()))
    });
    &EMBEDDED
}

fn assemble<'a>(
    entries: Entries,
    samples: impl Iterator<Item = &'a SampleEvent>,
) -> (Vec<CatalogueVersion>, Catalogue) {
    let Entries {
        versions,
        categories,
        event_types,
    } = entries;
    let categories = categories.into_iter().map(|mut category| {
        category.built_in = true;
        (category.code.clone(), Arc::new(category))
    });
    let mut samples_by_type: BTreeMap<&EventType, Vec<SamplePayload>> = BTreeMap::new();
    for sample in samples {
        let payloads = samples_by_type.entry(&sample.event_type).or_default();
        payloads.push(sample.into());
    }
    let event_types = event_types.into_iter().map(|mut definition| {
        definition.built_in = true;
        if definition.name.is_empty() {
            definition.name = EventTypeDefinition::default_name(&definition.code);
        }
        definition.samples = samples_by_type.remove(&definition.code).unwrap_or_default();
        (definition.code.clone(), Arc::new(definition))
    });
    let catalogue = Catalogue {
        categories: categories.collect(),
        event_types: event_types.collect(),
        removed: BTreeSet::new(),
    };
    (versions, catalogue)
}

impl From<&SampleEvent> for SamplePayload {
    fn from(event: &SampleEvent) -> Self {
        let SampleEvent {
            event_type: _,
            version,
            data,
            previous,
            thin,
        } = event;
        Self {
            version: version.clone(),
            data: data.clone(),
            previous: previous.clone(),
            thin: Some(thin.clone()),
            audit: Audit::default(),
        }
    }
}

#[cfg(test)]
mod tests;
