//! Permissions: which records of the vendor's API a key may read or write.
//!
//! Carehook keeps no such records; it asks for permissions where a subscription would let somebody
//! see records that their key may not read.

use std::fmt;
use std::str::FromStr;

/// What is wrong with a permission that came from outside.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is not a permission; there are {}", all_names())]
pub struct PermissionError;

/// A kind of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    /// Patients.
    Patients,
    /// Consultations, with the questionnaires that were answered for them.
    Consultations,
    /// Problems.
    Problems,
    /// Appointments.
    Appointments,
    /// Documents.
    Documents,
    /// Prescriptions.
    Prescriptions,
    /// Types of appointments.
    AppointmentTypes,
    /// Clinicians.
    Clinicians,
    /// Locations.
    Locations,
    /// Free times.
    Availability,
    /// Times that are held for somebody.
    Holds,
}

impl Resource {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Patients,
        Self::Consultations,
        Self::Problems,
        Self::Appointments,
        Self::Documents,
        Self::Prescriptions,
        Self::AppointmentTypes,
        Self::Clinicians,
        Self::Locations,
        Self::Availability,
        Self::Holds,
    ];

    /// The word used in permissions.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Patients => "patients",
            Self::Consultations => "consultations",
            Self::Problems => "problems",
            Self::Appointments => "appointments",
            Self::Documents => "documents",
            Self::Prescriptions => "prescriptions",
            Self::AppointmentTypes => "appointment_types",
            Self::Clinicians => "clinicians",
            Self::Locations => "locations",
            Self::Availability => "availability",
            Self::Holds => "holds",
        }
    }

    /// Whether there is this right to it.
    fn offers(self, right: Right) -> bool {
        match self {
            Self::Patients
            | Self::Consultations
            | Self::Problems
            | Self::Appointments
            | Self::Documents
            | Self::Prescriptions => true,
            Self::AppointmentTypes | Self::Clinicians | Self::Locations | Self::Availability => {
                right == Right::Read
            }
            Self::Holds => right == Right::Write,
        }
    }
}

/// What can be done with records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Right {
    /// See them.
    Read,
    /// Make and change them, which includes seeing them.
    Write,
}

impl Right {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Read, Self::Write];

    /// The word used in permissions.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

/// A right to a kind of records, spelled `patients:read`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Permission {
    resource: Resource,
    right: Right,
}

impl Permission {
    /// A permission, if there is such a one: some records can only be read, holds only be made.
    pub fn new(resource: Resource, right: Right) -> Option<Self> {
        let permission = Self { resource, right };
        resource.offers(right).then_some(permission)
    }

    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        let rights_to = |resource| Right::ALL.into_iter().map(move |right| (resource, right));
        let pairs = Resource::ALL.into_iter().flat_map(rights_to);
        pairs.filter_map(|(resource, right)| Self::new(resource, right))
    }

    /// The records.
    pub fn resource(self) -> Resource {
        self.resource
    }

    /// What may be done with them.
    pub fn right(self) -> Right {
        self.right
    }

    /// Whether who has this permission may do what needs `wanted`.
    pub fn includes(self, wanted: Self) -> bool {
        self.resource == wanted.resource && self.right >= wanted.right
    }
}

fn all_names() -> String {
    let names: Vec<String> = Permission::all().map(|one| one.to_string()).collect();
    names.join(", ")
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.resource.as_str(), self.right.as_str())
    }
}

impl fmt::Debug for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Permission {
    type Err = PermissionError;

    fn from_str(text: &str) -> Result<Self, PermissionError> {
        let (resource, right) = text.split_once(':').ok_or(PermissionError)?;
        let mut resources = Resource::ALL.into_iter();
        let resource = resources.find(|known| known.as_str() == resource);
        let right = Right::ALL.into_iter().find(|known| known.as_str() == right);
        let found = resource.zip(right);
        found
            .and_then(|(resource, right)| Self::new(resource, right))
            .ok_or(PermissionError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Permission {
        text.parse().unwrap()
    }

    #[test]
    fn there_are_the_permissions_of_the_source_and_no_others() {
        let names: Vec<String> = Permission::all().map(|one| one.to_string()).collect();
        assert_eq!(names.len(), 6 * 2 + 4 + 1);
        for name in &names {
            assert_eq!(parsed(name).to_string(), *name);
        }
        for unknown in [
            "patients",
            "patients:",
            "patients:delete",
            "clinicians:write",
            "availability:write",
            "holds:read",
            "invoices:read",
            "Patients:read",
            "patients:read ",
        ] {
            assert_eq!(
                unknown.parse::<Permission>(),
                Err(PermissionError),
                "{unknown}"
            );
        }
    }

    #[test]
    fn to_write_includes_to_read_the_same_and_nothing_else() {
        let write = parsed("patients:write");
        assert!(write.includes(parsed("patients:read")));
        assert!(write.includes(write));
        assert!(!parsed("patients:read").includes(write));
        assert!(!write.includes(parsed("documents:read")));
    }
}
