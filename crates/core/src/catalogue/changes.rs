//! What an operator may do to the catalogue: add, change and remove entries of its own.
//!
//! A refused change leaves the catalogue as it was.

use std::collections::HashSet;
use std::sync::Arc;

use super::{Catalogue, CategoryCode, CategoryDefinition, EventTypeDefinition};
use crate::{EventType, Limits};

/// Why an entry cannot be added, changed or removed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueError {
    /// The code is taken.
    #[error("the {kind} `{code}` exists already")]
    Exists {
        /// `category` or `event type`.
        kind: &'static str,
        /// The code.
        code: String,
    },
    /// The entry comes with the program.
    #[error("the {kind} `{code}` is built in and cannot be changed or removed")]
    BuiltIn {
        /// `category` or `event type`.
        kind: &'static str,
        /// The code.
        code: String,
    },
    /// There is no such entry.
    #[error("there is no {kind} `{code}`")]
    NotFound {
        /// `category` or `event type`.
        kind: &'static str,
        /// The code.
        code: String,
    },
    /// The category still has event types.
    #[error("the category `{code}` still has event types")]
    CategoryInUse {
        /// The code.
        code: String,
    },
    /// A field of the definition is not acceptable.
    #[error("{reason}")]
    Invalid {
        /// The field.
        field: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

const CATEGORY: &str = "category";
const EVENT_TYPE: &str = "event type";
const DESCRIPTION_CHARS: usize = 1_000;
const VERSIONS: usize = 32;
const VERSION_BYTES: usize = 32;

impl Catalogue {
    /// The built-in entries and what an operator has stored, with the reasons for entries left out.
    ///
    /// An entry is left out when a newer release has made its code a built-in one: a start must not
    /// fail for that, and the built-in meaning holds.
    pub fn with_additions(
        categories: impl IntoIterator<Item = CategoryDefinition>,
        event_types: impl IntoIterator<Item = EventTypeDefinition>,
    ) -> (Self, Vec<CatalogueError>) {
        let mut catalogue = Self::built_in().clone();
        let mut left_out = Vec::new();
        for category in categories {
            left_out.extend(catalogue.add_category(category).err());
        }
        for event_type in event_types {
            left_out.extend(catalogue.add_event_type(event_type).err());
        }
        (catalogue, left_out)
    }

    /// Adds an operator's category.
    pub fn add_category(&mut self, category: CategoryDefinition) -> Result<(), CatalogueError> {
        check_category(&category)?;
        if self.categories.contains_key(&category.code) {
            return Err(exists(CATEGORY, category.code.as_str()));
        }
        self.put_category(category);
        Ok(())
    }

    /// Replaces an operator's category of the same code.
    pub fn change_category(&mut self, category: CategoryDefinition) -> Result<(), CatalogueError> {
        check_category(&category)?;
        self.own_category(&category.code)?;
        self.put_category(category);
        Ok(())
    }

    /// Removes an operator's category that has no event types.
    pub fn remove_category(&mut self, code: &CategoryCode) -> Result<(), CatalogueError> {
        self.own_category(code)?;
        if self.event_types_in(code).next().is_some() {
            let code = code.to_string();
            return Err(CatalogueError::CategoryInUse { code });
        }
        self.categories.remove(code);
        Ok(())
    }

    /// Adds an operator's event type to a category that exists.
    pub fn add_event_type(
        &mut self,
        definition: EventTypeDefinition,
    ) -> Result<(), CatalogueError> {
        self.check_event_type(&definition)?;
        if self.event_types.contains_key(&definition.code) {
            return Err(exists(EVENT_TYPE, definition.code.as_str()));
        }
        self.put_event_type(definition);
        Ok(())
    }

    /// Replaces an operator's event type of the same code.
    pub fn change_event_type(
        &mut self,
        definition: EventTypeDefinition,
    ) -> Result<(), CatalogueError> {
        self.check_event_type(&definition)?;
        self.own_event_type(&definition.code)?;
        self.put_event_type(definition);
        Ok(())
    }

    /// Removes an operator's event type.
    pub fn remove_event_type(&mut self, code: &EventType) -> Result<(), CatalogueError> {
        self.own_event_type(code)?;
        self.event_types.remove(code);
        Ok(())
    }

    fn put_category(&mut self, mut category: CategoryDefinition) {
        category.built_in = false;
        self.categories
            .insert(category.code.clone(), Arc::new(category));
    }

    fn put_event_type(&mut self, mut definition: EventTypeDefinition) {
        definition.built_in = false;
        self.event_types
            .insert(definition.code.clone(), Arc::new(definition));
    }

    fn own_category(&self, code: &CategoryCode) -> Result<(), CatalogueError> {
        let known = self.category(code).map(|category| category.built_in);
        own(CATEGORY, code.as_str(), known)
    }

    fn own_event_type(&self, code: &EventType) -> Result<(), CatalogueError> {
        let known = self.event_type(code).map(|definition| definition.built_in);
        own(EVENT_TYPE, code.as_str(), known)
    }

    fn check_event_type(&self, definition: &EventTypeDefinition) -> Result<(), CatalogueError> {
        check_description(&definition.description)?;
        if self.category(&definition.category).is_none() {
            let reason = format!("there is no category `{}`", definition.category);
            return Err(invalid("category", reason));
        }
        check_versions(&definition.versions)?;
        check_samples(definition)
    }
}

fn own(kind: &'static str, code: &str, built_in: Option<bool>) -> Result<(), CatalogueError> {
    let code = code.to_owned();
    match built_in {
        Some(false) => Ok(()),
        Some(true) => Err(CatalogueError::BuiltIn { kind, code }),
        None => Err(CatalogueError::NotFound { kind, code }),
    }
}

fn check_category(category: &CategoryDefinition) -> Result<(), CatalogueError> {
    let chars = category.name.chars().count();
    if category.name.trim().is_empty() || chars > Limits::NAME_CHARS {
        let reason = format!("a name has 1 to {} characters", Limits::NAME_CHARS);
        return Err(invalid("name", reason));
    }
    check_description(&category.description)
}

fn check_description(description: &str) -> Result<(), CatalogueError> {
    if description.chars().count() > DESCRIPTION_CHARS {
        let reason = format!("a description has at most {DESCRIPTION_CHARS} characters");
        return Err(invalid("description", reason));
    }
    Ok(())
}

fn check_versions(versions: &[String]) -> Result<(), CatalogueError> {
    if versions.is_empty() || versions.len() > VERSIONS {
        let reason = format!("an event type has 1 to {VERSIONS} versions");
        return Err(invalid("versions", reason));
    }
    let mut seen = HashSet::new();
    for version in versions {
        // The rules of a code, so that a version is safe in a path and in a log line.
        if version.len() > VERSION_BYTES || version.parse::<EventType>().is_err() {
            let reason = format!(
                "a version has 1 to {VERSION_BYTES} characters of a-z, 0-9, . _ and - and begins with a letter or digit"
            );
            return Err(invalid("versions", reason));
        }
        if !seen.insert(version) {
            return Err(invalid("versions", format!("`{version}` is there twice")));
        }
    }
    Ok(())
}

fn check_samples(definition: &EventTypeDefinition) -> Result<(), CatalogueError> {
    let mut seen = HashSet::new();
    for sample in &definition.samples {
        let version = &sample.version;
        if !definition.has_version(version) {
            let reason = format!("`{version}` is not a version of this event type");
            return Err(invalid("samples", reason));
        }
        if !seen.insert(version) {
            let reason = format!("`{version}` has more than one sample");
            return Err(invalid("samples", reason));
        }
    }
    Ok(())
}

fn exists(kind: &'static str, code: &str) -> CatalogueError {
    let code = code.to_owned();
    CatalogueError::Exists { kind, code }
}

fn invalid(field: &'static str, reason: String) -> CatalogueError {
    CatalogueError::Invalid { field, reason }
}

#[cfg(test)]
mod tests;
