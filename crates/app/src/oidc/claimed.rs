//! What a provider says of a person.

use carehook_core::{MailAddress, PersonName};
use serde_json::{Map, Value};

/// Core 1.0, 2: at most 255 ASCII characters.
const MAX_SUBJECT: usize = 255;
/// What is taken of a name that people chose for themselves.
const MAX_NAME: usize = 80;

/// A person, as far as it matters here.
#[derive(Clone, Default)]
pub(super) struct Claimed {
    /// The person's number at the provider, which never changes.
    pub(super) subject: String,
    /// An address that the provider has found to be the person's.
    pub(super) email: Option<MailAddress>,
    /// A name that the person may have chosen.
    pub(super) name: Option<String>,
    pub(super) groups: Vec<String>,
}

impl Claimed {
    /// Reads the claims about a person.
    pub(super) fn read(claims: &Map<String, Value>) -> Result<Self, &'static str> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let subject = text("sub").ok_or("it has no `sub`")?;
        if subject.is_empty() || subject.len() > MAX_SUBJECT || !subject.is_ascii() {
            return Err("its `sub` is not 1 to 255 ASCII characters");
        }
        // Whatever is not plainly true leaves an address that anybody may have typed.
        let verified = claims.get("email_verified") == Some(&Value::Bool(true));
        let email = text("email").filter(|_| verified);
        let groups = match claims.get("groups") {
            Some(Value::String(group)) => vec![group.clone()],
            Some(Value::Array(groups)) => groups
                .iter()
                .filter_map(|group| group.as_str().map(str::to_owned))
                .collect(),
            _ => Vec::new(),
        };
        Ok(Self {
            subject: subject.to_owned(),
            email: email.and_then(|email| email.parse().ok()),
            name: text("name").map(str::to_owned),
            groups,
        })
    }

    /// Fills in what is not known yet from another answer about the same person.
    pub(super) fn or(self, other: Self) -> Self {
        let groups = if self.groups.is_empty() {
            other.groups
        } else {
            self.groups
        };
        Self {
            subject: self.subject,
            email: self.email.or(other.email),
            name: self.name.or(other.name),
            groups,
        }
    }

    /// What the person is called here: the address, or else the number with the name before it, so
    /// that nobody can take the name of another.
    pub(super) fn called(&self) -> Option<PersonName> {
        if let Some(email) = &self.email {
            return email.as_str().parse().ok();
        }
        let name = self.name.as_ref().map(|name| {
            let short: String = name.chars().take(MAX_NAME).collect();
            format!("{short} ({})", self.subject)
        });
        let named = name.and_then(|name| name.parse().ok());
        named.or_else(|| self.subject.parse().ok())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(claims: &Value) -> Result<Claimed, &'static str> {
        Claimed::read(claims.as_object().unwrap())
    }

    fn called(claims: &Value) -> Option<String> {
        read(claims).unwrap().called().map(|name| name.to_string())
    }

    #[test]
    fn an_address_counts_only_when_it_is_verified() {
        for verified in [
            json!(false),
            json!("true"),
            json!(1),
            json!(null),
            json!([true]),
        ] {
            let claims =
                json!({"sub": "7", "email": "anna@clinic.example", "email_verified": verified});
            assert!(read(&claims).unwrap().email.is_none(), "{verified}");
            assert_eq!(called(&claims).unwrap(), "7");
        }
        let claims = json!({"sub": "7", "email": "anna@clinic.example", "email_verified": true});
        assert_eq!(called(&claims).unwrap(), "anna@clinic.example");
    }

    #[test]
    fn nobody_takes_the_name_of_another() {
        let chosen = json!({"sub": "7", "name": "anna@clinic.example"});
        assert_eq!(called(&chosen).unwrap(), "anna@clinic.example (7)");
        let turned = json!({"sub": "7", "name": "anna\u{202e}"});
        assert_eq!(called(&turned).unwrap(), "7");
        let long = json!({"sub": "7", "name": "é".repeat(10_000)});
        assert_eq!(called(&long).unwrap(), format!("{} (7)", "é".repeat(80)));
        let broken = json!({"sub": "a\nb"});
        assert_eq!(called(&broken), None);
    }

    #[test]
    fn a_number_is_needed_and_groups_are_texts() {
        for sub in [json!(7), json!(""), json!("ü"), json!("7".repeat(256))] {
            assert!(read(&json!({"sub": sub})).is_err(), "{sub}");
        }
        let groups = |groups: Value| read(&json!({"sub": "7", "groups": groups})).unwrap().groups;
        assert_eq!(groups(json!(["a", 7, "b"])), ["a", "b"]);
        assert_eq!(groups(json!("a")), ["a"]);
        assert_eq!(groups(json!({"a": 1})), Vec::<String>::new());
    }
}
