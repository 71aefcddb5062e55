//! Permissions of keys: nobody subscribes to records that their key may not read.
//!
//! Permissions come from Jump's keys, so an endpoint of that dialect always needs them. A key that
//! has some is held to them in every dialect: another door must not lead around them. A key that
//! has none at all is one that was not made for records, and only its scopes count there.

use std::collections::BTreeSet;

use carehook_core::{Catalogue, Dialect, Endpoint, EventType, Pattern, Resource, Subscription};

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
    /// Whether permissions count for what has this dialect.
    fn is_held(&self, dialect: Dialect) -> bool {
        dialect == Dialect::Jump || self.held_to().is_some()
    }

    /// Refuses subscriptions to records that the caller may not read.
    pub(crate) fn require_readable(
        &self,
        subscriptions: &[Subscription],
        dialect: Dialect,
        catalogue: &Catalogue,
    ) -> Result<(), AppError> {
        let missing = self.unreadable(subscriptions, dialect, catalogue);
        if missing.is_empty() {
            return Ok(());
        }
        let missing: Vec<String> = missing
            .into_iter()
            .map(|resource| format!("`{}:read`", resource.as_str()))
            .collect();
        let missing = missing.join(", ");
        Err(self.refusal(format!(
            "events: to subscribe to these, the key lacks {missing}"
        )))
    }

    /// The records that subscriptions show and that the caller may not read.
    fn unreadable(
        &self,
        subscriptions: &[Subscription],
        dialect: Dialect,
        catalogue: &Catalogue,
    ) -> BTreeSet<Resource> {
        if !self.is_held(dialect) {
            return BTreeSet::new();
        }
        let patterns = subscriptions.iter().map(|entry| &entry.pattern);
        let shown = patterns.flat_map(|pattern| resources(pattern, catalogue));
        shown.filter(|resource| !self.may_read(*resource)).collect()
    }

    /// Refuses an endpoint that gets records which the caller may not read: who changes where they
    /// go, or knows what signs them, has them.
    pub(crate) fn require_readable_endpoint(
        &self,
        endpoint: &Endpoint,
        catalogue: &Catalogue,
    ) -> Result<(), AppError> {
        self.require_readable(&endpoint.subscriptions, endpoint.dialect, catalogue)
    }

    /// Whether all that an endpoint gets are records that the caller may read.
    pub(crate) fn reads_all_of(&self, endpoint: &Endpoint, catalogue: &Catalogue) -> bool {
        let subscriptions = &endpoint.subscriptions;
        let missing = self.unreadable(subscriptions, endpoint.dialect, catalogue);
        missing.is_empty()
    }

    /// Whether the caller may see what an event of this type holds, and what receivers answered to
    /// it, through the API that they came by.
    pub(crate) fn sees_payload_of(&self, event_type: &EventType) -> bool {
        let about = resource_of(event_type).filter(|_| self.is_held(self.face()));
        self.sees_payloads() && about.is_none_or(|resource| self.may_read(resource))
    }

    /// Refuses an event of records that the caller may not read.
    pub(crate) fn require_readable_event(
        &self,
        event_type: &EventType,
        dialect: Dialect,
    ) -> Result<(), AppError> {
        if !self.is_held(dialect) {
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
