//! Introspection on the wire (RFC 7662).

use std::collections::BTreeSet;

use carehook_app::{AppError, CredentialKind, Faults, Introspection};
use carehook_core::{Mode, Scope, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A credential to look at. Other parameters are ignored, as RFC 6749 demands of such forms.
#[derive(Deserialize, ToSchema)]
#[schema(as = Introspect)]
pub(crate) struct IntrospectionIn {
    /// The text of a key, or a token.
    #[schema(value_type = String)]
    token: Option<String>,
    /// Has no effect: its text shows what a credential is.
    token_type_hint: Option<String>,
}

impl IntrospectionIn {
    /// The credential.
    pub(crate) fn token(self) -> Result<String, AppError> {
        let Self {
            token,
            token_type_hint,
        } = self;
        drop(token_type_hint);
        let mut faults = Faults::default();
        let token = faults.require("/token", token);
        faults.finish(token)
    }
}

/// What a credential is worth: all fields, or `active` alone, and then it is worth nothing.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = Introspection, example = json!({
    "active": true,
    "kind": "api_key",
    "organization": "north",
    "mode": "live",
    "permissions": ["patients:read"],
    "scopes": ["read", "manage"],
    "rate_limit_remaining": 986,
    "rate_limit_reset": 1520,
    "scope": "read manage",
    "sub": "01991f1e-8e00-7000-8000-000000000004",
    "token_type": "Bearer",
    "iat": 1_767_323_045,
    "exp": 1_798_859_045,
}))]
pub(crate) enum IntrospectionOut {
    /// It is valid.
    Active(Box<ActiveOut>),
    /// It is not.
    Inactive(InactiveOut),
}

/// A credential that is unknown, has expired, or was revoked.
#[derive(Serialize, ToSchema)]
#[schema(as = InactiveCredential)]
pub(crate) struct InactiveOut {
    /// Always false.
    active: bool,
}

/// A valid credential.
#[derive(Serialize, ToSchema)]
#[schema(as = ActiveCredential)]
pub(crate) struct ActiveOut {
    /// Always true.
    active: bool,
    /// What it is: `api_key` of an organization, `token`, `operator_key`, or `operator`, the key of
    /// the configuration.
    #[schema(value_type = String)]
    kind: &'static str,
    /// Whose it is; null for the operator's and for tokens of all organizations.
    #[schema(required = true)]
    organization: Option<String>,
    /// `live` or `test`; null for credentials of both modes.
    #[schema(value_type = Option<String>, required = true)]
    mode: Option<&'static str>,
    /// Which records of your API it may read or write; only keys have any.
    permissions: Vec<String>,
    /// What it may do in Carehook.
    scopes: Vec<&'static str>,
    /// Requests of this hour that it may still make, this one among them: at 0 refuse this one.
    /// Null when it is not limited.
    #[schema(required = true)]
    rate_limit_remaining: Option<u32>,
    /// Seconds until the next hour, which has all of them again: for the `Retry-After` of a 429.
    /// Null when it is not limited.
    #[schema(required = true)]
    rate_limit_reset: Option<u64>,
    /// `scopes` as OAuth writes them, with spaces in between.
    scope: String,
    /// Who it is: the key's id, after `operator_key/` if it is the operator's, the token's subject,
    /// or `operator`.
    sub: String,
    /// How it is sent: `Bearer`.
    token_type: &'static str,
    /// When the key was made, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
    /// From when on it is refused, in seconds since 1970, if it ends by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
}

impl From<Option<Introspection>> for IntrospectionOut {
    fn from(found: Option<Introspection>) -> Self {
        match found {
            Some(found) => Self::Active(Box::new(found.into())),
            None => Self::Inactive(InactiveOut { active: false }),
        }
    }
}

impl From<Introspection> for ActiveOut {
    fn from(found: Introspection) -> Self {
        let Introspection {
            kind,
            organization,
            mode,
            permissions,
            scopes,
            subject,
            issued_at,
            expires_at,
            allowance,
        } = found;
        let scopes = names(&scopes);
        Self {
            active: true,
            kind: word(kind),
            organization: organization.map(|id| id.to_string()),
            mode: mode.map(Mode::as_str),
            permissions: permissions.iter().map(ToString::to_string).collect(),
            rate_limit_remaining: allowance.map(|left| left.remaining),
            rate_limit_reset: allowance.map(|left| left.reset_seconds),
            scope: scopes.join(" "),
            scopes,
            sub: subject.to_string(),
            token_type: "Bearer",
            iat: issued_at.map(Timestamp::seconds),
            exp: expires_at.map(Timestamp::seconds),
        }
    }
}

fn word(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::Operator => "operator",
        CredentialKind::OperatorKey => "operator_key",
        CredentialKind::ApiKey => "api_key",
        CredentialKind::Token => "token",
    }
}

fn names(scopes: &BTreeSet<Scope>) -> Vec<&'static str> {
    scopes.iter().map(|scope| scope.as_str()).collect()
}
