//! What other senders report: sealed rows in the log file of the day on which it came.

use carehook_core::{EventBody, EventType, JsonText, RecordId, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::super::control::EndpointPlace;
use super::super::prepare::salt;
use super::super::retention;
use super::super::shared::Shared;
use super::super::writer::Writer;
use super::chain;
use super::reads::day_of_activity;
use crate::keys::{Kind, Place, SealKey};
use crate::{Activity, ActivityId, ActivityOrigin, Refusal, Report, ReportedOutcome, StoreError};

/// The plain text of a report's sealed part.
#[derive(Serialize, Deserialize)]
struct ReportRow {
    posted_at: Option<i64>,
    payload: Box<RawValue>,
    raw_message: Box<RawValue>,
    reported_by: Box<str>,
}

/// The plain text of an outcome.
#[derive(Serialize, Deserialize)]
struct OutcomeRow {
    success: bool,
    status: Option<u16>,
    error: Option<Box<str>>,
    answer: Option<Box<RawValue>>,
    at: i64,
    reported_by: Box<str>,
}

impl Writer {
    /// Stores a report; its id leads to its row.
    pub(in crate::embedded) fn report(
        &mut self,
        place: EndpointPlace,
        report: &Report,
    ) -> Result<ActivityId, StoreError> {
        const OP: &str = "report an activity";
        if self.shared.is_nearly_full() {
            return Err(StoreError::Full);
        }
        let now = self.now();
        let day = now.day();
        let key = self.data_key(place.organization, day)?;
        let plain = Zeroizing::new(encode_report(report)?);
        let written = self.log(day).and_then(|log| {
            let transaction = log.unchecked_transaction()?;
            let id = insert(&transaction, place, report, now)?;
            let sealed = key.seal(report_place(place, &id.0.to_bytes()), &plain);
            fill(&transaction, id, &sealed)?;
            if let Some(original) = report.retry_of {
                chain::note(&transaction, id, original)?;
            }
            transaction.commit()?;
            Ok(id)
        });
        written.map_err(|error| self.classify(OP, &error))
    }

    /// Adds how a report came out, unless that was said before.
    pub(in crate::embedded) fn complete_report(
        &mut self,
        place: EndpointPlace,
        id: ActivityId,
        outcome: &ReportedOutcome,
    ) -> Result<(), StoreError> {
        const OP: &str = "complete an activity";
        const SQL: &str = "-- carehook.activities.complete_report
            UPDATE reports SET success = ?2, outcome = ?3
            WHERE number = ?1 AND outcome IS NULL AND length(sealed) > 0";
        let day = day_of_activity(id);
        if retention::is_shredded(&self.shared, place.organization, day) {
            return Err(Refusal::Conflict("the activity is past its retention".to_owned()).into());
        }
        let key = self.data_key(place.organization, day)?;
        let plain = Zeroizing::new(encode_outcome(outcome)?);
        let sealed = key.seal(outcome_place(place, &id.0.to_bytes()), &plain);
        let number = id.0.number().cast_signed();
        let written = self.log(day).and_then(|log| {
            log.prepare_cached(SQL)?
                .execute(params![number, outcome.success, sealed])
        });
        match written.map_err(|error| self.classify(OP, &error))? {
            0 => Err(Refusal::Conflict("the activity has its outcome already".to_owned()).into()),
            _ => Ok(()),
        }
    }
}

/// Takes a number for a report; the number is part of the id under which it is sealed.
fn insert(
    file: &Connection,
    place: EndpointPlace,
    report: &Report,
    now: Timestamp,
) -> rusqlite::Result<ActivityId> {
    const SQL: &str = "-- carehook.activities.insert_report
        INSERT INTO reports (salt, endpoint, type, created_at, sealed)
        VALUES (?1, ?2, ?3, ?4, x'')";
    let salt = salt() | ActivityId::REPORTED;
    file.prepare_cached(SQL)?.execute(params![
        salt,
        place.number,
        report.event_type.as_str(),
        now.0
    ])?;
    let number = file.last_insert_rowid().cast_unsigned();
    Ok(ActivityId(RecordId::new(now.0, number, salt)))
}

fn fill(file: &Connection, id: ActivityId, sealed: &[u8]) -> rusqlite::Result<()> {
    const SQL: &str = "-- carehook.activities.fill_report
        UPDATE reports SET sealed = ?2 WHERE number = ?1";
    let number = id.0.number().cast_signed();
    file.prepare_cached(SQL)?.execute(params![number, sealed])?;
    Ok(())
}

/// A report's row, still sealed.
struct Row {
    salt: u32,
    endpoint: i64,
    event_type: String,
    created_at: i64,
    sealed: Vec<u8>,
    outcome: Option<Vec<u8>>,
    success: Option<bool>,
}

/// One report about an endpoint; `None` also when it can no longer be read.
pub(super) fn one(
    shared: &Shared,
    place: EndpointPlace,
    id: ActivityId,
) -> rusqlite::Result<Option<Activity>> {
    let day = day_of_activity(id);
    if !shared.days.has(day) {
        return Ok(None);
    }
    let row = shared.readers.with(day, |file| row(file, id))?;
    let ours = |row: &Row| {
        let stored = RecordId::new(row.created_at, id.0.number(), row.salt);
        row.endpoint == place.number && stored == id.0
    };
    let Some(row) = row.filter(ours) else {
        return Ok(None);
    };
    let retry_of = chain::original_of(shared, id)?;
    if row.sealed.is_empty() || !shared.keys.has(place.organization, day) {
        return Ok(without_payload(place, id, &row, retry_of));
    }
    let key = shared.keys.get(place.organization, day);
    Ok(key.and_then(|key| open(&key, place, id, &row, retry_of)))
}

fn row(file: &Connection, id: ActivityId) -> rusqlite::Result<Option<Row>> {
    const SQL: &str = "-- carehook.activities.report
        SELECT salt, endpoint, type, created_at, sealed, outcome, success
        FROM reports WHERE number = ?1";
    let read = |row: &rusqlite::Row<'_>| {
        Ok(Row {
            salt: row.get(0)?,
            endpoint: row.get(1)?,
            event_type: row.get(2)?,
            created_at: row.get(3)?,
            sealed: row.get(4)?,
            outcome: row.get(5)?,
            success: row.get(6)?,
        })
    };
    file.prepare_cached(SQL)?
        .query_row([id.0.number().cast_signed()], read)
        .optional()
}

