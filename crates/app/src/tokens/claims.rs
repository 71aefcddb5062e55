//! What a token says, once its signature is known to be right.

use carehook_core::{OrganizationId, Timestamp};
use serde_json::{Map, Value};

use super::Flaw;

/// How far the issuer's clock may be ahead of ours. An expired token gets no such grace.
const NOT_BEFORE_LEEWAY_MILLIS: i64 = 5_000;
const MAX_SUBJECT_CHARS: usize = 255;
/// Stands for every organization.
const ALL_ORGANIZATIONS: &str = "*";

/// What a token allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claims {
    /// Who the token was made for: 1 to 255 characters, none of them a control character.
    pub(crate) subject: String,
    /// Where it may be used.
    pub(crate) organization: TokenOrganization,
    /// What for, as the issuer spelled it; the unknown ones are in it as well.
    pub(crate) scopes: Vec<String>,
    /// From this time on it is worth nothing.
    pub(crate) expires_at: Timestamp,
}

/// Where a token may be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenOrganization {
    /// In every organization (`*`).
    All,
    /// In this one.
    One(OrganizationId),
}

impl Claims {
    /// Reads the claims that count and checks their times.
    pub(super) fn read(claims: &Map<String, Value>, now: Timestamp) -> Result<Self, Flaw> {
        let expires_at = time(claims, "exp")?.ok_or("it has no `exp`")?;
        if now >= expires_at {
            return Err("it has expired");
        }
        let not_before = time(claims, "nbf")?.unwrap_or(now);
        if not_before.0.saturating_sub(NOT_BEFORE_LEEWAY_MILLIS) > now.0 {
            return Err("it is not valid yet");
        }
        let subject = text(claims, "sub").ok_or("it has no `sub`")?;
        if !is_subject(subject) {
            return Err("its `sub` is not 1 to 255 characters");
        }
        let organization = text(claims, "org")
            .ok_or("it has no `org`")?
            .parse()
            .map_err(|_| "its `org` is no id of an organization")?;
        let scopes = match claims.get("scope") {
            None => "",
            Some(scopes) => scopes.as_str().ok_or("its `scope` is not a text")?,
        };
        Ok(Self {
            subject: subject.to_owned(),
            organization,
            scopes: scopes.split_ascii_whitespace().map(str::to_owned).collect(),
            expires_at,
        })
    }
}

impl std::str::FromStr for TokenOrganization {
    type Err = carehook_core::IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == ALL_ORGANIZATIONS {
            return Ok(Self::All);
        }
        text.parse().map(Self::One)
    }
}

impl std::fmt::Display for TokenOrganization {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::All => f.write_str(ALL_ORGANIZATIONS),
            Self::One(organization) => organization.fmt(f),
        }
    }
}

pub(super) fn is_subject(text: &str) -> bool {
    let length = text.chars().count();
    (1..=MAX_SUBJECT_CHARS).contains(&length) && !text.chars().any(char::is_control)
}

fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    claims.get(name)?.as_str()
}

/// A `NumericDate` (RFC 7519, 2): seconds, perhaps with a fraction.
fn time(claims: &Map<String, Value>, name: &str) -> Result<Option<Timestamp>, Flaw> {
    let Some(value) = claims.get(name) else {
        return Ok(None);
    };
    let seconds = value.as_f64().ok_or("one of its times is not a number")?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "beyond the range it saturates, which is the end of time"
    )]
    Ok(Some(Timestamp((seconds * 1000.0) as i64)))
}
