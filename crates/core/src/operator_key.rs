//! Operator keys: credentials of those who run the installation, beside the configured one.

use std::collections::BTreeSet;

use crate::api_key::{is_written, shown, written};
use crate::{LastUse, OperatorKeyId, Scope, Secret, Timestamp};

/// A key that reaches all organizations; its text is known to its owner alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorKey {
    /// Its id.
    pub id: OperatorKeyId,
    /// What people call it.
    pub name: String,
    /// What it may do, in every organization.
    pub scopes: BTreeSet<Scope>,
    /// The first characters of its text, by which people recognise it.
    pub prefix: Box<str>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is refused, if it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// Since when it is refused because somebody revoked it.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used.
    pub last_use: LastUse,
}

impl OperatorKey {
    /// Whether it is neither revoked nor past its end.
    pub fn is_valid_at(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }

    /// Whether it has a scope. With `admin` it has all, also that of the catalogue: what belongs to
    /// all organizations belongs to the operator.
    pub fn has(&self, scope: Scope) -> bool {
        self.is_unlimited() || self.scopes.contains(&scope)
    }

    /// Whether it may do all that the operator may.
    pub fn is_unlimited(&self) -> bool {
        self.scopes.contains(&Scope::Admin)
    }
}

const PREFIX: &str = "op_";

/// The text of an operator key, which is shown once: `op_`, and then as in
/// [`crate::ApiKeyText`].
#[derive(Clone)]
pub struct OperatorKeyText(Secret);

impl OperatorKeyText {
    /// Makes the text of a new key.
    pub fn new(random: &[u8; 32]) -> Self {
        Self(written(PREFIX, random))
    }

    /// Whether a text has the form and the checksum of an operator key.
    pub fn is_well_formed(text: &str) -> bool {
        is_written(PREFIX, text)
    }

    /// The first characters, by which people recognise the key.
    pub fn prefix(&self) -> &str {
        shown(PREFIX, &self.0)
    }

    /// The text, for those who must show or store it.
    pub fn secret(&self) -> &Secret {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ApiKeyText, Mode, RecordId};

    fn key(scopes: &[Scope]) -> OperatorKey {
        OperatorKey {
            id: OperatorKeyId(RecordId::new(1, 2, 3)),
            name: "Deployment".to_owned(),
            scopes: scopes.iter().copied().collect(),
            prefix: "op_abcd".into(),
            created_at: Timestamp(1_000),
            expires_at: Some(Timestamp(2_000)),
            revoked_at: None,
            last_use: LastUse::default(),
        }
    }

    #[test]
    fn a_key_is_refused_from_its_end_on_and_once_it_is_revoked() {
        let revoked = OperatorKey {
            revoked_at: Some(Timestamp(1_500)),
            ..key(&[])
        };
        assert!(key(&[]).is_valid_at(Timestamp(1_999)));
        assert!(!key(&[]).is_valid_at(Timestamp(2_000)));
        assert!(!revoked.is_valid_at(Timestamp(1_500)));
    }

    #[test]
    fn admin_is_everything_and_other_scopes_are_themselves() {
        for wanted in Scope::ALL {
            assert!(key(&[Scope::Admin]).has(wanted), "{wanted}");
            assert_eq!(key(&[Scope::Keys]).has(wanted), wanted == Scope::Keys);
        }
    }

    #[test]
    fn a_text_is_told_from_those_of_other_keys_and_its_typos() {
        let made = OperatorKeyText::new(&[7; 32]);
        let text = made.secret().expose();
        assert_eq!((made.prefix(), text.len()), ("op_BwcH", 51));
        assert!(OperatorKeyText::is_well_formed(text));
        assert!(!ApiKeyText::is_well_formed(text));
        let api_key = ApiKeyText::new(Mode::Live, &[7; 32]);
        let api_key = api_key.secret().expose();
        assert!(!OperatorKeyText::is_well_formed(api_key));
        let relabelled = api_key.replace("pk_live_", "op_");
        let typo = text.replace("op_B", "op_C");
        for other in ["", "op_", &text[..50], &relabelled, &typo] {
            assert!(!OperatorKeyText::is_well_formed(other), "{other}");
        }
    }
}
