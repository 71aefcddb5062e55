//! How sessions, links and the password lie in the control file, and how they are read from it.
//!
//! What a portal link gives is sealed with the key of its organization, because the URL that it
//! leads back to may hold a query.

use std::sync::Arc;

use carehook_core::{
    ApiKeyId, GrantMaker, LastUse, Mode, OperatorKeyId, OrganizationId, PersonName, PortalGrant,
    RecordId, Secret, Session, SessionHolder, SessionId, SignInLink, Timestamp,
};
use rusqlite::{Connection, OptionalExtension as _};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::super::api_keys::{Digest, from_words, to_words};
use super::super::control::{Control, rows, unreadable};
use super::super::open::control_error;
use crate::OpenError;
use crate::keys::{CONFIGURATION, INSTALLATION, KeyRing, Kind, Place, SealKey};

/// What a portal link gives, as it is sealed.
#[derive(Serialize, Deserialize)]
struct GrantText {
    mode: Option<bool>,
    scopes: String,
    permissions: String,
    rate_limit: Option<u32>,
    ends_at: Option<i64>,
    /// Missing in what was sealed by earlier versions.
    #[serde(default)]
    api_key: Option<[u8; 16]>,
    #[serde(default)]
    operator_key: Option<[u8; 16]>,
    return_url: Option<String>,
}

/// Seals what a link or a session gives; the digest is that of its text.
pub(super) fn sealed_grant(
    key: &SealKey,
    organization: i64,
    digest: &Digest,
    grant: &PortalGrant,
) -> Vec<u8> {
    let PortalGrant {
        organization: _,
        mode,
        scopes,
        permissions,
        rate_limit,
        ends_at,
        made_by,
        return_url,
    } = grant;
    let (api_key, operator_key) = match made_by {
        None => (None, None),
        Some(GrantMaker::Key(id)) => (Some(id.0.to_bytes()), None),
        Some(GrantMaker::OperatorKey(id)) => (None, Some(id.0.to_bytes())),
    };
    let text = GrantText {
        mode: mode.map(|mode| mode == Mode::Live),
        scopes: to_words(scopes),
        permissions: to_words(permissions),
        rate_limit: *rate_limit,
        ends_at: ends_at.map(|at| at.0),
        api_key,
        operator_key,
        return_url: return_url.as_ref().map(|url| url.expose().to_owned()),
    };
    let plain = Zeroizing::new(serde_json::to_vec(&text).expect("texts and numbers are JSON"));
    key.seal(grant_place(organization, digest), &plain)
}

/// Seals what a person is called, as [`sealed_grant`] does.
pub(super) fn sealed_person(
    key: &SealKey,
    organization: i64,
    digest: &Digest,
    name: &PersonName,
) -> Vec<u8> {
    let place = person_place(organization, digest);
    key.seal(place, name.as_str().as_bytes())
}

fn open_person(keys: &KeyRing, held: &HolderRow) -> Result<Option<PersonName>, OpenError> {
    let Some(sealed) = held.person.as_deref() else {
        return Ok(None);
    };
    let open = || {
        let number = held.organization.unwrap_or(INSTALLATION);
        let key = keys.get(number, CONFIGURATION)?;
        let plain = key.open(person_place(number, &held.digest), sealed).ok()?;
        // A name that an earlier version took is no reason to stay closed.
        Some(std::str::from_utf8(&plain).ok()?.parse().ok())
    };
    open().ok_or_else(|| unreadable("the name of a person"))
}

fn open_grant(
    keys: &KeyRing,
    (number, organization): (i64, &OrganizationId),
    digest: &Digest,
    sealed: &[u8],
) -> Option<PortalGrant> {
    let key = keys.get(number, CONFIGURATION)?;
    let plain = Zeroizing::new(key.open(grant_place(number, digest), sealed).ok()?);
    let text: GrantText = serde_json::from_slice(&plain).ok()?;
    let GrantText {
        mode,
        scopes,
        permissions,
        rate_limit,
        ends_at,
        api_key,
        operator_key,
        return_url,
    } = text;
    let api_key = api_key.map(|id| GrantMaker::Key(ApiKeyId(RecordId::from_bytes(id))));
    let operator_key =
        operator_key.map(|id| GrantMaker::OperatorKey(OperatorKeyId(RecordId::from_bytes(id))));
    Some(PortalGrant {
        organization: organization.clone(),
        mode: mode.map(|live| if live { Mode::Live } else { Mode::Test }),
        scopes: from_words(&scopes)?,
        permissions: from_words(&permissions)?,
        rate_limit,
        ends_at: ends_at.map(Timestamp),
        made_by: api_key.or(operator_key),
        return_url: return_url.map(Secret::new),
    })
}

