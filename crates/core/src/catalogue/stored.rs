//! What is stored of the catalogue: an operator's own entries, what was changed of built-in ones,
//! and which were removed.
//!
//! Of a built-in entry only the differences are kept, so that a newer program's codes, versions,
//! wire names and untouched samples hold after an upgrade.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    Catalogue, CatalogueError, CategoryCode, CategoryDefinition, EntryStatus, EventTypeDefinition,
    RemovedEntry, SamplePayload, json_field,
};
use crate::{EventType, JsonText};

/// One stored entry.
#[derive(Clone, Debug, PartialEq)]
pub enum StoredEntry {
    /// An operator's category.
    Category(CategoryDefinition),
    /// What was changed of a built-in category.
    CategoryOverlay(CategoryOverlay),
    /// An operator's event type.
    EventType(Box<EventTypeDefinition>),
    /// What was changed of a built-in event type.
    EventTypeOverlay(EventTypeOverlay),
    /// Which entries were removed.
    Removed(BTreeSet<RemovedEntry>),
}

/// What was changed of a built-in category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CategoryOverlay {
    code: CategoryCode,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    status: EntryStatus,
}

/// What was changed of a built-in event type.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventTypeOverlay {
    code: EventType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// Samples that were added or changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    samples: Vec<SamplePayload>,
    /// The versions of built-in samples that were removed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    removed_samples: Vec<String>,
    /// A schema in the place of the built-in one.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "json_field::optional"
    )]
    schema: Option<JsonText>,
    /// The same for single versions.
    #[serde(
        default,
        skip_serializing_if = "BTreeMap::is_empty",
        with = "json_field::by_name"
    )]
    schemas: BTreeMap<String, JsonText>,
    status: EntryStatus,
}

impl fmt::Debug for EventTypeOverlay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventTypeOverlay")
            .field("code", &self.code)
            .finish_non_exhaustive()
    }
}

const CATEGORY: &str = "category";
const CATEGORY_OVERLAY: &str = "category_overlay";
const EVENT_TYPE: &str = "event_type";
const EVENT_TYPE_OVERLAY: &str = "event_type_overlay";
const REMOVED: &str = "removed";

impl StoredEntry {
    /// Which kind of entry it is; with [`Self::code`] its key.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Category(_) => CATEGORY,
            Self::CategoryOverlay(_) => CATEGORY_OVERLAY,
            Self::EventType(_) => EVENT_TYPE,
            Self::EventTypeOverlay(_) => EVENT_TYPE_OVERLAY,
            Self::Removed(_) => REMOVED,
        }
    }

    /// The code of the entry; empty for the one that tells what was removed.
    pub fn code(&self) -> &str {
        match self {
            Self::Category(category) => category.code.as_str(),
            Self::CategoryOverlay(overlay) => overlay.code.as_str(),
            Self::EventType(event_type) => event_type.code.as_str(),
            Self::EventTypeOverlay(overlay) => overlay.code.as_str(),
            Self::Removed(_) => "",
        }
    }

    /// The entry as JSON.
    pub fn to_json(&self) -> serde_json::Result<String> {
        match self {
            Self::Category(category) => serde_json::to_string(category),
            Self::CategoryOverlay(overlay) => serde_json::to_string(overlay),
            Self::EventType(event_type) => serde_json::to_string(event_type),
            Self::EventTypeOverlay(overlay) => serde_json::to_string(overlay),
            Self::Removed(removed) => serde_json::to_string(removed),
        }
    }

    /// Reads what [`Self::to_json`] wrote of an entry of this kind; `None` when it cannot be read.
    pub fn from_json(kind: &str, json: &str) -> Option<Self> {
        let entry = match kind {
            CATEGORY => serde_json::from_str(json).map(Self::Category),
            CATEGORY_OVERLAY => serde_json::from_str(json).map(Self::CategoryOverlay),
            EVENT_TYPE => serde_json::from_str(json).map(Self::EventType),
            EVENT_TYPE_OVERLAY => serde_json::from_str(json).map(Self::EventTypeOverlay),
            REMOVED => serde_json::from_str(json).map(Self::Removed),
            _ => return None,
        };
        entry.ok()
    }
}

