//! Organizations, endpoints, keys and the catalogue in memory: what reads are answered from.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use carehook_core::{
    Catalogue, Endpoint, EndpointId, Organization, OrganizationId, RecordId, StoredEntry, Timestamp,
};
use rusqlite::Connection;

use super::api_keys::ApiKeys;
use super::operator_keys::OperatorKeys;
use super::sessions::Sessions;
use super::{codec, deletions};
use crate::keys::{CONFIGURATION, KeyRing, Kind, Place, WrappedKey};
use crate::{DeletedEndpoint, OpenError};

/// An organization with its endpoints.
pub(super) struct OrganizationEntry {
    pub(super) number: i64,
    pub(super) organization: Arc<Organization>,
    pub(super) endpoints: Arc<[Arc<Endpoint>]>,
}

/// Where an endpoint's rows are; kept when it is deleted, because its deliveries stay.
#[derive(Clone, Copy)]
pub(super) struct EndpointPlace {
    pub(super) id: EndpointId,
    pub(super) number: i64,
    pub(super) organization: i64,
    pub(super) deleted: bool,
}

/// Everything of the control file that is held in memory.
pub(super) struct Control {
    pub(super) organizations: BTreeMap<OrganizationId, OrganizationEntry>,
    organization_ids: HashMap<i64, OrganizationId>,
    endpoints: HashMap<EndpointId, Arc<Endpoint>>,
    places: HashMap<EndpointId, EndpointPlace>,
    deleted: HashMap<EndpointId, DeletedEndpoint>,
    ids: HashMap<i64, EndpointId>,
    pub(super) api_keys: ApiKeys,
    pub(super) operator_keys: OperatorKeys,
    pub(super) sessions: Sessions,
    pub(super) catalogue: Arc<Catalogue>,
}

impl Control {
    pub(super) fn entry(&self, id: &OrganizationId) -> Option<&OrganizationEntry> {
        self.organizations.get(id)
    }

    pub(super) fn organization_id(&self, number: i64) -> Option<&OrganizationId> {
        self.organization_ids.get(&number)
    }

    /// The id of an organization, unless that names another one by now.
    pub(super) fn own_id(&self, number: i64) -> Option<OrganizationId> {
        let id = self.organization_id(number)?;
        let owner = self.entry(id);
        let is_its_own = owner.is_none_or(|owner| owner.number == number);
        is_its_own.then(|| id.clone())
    }

    /// The numbers of all organizations, those that were deleted as well.
    pub(super) fn organization_numbers(&self) -> Vec<i64> {
        self.organization_ids.keys().copied().collect()
    }

    pub(super) fn endpoint(&self, id: EndpointId) -> Option<&Arc<Endpoint>> {
        self.endpoints.get(&id)
    }

    /// Where an endpoint's rows are, also of one that was deleted.
    pub(super) fn place(&self, id: EndpointId) -> Option<EndpointPlace> {
        self.places.get(&id).copied()
    }

    /// What an endpoint was that was deleted.
    pub(super) fn deleted(&self, id: EndpointId) -> Option<DeletedEndpoint> {
        self.deleted.get(&id).copied()
    }

    pub(super) fn endpoint_id(&self, number: i64) -> Option<EndpointId> {
        self.ids.get(&number).copied()
    }

    pub(super) fn all_places(&self) -> impl Iterator<Item = EndpointPlace> {
        self.places.values().copied()
    }

    pub(super) fn put_organization(&mut self, number: i64, organization: Arc<Organization>) {
        let id = organization.id.clone();
        self.organization_ids.insert(number, id.clone());
        let endpoints = self
            .organizations
            .remove(&id)
            .map_or_else(|| Arc::from([]), |entry| entry.endpoints);
        let entry = OrganizationEntry {
            number,
            organization,
            endpoints,
        };
        self.organizations.insert(id, entry);
    }

    pub(super) fn remove_organization(&mut self, id: &OrganizationId) {
        self.api_keys.remove_organization(id);
        self.sessions.remove_organization(id);
        if let Some(entry) = self.organizations.remove(id) {
            for endpoint in entry.endpoints.iter() {
                self.forget(endpoint.id);
            }
        }
    }