fn grant_place(organization: i64, digest: &Digest) -> Place<'_> {
    Place {
        kind: Kind::PortalGrant,
        organization,
        row: digest,
    }
}

fn person_place(organization: i64, digest: &Digest) -> Place<'_> {
    Place {
        kind: Kind::PersonName,
        ..grant_place(organization, digest)
    }
}

/// Where the sealed password belongs.
pub(super) fn password_place() -> Place<'static> {
    Place {
        kind: Kind::OperatorPassword,
        organization: INSTALLATION,
        row: b"",
    }
}

impl Control {
    pub(in crate::embedded) fn load_sessions(
        &mut self,
        connection: &Connection,
        keys: &KeyRing,
    ) -> Result<(), OpenError> {
        const SESSIONS: &str = "-- carehook.sessions.load
            SELECT digest, organization, granted, person, id, created_at, last_used_at, expires_at
            FROM sessions";
        const LINKS: &str = "-- carehook.sessions.load_links
            SELECT digest, organization, granted, person, expires_at FROM sign_in_links";
        let read = |row: &rusqlite::Row<'_>| {
            let times: (i64, Option<i64>, i64) = (row.get(5)?, row.get(6)?, row.get(7)?);
            Ok((read_holder(row)?, row.get::<_, [u8; 16]>(4)?, times))
        };
        for (held, id, (created, used, end)) in rows(connection, SESSIONS, read)? {
            let holder = self.holder_of(keys, &held);
            let session = Session {
                id: SessionId(RecordId::from_bytes(id)),
                holder: holder.ok_or_else(|| unreadable("a session"))?,
                person: open_person(keys, &held)?,
                created_at: Timestamp(created),
                expires_at: Timestamp(end),
                last_use: LastUse::kept_at(used.map(Timestamp)),
            };
            self.sessions.put(held.digest, &Arc::new(session));
        }
        let read = |row: &rusqlite::Row<'_>| Ok((read_holder(row)?, row.get::<_, Option<i64>>(4)?));
        for (held, end) in rows(connection, LINKS, read)? {
            let holder = self.holder_of(keys, &held);
            let link = SignInLink {
                holder: holder.ok_or_else(|| unreadable("a sign-in link"))?,
                person: open_person(keys, &held)?,
                expires_at: end.map(Timestamp),
            };
            self.sessions.links.insert(held.digest, Arc::new(link));
        }
        self.sessions.password = load_password(connection, keys)?;
        Ok(())
    }

    fn holder_of(&self, keys: &KeyRing, held: &HolderRow) -> Option<SessionHolder> {
        let HolderRow {
            digest,
            organization,
            granted,
            person: _,
        } = held;
        let Some(number) = *organization else {
            return Some(SessionHolder::Operator);
        };
        let organization = self.organization_id(number)?;
        let sealed = granted.as_deref()?;
        let grant = open_grant(keys, (number, organization), digest, sealed)?;
        Some(SessionHolder::Portal(grant))
    }
}

struct HolderRow {
    digest: Digest,
    organization: Option<i64>,
    granted: Option<Vec<u8>>,
    person: Option<Vec<u8>>,
}

fn read_holder(row: &rusqlite::Row<'_>) -> rusqlite::Result<HolderRow> {
    Ok(HolderRow {
        digest: row.get(0)?,
        organization: row.get(1)?,
        granted: row.get(2)?,
        person: row.get(3)?,
    })
}

fn load_password(connection: &Connection, keys: &KeyRing) -> Result<Option<Secret>, OpenError> {
    const SQL: &str = "-- carehook.sessions.load_password
        SELECT value FROM meta WHERE name = 'operator_password'";
    let sealed: Option<Vec<u8>> = connection
        .query_row(SQL, [], |row| row.get(0))
        .optional()
        .map_err(control_error)?;
    let Some(sealed) = sealed else {
        return Ok(None);
    };
    let open = || {
        let key = keys.get(INSTALLATION, CONFIGURATION)?;
        let plain = Zeroizing::new(key.open(password_place(), &sealed).ok()?);
        Some(Secret::new(std::str::from_utf8(&plain).ok()?))
    };
    open()
        .map(Some)
        .ok_or_else(|| unreadable("the operator's password"))
}
