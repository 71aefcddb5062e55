//! API keys of an organization: made, listed and revoked; a key's text is shown once.

use std::collections::BTreeSet;
use std::sync::Arc;

use carehook_core::{
    ApiKey, ApiKeyId, ApiKeyText, AuditAction, AuditEntry, LastUse, Limits, Mode, Permission,
    RateLimits, Scope, Secret, Timestamp,
};

use crate::cursor::{List, Page, PageOf};
use crate::faults::check_text;
use crate::{App, AppError, Faults, OrganizationAccess};

/// A key to make.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    /// What people call it.
    pub name: String,
    /// Live or test.
    pub mode: Mode,
    /// Which records of the vendor's API it may read or write; those of the maker's key when
    /// nothing is said.
    pub permissions: Option<BTreeSet<Permission>>,
    /// What it may do here; `read` and `manage` when nothing is said.
    pub scopes: Option<BTreeSet<Scope>>,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
    /// Requests that it may make in an hour; what holds for the organization when nothing is said.
    pub rate_limit: Option<u32>,
}

/// A key that was made, with its text, which nobody can see again.
#[derive(Clone)]
pub struct MadeApiKey {
    /// The key.
    pub key: Arc<ApiKey>,
    /// What its owner signs in with.
    pub text: Secret,
}

/// What a key may do when its maker says nothing: see and change what a dialect offers.
const USUAL_SCOPES: [Scope; 2] = [Scope::Read, Scope::Manage];

impl App {
    /// Makes a key, which can do no more than its maker.
    ///
    /// # Errors
    /// [`AppError::Forbidden`] names the scope or permission that the maker does not have.
    pub async fn create_api_key(
        &self,
        access: &OrganizationAccess,
        new: NewApiKey,
    ) -> Result<MadeApiKey, AppError> {
        access.require(Scope::Keys)?;
        let NewApiKey {
            name,
            mode,
            permissions,
            scopes,
            expires_at,
            rate_limit,
        } = new;
        let now = self.now();
        let mut faults = Faults::default();
        faults.take("/name", check_text(&name, Limits::NAME_CHARS));
        let mode = faults.take("/mode", access.mode_for(Some(mode)));
        let end = checked_end(expires_at, access.expires_at(), now);
        let expires_at = faults.take("/expires_at", end);
        let limit = checked_limit(rate_limit, access);
        let rate_limit = faults.take("/rate_limit", limit);
        let parts = mode.zip(expires_at).zip(rate_limit);
        let ((mode, expires_at), rate_limit) = faults.finish(parts)?;
        let scopes = scopes.unwrap_or_else(|| USUAL_SCOPES.into());
        let permissions = checked_permissions(permissions, access)?;
        scopes.iter().try_for_each(|scope| access.require(*scope))?;
        let random = &self.inner().random;
        let text = ApiKeyText::new(mode, &random.bytes());
        let key = ApiKey {
            id: ApiKeyId(random.record_id(now)),
            organization: access.organization().clone(),
            name,
            mode,
            permissions,
            scopes,
            prefix: text.prefix().into(),
            created_at: now,
            expires_at,
            revoked_at: None,
            rate_limit,
            last_use: LastUse::default(),
        };
        let text = text.secret().clone();
        let at_most = Limits::API_KEYS_PER_ORGANIZATION;
        let object = format!("api_key/{}", key.id);
        let entry = access.entry(self, AuditAction::ApiKeyCreated, object);
        let store = self.noting_entry(access.organization(), with_rights(entry, &key));
        let key = store.create_api_key(key, &text, at_most).await?;
        let (organization, by) = (access.organization(), access.actor());
        tracing::info!(%organization, key = %key.id, by, "key created");
        Ok(MadeApiKey { key, text })
    }

    /// The keys of an organization, oldest first; those that were revoked as well.
    pub fn list_api_keys(
        &self,
        access: &OrganizationAccess,
        page: &Page,
    ) -> Result<PageOf<Arc<ApiKey>>, AppError> {
        access.require(Scope::Keys)?;
        let organization = access.organization();
        let list = List {
            kind: "keys",
            owner: organization.as_str(),
        };
        let request = list.request(page)?;
        let found = self
            .store()
            .list_api_keys(organization, access.mode(), request);
        Ok(PageOf {
            items: found.items,
            next_cursor: found.next.map(|place| list.cursor(&place)),
        })
    }

