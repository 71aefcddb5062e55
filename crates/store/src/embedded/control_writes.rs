//! Changes of organizations, endpoints, keys and the catalogue, on the writer thread.
//!
//! Each writes the control file first and memory after, so that memory never shows what a crash
//! could take back.

use std::sync::Arc;

use carehook_core::{
    AuditAction, AuditEntry, Catalogue, DisabledReason, Endpoint, EndpointId, Organization,
    OrganizationId, Reason, Timestamp,
};
use rusqlite::{Transaction, params};

use super::audit::{self, AuditChains};
use super::codec;
use super::control::{EndpointPlace, seal_endpoint};
use super::log_deliveries;
use super::writer::Writer;
use crate::keys::{CONFIGURATION, WrappedKey};
use crate::{AuditNote, Refusal, StoreError};

type Result<T> = std::result::Result<T, StoreError>;

impl Writer {
    /// One transaction in the control file.
    pub(super) fn control_transaction<T>(
        &mut self,
        op: &'static str,
        body: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T> {
        self.audited_transaction(op, |transaction, _| body(transaction))
    }

    /// The same for what may append to the audit trail. The change that runs now leaves its entry
    /// with the first of its transactions.
    pub(super) fn audited_transaction<T>(
        &mut self,
        op: &'static str,
        body: impl FnOnce(&Transaction<'_>, &mut AuditChains) -> rusqlite::Result<T>,
    ) -> Result<T> {
        let note = self.note.take();
        self.audit.begin();
        let run = |writer: &mut Self| {
            let Self {
                control,
                audit,
                shared,
                ..
            } = writer;
            let transaction = control.transaction()?;
            let value = body(&transaction, audit)?;
            if let Some(note) = &note {
                audit::append(shared, audit, &transaction, note)?;
            }
            transaction.commit()?;
            Ok(value)
        };
        run(self).map_err(|error| {
            self.audit.roll_back();
            self.classify(op, &error)
        })
    }

    pub(super) fn create_organization(&mut self, new: Organization) -> Result<Arc<Organization>> {
        const SQL: &str = "-- carehook.control_writes.create_organization
            INSERT INTO organizations (id, name, created_at, updated_at, settings)
            VALUES (?1, ?2, ?3, ?4, ?5)";
        if self.shared.control.read().entry(&new.id).is_some() {
            return Err(Refusal::Exists("organization").into());
        }
        let keys = Arc::clone(&self.shared);
        let (number, key) = self.control_transaction("create an organization", |t| {
            t.prepare_cached(SQL)?.execute(params![
                new.id.as_str(),
                new.name,
                new.created_at.0,
                new.updated_at.0,
                codec::settings_to_text(new.settings)
            ])?;
            let number = t.last_insert_rowid();
            let key = keys.keys.generate(number, CONFIGURATION);
            insert_data_key(t, &key)?;
            Ok((number, key))
        })?;
        self.shared.keys.insert(key);
        let organization = Arc::new(new);
        let mut control = self.shared.control.write();
        control.put_organization(number, Arc::clone(&organization));
        Ok(organization)
    }

    pub(super) fn update_organization(&mut self, new: Organization) -> Result<Arc<Organization>> {
        const SQL: &str = "-- carehook.control_writes.update_organization
            UPDATE organizations SET name = ?2, updated_at = ?3, settings = ?4 WHERE number = ?1";
        let (number, created_at) = {
            let control = self.shared.control.read();
            let current = control.entry(&new.id);
            current.map(|entry| (entry.number, entry.organization.created_at))
        }
        .ok_or(Refusal::NotFound("organization"))?;
        let new = Organization { created_at, ..new };
        self.control_transaction("change an organization", |t| {
            let settings = codec::settings_to_text(new.settings);
            t.prepare_cached(SQL)?
                .execute(params![number, new.name, new.updated_at.0, settings])
        })?;
        let organization = Arc::new(new);
        let mut control = self.shared.control.write();
        control.put_organization(number, Arc::clone(&organization));
        Ok(organization)
    }

    pub(super) fn delete_organization(
        &mut self,
        id: &OrganizationId,
        now: Timestamp,
    ) -> Result<()> {
        let number = self.organization_number(id)?;
        let places: Vec<EndpointPlace> = {
            let control = self.shared.control.read();
            let of_it = |p: &EndpointPlace| p.organization == number && !p.deleted;
            control.all_places().filter(of_it).collect()
        };
        self.control_transaction("delete an organization", |t| {
            t.execute(
                "-- carehook.control_writes.delete_organization_endpoints
                 UPDATE endpoints SET deleted_at = ?2, sealed = NULL
                 WHERE organization = ?1 AND deleted_at IS NULL",
                params![number, now.0],
            )?;
            t.execute(
                "-- carehook.api_key_writes.delete_all
                 DELETE FROM api_keys WHERE organization = ?1",
                [number],
            )?;
            t.execute(
                "-- carehook.session_writes.delete_all
                 DELETE FROM sessions WHERE organization = ?1",
                [number],
            )?;
            t.execute(
                "-- carehook.session_writes.delete_all_links
                 DELETE FROM sign_in_links WHERE organization = ?1",
                [number],
            )?;
            // The installation's key seals these: another organization of this name would be
            // given what this one was answered.
            t.execute(
                "-- carehook.requests.delete_all
                 DELETE FROM requests WHERE organization = ?1",
                [id.as_str()],
            )?;
            t.execute(
                "-- carehook.control_writes.delete_data_keys
                 DELETE FROM data_keys WHERE organization = ?1",
                [number],
            )?;
            t.execute(
                "-- carehook.control_writes.delete_organization
                 UPDATE organizations SET deleted_at = ?2, name = '' WHERE number = ?1",
                params![number, now.0],
            )
        })?;
        // From here on it is gone, whatever else fails.
        self.shared.keys.forget(number);
        self.shared.control.write().remove_organization(id);
        for place in places {
            self.end_deliveries_of(place, now);
        }
        if let Err(error) = self.shared.statistics.forget(number) {
            tracing::warn!(%error, "the statistics of a deleted organization go later");
        }
        self.shred_freed_pages("delete an organization")
    }

    /// Empties the write-ahead log, where deleted keys would still stand.
    pub(super) fn shred_freed_pages(&mut self, op: &'static str) -> Result<()> {
        self.control
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .map_err(|error| self.classify(op, &error))
    }

    pub(super) fn create_endpoint(
        &mut self,
        mut new: Endpoint,
        at_most: usize,
    ) -> Result<Arc<Endpoint>> {
        const SQL: &str = "-- carehook.control_writes.create_endpoint
            INSERT INTO endpoints (organization, id, revision, sealed) VALUES (?1, ?2, ?3, ?4)";
        let organization = self.organization_number(&new.organization)?;
        {
            let control = self.shared.control.read();
            let siblings = control
                .entry(&new.organization)
                .map_or(0, |e| e.endpoints.len());
            if siblings >= at_most {
                let reason = format!("an organization has at most {at_most} endpoints");
                return Err(Refusal::Conflict(reason).into());
            }
            if control.place(new.id).is_some() {
                return Err(Refusal::Exists("endpoint").into());
            }
        }
        new.revision = 1;
        let mut place = EndpointPlace {
            id: new.id,
            number: 0,
            organization,
            deleted: false,
        };
        let sealed = seal_endpoint(&self.shared.keys, place, &new);
        place.number = self.control_transaction("create an endpoint", |t| {
            t.prepare_cached(SQL)?.execute(params![
                organization,
                new.id.0.to_bytes(),
                1,
                sealed
            ])?;
            Ok(t.last_insert_rowid())
        })?;
        Ok(self.publish_endpoint(place, new))
    }

    pub(super) fn replace_endpoint(&mut self, mut new: Endpoint) -> Result<Arc<Endpoint>> {
        const SQL: &str = "-- carehook.control_writes.replace_endpoint
            UPDATE endpoints SET revision = ?2, sealed = ?3 WHERE number = ?1";
        let (place, current) = self.living_endpoint(new.id)?;
        if current.organization != new.organization {
            return Err(Refusal::NotFound("endpoint").into());
        }
        if current.revision != new.revision {
            return Err(Refusal::Changed("endpoint").into());
        }
        new.revision += 1;
        let sealed = seal_endpoint(&self.shared.keys, place, &new);
        self.control_transaction("change an endpoint", |t| {
            t.prepare_cached(SQL)?.execute(params![
                place.number,
                new.revision.cast_signed(),
                sealed
            ])
        })?;
        Ok(self.publish_endpoint(place, new))
    }

    fn publish_endpoint(&self, place: EndpointPlace, new: Endpoint) -> Arc<Endpoint> {
        let endpoint = Arc::new(new);
        self.shared.control.write().put_endpoint(place, &endpoint);
        self.shared.hints.put_changed(endpoint.id);
        endpoint
    }

    /// The row stays without its secrets, because deliveries name it; its number is not used again.
    /// Those who saw the endpoint may delete it again, so what it was is noted.
    pub(super) fn delete_endpoint(
        &mut self,
        of: &OrganizationId,
        id: EndpointId,
        now: Timestamp,
    ) -> Result<()> {
        const SQL: &str = "-- carehook.control_writes.delete_endpoint
            UPDATE endpoints
            SET deleted_at = ?2, sealed = NULL, deleted_dialect = ?3, deleted_mode = ?4
            WHERE number = ?1";
        let (place, endpoint) = self.living_endpoint(id)?;
        if endpoint.organization != *of {
            return Err(Refusal::NotFound("endpoint").into());
        }
        self.control_transaction("delete an endpoint", |t| {
            t.prepare_cached(SQL)?.execute(params![
                place.number,
                now.0,
                codec::dialect::code(endpoint.dialect),
                codec::mode::code(endpoint.mode)
            ])
        })?;
        self.shared.control.write().remove_endpoint(id);
        self.end_deliveries_of(place, now);
        Ok(())
    }

    /// Fails what a deleted endpoint is owed. When the disk refuses it is tried again, and a crash
    /// leaves it to `open`.
    fn end_deliveries_of(&mut self, deleted: EndpointPlace, now: Timestamp) {
        let failed = self.fail_pending(deleted, Reason::EndpointDeleted, now);
        if let Err(error) = failed {
            tracing::warn!(endpoint = %deleted.id, %error, "a deletion is not finished yet");
            self.unfinished.push(deleted);
        }
        self.shared.hints.put_changed(deleted.id);
    }

    /// Goes on with deletions that the disk refused.
    pub(super) fn finish_deletions(&mut self) {
        let now = self.now();
        for deleted in std::mem::take(&mut self.unfinished) {
            self.end_deliveries_of(deleted, now);
        }
    }

    pub(super) fn disable_endpoint(
        &mut self,
        id: EndpointId,
        reason: DisabledReason,
        now: Timestamp,
    ) -> Result<()> {
        let Ok((place, endpoint)) = self.living_endpoint(id) else {
            return Ok(());
        };
        if !endpoint.active {
            return Ok(());
        }
        let DisabledReason::Gone = reason;
        self.fail_pending(place, Reason::EndpointGone, now)?;
        let disabled = Endpoint {
            active: false,
            active_changed_at: Some(now),
            disabled_reason: Some(reason),
            updated_at: now,
            ..(*endpoint).clone()
        };
        self.note = Some(Arc::new(note_of_disabling(now, &disabled)));
        self.replace_endpoint(disabled).map(drop)
    }

    /// Fails what an endpoint is owed, in every log file.
    pub(super) fn fail_pending(
        &mut self,
        place: EndpointPlace,
        reason: Reason,
        now: Timestamp,
    ) -> Result<()> {
        for day in self.shared.days.with_pending() {
            let failed = self
                .log(day)
                .and_then(|log| log_deliveries::fail_pending(log, place.number, reason, now));
            failed.map_err(|error| self.classify("fail deliveries", &error))?;
        }
        Ok(())
    }

    pub(super) fn replace_catalogue(&mut self, old: &Arc<Catalogue>, new: Catalogue) -> Result<()> {
        if !Arc::ptr_eq(old, &self.shared.control.read().catalogue) {
            return Err(Refusal::Changed("catalogue").into());
        }
        let text = |value: serde_json::Result<String>| {
            value.map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
        };
        self.control_transaction("change the catalogue", |t| {
            const INSERT: &str = "-- carehook.control_writes.insert_catalogue
                INSERT INTO catalogue (kind, code, definition) VALUES (?1, ?2, ?3)";
            t.execute("DELETE FROM catalogue", [])?;
            let mut insert = t.prepare_cached(INSERT)?;
            for entry in new.stored_entries() {
                let definition = text(entry.to_json())?;
                insert.execute(params![entry.kind(), entry.code(), definition])?;
            }
            Ok(())
        })?;
        self.shared.control.write().catalogue = Arc::new(new);
        Ok(())
    }

    pub(super) fn organization_number(&self, id: &OrganizationId) -> Result<i64> {
        let control = self.shared.control.read();
        let entry = control.entry(id);
        entry
            .map(|entry| entry.number)
            .ok_or_else(|| Refusal::NotFound("organization").into())
    }

    fn living_endpoint(&self, id: EndpointId) -> Result<(EndpointPlace, Arc<Endpoint>)> {
        let control = self.shared.control.read();
        let found = control.place(id).zip(control.endpoint(id).cloned());
        found.ok_or_else(|| Refusal::NotFound("endpoint").into())
    }
}

pub(super) fn insert_data_key(
    transaction: &Transaction<'_>,
    key: &WrappedKey,
) -> rusqlite::Result<()> {
    const SQL: &str = "-- carehook.control_writes.insert_data_key
        INSERT INTO data_keys (organization, day, wrapped) VALUES (?1, ?2, ?3)";
    transaction
        .prepare_cached(SQL)?
        .execute(params![key.organization, key.day, key.wrapped])?;
    Ok(())
}

/// What the trail says of an endpoint that the server has switched off.
fn note_of_disabling(now: Timestamp, disabled: &Endpoint) -> AuditNote {
    let object = format!("endpoint/{}", disabled.id);
    let action = AuditAction::EndpointDisabled;
    let entry = AuditEntry::new(now, AuditEntry::SYSTEM, action, object);
    AuditNote {
        organization: Some(disabled.organization.clone()),
        entry: entry.with("status", 410),
        subject: None,
    }
}