impl Catalogue {
    /// The built-in entries and what an operator has stored, with the reasons for entries left out.
    ///
    /// An entry is left out when a newer release has made its code a built-in one, and a change
    /// when a newer release no longer has what was changed: a start must not fail for that, and
    /// what the program says holds.
    pub fn from_stored(
        entries: impl IntoIterator<Item = StoredEntry>,
    ) -> (Self, Vec<CatalogueError>) {
        let mut catalogue = Self::built_in().clone();
        let mut left_out = Vec::new();
        let mut event_types = Vec::new();
        let mut all_removed = BTreeSet::new();
        for entry in entries {
            let taken = match entry {
                StoredEntry::Category(category) => catalogue.add_category(category),
                StoredEntry::CategoryOverlay(overlay) => overlay.apply(&mut catalogue),
                StoredEntry::EventTypeOverlay(overlay) => overlay.apply(&mut catalogue),
                StoredEntry::EventType(event_type) => {
                    event_types.push(event_type);
                    Ok(())
                }
                StoredEntry::Removed(removed) => {
                    all_removed.extend(removed);
                    Ok(())
                }
            };
            left_out.extend(taken.err());
        }
        // After the categories that they belong to.
        for mut event_type in event_types {
            if event_type.name.is_empty() {
                event_type.name = EventTypeDefinition::default_name(&event_type.code);
            }
            left_out.extend(catalogue.add_event_type(*event_type).err());
        }
        // Last, because adding an entry forgets what was removed of it before.
        catalogue.removed.extend(all_removed);
        (catalogue, left_out)
    }

    /// What has to be stored to get this catalogue again.
    pub fn stored_entries(&self) -> impl Iterator<Item = StoredEntry> {
        let categories = self.categories().filter_map(stored_category);
        let event_types = self.event_types().filter_map(stored_event_type);
        let removed = Some(&self.removed).filter(|removed| !removed.is_empty());
        let removed = removed.cloned().map(StoredEntry::Removed);
        categories.chain(event_types).chain(removed)
    }
}

fn stored_category(category: &CategoryDefinition) -> Option<StoredEntry> {
    if !category.built_in {
        return Some(StoredEntry::Category(category.clone()));
    }
    let built_in = Catalogue::built_in().category(&category.code)?;
    (category != built_in).then(|| {
        StoredEntry::CategoryOverlay(CategoryOverlay {
            code: category.code.clone(),
            name: changed(&built_in.name, &category.name),
            description: changed(&built_in.description, &category.description),
            status: category.status.clone(),
        })
    })
}

fn stored_event_type(event_type: &EventTypeDefinition) -> Option<StoredEntry> {
    if !event_type.built_in {
        return Some(StoredEntry::EventType(Box::new(event_type.clone())));
    }
    let built_in = Catalogue::built_in().event_type(&event_type.code)?;
    if event_type == built_in {
        return None;
    }
    let untouched = |sample: &&SamplePayload| built_in.sample(&sample.version) != Some(sample);
    let removed = |sample: &&SamplePayload| event_type.sample(&sample.version).is_none();
    let samples = event_type.samples.iter().filter(untouched).cloned();
    let removed_samples = built_in.samples.iter().filter(removed);
    Some(StoredEntry::EventTypeOverlay(EventTypeOverlay {
        code: event_type.code.clone(),
        name: changed(&built_in.name, &event_type.name),
        description: changed(&built_in.description, &event_type.description),
        samples: samples.collect(),
        removed_samples: removed_samples.map(|s| s.version.clone()).collect(),
        schema: event_type.schema.clone(),
        schemas: event_type.schemas.clone(),
        status: event_type.status.clone(),
    }))
}

fn changed(built_in: &str, now: &str) -> Option<String> {
    (built_in != now).then(|| now.to_owned())
}

impl CategoryOverlay {
    fn apply(self, catalogue: &mut Catalogue) -> Result<(), CatalogueError> {
        let Self {
            code,
            name,
            description,
            status,
        } = self;
        let mut category = catalogue.existing_category(&code)?.clone();
        category.name = name.unwrap_or(category.name);
        category.description = description.unwrap_or(category.description);
        category.status = status;
        catalogue.change_category(category)
    }
}

impl EventTypeOverlay {
    fn apply(self, catalogue: &mut Catalogue) -> Result<(), CatalogueError> {
        let Self {
            code,
            name,
            description,
            samples,
            removed_samples,
            schema,
            schemas,
            status,
        } = self;
        let mut event_type = catalogue.existing_event_type(&code)?.clone();
        event_type.name = name.unwrap_or(event_type.name);
        event_type.description = description.unwrap_or(event_type.description);
        let replaced = |version: &String| {
            removed_samples.contains(version) || samples.iter().any(|s| s.version == *version)
        };
        event_type.samples.retain(|s| !replaced(&s.version));
        // A sample of a version that the program no longer knows goes.
        let versions = &event_type.versions;
        let kept = samples
            .into_iter()
            .filter(|s| versions.contains(&s.version));
        event_type.samples.extend(kept);
        let kept = schemas.into_iter().filter(|(v, _)| versions.contains(v));
        event_type.schemas = kept.collect();
        event_type.schema = schema;
        event_type.status = status;
        catalogue.change_event_type(event_type)
    }
}

#[cfg(test)]
mod tests;
