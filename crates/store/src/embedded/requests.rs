//! Idempotent requests in the control file: started once, answered again for 24 hours.

use bytes::Bytes;
use carehook_core::{Limits, OrganizationId, Timestamp};
use rusqlite::{OptionalExtension as _, params};

use super::EmbeddedStore;
use super::writer::Writer;
use crate::keys::{CONFIGURATION, INSTALLATION, Kind, Place};
use crate::{Refusal, RequestKey, RequestStart, StoreError, StoredAnswer};

/// What is stored of a request: its fingerprint, and its answer when it has one.
type StoredRequest = ([u8; 32], Option<(u16, Vec<u8>)>);

impl EmbeddedStore {
    pub(crate) async fn start_request(
        &self,
        key: RequestKey,
        fingerprint: [u8; 32],
        now: Timestamp,
    ) -> Result<RequestStart, StoreError> {
        let start = move |writer: &mut Writer| writer.start_request(&key, fingerprint, now);
        self.shared.change("start a request", start).await
    }

    pub(crate) async fn finish_request(
        &self,
        key: RequestKey,
        answer: StoredAnswer,
    ) -> Result<(), StoreError> {
        let finish = move |writer: &mut Writer| writer.finish_request(&key, &answer);
        self.shared.change("finish a request", finish).await
    }

    pub(crate) async fn abandon_request(&self, key: RequestKey) -> Result<(), StoreError> {
        let abandon = move |writer: &mut Writer| writer.abandon_request(&key);
        self.shared.change("abandon a request", abandon).await
    }
}

impl Writer {
    pub(super) fn start_request(
        &mut self,
        key: &RequestKey,
        fingerprint: [u8; 32],
        now: Timestamp,
    ) -> Result<RequestStart, StoreError> {
        const OLD: &str = "-- carehook.requests.forget_old
            DELETE FROM requests WHERE started_at <= ?1";
        const FIND: &str = "-- carehook.requests.find
            SELECT fingerprint, status, answer FROM requests WHERE caller = ?1 AND key = ?2";
        const INSERT: &str = "-- carehook.requests.start
            INSERT INTO requests (caller, key, fingerprint, started_at, organization)
            VALUES (?1, ?2, ?3, ?4, ?5)";
        let seal = self.data_key(INSTALLATION, CONFIGURATION)?;
        // Without the key nobody can find out by trying what a short body said.
        let fingerprint = seal.keyed_digest(&fingerprint);
        let lifetime = i64::try_from(Limits::IDEMPOTENCY.as_millis()).unwrap_or(i64::MAX);
        let earlier: Option<StoredRequest> = self.control_transaction("start a request", |t| {
            t.prepare_cached(OLD)?.execute([now.0 - lifetime])?;
            let earlier = t
                .prepare_cached(FIND)?
                .query_row(params![key.caller, key.key], |row| {
                    let status: Option<u16> = row.get(1)?;
                    Ok((row.get(0)?, status.zip(row.get(2)?)))
                })
                .optional()?;
            if earlier.is_none() {
                t.prepare_cached(INSERT)?.execute(params![
                    key.caller,
                    key.key,
                    fingerprint,
                    now.0,
                    key.organization.as_ref().map(OrganizationId::as_str)
                ])?;
            }
            Ok(earlier)
        })?;
        let Some((stored, answer)) = earlier else {
            return Ok(RequestStart::New);
        };
        if stored != fingerprint {
            return Err(Refusal::KeyReused.into());
        }
        let Some((status, sealed)) = answer else {
            return Ok(RequestStart::Running);
        };
        let row = row_of(key);
        let body = seal.open(place_of(&row), &sealed).map_err(|_| {
            super::failure::corrupt(
                "start a request",
                "a stored answer does not open".to_owned(),
            )
        })?;
        Ok(RequestStart::Answered(StoredAnswer {
            status,
            body: body.into(),
        }))
    }

    pub(super) fn finish_request(
        &mut self,
        key: &RequestKey,
        answer: &StoredAnswer,
    ) -> Result<(), StoreError> {
        const SQL: &str = "-- carehook.requests.finish
            UPDATE requests SET status = ?3, answer = ?4 WHERE caller = ?1 AND key = ?2";
        let seal = self.data_key(INSTALLATION, CONFIGURATION)?;
        let row = row_of(key);
        let StoredAnswer { status, body } = answer;
        let body: &Bytes = body;
        let sealed = seal.seal(place_of(&row), body);
        self.control_transaction("finish a request", |t| {
            t.prepare_cached(SQL)?
                .execute(params![key.caller, key.key, status, sealed])?;
            Ok(())
        })
    }

    pub(super) fn abandon_request(&mut self, key: &RequestKey) -> Result<(), StoreError> {
        const SQL: &str = "-- carehook.requests.abandon
            DELETE FROM requests WHERE caller = ?1 AND key = ?2 AND status IS NULL";
        self.control_transaction("abandon a request", |t| {
            t.prepare_cached(SQL)?
                .execute(params![key.caller, key.key])?;
            Ok(())
        })
    }
}

fn row_of(key: &RequestKey) -> Vec<u8> {
    [key.caller.as_bytes(), b"\0", key.key.as_bytes()].concat()
}

fn place_of(row: &[u8]) -> Place<'_> {
    Place {
        kind: Kind::Request,
        organization: INSTALLATION,
        row,
    }
}
