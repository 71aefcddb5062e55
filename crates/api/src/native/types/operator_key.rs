//! Operator keys on the wire.

use carehook_app::{AppError, Faults, MadeOperatorKey, NewOperatorKey};
use carehook_core::{OperatorKey, OperatorKeyId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::api_key::read_all;

/// An operator key to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewOperatorKey, example = json!({
    "name": "Deployment",
    "scopes": ["publish"],
}))]
pub(crate) struct OperatorKeyIn {
    /// What people call it.
    #[schema(value_type = String, max_length = 200)]
    name: Option<String>,
    /// What it may do, in every organization: `publish`, `read`, `read:payload`, `manage`, `keys`,
    /// `audit`, `admin`, `catalogue:write`; all that its maker may unless given. With `admin` it
    /// may do all that the operator may.
    scopes: Option<Vec<String>>,
    /// From when on it is refused; unless given when its maker is, if ever.
    #[schema(format = DateTime)]
    expires_at: Option<String>,
}

impl TryFrom<OperatorKeyIn> for NewOperatorKey {
    type Error = AppError;

    fn try_from(body: OperatorKeyIn) -> Result<Self, AppError> {
        let OperatorKeyIn {
            name,
            scopes,
            expires_at,
        } = body;
        let mut faults = Faults::default();
        let name = faults.require("/name", name);
        let scopes = scopes.map(|scopes| read_all("/scopes", &scopes, &mut faults));
        let expires_at = expires_at.as_deref().map(str::parse);
        let expires_at = faults.take_optional("/expires_at", expires_at);
        let name = faults.finish(name)?;
        Ok(Self {
            name,
            scopes,
            expires_at,
        })
    }
}

/// An operator key, without its text.
#[derive(Serialize, ToSchema)]
#[schema(as = OperatorKey, example = json!({
    "id": "01991f1e-8e00-7000-8000-000000000005",
    "name": "Deployment",
    "prefix": "op_9sQv",
    "scopes": ["publish"],
    "created_at": "2026-03-16T10:20:00.000Z",
    "expires_at": null,
    "revoked_at": null,
    "last_used_at": "2026-03-16T10:21:05.000Z",
}))]
pub(crate) struct OperatorKeyOut {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    id: OperatorKeyId,
    /// What people call it.
    name: String,
    /// The first characters of its text.
    prefix: String,
    /// What it may do, in every organization.
    scopes: Vec<&'static str>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// From when on it is refused.
    #[schema(value_type = Option<String>, required = true, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// When it was revoked.
    #[schema(value_type = Option<String>, required = true, format = DateTime)]
    revoked_at: Option<Timestamp>,
    /// When it was last used, to the second.
    #[schema(value_type = Option<String>, required = true, format = DateTime)]
    last_used_at: Option<Timestamp>,
}

impl From<&OperatorKey> for OperatorKeyOut {
    fn from(key: &OperatorKey) -> Self {
        let OperatorKey {
            id,
            name,
            scopes,
            prefix,
            created_at,
            expires_at,
            revoked_at,
            last_use,
        } = key;
        Self {
            id: *id,
            name: name.clone(),
            prefix: prefix.as_ref().into(),
            scopes: scopes.iter().map(|scope| scope.as_str()).collect(),
            created_at: *created_at,
            expires_at: *expires_at,
            revoked_at: *revoked_at,
            last_used_at: last_use.at(),
        }
    }
}

/// An operator key that was just made, with its text.
#[derive(Serialize, ToSchema)]
#[schema(as = OperatorKeyWithText)]
pub(crate) struct MadeOperatorKeyOut {
    #[serde(flatten)]
    operator_key: OperatorKeyOut,
    /// What to sign in with. It cannot be seen again: also not by a repetition of this request
    /// with its `Idempotency-Key`, which gets null.
    #[schema(value_type = Option<String>, required = true,
        example = "op_9sQvUq2oYb3r7xk1mWc5dZt8eHfJgLnPaRsTuVwXyZ0ABCDE")]
    key: Option<String>,
}

impl MadeOperatorKeyOut {
    /// The answer to the request, and what a repetition of it gets.
    pub(crate) fn once_and_again(made: &MadeOperatorKey) -> (Self, Self) {
        let MadeOperatorKey { key, text } = made;
        let with = |text| Self {
            operator_key: key.as_ref().into(),
            key: text,
        };
        (with(Some(text.expose().to_owned())), with(None))
    }
}
