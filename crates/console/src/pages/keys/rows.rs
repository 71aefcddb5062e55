//! A key as a row of the list, and what stops when it is revoked.

use std::collections::BTreeSet;

use carehook_core::{ApiKey, Mode, OperatorKey, Scope, Timestamp};

use super::choices::{scope_word, spoken};
use crate::figures::grouped;
use crate::moment::Moment;

/// A key, for people.
pub(super) struct KeyRow {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) prefix: String,
    pub(super) mode: Option<Mode>,
    pub(super) scopes: Vec<&'static str>,
    /// Groups of records, with what it may do with them.
    pub(super) permissions: Vec<(&'static str, String)>,
    /// Requests an hour that it may make, where it has a limit of its own.
    pub(super) rate_limit: Option<String>,
    pub(super) created_at: Moment,
    pub(super) last_used_at: Option<Moment>,
    pub(super) expires_at: Option<Moment>,
    /// Class and word.
    pub(super) state: (&'static str, &'static str),
    /// Where it is revoked; nowhere when that was done.
    pub(super) revoke: Option<String>,
}

impl KeyRow {
    /// `at` makes the address of what is done with a key from its id.
    pub(super) fn of(key: &ApiKey, now: Timestamp, at: impl Fn(&str) -> String) -> Self {
        let ApiKey {
            id,
            organization: _,
            name,
            mode,
            permissions,
            scopes,
            prefix,
            created_at,
            expires_at,
            revoked_at,
            rate_limit,
            last_use,
        } = key;
        let id = id.to_string();
        Self {
            revoke: revoked_at.is_none().then(|| at(&id)),
            id,
            name: name.clone(),
            prefix: prefix.to_string(),
            mode: Some(*mode),
            scopes: words(scopes),
            permissions: spoken(permissions),
            rate_limit: rate_limit.map(|limit| grouped(limit.into())),
            created_at: Moment(*created_at),
            last_used_at: last_use.at().map(Moment),
            expires_at: expires_at.map(Moment),
            state: state((*expires_at, *revoked_at), now),
        }
    }

    /// The same for a key of the operator.
    pub(super) fn of_operator(
        key: &OperatorKey,
        now: Timestamp,
        at: impl Fn(&str) -> String,
    ) -> Self {
        let OperatorKey {
            id,
            name,
            scopes,
            prefix,
            created_at,
            expires_at,
            revoked_at,
            last_use,
        } = key;
        let id = id.to_string();
        Self {
            revoke: revoked_at.is_none().then(|| at(&id)),
            id,
            name: name.clone(),
            prefix: prefix.to_string(),
            mode: None,
            scopes: words(scopes),
            permissions: Vec::new(),
            rate_limit: None,
            created_at: Moment(*created_at),
            last_used_at: last_use.at().map(Moment),
            expires_at: expires_at.map(Moment),
            state: state((*expires_at, *revoked_at), now),
        }
    }
}

fn words(scopes: &BTreeSet<Scope>) -> Vec<&'static str> {
    scopes.iter().map(|scope| scope_word(*scope)).collect()
}

fn state(
    (expires_at, revoked_at): (Option<Timestamp>, Option<Timestamp>),
    now: Timestamp,
) -> (&'static str, &'static str) {
    if revoked_at.is_some() {
        ("cancelled", "revoked")
    } else if expires_at.is_some_and(|end| end <= now) {
        ("paused", "expired")
    } else {
        ("active", "active")
    }
}
