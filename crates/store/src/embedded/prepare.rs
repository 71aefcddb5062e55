//! What callers do before their work goes to the writer: sealing, fingerprints, numbers.

use std::sync::Arc;

use carehook_core::EventId;

use super::codec;
use super::delivery_reads::{answer_place, answer_row};
use super::given_key;
use super::retention;
use super::shared::Shared;
use super::work::{Idempotency, PreparedAttempt, PreparedEvent};
use super::writer::day_of;
use crate::keys::{CONFIGURATION, Kind, Place};
use crate::{AttemptRecord, NewEvent, Refusal, StoreError};

/// Random bits for an id.
pub(super) fn salt() -> u32 {
    let mut bytes = [0u8; 4];
    aws_lc_rs::rand::fill(&mut bytes).expect("the system gives random bytes");
    u32::from_be_bytes(bytes)
}

/// Seals an event and looks up what its rows need.
pub(super) async fn event(shared: &Shared, new: NewEvent) -> Result<PreparedEvent, StoreError> {
    let NewEvent {
        mut event,
        to,
        idempotency_key,
        trigger,
        retry_of,
    } = new;
    // A clock that was set back must not date it before the file that it goes into.
    event.created_at = event.created_at.max(shared.floor());
    let (organization, to) = {
        let control = shared.control.read();
        let entry = control
            .entry(&event.organization)
            .ok_or(Refusal::NotFound("organization"))?;
        let ours = |place: &super::control::EndpointPlace| place.organization == entry.number;
        let places = to.iter().filter_map(|id| control.place(*id)).filter(ours);
        (entry.number, places.collect())
    };
    let key = shared
        .data_key(organization, event.created_at.day())
        .await?;
    let number = match &event.id {
        EventId::Made(id) if shared.gave_out_event_number(id.number()) => id.number(),
        EventId::Made(_) => {
            let reason = "an event id of this form comes from the store".to_owned();
            return Err(Refusal::Conflict(reason).into());
        }
        EventId::Given(_) => shared.next_event_number(),
    };
    let plain = zeroize::Zeroizing::new(codec::encode_body(&event.body));
    let place = Place {
        kind: Kind::Event,
        organization,
        row: &number.to_be_bytes(),
    };
    let sealed = key.seal(place, &plain);
    // What can be found by it must not be found by those who only have the files.
    let hash_key = shared.data_key(organization, CONFIGURATION).await?;
    let subject = event.body.subject.as_ref();
    let subject = subject.map(|subject| hash_key.keyed_hash(subject.as_bytes()));
    let mut keys = Vec::new();
    if let EventId::Given(id) = &event.id {
        keys.push(given_key(id));
    }
    keys.extend(idempotency_key.map(|key| format!("key:{key}")));
    let idempotency = (!keys.is_empty()).then(|| Idempotency {
        keys,
        fingerprint: hash_key.keyed_digest(&codec::fingerprint(&event, &plain)),
    });
    Ok(PreparedEvent {
        event: Arc::new(event),
        number,
        organization,
        sealed,
        subject,
        to,
        idempotency,
        trigger,
        retry_of,
    })
}

/// Seals the answer of an attempt; without one, or without its organization, there is none.
pub(super) async fn attempt(
    shared: &Shared,
    record: AttemptRecord,
) -> Result<PreparedAttempt, StoreError> {
    let organization = {
        let control = shared.control.read();
        control
            .entry(&record.organization)
            .map(|entry| entry.number)
    };
    let answer = match organization {
        Some(organization) if !record.attempt.answer.is_empty() => {
            let day = day_of(record.delivery);
            if retention::is_shredded(shared, organization, day) {
                return Ok(PreparedAttempt {
                    record,
                    answer: None,
                });
            }
            match shared.data_key(organization, day).await {
                Ok(key) => {
                    let row = answer_row(record.delivery, record.attempt.number);
                    Some(key.seal(answer_place(organization, &row), &record.attempt.answer))
                }
                Err(StoreError::Refused(_)) => None,
                Err(error) => return Err(error),
            }
        }
        _ => None,
    };
    Ok(PreparedAttempt { record, answer })
}
