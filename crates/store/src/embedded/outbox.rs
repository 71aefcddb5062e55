//! Mails that are owed, in the log file of their delivery; written with the failure itself.

use std::collections::BTreeSet;

use carehook_core::{AttemptId, DeliveryState, Reason, Timestamp};
use parking_lot::RwLock;
use rusqlite::{Connection, params};

use super::work::PreparedAttempt;
use super::writer::{Writer, day_of};
use super::{EmbeddedStore, codec, outbox_reads};
use crate::{MailPage, StoreError};

/// The days whose files may hold mails, so that looking for some costs nothing while there are none.
pub(super) struct MailDays(RwLock<BTreeSet<i64>>);

impl MailDays {
    pub(super) fn new(days: impl IntoIterator<Item = i64>) -> Self {
        Self(RwLock::new(days.into_iter().collect()))
    }

    /// Must be called before a mail is written.
    pub(super) fn mark(&self, day: i64) {
        if !self.0.read().contains(&day) {
            self.0.write().insert(day);
        }
    }

    fn unmark(&self, day: i64) {
        self.0.write().remove(&day);
    }

    pub(super) fn all(&self) -> Vec<i64> {
        self.0.read().iter().copied().collect()
    }
}

/// Writes down that a mail is owed about the attempt that ended a delivery; it is due at once.
pub(super) fn insert(file: &Connection, prepared: &PreparedAttempt) -> rusqlite::Result<()> {
    const SQL: &str = "-- carehook.outbox.insert
        INSERT OR IGNORE INTO mails (delivery, attempt, due, tries) VALUES (?1, ?2, ?3, 0)";
    let attempt = &prepared.record.attempt;
    file.prepare_cached(SQL)?.execute(params![
        prepared.delivery().0.number().cast_signed(),
        attempt.number,
        attempt.started_at.0
    ])?;
    Ok(())
}

/// Whether a delivery was failed with its whole endpoint, because another result said 410 first.
pub(super) fn went_with_its_endpoint(file: &Connection, delivery: i64) -> rusqlite::Result<bool> {
    const SQL: &str = "-- carehook.outbox.went_with_its_endpoint
        SELECT 1 FROM deliveries WHERE number = ?1 AND state = ?2 AND reason = ?3";
    let failed = codec::state::code(DeliveryState::Failed);
    let gone = codec::reason::code(Reason::EndpointGone);
    file.prepare_cached(SQL)?
        .exists(params![delivery, failed, gone])
}

/// Whether any mail in this file is owed.
pub(super) fn any(file: &Connection) -> rusqlite::Result<bool> {
    const SQL: &str = "-- carehook.outbox.any
        SELECT EXISTS (SELECT 1 FROM mails)";
    file.prepare_cached(SQL)?.query_row([], |row| row.get(0))
}

impl EmbeddedStore {
    pub(crate) async fn due_mails(
        &self,
        until: Timestamp,
        limit: usize,
    ) -> Result<MailPage, StoreError> {
        self.read_at_once("find mails", move |shared| {
            outbox_reads::page(shared, until, limit)
        })
        .await
    }

    pub(crate) async fn end_mail(&self, about: AttemptId) -> Result<(), StoreError> {
        let end = move |writer: &mut Writer| writer.end_mail(about);
        self.shared.change_always("end a mail", end).await
    }

    pub(crate) async fn delay_mail(
        &self,
        about: AttemptId,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let delay = move |writer: &mut Writer| writer.delay_mail(about, until);
        self.shared.change_always("delay a mail", delay).await
    }
}

impl Writer {
    /// Forgets a mail.
    pub(super) fn end_mail(&mut self, about: AttemptId) -> Result<(), StoreError> {
        const SQL: &str = "-- carehook.outbox.end
            DELETE FROM mails WHERE delivery = ?1 AND attempt = ?2";
        self.change_mail("end a mail", about, |file, delivery, attempt| {
            file.prepare_cached(SQL)?
                .execute(params![delivery, attempt])
                .map(drop)
        })
    }

    /// Makes a mail due later.
    pub(super) fn delay_mail(
        &mut self,
        about: AttemptId,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        const SQL: &str = "-- carehook.outbox.delay
            UPDATE mails SET due = ?3, tries = tries + 1 WHERE delivery = ?1 AND attempt = ?2";
        self.change_mail("delay a mail", about, |file, delivery, attempt| {
            file.prepare_cached(SQL)?
                .execute(params![delivery, attempt, until.0])
                .map(drop)
        })
    }

    fn change_mail(
        &mut self,
        op: &'static str,
        about: AttemptId,
        change: impl FnOnce(&Connection, i64, u32) -> rusqlite::Result<()>,
    ) -> Result<(), StoreError> {
        let (delivery, day) = (about.delivery().0.number(), day_of(about.delivery()));
        if !self.shared.days.has(day) {
            return Ok(());
        }
        let any_left = self.log(day).and_then(|file| {
            change(file, delivery.cast_signed(), about.number())?;
            any(file)
        });
        if !any_left.map_err(|error| self.classify(op, &error))? {
            self.shared.mail_days.unmark(day);
        }
        Ok(())
    }
}
