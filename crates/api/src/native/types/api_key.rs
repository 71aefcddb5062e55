//! API keys on the wire.

use std::collections::BTreeSet;
use std::str::FromStr;

use carehook_app::{AppError, Faults, MadeApiKey, NewApiKey};
use carehook_core::{ApiKey, ApiKeyId, Mode, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A key to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewApiKey, example = json!({
    "name": "Booking site",
    "mode": "live",
    "permissions": ["patients:read", "appointments:write"],
}))]
pub(crate) struct ApiKeyIn {
    /// What people call it.
    #[schema(value_type = String, max_length = 200)]
    name: Option<String>,
    /// `live` or `test`: it sees and makes only what is of this mode.
    #[schema(value_type = String, pattern = "^(live|test)$")]
    mode: Option<Mode>,
    /// Which records of the vendor's API it may read or write, such as `patients:read`; unless
    /// given those of the key that makes it, and none where that has none. Write includes read.
    permissions: Option<Vec<String>>,
    /// What it may do here: `publish`, `read`, `read:payload`, `manage`, `keys`, `audit`, `admin`,
    /// `catalogue:write`; `read` and `manage` unless given.
    scopes: Option<Vec<String>>,
    /// From when on it is refused; never unless given.
    #[schema(format = DateTime)]
    expires_at: Option<String>,
    /// Requests that it may make in an hour, publishing left out; unless given what holds for the
    /// organization.
    #[schema(minimum = 1, maximum = 100_000_000)]
    rate_limit: Option<u32>,
}

impl TryFrom<ApiKeyIn> for NewApiKey {
    type Error = AppError;

    fn try_from(body: ApiKeyIn) -> Result<Self, AppError> {
        let ApiKeyIn {
            name,
            mode,
            permissions,
            scopes,
            expires_at,
            rate_limit,
        } = body;
        let mut faults = Faults::default();
        let name = faults.require("/name", name);
        let mode = faults.require("/mode", mode);
        let permissions = permissions.map(|all| read_all("/permissions", &all, &mut faults));
        let scopes = scopes.map(|scopes| read_all("/scopes", &scopes, &mut faults));
        let expires_at = expires_at.as_deref().map(str::parse);
        let expires_at = faults.take_optional("/expires_at", expires_at);
        let (name, mode) = faults.finish(name.zip(mode))?;
        Ok(Self {
            name,
            mode,
            permissions,
            scopes,
            expires_at,
            rate_limit,
        })
    }
}

/// Reads every text of a list, and notes each that cannot be read at its own place.
pub(super) fn read_all<T>(field: &str, texts: &[String], faults: &mut Faults) -> BTreeSet<T>
where
    T: FromStr<Err: std::fmt::Display> + Ord,
{
    let texts = texts.iter().enumerate();
    texts
        .filter_map(|(index, text)| faults.take(&format!("{field}/{index}"), text.parse()))
        .collect()
}

/// A key of an organization, without its text.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiKey, example = json!({
    "id": "01991f1e-8e00-7000-8000-000000000004",
    "name": "Booking site",
    "prefix": "pk_live_9sQv",
    "mode": "live",
    "permissions": ["patients:read", "appointments:write"],
    "scopes": ["read", "manage"],
    "created_at": "2026-03-16T10:20:00.000Z",
    "expires_at": null,
    "revoked_at": null,
    "rate_limit": null,
    "last_used_at": "2026-03-16T10:21:05.000Z",
}))]
pub(crate) struct ApiKeyOut {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    id: ApiKeyId,
    /// What people call it.
    name: String,
    /// The first characters of its text.
    prefix: String,
    /// `live` or `test`.
    mode: &'static str,
    /// Which records of the vendor's API it may read or write.
    permissions: Vec<String>,
    /// What it may do here.
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
    /// Requests that it may make in an hour; null is what holds for the organization.
    #[schema(required = true)]
    rate_limit: Option<u32>,
    /// When it was last used, to the second.
    #[schema(value_type = Option<String>, required = true, format = DateTime)]
    last_used_at: Option<Timestamp>,
}

impl From<&ApiKey> for ApiKeyOut {
    fn from(key: &ApiKey) -> Self {
        let ApiKey {
            id,
            organization: _,
            name,
            mode,
            permissions,
            scopes,
            prefix,
            created_at,
            expires_at,
            revoked_at,
            rate_limit,
            last_use,
        } = key;
        Self {
            id: *id,
            name: name.clone(),
            prefix: prefix.as_ref().into(),
            mode: mode.as_str(),
            permissions: permissions.iter().map(ToString::to_string).collect(),
            scopes: scopes.iter().map(|scope| scope.as_str()).collect(),
            created_at: *created_at,
            expires_at: *expires_at,
            revoked_at: *revoked_at,
            rate_limit: *rate_limit,
            last_used_at: last_use.at(),
        }
    }
}

/// A key that was just made, with its text.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiKeyWithText)]
pub(crate) struct MadeApiKeyOut {
    #[serde(flatten)]
    api_key: ApiKeyOut,
    /// What to sign in with. It cannot be seen again: also not by a repetition of this request
    /// with its `Idempotency-Key`, which gets null.
    #[schema(value_type = Option<String>, required = true,
        example = "pk_live_9sQvUq2oYb3r7xk1mWc5dZt8eHfJgLnPaRsTuVwXyZ0ABCDE")]
    key: Option<String>,
}

impl MadeApiKeyOut {
    /// The answer to the request, and what a repetition of it gets.
    pub(crate) fn once_and_again(made: &MadeApiKey) -> (Self, Self) {
        let MadeApiKey { key, text } = made;
        let with = |text| Self {
            api_key: key.as_ref().into(),
            key: text,
        };
        (with(Some(text.expose().to_owned())), with(None))
    }
}