fn open(
    key: &SealKey,
    place: EndpointPlace,
    id: ActivityId,
    row: &Row,
    retry_of: Option<ActivityId>,
) -> Option<Activity> {
    let name = id.0.to_bytes();
    let event_type: EventType = row.event_type.parse().ok()?;
    let plain = Zeroizing::new(key.open(report_place(place, &name), &row.sealed).ok()?);
    let ReportRow {
        posted_at,
        payload,
        raw_message,
        reported_by,
    } = serde_json::from_slice(&plain).ok()?;
    let report = Report {
        endpoint: place.id,
        event_type: event_type.clone(),
        posted_at: posted_at.map(Timestamp),
        payload: json(payload),
        raw_message: json(raw_message),
        reported_by,
        retry_of,
    };
    let outcome = match &row.outcome {
        None => None,
        Some(sealed) => Some(open_outcome(key, outcome_place(place, &name), sealed)?),
    };
    Some(Activity {
        id,
        event_type,
        created_at: Timestamp(row.created_at),
        retry_of,
        origin: ActivityOrigin::Report {
            report: Box::new(report),
            outcome: outcome.map(Box::new),
        },
    })
}

/// What is left of a report after its retention: that it was made, and how it came out.
fn without_payload(
    place: EndpointPlace,
    id: ActivityId,
    row: &Row,
    retry_of: Option<ActivityId>,
) -> Option<Activity> {
    let event_type: EventType = row.event_type.parse().ok()?;
    let created_at = Timestamp(row.created_at);
    let gone = || EventBody::gone().data;
    let report = Report {
        endpoint: place.id,
        event_type: event_type.clone(),
        posted_at: None,
        payload: gone(),
        raw_message: gone(),
        reported_by: "".into(),
        retry_of,
    };
    let outcome = row.success.map(|success| ReportedOutcome {
        success,
        status: None,
        error: None,
        answer: None,
        at: created_at,
        reported_by: "".into(),
    });
    Some(Activity {
        id,
        event_type,
        created_at,
        retry_of,
        origin: ActivityOrigin::Report {
            report: Box::new(report),
            outcome: outcome.map(Box::new),
        },
    })
}

fn open_outcome(key: &SealKey, place: Place<'_>, sealed: &[u8]) -> Option<ReportedOutcome> {
    let plain = Zeroizing::new(key.open(place, sealed).ok()?);
    let OutcomeRow {
        success,
        status,
        error,
        answer,
        at,
        reported_by,
    } = serde_json::from_slice(&plain).ok()?;
    Some(ReportedOutcome {
        success,
        status,
        error,
        answer: answer.map(json),
        at: Timestamp(at),
        reported_by,
    })
}

fn encode_report(report: &Report) -> Result<Vec<u8>, StoreError> {
    let Report {
        endpoint: _,
        event_type: _,
        posted_at,
        payload,
        raw_message,
        reported_by,
        retry_of: _,
    } = report;
    let row = ReportRow {
        posted_at: posted_at.map(|time| time.0),
        payload: raw(payload)?,
        raw_message: raw(raw_message)?,
        reported_by: reported_by.clone(),
    };
    Ok(serde_json::to_vec(&row).expect("a report has a JSON form"))
}

fn encode_outcome(outcome: &ReportedOutcome) -> Result<Vec<u8>, StoreError> {
    let ReportedOutcome {
        success,
        status,
        error,
        answer,
        at,
        reported_by,
    } = outcome;
    let row = OutcomeRow {
        success: *success,
        status: *status,
        error: error.clone(),
        answer: answer.as_ref().map(raw).transpose()?,
        at: at.0,
        reported_by: reported_by.clone(),
    };
    Ok(serde_json::to_vec(&row).expect("an outcome has a JSON form"))
}

fn raw(text: &JsonText) -> Result<Box<RawValue>, StoreError> {
    let not_json = |_| Refusal::Conflict("a part of the report is not JSON".to_owned());
    Ok(serde_json::from_slice(text.bytes()).map_err(not_json)?)
}

fn json(raw: Box<RawValue>) -> JsonText {
    let text: Box<str> = raw.into();
    JsonText::from_stored(String::from(text).into())
}

fn report_place(place: EndpointPlace, row: &[u8]) -> Place<'_> {
    Place {
        kind: Kind::Report,
        organization: place.organization,
        row,
    }
}

fn outcome_place(place: EndpointPlace, row: &[u8]) -> Place<'_> {
    Place {
        kind: Kind::ReportOutcome,
        organization: place.organization,
        row,
    }
}