    pub(super) fn put_endpoint(&mut self, place: EndpointPlace, endpoint: &Arc<Endpoint>) {
        self.place_endpoint(place);
        self.endpoints.insert(endpoint.id, Arc::clone(endpoint));
        self.rebuild(&endpoint.organization, |endpoints| {
            endpoints.retain(|other| other.id != endpoint.id);
            endpoints.push(Arc::clone(endpoint));
        });
    }

    pub(super) fn remove_endpoint(&mut self, id: EndpointId) {
        if let Some(endpoint) = self.forget(id) {
            self.rebuild(&endpoint.organization, |endpoints| {
                endpoints.retain(|other| other.id != id);
            });
        }
    }

    fn forget(&mut self, id: EndpointId) -> Option<Arc<Endpoint>> {
        if let Some(place) = self.places.get_mut(&id) {
            place.deleted = true;
        }
        let endpoint = self.endpoints.remove(&id)?;
        self.deleted.insert(id, (&*endpoint).into());
        Some(endpoint)
    }

    fn place_endpoint(&mut self, place: EndpointPlace) {
        self.places.insert(place.id, place);
        self.ids.insert(place.number, place.id);
    }

    fn rebuild(&mut self, of: &OrganizationId, change: impl FnOnce(&mut Vec<Arc<Endpoint>>)) {
        if let Some(entry) = self.organizations.get_mut(of) {
            let mut endpoints = entry.endpoints.to_vec();
            change(&mut endpoints);
            endpoints.sort_by_key(|endpoint| endpoint.id);
            entry.endpoints = endpoints.into();
        }
    }

    /// Reads the control file.
    pub(super) fn load(connection: &Connection, keys: &KeyRing) -> Result<Self, OpenError> {
        let mut control = Self {
            organizations: BTreeMap::new(),
            organization_ids: HashMap::new(),
            endpoints: HashMap::new(),
            places: HashMap::new(),
            deleted: HashMap::new(),
            ids: HashMap::new(),
            api_keys: ApiKeys::default(),
            operator_keys: OperatorKeys::default(),
            sessions: Sessions::default(),
            catalogue: load_catalogue(connection)?,
        };
        load_keys(connection, keys)?;
        control.load_organizations(connection)?;
        control.load_endpoints(connection, keys)?;
        control.load_api_keys(connection)?;
        control.load_operator_keys(connection)?;
        control.load_sessions(connection, keys)?;
        Ok(control)
    }

    fn load_organizations(&mut self, connection: &Connection) -> Result<(), OpenError> {
        const SQL: &str = "-- carehook.control.load_organizations
            SELECT number, id, name, created_at, updated_at, deleted_at, settings
            FROM organizations";
        let read = |row: &rusqlite::Row<'_>| {
            let organization = (
                row.get::<_, String>(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
                row.get::<_, String>(6)?,
            );
            Ok((row.get(0)?, organization, row.get::<_, Option<i64>>(5)?))
        };
        for (number, (id, name, created, updated, settings), deleted) in
            rows(connection, SQL, read)?
        {
            let id: OrganizationId = id.parse().map_err(|_| unreadable("an organization"))?;
            if deleted.is_some() {
                self.organization_ids.insert(number, id);
                continue;
            }
            let settings = codec::settings_of_text(&settings);
            let organization = Organization {
                id,
                name,
                settings: settings.ok_or_else(|| unreadable("the settings of an organization"))?,
                created_at: Timestamp(created),
                updated_at: Timestamp(updated),
            };
            self.put_organization(number, organization.into());
        }
        Ok(())
    }