    /// One key.
    pub fn api_key(
        &self,
        access: &OrganizationAccess,
        id: ApiKeyId,
    ) -> Result<Arc<ApiKey>, AppError> {
        access.require(Scope::Keys)?;
        let found = self.store().api_key(access.organization(), id);
        let seen = found.filter(|key| access.sees_mode(key.mode));
        seen.ok_or(AppError::NotFound { kind: "key" })
    }

    /// Revokes a key: its next request is refused.
    pub async fn revoke_api_key(
        &self,
        access: &OrganizationAccess,
        id: ApiKeyId,
    ) -> Result<Arc<ApiKey>, AppError> {
        let key = self.api_key(access, id)?;
        if key.revoked_at.is_some() {
            return Ok(key);
        }
        let (organization, by) = (access.organization(), access.actor());
        let object = format!("api_key/{id}");
        let store = self.noting(access, AuditAction::ApiKeyRevoked, object);
        let revoked = store.revoke_api_key(organization, id, self.now());
        let revoked = revoked.await?;
        tracing::info!(%organization, key = %id, by, "key revoked");
        Ok(revoked)
    }
}

/// What a key may do, for whoever reads the trail.
fn with_rights(entry: AuditEntry, key: &ApiKey) -> AuditEntry {
    let words = |words: Vec<String>| words.join(" ");
    let mut entry = entry.with("mode", key.mode.as_str()).with(
        "scopes",
        words(key.scopes.iter().map(ToString::to_string).collect()),
    );
    if !key.permissions.is_empty() {
        let permissions = key.permissions.iter().map(ToString::to_string);
        entry = entry.with("permissions", words(permissions.collect()));
    }
    if let Some(end) = key.expires_at {
        entry = entry.with("expires_at", end);
    }
    if let Some(limit) = key.rate_limit {
        entry = entry.with("rate_limit", limit);
    }
    entry
}

/// A key ends no later than the one that makes it, or an end could be put off for ever.
pub(crate) fn checked_end(
    wanted: Option<Timestamp>,
    makers: Option<Timestamp>,
    now: Timestamp,
) -> Result<Option<Timestamp>, &'static str> {
    match (wanted, makers) {
        (Some(wanted), _) if wanted <= now => Err("must be in the future"),
        (Some(wanted), Some(makers)) if wanted > makers => {
            Err("must not be later than the end of the key that makes it")
        }
        (wanted, makers) => Ok(wanted.or(makers)),
    }
}

/// A key has no higher limit than the one that makes it, or limits could be made away with.
fn checked_limit(wanted: Option<u32>, maker: &OrganizationAccess) -> Result<Option<u32>, String> {
    let checked = wanted.map(RateLimits::limit).transpose();
    let wanted = checked.map_err(|error| error.to_string())?;
    match (wanted, maker.highest_rate_limit()) {
        (Some(wanted), Some(highest)) if wanted > highest => {
            Err(format!("must be at most {highest}, the limit of its maker"))
        }
        (wanted, _) => Ok(wanted.or(maker.own_rate_limit())),
    }
}

/// A key has no permission that the one that makes it lacks. Without any it would be held to none,
/// so who is held to some cannot leave them out.
fn checked_permissions(
    wanted: Option<BTreeSet<Permission>>,
    maker: &OrganizationAccess,
) -> Result<BTreeSet<Permission>, AppError> {
    let makers = maker.held_to();
    let wanted = wanted.unwrap_or_else(|| makers.cloned().unwrap_or_default());
    if wanted.is_empty() && makers.is_some() {
        let reason = "a key with permissions makes keys with permissions".to_owned();
        return Err(maker.refusal(reason));
    }
    match wanted.iter().find(|one| !maker.may(**one)) {
        None => Ok(wanted),
        Some(missing) => Err(maker.refusal(format!("this needs the permission `{missing}`"))),
    }
}
