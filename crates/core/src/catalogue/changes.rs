//! What an operator may do to the catalogue: add, change and remove entries of its own, and change
//! what is not fixed of built-in ones.
//!
//! A refused change leaves the catalogue as it was.

use std::collections::HashSet;
use std::sync::Arc;

use super::{Catalogue, CatalogueError, CategoryCode, CategoryDefinition, EventTypeDefinition};
use crate::{EventType, Limits, is_deceptive};

const CATEGORY: &str = "category";
const EVENT_TYPE: &str = "event type";
const DESCRIPTION_CHARS: usize = 1_000;
const VERSIONS: usize = 32;
const VERSION_BYTES: usize = 32;

impl Catalogue {
    /// Adds an operator's category.
    pub fn add_category(&mut self, category: CategoryDefinition) -> Result<(), CatalogueError> {
        check_category(&category)?;
        if self.categories.contains_key(&category.code) {
            return Err(exists(CATEGORY, category.code.as_str()));
        }
        self.forget_removed_category(&category.code);
        self.put_category(CategoryDefinition {
            built_in: false,
            ..category
        });
        Ok(())
    }

    /// Replaces the category of the same code.
    pub fn change_category(&mut self, category: CategoryDefinition) -> Result<(), CatalogueError> {
        check_category(&category)?;
        let built_in = self.existing_category(&category.code)?.built_in;
        self.put_category(CategoryDefinition {
            built_in,
            ..category
        });
        Ok(())
    }

    /// Removes an operator's category that has no event types.
    pub fn remove_category(&mut self, code: &CategoryCode) -> Result<(), CatalogueError> {
        removable(
            CATEGORY,
            code.as_str(),
            self.existing_category(code)?.built_in,
        )?;
        if self.event_types_in(code).next().is_some() {
            let code = code.to_string();
            return Err(CatalogueError::CategoryInUse { code });
        }
        self.categories.remove(code);
        self.note_removed_category(code);
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
        self.forget_removed_event_type(&definition.code);
        self.put_event_type(EventTypeDefinition {
            built_in: false,
            ..definition
        });
        Ok(())
    }

    /// Replaces the event type of the same code; of a built-in one only what is not fixed.
    pub fn change_event_type(
        &mut self,
        definition: EventTypeDefinition,
    ) -> Result<(), CatalogueError> {
        self.check_event_type(&definition)?;
        let old = self.existing_event_type(&definition.code)?;
        check_fixed(old, &definition)?;
        let built_in = old.built_in;
        self.put_event_type(EventTypeDefinition {
            built_in,
            ..definition
        });
        Ok(())
    }

    /// Removes an operator's event type.
    pub fn remove_event_type(&mut self, code: &EventType) -> Result<(), CatalogueError> {
        let built_in = self.existing_event_type(code)?.built_in;
        removable(EVENT_TYPE, code.as_str(), built_in)?;
        if let Some(gone) = self.event_types.remove(code) {
            self.note_removed_event_type(&gone);
        }
        Ok(())
    }

    /// A category that has to be there.
    pub fn existing_category(
        &self,
        code: &CategoryCode,
    ) -> Result<&CategoryDefinition, CatalogueError> {
        let missing = || not_found(CATEGORY, code.as_str());
        self.category(code).ok_or_else(missing)
    }

    /// An event type that has to be there.
    pub fn existing_event_type(
        &self,
        code: &EventType,
    ) -> Result<&EventTypeDefinition, CatalogueError> {
        let missing = || not_found(EVENT_TYPE, code.as_str());
        self.event_type(code).ok_or_else(missing)
    }

    fn put_category(&mut self, category: CategoryDefinition) {
        self.categories
            .insert(category.code.clone(), Arc::new(category));
    }

    fn put_event_type(&mut self, mut definition: EventTypeDefinition) {
        let place = |version: &str| definition.versions.iter().position(|v| v == version);
        definition
            .samples
            .sort_by_key(|sample| place(&sample.version));
        self.note_samples(&definition);
        self.event_types
            .insert(definition.code.clone(), Arc::new(definition));
    }

    fn check_event_type(&self, definition: &EventTypeDefinition) -> Result<(), CatalogueError> {
        check_name(&definition.name)?;
        check_description(&definition.description)?;
        if self.category(&definition.category).is_none() {
            let reason = "is not a category that exists".to_owned();
            return Err(invalid("category", reason));
        }
        check_versions(&definition.versions)?;
        check_samples(definition)?;
        check_schemas(definition)
    }
}

