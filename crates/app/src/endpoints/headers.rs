//! An endpoint's own headers; their values are secrets and are never shown again.

use std::collections::BTreeMap;

use carehook_core::{CustomHeader, Limits, Secret, checked_header};
use carehook_deliver::Target;

use crate::Faults;
use crate::faults::token;

/// What answers show in place of a header's value.
pub const MASKED: &str = "********";

const AUTHORIZATION: &str = "authorization";

/// Checks the headers of a new endpoint and adds what the URL's user name and password stand for.
pub(super) fn checked(
    given: Vec<(String, Secret)>,
    target: Option<&Target>,
    faults: &mut Faults,
) -> Vec<CustomHeader> {
    let changes = given.into_iter().map(|(name, value)| (name, Some(value)));
    merged(&[], changes.collect::<Vec<_>>().as_slice(), target, faults)
}

/// Applies changes to headers as RFC 7396 does: a value replaces, `None` removes, others stay.
pub(super) fn merged(
    current: &[CustomHeader],
    changes: &[(String, Option<Secret>)],
    target: Option<&Target>,
    faults: &mut Faults,
) -> Vec<CustomHeader> {
    let mut headers: BTreeMap<String, CustomHeader> = current
        .iter()
        .map(|header| (header.name.as_str().to_owned(), header.clone()))
        .collect();
    let mut set = Vec::new();
    for (name, value) in changes {
        match value {
            None => drop(headers.remove(&name.to_ascii_lowercase())),
            Some(value) => set.extend(checked_one(name, value, faults)),
        }
    }
    set.extend(userinfo(target));
    let mut named = Vec::new();
    for header in set {
        let name = header.name.as_str().to_owned();
        if named.contains(&name) {
            let reason = "is given twice (names are compared without case; \
                          a user name in the URL stands for authorization)";
            faults.add(pointer(&name), reason);
        }
        headers.insert(name.clone(), header);
        named.push(name);
    }
    if headers.len() > Limits::CUSTOM_HEADERS {
        let reason = format!("must have at most {} entries", Limits::CUSTOM_HEADERS);
        faults.add("/headers", reason);
    }
    headers.into_values().collect()
}

fn checked_one(name: &str, value: &Secret, faults: &mut Faults) -> Option<CustomHeader> {
    if value.expose() == MASKED {
        let reason = "is the mask of a value; leave the header out to keep its value";
        faults.add(pointer(name), reason);
        return None;
    }
    let checked = faults.take(&pointer(name), checked_header(name, value.expose()));
    checked.map(|(name, _)| CustomHeader {
        name,
        value: value.clone(),
    })
}

fn userinfo(target: Option<&Target>) -> Option<CustomHeader> {
    let value = target?.authorization()?.to_str().ok()?;
    Some(CustomHeader {
        name: AUTHORIZATION.parse().expect("a constant header name"),
        value: Secret::new(value),
    })
}

fn pointer(name: &str) -> String {
    format!("/headers/{}", token(name))
}
