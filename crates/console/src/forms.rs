//! Forms: what is wrong with a field stands beside it.

use carehook_app::{AppError, FieldFault};
use carehook_core::Secret;
use serde::{Deserialize as _, Deserializer};

/// Reads a field that nothing may print.
pub(crate) fn secret<'de, D: Deserializer<'de>>(field: D) -> Result<Secret, D::Error> {
    String::deserialize(field).map(Secret::new)
}

/// What is wrong with the fields of a form.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    faults: Vec<FieldFault>,
    /// What is wrong, but with no field.
    general: Vec<String>,
}

impl Faults {
    /// What the form can show: faults of fields, and contradictions with what is stored.
    ///
    /// # Errors
    /// Everything else, which is no matter of the form.
    pub(crate) fn of(error: AppError) -> Result<Self, AppError> {
        match error {
            AppError::Invalid(faults) => Ok(Self {
                faults,
                general: Vec::new(),
            }),
            AppError::Conflict { reason } => Ok(Self {
                faults: Vec::new(),
                general: vec![reason],
            }),
            other => Err(other),
        }
    }

    /// Whether something is wrong at all.
    pub(crate) fn any(&self) -> bool {
        !self.faults.is_empty() || !self.general.is_empty()
    }

    /// What is wrong with a field or what is in it; `field` is the first part of the pointer.
    pub(crate) fn of_field(&self, field: &str) -> Vec<&str> {
        let is_in = |pointer: &str| {
            let rest = pointer
                .strip_prefix('/')
                .and_then(|rest| rest.strip_prefix(field));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let mine = self.faults.iter().filter(|fault| is_in(&fault.pointer));
        mine.map(|fault| fault.reason.as_str()).collect()
    }

    /// What is wrong and belongs to none of these fields, with the field's name.
    pub(crate) fn besides(&self, shown: &[&str]) -> Vec<String> {
        let is_shown = |fault: &&FieldFault| {
            let first = fault.pointer.split('/').nth(1).unwrap_or_default();
            shown.contains(&first)
        };
        let rest = self.faults.iter().filter(|fault| !is_shown(fault));
        let rest = rest.map(|fault| format!("{}: {}", fault.pointer, fault.reason));
        self.general.iter().cloned().chain(rest).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_stands_beside_its_field_or_above_the_form() {
        let fault = |pointer: &str| FieldFault {
            pointer: pointer.to_owned(),
            reason: "bad".to_owned(),
        };
        let error = AppError::Invalid(vec![fault("/url"), fault("/events/3"), fault("/urls")]);
        let faults = Faults::of(error).unwrap();
        assert_eq!(faults.of_field("url"), ["bad"]);
        assert_eq!(faults.of_field("events"), ["bad"]);
        assert_eq!(faults.besides(&["url", "events"]), ["/urls: bad"]);
    }
}
