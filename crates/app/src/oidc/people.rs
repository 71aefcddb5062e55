//! Who may enter: addresses, whole domains, and groups of the identity provider.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use carehook_core::MailAddress;

use super::claimed::Claimed;

/// Begins the name of a group.
const GROUP: &str = "group:";

/// What is wrong with a list of people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PeopleError {
    /// It names nobody.
    #[error("must name somebody, such as anna@clinic.example, @clinic.example or group:admins")]
    Nobody,
    /// One of its entries names nothing.
    #[error(
        "`{0}` is neither an address such as anna@clinic.example, nor a domain such as \
         @clinic.example, nor a group such as group:admins"
    )]
    Entry(String),
}

/// Who may enter. Addresses are compared without regard to the case of ASCII letters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct People {
    addresses: BTreeSet<String>,
    domains: BTreeSet<String>,
    groups: BTreeSet<String>,
}

/// Entries are separated by commas.
impl FromStr for People {
    type Err = PeopleError;

    fn from_str(text: &str) -> Result<Self, PeopleError> {
        let mut people = Self::default();
        let entries = text.split(',').map(str::trim);
        for entry in entries.filter(|entry| !entry.is_empty()) {
            people.add(entry)?;
        }
        if people == Self::default() {
            return Err(PeopleError::Nobody);
        }
        Ok(people)
    }
}

impl People {
    fn add(&mut self, entry: &str) -> Result<(), PeopleError> {
        let wrong = || PeopleError::Entry(entry.to_owned());
        if let Some(group) = entry.strip_prefix(GROUP) {
            if group.is_empty() {
                return Err(wrong());
            }
            self.groups.insert(group.to_owned());
        } else if let Some(domain) = entry.strip_prefix('@') {
            // What is a domain is what makes an address of a name before it.
            let address = format!("a{entry}").parse::<MailAddress>();
            address.map_err(|_| wrong())?;
            self.domains.insert(domain.to_ascii_lowercase());
        } else {
            entry.parse::<MailAddress>().map_err(|_| wrong())?;
            self.addresses.insert(entry.to_ascii_lowercase());
        }
        Ok(())
    }

    /// Whether somebody may enter, by an address that is the person's, or by a group.
    pub(super) fn has(&self, person: &Claimed) -> bool {
        let by_address = person.email.as_ref().is_some_and(|email| {
            let email = email.as_str().to_ascii_lowercase();
            let domain = email.rsplit_once('@').map_or("", |(_, domain)| domain);
            self.addresses.contains(&email) || self.domains.contains(domain)
        });
        by_address
            || person
                .groups
                .iter()
                .any(|group| self.groups.contains(group))
    }

    /// Whether it matters in which groups somebody is.
    pub(super) fn asks_for_groups(&self) -> bool {
        !self.groups.is_empty()
    }
}

/// The list as it can be set.
impl fmt::Display for People {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let addresses = self.addresses.iter().cloned();
        let domains = self.domains.iter().map(|domain| format!("@{domain}"));
        let groups = self.groups.iter().map(|group| format!("{GROUP}{group}"));
        let all: Vec<String> = addresses.chain(domains).chain(groups).collect();
        f.write_str(&all.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_address(email: &str) -> Claimed {
        Claimed {
            subject: "7".to_owned(),
            email: email.parse().ok(),
            name: None,
            groups: Vec::new(),
        }
    }

    #[test]
    fn addresses_domains_and_groups_are_listed() {
        let people: People = "Anna@clinic.example, @Staff.example,group:care hook"
            .parse()
            .unwrap();
        assert_eq!(
            people.to_string(),
            "anna@clinic.example,@staff.example,group:care hook"
        );
        for email in [
            "anna@clinic.example",
            "ANNA@CLINIC.example",
            "anybody@staff.example",
        ] {
            assert!(people.has(&of_address(email)), "{email}");
        }
        for email in [
            "berta@clinic.example",
            "anna@clinic.example.evil.example",
            "x@evilstaff.example",
            "x@sub.staff.example",
            "x@staff.example@evil.example",
            "staff.example",
            "",
        ] {
            assert!(!people.has(&of_address(email)), "{email}");
        }
        let of_group = |group: &str| Claimed {
            groups: vec!["other".to_owned(), group.to_owned()],
            ..of_address("")
        };
        assert!(people.has(&of_group("care hook")));
        assert!(!people.has(&of_group("Care hook")));
        assert!(!people.has(&of_group("group:care hook")));
        assert!(!people.has(&of_group("anna@clinic.example")));
    }

    #[test]
    fn a_list_without_people_or_with_nonsense_is_refused() {
        for text in ["", " , "] {
            assert_eq!(text.parse::<People>(), Err(PeopleError::Nobody));
        }
        for text in ["anna", "@", "group:", "*", "@a b", "a@b@c"] {
            let refused = format!("x@y.example,{text}").parse::<People>();
            assert_eq!(refused, Err(PeopleError::Entry(text.to_owned())));
        }
    }
}
