//! Retention: shreds keys, erases payloads that have to go alone, and takes away rows and files.

mod files;
mod rows;

pub(super) use files::noted_ends;

use carehook_core::{Retention, Timestamp};

use super::audit;
use super::erase_events::{self, Which};
use super::shared::Shared;
use super::writer::Writer;
use super::{EmbeddedStore, Result};
use crate::RetentionPosition;
use crate::keys::INSTALLATION;
use crate::retaining::RetentionPhase as Phase;

const OP: &str = "retain";
/// The longest that a year can be.
const DAYS_OF_A_YEAR: i64 = 366;
/// Keys that one step shreds.
const SHREDDED: usize = 256;

impl EmbeddedStore {
    pub(crate) async fn retain(
        &self,
        now: Timestamp,
        at: RetentionPosition,
    ) -> Result<Option<RetentionPosition>> {
        let today = now.day();
        let next = match at.0 {
            Phase::Keys { after } => self.shred(today, after).await?,
            Phase::Payloads {
                kept,
                at,
                keys_after,
            } => self.erase_ended(kept, at, keys_after).await?,
            Phase::Metadata {
                day,
                organization,
                after,
            } => self.drop_rows(today, day, (organization, after)).await?,
            Phase::Emptying => {
                self.forget_disclosures(today).await?;
                self.trim_journals(today).await?;
                // A log that somebody still reads is emptied an hour later.
                self.empty_write_ahead_logs().await?;
                return Ok(None);
            }
        };
        Ok(Some(RetentionPosition(next)))
    }

    /// Forgets disclosures that are past their years, each book with its checkpoint first: one
    /// without is whole, but a checkpoint without its book would look like a removed one.
    async fn forget_disclosures(&self, today: i64) -> Result<()> {
        let organizations = self.shared.control.read().organization_numbers();
        for organization in organizations {
            let first = first_audited_day(&self.shared, organization, today);
            let days = self
                .read_at_once(OP, move |shared| {
                    audit::days_before(shared, organization, first)
                })
                .await?;
            if days.is_empty() {
                continue;
            }
            let of = days.clone();
            let forget = move |writer: &mut Writer| writer.forget_checkpoints(organization, &of);
            self.shared.change_always(OP, forget).await?;
            self.read_at_once(OP, move |shared| {
                Ok(audit::forget(shared, organization, &days))
            })
            .await??;
        }
        Ok(())
    }

    /// Takes away what is past its years of every journal, also of deleted organizations.
    async fn trim_journals(&self, today: i64) -> Result<()> {
        let mut journals = self.shared.control.read().organization_numbers();
        journals.push(INSTALLATION);
        for organization in journals {
            let first = first_audited_day(&self.shared, organization, today);
            let before = Timestamp::from_day(first);
            let next = async || {
                let find = move |shared: &Shared| audit::trimmable(shared, organization, before);
                self.read_at_once(OP, find).await
            };
            while let Some(head) = next().await? {
                let trim = move |writer: &mut Writer| writer.trim_journal(organization, head);
                self.shared.change_always(OP, trim).await?;
            }
        }
        Ok(())
    }

    /// Shreds the keys of days that are past, unless something of that day is pending.
    async fn shred(&self, today: i64, after: (i64, i64)) -> Result<Phase> {
        let past = past_keys(&self.shared, today, after);
        let Some(last) = past.last().copied() else {
            return Ok(Phase::Metadata {
                day: i64::MIN,
                organization: i64::MIN,
                after: i64::MIN,
            });
        };
        let shred = move |writer: &mut Writer| writer.shred(&past);
        let kept = self.shared.change_always(OP, shred).await?;
        Ok(on_to_payloads(kept, last))
    }

    /// Erases what is not pending of the organization and day that is the last of `kept`.
    async fn erase_ended(
        &self,
        mut kept: Vec<(i64, i64)>,
        (file, after): (i64, i64),
        keys_after: (i64, i64),
    ) -> Result<Phase> {
        let Some((organization, day)) = kept.last().copied() else {
            return Ok(Phase::Keys { after: keys_after });
        };
        // An event that waited over midnight is in the file of the next day.
        let file = file.max(day);
        let mut next = None;
        if self.shared.days.has(file) {
            let found = self
                .read_at_once(OP, move |shared| {
                    erase_events::ended(shared, organization, (file, after), day)
                })
                .await?;
            next = found.next;
            let erase = move |writer: &mut Writer| {
                if file == day {
                    writer.erase_reports(organization, day)?;
                }
                writer.erase_found(organization, file, &found, Which::Ended)
            };
            self.shared.change_always(OP, erase).await?;
        }
        let at = match next {
            Some(after) => (file, after),
            None if file == day => (day + 1, i64::MIN),
            None => {
                kept.pop();
                return Ok(on_to_payloads(kept, keys_after));
            }
        };
        Ok(Phase::Payloads {
            kept,
            at,
            keys_after,
        })
    }
}

