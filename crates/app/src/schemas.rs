//! Schemas of payloads: refused when they are no good, and asked when an event is published.
//!
//! A schema is compiled once and kept as long as the catalogue that it stands in. Where nothing is
//! to be checked (the organization says `off`, or the event type has no schema) a publish looks at
//! two fields in memory and pays nothing else.
//!
//! *Guarantees.* A schema reaches nothing outside itself. What it costs to check a payload is
//! bounded by sizes that are known before: see `bounds`. No reason repeats a value.

mod bounds;
mod checker;
mod reasons;

use std::collections::HashMap;
use std::sync::Arc;

use carehook_core::{
    Catalogue, EventType, EventTypeDefinition, JsonText, OrganizationId, SchemaCheck,
};
use parking_lot::RwLock;

use crate::{App, AppError, Faults, FieldFault};
use checker::Checker;

/// What is wrong with a schema, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SchemaFault {
    /// A JSON pointer into the schema.
    pub(crate) pointer: String,
    /// Why it cannot be used; may repeat words of the schema, which is no secret.
    pub(crate) reason: String,
}

type Compiled = Arc<Result<Checker, SchemaFault>>;

/// The compiled schemas of one catalogue.
#[derive(Default)]
pub(crate) struct Schemas {
    kept: RwLock<Kept>,
}

#[derive(Default)]
struct Kept {
    /// Whose schemas these are.
    catalogue: Option<Arc<Catalogue>>,
    compiled: HashMap<(EventType, Box<str>), Compiled>,
}

impl Schemas {
    /// The compiled schema of a version, which has this one.
    fn of(
        &self,
        catalogue: &Arc<Catalogue>,
        (definition, version): (&EventTypeDefinition, &str),
        schema: &JsonText,
    ) -> Compiled {
        let key = (definition.code.clone(), Box::from(version));
        {
            let kept = self.kept.read();
            let current = kept
                .catalogue
                .as_ref()
                .filter(|of| Arc::ptr_eq(of, catalogue));
            if let Some(compiled) = current.and_then(|_| kept.compiled.get(&key)) {
                return compiled.clone();
            }
        }
        // Two callers may do the same work at the same time; it is the same work.
        let compiled = Arc::new(Checker::of(schema));
        let mut kept = self.kept.write();
        if !kept
            .catalogue
            .as_ref()
            .is_some_and(|of| Arc::ptr_eq(of, catalogue))
        {
            *kept = Kept {
                catalogue: Some(catalogue.clone()),
                ..Kept::default()
            };
        }
        kept.compiled.insert(key, compiled.clone());
        compiled
    }
}

impl App {
    /// What does not fit the schema of an event's type and version, as far as its organization
    /// wants that looked at: an error when it refuses such events, else the warnings.
    pub(crate) fn check_against_schema(
        &self,
        organization: &OrganizationId,
        catalogue: &Arc<Catalogue>,
        of: (&EventTypeDefinition, &str),
        data: &JsonText,
    ) -> Result<Vec<FieldFault>, AppError> {
        let (definition, version) = of;
        let Some(schema) = definition.schema_of(version) else {
            return Ok(Vec::new());
        };
        let found = self.store().organization(organization);
        let check = found.map_or(SchemaCheck::Off, |found| found.settings.schema_check);
        if check == SchemaCheck::Off {
            return Ok(Vec::new());
        }
        let compiled = self.inner().schemas.of(catalogue, of, schema);
        let faults = match &*compiled {
            Ok(checker) => checker.faults(data),
            // Only a schema that an older version has taken without looking.
            Err(_) => vec![FieldFault {
                pointer: "/type".to_owned(),
                reason: "has a schema that cannot be used, so the data was not checked".to_owned(),
            }],
        };
        match check {
            SchemaCheck::Reject if !faults.is_empty() => Err(AppError::Invalid(faults)),
            SchemaCheck::Reject | SchemaCheck::Warn | SchemaCheck::Off => Ok(faults),
        }
    }
}

/// Refuses an event type whose new schemas cannot be used; those that it had before stay.
pub(crate) fn check_schemas(
    new: &EventTypeDefinition,
    old: Option<&EventTypeDefinition>,
) -> Result<(), AppError> {
    let mut faults = Faults::default();
    let mut check = |pointer: String, schema: &JsonText, before: Option<&JsonText>| {
        if before != Some(schema)
            && let Err(fault) = Checker::of(schema)
        {
            faults.add(format!("{pointer}{}", fault.pointer), fault.reason);
        }
    };
    if let Some(schema) = &new.schema {
        let before = old.and_then(|old| old.schema.as_ref());
        check("/schema".to_owned(), schema, before);
    }
    for (version, schema) in &new.schemas {
        let before = old.and_then(|old| old.schemas.get(version));
        check(format!("/schemas/{version}"), schema, before);
    }
    faults.check()
}

#[cfg(test)]
mod tests;