    fn load_endpoints(&mut self, connection: &Connection, keys: &KeyRing) -> Result<(), OpenError> {
        const SQL: &str = "-- carehook.control.load_endpoints
            SELECT number, organization, id, revision, sealed, deleted_at, deleted_dialect,
                   deleted_mode
            FROM endpoints";
        let read = |row: &rusqlite::Row<'_>| {
            let place = EndpointPlace {
                number: row.get(0)?,
                organization: row.get(1)?,
                id: EndpointId(RecordId::from_bytes(row.get(2)?)),
                deleted: row.get::<_, Option<i64>>(5)?.is_some(),
            };
            let revision: i64 = row.get(3)?;
            let deleted = deletions::stored(row.get(6)?, row.get(7)?);
            Ok((place, revision, row.get::<_, Option<Vec<u8>>>(4)?, deleted))
        };
        let mut by_organization: HashMap<OrganizationId, Vec<Arc<Endpoint>>> = HashMap::new();
        for (place, revision, sealed, deleted) in rows(connection, SQL, read)? {
            self.place_endpoint(place);
            self.deleted
                .extend(deleted.map(|deleted| (place.id, deleted)));
            let (false, Some(sealed)) = (place.deleted, sealed) else {
                continue;
            };
            let endpoint = self
                .organization_id(place.organization)
                .and_then(|organization| {
                    let id = (place.id, organization.clone(), revision.cast_unsigned());
                    let plain = open_endpoint(keys, place, &sealed)?;
                    codec::decode_endpoint(id, &plain)
                })
                .ok_or_else(|| unreadable("an endpoint"))?;
            let endpoint = Arc::new(endpoint);
            self.endpoints.insert(endpoint.id, Arc::clone(&endpoint));
            let siblings = by_organization.entry(endpoint.organization.clone());
            siblings.or_default().push(endpoint);
        }
        for (organization, loaded) in by_organization {
            self.rebuild(&organization, |endpoints| *endpoints = loaded);
        }
        Ok(())
    }
}

/// Seals the row of an endpoint.
pub(super) fn seal_endpoint(keys: &KeyRing, place: EndpointPlace, endpoint: &Endpoint) -> Vec<u8> {
    let row = place.id.0.to_bytes();
    let plain = zeroize::Zeroizing::new(codec::encode_endpoint(endpoint));
    keys.get(place.organization, CONFIGURATION)
        .expect("an organization is made together with its configuration key")
        .seal(endpoint_place(place, &row), &plain)
}

fn open_endpoint(keys: &KeyRing, place: EndpointPlace, sealed: &[u8]) -> Option<Vec<u8>> {
    let row = place.id.0.to_bytes();
    let key = keys.get(place.organization, CONFIGURATION)?;
    key.open(endpoint_place(place, &row), sealed).ok()
}

fn endpoint_place(place: EndpointPlace, row: &[u8]) -> Place<'_> {
    Place {
        kind: Kind::Endpoint,
        organization: place.organization,
        row,
    }
}

fn load_keys(connection: &Connection, keys: &KeyRing) -> Result<(), OpenError> {
    const SQL: &str = "-- carehook.control.load_keys
        SELECT organization, day, wrapped FROM data_keys";
    let read = |row: &rusqlite::Row<'_>| {
        Ok(WrappedKey {
            organization: row.get(0)?,
            day: row.get(1)?,
            wrapped: row.get(2)?,
        })
    };
    for key in rows(connection, SQL, read)? {
        keys.insert(key);
    }
    Ok(())
}

fn load_catalogue(connection: &Connection) -> Result<Arc<Catalogue>, OpenError> {
    const SQL: &str = "-- carehook.control.load_catalogue
        SELECT kind, definition FROM catalogue ORDER BY kind, code";
    let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?));
    let entries = rows(connection, SQL, read)?.into_iter();
    let entries = entries.map(|(kind, json)| {
        StoredEntry::from_json(&kind, &json).ok_or_else(|| unreadable("the catalogue"))
    });
    let entries = entries.collect::<Result<Vec<_>, _>>()?;
    let (catalogue, left_out) = Catalogue::from_stored(entries);
    for error in left_out {
        tracing::warn!(%error, "an entry of the catalogue was left out");
    }
    Ok(Arc::new(catalogue))
}

pub(super) fn rows<T>(
    connection: &Connection,
    sql: &str,
    read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, OpenError> {
    let collect = || {
        let mut statement = connection.prepare(sql)?;
        statement
            .query_map([], read)?
            .collect::<rusqlite::Result<Vec<T>>>()
    };
    collect().map_err(|source| OpenError::Database {
        path: "control.db".into(),
        source,
    })
}

pub(super) fn unreadable(what: &'static str) -> OpenError {
    OpenError::Unreadable(what)
}
