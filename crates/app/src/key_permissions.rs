//! Permissions of keys: nobody subscribes to records that their key may not read.
//!
//! Permissions come from Jump's keys, so an endpoint of that dialect always needs them. A key that
//! has some is held to them in every dialect: another door must not lead around them. A key that
//! has none at all is one that was not made for records, and only its scopes count there.

use std::collections::BTreeSet;

use carehook_core::{Catalogue, Dialect, EventType, Pattern, Permission, Resource, Subscription};

use crate::{AppError, OrganizationAccess};

/// What events are about, by the first part of their codes. What is not here is about no records
/// that a permission exists for.
const RESOURCES: [(&str, Resource); 13] = [
    ("patient", Resource::Patients),
    ("medical-patients", Resource::Patients),
    ("appointment", Resource::Appointments),
    ("appointments", Resource::Appointments),
    ("questionnaire_response", Resource::Consultations),
    ("form", Resource::Consultations),
    ("medical-encounters", Resource::Consultations),
    ("vitals", Resource::Consultations),
    ("document", Resource::Documents),
    ("medical-records", Resource::Documents),
    ("clinician_profile", Resource::Clinicians),
    ("location", Resource::Locations),
    ("appointment_template", Resource::AppointmentTypes),
];

impl OrganizationAccess {
    /// Whether there are records that the caller's permissions keep from it.
    pub(crate) fn is_held_to_permissions(&self) -> bool {
        let own = self.permissions();
        !own.is_empty() && own.len() < Permission::all().count()
    }

    /// Refuses subscriptions to records that the caller may not read.
    pub(crate) fn require_readable(
        &self,
        subscriptions: &[Subscription],
        dialect: Dialect,
        catalogue: &Catalogue,
    ) -> Result<(), AppError> {
        if dialect != Dialect::Jump && self.permissions().is_empty() {
            return Ok(());
        }
        let patterns = subscriptions.iter().map(|entry| &entry.pattern);
        let wanted: BTreeSet<Resource> = patterns
            .flat_map(|pattern| resources(pattern, catalogue))
            .collect();
        let missing: Vec<String> = wanted
            .into_iter()
            .filter(|resource| !self.may_read(*resource))
            .map(|resource| format!("`{}:read`", resource.as_str()))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        let missing = missing.join(", ");
        Err(AppError::Forbidden {
            reason: format!("events: to subscribe to these, the key lacks {missing}"),
        })
    }
}

impl OrganizationAccess {
    /// Refuses an event of records that the caller may not read.
    pub(crate) fn require_readable_event(
        &self,
        event_type: &EventType,
        dialect: Dialect,
    ) -> Result<(), AppError> {
        if dialect != Dialect::Jump && self.permissions().is_empty() {
            return Ok(());
        }
        match resource_of(event_type) {
            Some(resource) => self.require_read(resource),
            None => Ok(()),
        }
    }
}

/// Everything that a pattern may show something of.
fn resources(pattern: &Pattern, catalogue: &Catalogue) -> BTreeSet<Resource> {
    let known = catalogue.matching(pattern).map(|known| &known.code);
    let mut found: BTreeSet<Resource> = known.filter_map(resource_of).collect();
    match pattern {
        Pattern::All => {}
        // What is added below it later is about the same.
        Pattern::Below(place) => found.extend(resource_named(place)),
        Pattern::Exactly(code) => found.extend(resource_of(code)),
    }
    found
}

fn resource_of(code: &EventType) -> Option<Resource> {
    resource_named(code.as_str())
}

fn resource_named(code: &str) -> Option<Resource> {
    let kind = code.split('.').next()?;
    let entry = RESOURCES.iter().find(|(known, _)| *known == kind);
    entry.map(|(_, resource)| *resource)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_type_of_jump_but_the_test_is_about_records() {
        let without: Vec<&str> = Catalogue::built_in()
            .event_types()
            .filter(|known| !known.wire_names.jump.is_empty())
            .filter(|known| resource_of(&known.code).is_none())
            .map(|known| known.code.as_str())
            .collect();
        assert_eq!(without, ["test.ping"]);
    }

    #[test]
    fn a_pattern_shows_what_it_matches_now_and_later() {
        let shown = |pattern: &str| {
            let pattern: Pattern = pattern.parse().unwrap();
            let found = resources(&pattern, Catalogue::built_in()).into_iter();
            found.map(Resource::as_str).collect::<Vec<_>>().join(" ")
        };
        for (pattern, expected) in [
            ("patient.created", "patients"),
            ("appointment.*", "appointments"),
            ("appointment_template.updated", "appointment_types"),
            ("questionnaire_response.*", "consultations"),
            ("document.created", "documents"),
            ("clinician_profile.*", "clinicians"),
            ("location.*", "locations"),
            ("medical-patients.*", "patients"),
            ("vitals.x.y", "consultations"),
            ("payment.created", ""),
            (
                "*",
                "patients consultations appointments documents appointment_types clinicians \
                 locations",
            ),
        ] {
            assert_eq!(shown(pattern), expected, "{pattern}");
        }
    }
}
