//! The row of a delivery with its last attempt, and whether a filter wants it.

use std::time::Duration;

use carehook_core::{Delivery, DeliveryState, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Row};

use crate::embedded::codec;
use crate::embedded::delivery_reads::{self, delivery_columns};
use crate::embedded::shared::Shared;
use crate::{LogFilter, LoggedAttempt, LoggedDelivery, StatusClass};

/// Places of columns in a row; the first ones are those of every delivery.
mod column {
    pub(super) const TYPE: usize = 3;
    pub(super) const STATE: usize = 8;
    pub(super) const ARRIVED_AT: usize = 13;
    pub(super) const SUBJECT: usize = 15;
    pub(super) const LAST_STARTED_AT: usize = 16;
    pub(super) const LAST_MICROS: usize = 17;
    pub(super) const LAST_OUTCOME: usize = 18;
    pub(super) const LAST_STATUS: usize = 19;
    pub(super) const LAST_ERROR: usize = 20;
}

/// What the rows of deliveries are compared with.
pub(super) struct Wanted {
    organization: i64,
    filter: LogFilter,
    subject: Option<[u8; 16]>,
}

impl Wanted {
    pub(super) fn new(organization: i64, filter: &LogFilter, subject: Option<[u8; 16]>) -> Self {
        Self {
            organization,
            filter: filter.clone(),
            subject,
        }
    }

    /// Whether a delivery is wanted; looks at its row only when it has to.
    pub(super) fn has(
        &self,
        shared: &Shared,
        file: &Connection,
        number: i64,
    ) -> rusqlite::Result<bool> {
        if !self.asks_for_rows() {
            return Ok(true);
        }
        Ok(self.row(shared, file, number)?.is_some())
    }

    /// Whether more is asked than which endpoint it is.
    fn asks_for_rows(&self) -> bool {
        let LogFilter {
            only,
            event,
            endpoint: _,
            state,
            status,
            event_type,
            subject,
            mode,
            since,
            until,
        } = &self.filter;
        let of_event = only.is_some() || event.is_some() || event_type.is_some();
        let how = state.is_some() || status.is_some() || subject.is_some() || mode.is_some();
        of_event || how || since.is_some() || until.is_some()
    }

    /// A delivery, if it is wanted.
    pub(super) fn row(
        &self,
        shared: &Shared,
        file: &Connection,
        number: i64,
    ) -> rusqlite::Result<Option<LoggedDelivery>> {
        const SQL: &str = concat!(
            "-- carehook.delivery_log.row\nSELECT ",
            delivery_columns!(),
            ", e.subject, a.started_at, a.duration_us, a.outcome, a.status, a.error
            FROM deliveries d CROSS JOIN events e ON e.number = d.event
            LEFT JOIN attempts a ON a.delivery = d.number AND a.number = d.attempts
            WHERE d.number = ?1"
        );
        let mut statement = file.prepare_cached(SQL)?;
        let found = statement.query_row([number], |row| self.read(shared, row));
        Ok(found.optional()?.flatten())
    }

    fn read(&self, shared: &Shared, row: &Row<'_>) -> rusqlite::Result<Option<LoggedDelivery>> {
        if !self.may_be(row)? {
            return Ok(None);
        }
        let read = delivery_reads::read(row)?;
        if read.organization() != self.organization {
            return Ok(None);
        }
        let Some(delivery) = delivery_reads::convert(&shared.control.read(), &read) else {
            return Ok(None);
        };
        let last = last_attempt(row)?;
        let logged = LoggedDelivery { delivery, last };
        Ok(self.wants(&logged).then_some(logged))
    }

    /// Looks at what rules most rows out, without making anything of them.
    fn may_be(&self, row: &Row<'_>) -> rusqlite::Result<bool> {
        let filter = &self.filter;
        if let Some(state) = filter.state
            && row.get::<_, i64>(column::STATE)? != codec::state::code(state)
            && (state != DeliveryState::Delivered
                || row.get::<_, Option<i64>>(column::ARRIVED_AT)?.is_none())
        {
            return Ok(false);
        }
        if let Some(wanted) = &filter.event_type
            && row.get_ref(column::TYPE)?.as_str().ok() != Some(wanted.as_str())
        {
            return Ok(false);
        }
        if let Some(wanted) = filter.status {
            let started: Option<i64> = row.get(column::LAST_STARTED_AT)?;
            let class = StatusClass::of(row.get(column::LAST_STATUS)?);
            if started.is_none() || class != Some(wanted) {
                return Ok(false);
            }
        }
        Ok(self.subject.is_none()
            || row.get::<_, Option<[u8; 16]>>(column::SUBJECT)? == self.subject)
    }

    fn wants(&self, logged: &LoggedDelivery) -> bool {
        let LogFilter {
            only,
            event: _,
            endpoint,
            state,
            status,
            event_type,
            subject: _,
            mode,
            since,
            until,
        } = &self.filter;
        let LoggedDelivery { delivery, last } = logged;
        let class = last.as_ref().and_then(|last| StatusClass::of(last.status));
        only.as_ref().is_none_or(|only| only.contains(&delivery.id))
            && endpoint.is_none_or(|wanted| wanted == delivery.endpoint_id)
            && state.is_none_or(|wanted| is_in(delivery, wanted))
            && status.is_none_or(|wanted| class == Some(wanted))
            && event_type
                .as_ref()
                .is_none_or(|wanted| *wanted == delivery.event_type)
            && mode.is_none_or(|wanted| wanted == delivery.mode)
            && since.is_none_or(|since| delivery.created_at >= since)
            && until.is_none_or(|until| delivery.created_at < until)
    }
}

/// What the receiver has is delivered, also while it is sent again.
fn is_in(delivery: &Delivery, wanted: DeliveryState) -> bool {
    let has_arrived = wanted == DeliveryState::Delivered && delivery.arrived_at.is_some();
    delivery.state == wanted || has_arrived
}

/// Whether those that are wanted are pending, and whether they are given up; `None` when they may
/// be delivered.
pub(super) fn unfinished(filter: &LogFilter) -> Option<(bool, bool)> {
    match (filter.state, filter.status) {
        (Some(DeliveryState::Pending), _) => Some((true, false)),
        (Some(DeliveryState::Failed | DeliveryState::Cancelled), _) => Some((false, true)),
        (None, Some(status)) if !status.may_be_delivered() => Some((true, true)),
        (None | Some(DeliveryState::Delivered), _) => None,
    }
}

fn last_attempt(row: &Row<'_>) -> rusqlite::Result<Option<LoggedAttempt>> {
    let Some(started_at) = row.get::<_, Option<i64>>(column::LAST_STARTED_AT)? else {
        return Ok(None);
    };
    let micros: i64 = row.get(column::LAST_MICROS)?;
    let outcome = codec::outcome::parse(row.get(column::LAST_OUTCOME)?);
    Ok(Some(LoggedAttempt {
        started_at: Timestamp(started_at),
        duration: Duration::from_micros(micros.cast_unsigned()),
        outcome: outcome.ok_or(rusqlite::Error::InvalidQuery)?,
        status: row.get(column::LAST_STATUS)?,
        error: row.get(column::LAST_ERROR)?,
    }))
}