fn removable(kind: &'static str, code: &str, built_in: bool) -> Result<(), CatalogueError> {
    if built_in {
        let code = code.to_owned();
        return Err(CatalogueError::BuiltIn { kind, code });
    }
    Ok(())
}

/// What must not differ between a built-in event type and its change.
fn check_fixed(old: &EventTypeDefinition, new: &EventTypeDefinition) -> Result<(), CatalogueError> {
    let fixed = [
        ("category", old.category == new.category),
        ("versions", old.versions == new.versions),
        ("wire names", old.wire_names == new.wire_names),
    ];
    match fixed.into_iter().find(|(_, same)| !same) {
        Some((field, _)) if old.built_in => Err(CatalogueError::BuiltInField {
            kind: EVENT_TYPE,
            code: old.code.to_string(),
            field,
        }),
        _ => Ok(()),
    }
}

fn check_category(category: &CategoryDefinition) -> Result<(), CatalogueError> {
    check_name(&category.name)?;
    check_description(&category.description)
}

fn check_name(name: &str) -> Result<(), CatalogueError> {
    if name.trim().is_empty() || name.chars().count() > Limits::NAME_CHARS {
        let reason = format!("must have 1 to {} characters", Limits::NAME_CHARS);
        return Err(invalid("name", reason));
    }
    check_letters("name", name)
}

fn check_description(description: &str) -> Result<(), CatalogueError> {
    if description.chars().count() > DESCRIPTION_CHARS {
        let reason = format!("must have at most {DESCRIPTION_CHARS} characters");
        return Err(invalid("description", reason));
    }
    check_letters("description", description)
}

/// Only a description may have lines.
fn check_letters(field: &'static str, text: &str) -> Result<(), CatalogueError> {
    let breaks = |letter| field == "description" && matches!(letter, '\n' | '\r' | '\t');
    if text
        .chars()
        .any(|letter| is_deceptive(letter) && !breaks(letter))
    {
        let reason = "must not have control characters, nor such as are invisible or turn the \
                      direction of writing";
        return Err(invalid(field, reason.to_owned()));
    }
    Ok(())
}

fn check_versions(versions: &[String]) -> Result<(), CatalogueError> {
    if versions.is_empty() || versions.len() > VERSIONS {
        let reason = format!("must have 1 to {VERSIONS} entries");
        return Err(invalid("versions", reason));
    }
    let mut seen = HashSet::new();
    for version in versions {
        // The rules of a code, so that a version is safe in a path and in a log line.
        if version.len() > VERSION_BYTES || version.parse::<EventType>().is_err() {
            let reason = format!(
                "must have 1 to {VERSION_BYTES} characters of a-z, 0-9, . _ and - and begin with a letter or digit"
            );
            return Err(invalid("versions", reason));
        }
        if !seen.insert(version) {
            return Err(invalid(
                "versions",
                format!("must not name `{version}` twice"),
            ));
        }
    }
    Ok(())
}

fn check_schemas(definition: &EventTypeDefinition) -> Result<(), CatalogueError> {
    let mut versions = definition.schemas.keys();
    match versions.find(|version| !definition.has_version(version)) {
        None => Ok(()),
        Some(version) => {
            let reason = format!("must be of its versions, which `{version}` is not");
            Err(invalid("schemas", reason))
        }
    }
}

fn check_samples(definition: &EventTypeDefinition) -> Result<(), CatalogueError> {
    let mut seen = HashSet::new();
    for sample in &definition.samples {
        let version = &sample.version;
        if !definition.has_version(version) {
            let reason = format!("must be of its versions, which `{version}` is not");
            return Err(invalid("samples", reason));
        }
        if !seen.insert(version) {
            let reason = format!("must not have two of `{version}`");
            return Err(invalid("samples", reason));
        }
    }
    Ok(())
}

fn exists(kind: &'static str, code: &str) -> CatalogueError {
    let code = code.to_owned();
    CatalogueError::Exists { kind, code }
}

fn not_found(kind: &'static str, code: &str) -> CatalogueError {
    let code = code.to_owned();
    CatalogueError::NotFound { kind, code }
}

fn invalid(field: &'static str, reason: String) -> CatalogueError {
    CatalogueError::Invalid { field, reason }
}

#[cfg(test)]
mod tests;
