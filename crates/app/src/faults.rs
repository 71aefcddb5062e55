//! Faults of a request: every field that is not acceptable, each named by a JSON pointer.

use std::fmt;

use carehook_core::is_deceptive;

use crate::AppError;

/// A field that is not acceptable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldFault {
    /// Where it is: a JSON pointer (RFC 6901) into the request, in the native spelling.
    pub pointer: String,
    /// What is wrong with it; never repeats its value.
    pub reason: String,
}

/// Collects what is wrong, so that a caller learns all of it at once.
#[derive(Debug, Default)]
pub struct Faults(Vec<FieldFault>);

impl Faults {
    /// Notes a fault.
    pub fn add(&mut self, pointer: impl Into<String>, reason: impl fmt::Display) {
        self.0.push(FieldFault {
            pointer: pointer.into(),
            reason: reason.to_string(),
        });
    }

    /// Gives the value, or notes why there is none.
    pub fn take<T, E: fmt::Display>(&mut self, pointer: &str, result: Result<T, E>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(reason) => {
                self.add(pointer, reason);
                None
            }
        }
    }

    /// The same for a field that may be missing.
    pub fn take_optional<T, E: fmt::Display>(
        &mut self,
        pointer: &str,
        result: Option<Result<T, E>>,
    ) -> Option<T> {
        result.and_then(|result| self.take(pointer, result))
    }

    /// Gives the value, or notes that it is required.
    pub fn require<T>(&mut self, pointer: &str, value: Option<T>) -> Option<T> {
        if value.is_none() {
            self.add(pointer, "is required");
        }
        value
    }

    /// Ends the collection: an error when there is any fault.
    pub fn check(self) -> Result<(), AppError> {
        if self.0.is_empty() {
            return Ok(());
        }
        Err(AppError::Invalid(self.0))
    }

    /// Ends the collection in which a value is missing only with a fault noted.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, AppError> {
        match (value, self.0.is_empty()) {
            (Some(value), true) => Ok(value),
            _ => Err(AppError::Invalid(self.0)),
        }
    }
}

/// What is wrong with a text that is not what it looks like.
const DECEPTIVE: &str =
    "must not have control characters, nor such as are invisible or turn the direction of writing";

/// One token of a JSON pointer (RFC 6901, 3).
pub(crate) fn token(text: &str) -> String {
    text.replace('~', "~0").replace('/', "~1")
}

/// Checks a text that people read: not blank, not too long, and what it looks like.
pub(crate) fn check_text(text: &str, max_chars: usize) -> Result<(), String> {
    let chars = text.chars().count();
    if text.trim().is_empty() || chars > max_chars {
        return Err(format!("must have 1 to {max_chars} characters"));
    }
    if text.chars().any(is_deceptive) {
        return Err(DECEPTIVE.to_owned());
    }
    Ok(())
}
