//! What somebody entered to make a key.

use std::collections::BTreeSet;

use carehook_app::{AppError, Faults, NewApiKey, NewOperatorKey};
use carehook_core::{Mode, Permission, Scope, Timestamp};

/// Names and values of the form: a box that may be ticked comes several times or not at all.
pub(super) type Pairs = Vec<(String, String)>;

/// The form, as it was entered.
pub(super) struct KeyForm {
    pub(super) name: String,
    /// Days that the key lives, the day of its end, or nothing.
    pub(super) expires_on: String,
    /// Requests an hour, or nothing.
    pub(super) rate_limit: String,
    pub(super) scopes: BTreeSet<String>,
    pub(super) permissions: BTreeSet<String>,
}

/// What is ticked before anybody has chosen: what a key that manages webhooks needs.
const USUAL: [Scope; 2] = [Scope::Read, Scope::Manage];

impl KeyForm {
    pub(super) fn empty() -> Self {
        Self {
            name: String::new(),
            expires_on: String::new(),
            rate_limit: String::new(),
            scopes: USUAL.map(|scope| scope.to_string()).into(),
            permissions: BTreeSet::new(),
        }
    }

    pub(super) fn entered(pairs: Pairs) -> Self {
        let mut form = Self {
            name: String::new(),
            expires_on: String::new(),
            rate_limit: String::new(),
            scopes: BTreeSet::new(),
            permissions: BTreeSet::new(),
        };
        for (field, value) in pairs {
            match field.as_str() {
                "name" => value.trim().clone_into(&mut form.name),
                "expires_on" => value.trim().clone_into(&mut form.expires_on),
                "rate_limit" => value.trim().clone_into(&mut form.rate_limit),
                "scope" => drop(form.scopes.insert(value)),
                "permission" => drop(form.permissions.insert(value)),
                _ => {}
            }
        }
        form
    }

    /// A key of an organization.
    pub(super) fn for_organization(&self, mode: Mode) -> Result<NewApiKey, AppError> {
        let mut faults = Faults::default();
        let rate_limit = faults.take("/rate_limit", limit(&self.rate_limit));
        let (scopes, expires_at) = self.checked(faults)?;
        let words = self.permissions.iter().map(|word| word.parse());
        let permissions: Result<BTreeSet<Permission>, _> = words.collect();
        let permissions = permissions.map_err(|error| AppError::invalid("/permissions", error))?;
        Ok(NewApiKey {
            name: self.name.clone(),
            mode,
            permissions: Some(permissions),
            scopes: Some(scopes),
            expires_at,
            rate_limit: rate_limit.flatten(),
        })
    }

    /// A key of the operator.
    pub(super) fn for_operator(&self) -> Result<NewOperatorKey, AppError> {
        let (scopes, expires_at) = self.checked(Faults::default())?;
        Ok(NewOperatorKey {
            name: self.name.clone(),
            scopes: Some(scopes),
            expires_at,
        })
    }

    fn checked(
        &self,
        mut faults: Faults,
    ) -> Result<(BTreeSet<Scope>, Option<Timestamp>), AppError> {
        if self.name.is_empty() {
            faults.add("/name", "must not be empty");
        }
        let words = self.scopes.iter().map(|word| word.parse());
        let scopes: Result<BTreeSet<Scope>, _> = words.collect();
        let scopes = faults.take("/scopes", scopes);
        if scopes.as_ref().is_some_and(BTreeSet::is_empty) {
            faults.add(
                "/scopes",
                "must hold at least one: a key that may do nothing is of no use",
            );
        }
        let expires_at = faults.take("/expires_at", end(&self.expires_on));
        faults.finish(scopes.zip(expires_at))
    }
}

/// How many requests; which numbers there may be is for the use case to say.
fn limit(number: &str) -> Result<Option<u32>, &'static str> {
    if number.is_empty() {
        return Ok(None);
    }
    let number = number.parse();
    number.map(Some).map_err(|_| "must be a whole number")
}

/// The beginning of a day, in UTC.
fn end(day: &str) -> Result<Option<Timestamp>, &'static str> {
    if day.is_empty() {
        return Ok(None);
    }
    let day: jiff::civil::Date = day.parse().map_err(|_| "must be a day, as 2027-01-31")?;
    let begins = day.to_zoned(jiff::tz::TimeZone::UTC);
    let begins = begins.map_err(|_| "must be a day that there is")?;
    Ok(Some(Timestamp(begins.timestamp().as_millisecond())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_a_whole_number_or_none() {
        assert_eq!(limit("500"), Ok(Some(500)));
        assert_eq!(limit(""), Ok(None));
        for text in ["-1", "1.5", "1e3", "ten", "99999999999"] {
            assert!(limit(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_key_ends_at_the_beginning_of_the_day_in_utc() {
        assert_eq!(end("2026-03-16"), Ok(Some(Timestamp(1_773_619_200_000))));
        assert_eq!(end(""), Ok(None));
        assert!(end("16.3.2026").is_err());
        assert!(end("2026-02-30").is_err());
    }
}
