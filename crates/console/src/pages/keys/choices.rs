//! What a key can be given: only what the person who makes it has.

use std::collections::BTreeSet;

use carehook_app::OrganizationAccess;
use carehook_core::{Mode, Permission, Resource, Right, Scope};

use super::form::KeyForm;

/// The boxes of the form.
pub(super) struct Choices {
    pub(super) scopes: Vec<Choice>,
    pub(super) groups: Vec<Group>,
    /// Whether the key must have one of the permissions, because its maker is held to some.
    pub(super) needs_permission: bool,
    pub(super) mode: Option<ModeChoice>,
}

/// A box.
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) word: &'static str,
    pub(super) hint: &'static str,
    pub(super) ticked: bool,
}

/// Records that belong together for people.
pub(super) struct Group {
    pub(super) title: &'static str,
    pub(super) records: Vec<Records>,
}

/// One kind of records.
pub(super) struct Records {
    pub(super) word: &'static str,
    pub(super) boxes: Vec<Choice>,
}

/// The mode that the address names, and how to get to the other one.
pub(super) struct ModeChoice {
    pub(super) mode: Mode,
    pub(super) other: String,
}

/// The groups of the source that the permissions come from.
const GROUPS: [(&str, &[Resource]); 3] = [
    (
        "Clinical data",
        &[
            Resource::Patients,
            Resource::Consultations,
            Resource::Problems,
            Resource::Appointments,
            Resource::Documents,
            Resource::Prescriptions,
        ],
    ),
    (
        "Practice, to read only",
        &[
            Resource::AppointmentTypes,
            Resource::Clinicians,
            Resource::Locations,
            Resource::Availability,
        ],
    ),
    ("Booking, to write only", &[Resource::Holds]),
];

impl Choices {
    /// What somebody with this access can give to a key of the organization.
    pub(super) fn of(access: &OrganizationAccess, form: &KeyForm) -> Self {
        let own = access.permissions();
        Self {
            scopes: scopes(|scope| access.has(scope), form),
            groups: groups(&own, form),
            needs_permission: is_held_to(&own),
            mode: None,
        }
    }

    /// What the operator can give to a key that reaches all organizations.
    pub(super) fn of_operator(form: &KeyForm) -> Self {
        Self {
            scopes: scopes(|_| true, form),
            groups: Vec::new(),
            needs_permission: false,
            mode: None,
        }
    }
}

/// Whether somebody with these permissions makes keys with permissions only.
fn is_held_to(own: &BTreeSet<Permission>) -> bool {
    !own.is_empty() && own.len() < Permission::all().count()
}

fn scopes(has: impl Fn(Scope) -> bool, form: &KeyForm) -> Vec<Choice> {
    let own = Scope::ALL.into_iter().filter(|scope| has(*scope));
    own.map(|scope| Choice {
        value: scope.to_string(),
        word: scope_word(scope),
        hint: scope_hint(scope),
        ticked: form.scopes.contains(scope.as_str()),
    })
    .collect()
}

fn groups(own: &BTreeSet<Permission>, form: &KeyForm) -> Vec<Group> {
    let records_of = |resource: &Resource| {
        let possible = Right::ALL.into_iter();
        let possible = possible.filter_map(|right| Permission::new(*resource, right));
        let boxes = possible.filter(|one| own.contains(one)).map(|one| Choice {
            value: one.to_string(),
            word: right_word(one.right()),
            hint: "",
            ticked: form.permissions.contains(&one.to_string()),
        });
        Records {
            word: resource_word(*resource),
            boxes: boxes.collect(),
        }
    };
    let groups = GROUPS.into_iter().map(|(title, resources)| Group {
        title,
        records: resources
            .iter()
            .map(records_of)
            .filter(|records| !records.boxes.is_empty())
            .collect(),
    });
    groups.filter(|group| !group.records.is_empty()).collect()
}

/// What a key may do, for people.
pub(super) fn scope_word(scope: Scope) -> &'static str {
    match scope {
        Scope::Publish => "Publish events",
        Scope::Read => "See webhooks and deliveries",
        Scope::ReadPayload => "See payloads",
        Scope::Manage => "Manage webhooks",
        Scope::Keys => "Manage keys",
        Scope::Audit => "See the audit trail",
        Scope::Admin => "Everything in an organization",
        Scope::CatalogueWrite => "Change the event catalogue",
    }
}

fn scope_hint(scope: Scope) -> &'static str {
    match scope {
        Scope::Publish => "For the program that events come from.",
        Scope::Read => "Webhooks, what was sent and what became of it; no payloads.",
        Scope::ReadPayload => "What events hold, and what receivers answered. Views are recorded.",
        Scope::Manage => "Make, change and delete them, see their secrets, retry deliveries.",
        Scope::Keys => "Make, see and revoke keys; never ones that may do more than itself.",
        Scope::Audit => "Who did what, and who saw whose data.",
        Scope::Admin => "All of the above, and erasures.",
        Scope::CatalogueWrite => "It is the same for all organizations.",
    }
}

/// A kind of records, for people.
pub(super) fn resource_word(resource: Resource) -> &'static str {
    match resource {
        Resource::Patients => "Patients",
        Resource::Consultations => "Consultations",
        Resource::Problems => "Problems",
        Resource::Appointments => "Appointments",
        Resource::Documents => "Documents",
        Resource::Prescriptions => "Prescriptions",
        Resource::AppointmentTypes => "Appointment types",
        Resource::Clinicians => "Clinicians",
        Resource::Locations => "Locations",
        Resource::Availability => "Availability",
        Resource::Holds => "Holds",
    }
}

pub(super) fn right_word(right: Right) -> &'static str {
    match right {
        Right::Read => "read",
        Right::Write => "write",
    }
}

/// Permissions as people read them, group by group.
pub(super) fn spoken(permissions: &BTreeSet<Permission>) -> Vec<(&'static str, String)> {
    let mut groups = Vec::new();
    for (title, resources) in GROUPS {
        let mut words = Vec::new();
        for resource in resources {
            let of_it = permissions.iter().filter(|one| one.resource() == *resource);
            let rights: Vec<_> = of_it.map(|one| right_word(one.right())).collect();
            if !rights.is_empty() {
                let word = resource_word(*resource).to_lowercase();
                words.push(format!("{word} ({})", rights.join(", ")));
            }
        }
        if !words.is_empty() {
            groups.push((title, words.join(", ")));
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_permission_stands_in_one_group() {
        let all: BTreeSet<_> = Permission::all().collect();
        let told = spoken(&all);
        assert_eq!(told.len(), GROUPS.len());
        let mut of_groups: Vec<Resource> = GROUPS
            .iter()
            .flat_map(|(_, resources)| resources.iter().copied())
            .collect();
        of_groups.sort_unstable();
        assert_eq!(of_groups, Resource::ALL);
        assert!(told[0].1.starts_with("patients (read, write), "));
        assert_eq!(told[2].1, "holds (write)");
    }

    #[test]
    fn who_has_some_permissions_makes_keys_with_some() {
        let some = BTreeSet::from(["patients:read".parse().unwrap()]);
        assert!(is_held_to(&some));
        assert!(!is_held_to(&BTreeSet::new()));
        assert!(!is_held_to(&Permission::all().collect()));
    }
}