fn on_to_payloads(kept: Vec<(i64, i64)>, keys_after: (i64, i64)) -> Phase {
    if kept.is_empty() {
        return Phase::Keys { after: keys_after };
    }
    Phase::Payloads {
        kept,
        at: (i64::MIN, i64::MIN),
        keys_after,
    }
}

/// How long an organization keeps things; what is left of a deleted one is kept as long as usual.
pub(super) fn retention_of(shared: &Shared, organization: i64) -> Retention {
    let control = shared.control.read();
    let id = control.organization_id(organization);
    let entry = id.and_then(|id| control.entry(id));
    let entry = entry.filter(|entry| entry.number == organization);
    entry.map_or_else(Retention::default, |entry| {
        entry.organization.settings.retention
    })
}

/// The first day of which an organization's trail is kept.
fn first_audited_day(shared: &Shared, organization: i64, today: i64) -> i64 {
    let years = retention_of(shared, organization).audit_years;
    today - i64::from(years) * DAYS_OF_A_YEAR
}

/// Whether all of a day is more than so many days ago.
fn is_past(today: i64, day: i64, days: u32) -> bool {
    today.saturating_sub(day) > i64::from(days)
}

/// Whether the key of a day was destroyed; a new one would hide what else is kept of that day.
pub(super) fn is_shredded(shared: &Shared, organization: i64, day: i64) -> bool {
    !shared.keys.has(organization, day) && {
        let days = retention_of(shared, organization).payload_days;
        is_past(shared.floor().day(), day, days)
    }
}

/// The next keys whose payloads are past their time, in order.
fn past_keys(shared: &Shared, today: i64, after: (i64, i64)) -> Vec<(i64, i64)> {
    shared.keys.first_after(after, SHREDDED, |(of, day)| {
        day >= 0 && is_past(today, day, retention_of(shared, of).payload_days)
    })
}

impl Writer {
    /// Destroys keys of days with nothing pending; gives back the others.
    fn shred(&mut self, past: &[(i64, i64)]) -> Result<Vec<(i64, i64)>> {
        const SQL: &str = "-- carehook.retention.shred
            DELETE FROM data_keys WHERE organization = ?1 AND day = ?2";
        let (mut going, mut kept) = (Vec::new(), Vec::new());
        for name in past {
            let pending = self.has_pending(name.0, &[name.1, name.1 + 1])?;
            if pending { &mut kept } else { &mut going }.push(*name);
        }
        if !going.is_empty() {
            self.control_transaction(OP, |t| {
                let mut delete = t.prepare_cached(SQL)?;
                going
                    .iter()
                    .try_for_each(|(of, day)| delete.execute([*of, *day]).map(drop))
            })?;
            for (organization, day) in going {
                self.shared.keys.forget_day(organization, day);
            }
        }
        Ok(kept)
    }

    /// Whether an organization is owed anything out of the files of these days.
    fn has_pending(&mut self, organization: i64, days: &[i64]) -> Result<bool> {
        const SQL: &str = "-- carehook.retention.has_pending
            SELECT EXISTS (SELECT 1 FROM deliveries INDEXED BY deliveries_pending
                WHERE state = 0 AND endpoint = ?1)";
        let possible = self.shared.days.with_pending();
        let endpoints = self.places_of(organization);
        for day in days.iter().filter(|day| possible.contains(day)) {
            let pending = self.log(*day).and_then(|log| {
                let mut statement = log.prepare_cached(SQL)?;
                for endpoint in &endpoints {
                    if statement.query_row([endpoint], |row| row.get(0))? {
                        return Ok(true);
                    }
                }
                Ok(false)
            });
            if pending.map_err(|error| self.classify(OP, &error))? {
                return Ok(true);
            }
        }
        self.logs.close_spare();
        Ok(false)
    }

    /// Overwrites what others reported about the endpoints of an organization on a day.
    fn erase_reports(&mut self, organization: i64, day: i64) -> Result<()> {
        const SQL: &str = "-- carehook.retention.erase_reports
            UPDATE reports SET sealed = x'', outcome = NULL
            WHERE endpoint = ?1 AND length(sealed) > 0";
        let places = self.places_of(organization);
        let erased = self.log(day).and_then(|log| {
            let mut statement = log.prepare_cached(SQL)?;
            places
                .iter()
                .try_for_each(|endpoint| statement.execute([endpoint]).map(drop))
        });
        erased.map_err(|error| self.classify(OP, &error))
    }

    /// The numbers of an organization's endpoints, those that were deleted as well.
    fn places_of(&self, organization: i64) -> Vec<i64> {
        let control = self.shared.control.read();
        let of_it = control.all_places();
        let of_it = of_it.filter(|place| place.organization == organization);
        of_it.map(|place| place.number).collect()
    }
}
