//! The steps of a replay: what is found is counted or made due, and what ended is counted.

use std::sync::Arc;

use carehook_core::{Endpoint, ReplayCounts};
use rusqlite::Connection;

use super::super::control::EndpointPlace;
use super::super::shared::Shared;
use super::super::writer::Writer;
use super::super::{EmbeddedStore, Result};
use super::look::{Found, due, look};
use super::progress::{self, Place};
use super::{STEP, days_of};
use crate::replaying::Phase;
use crate::{OpenReplay, ReplayPosition, ReplayStep, Store};

/// Fewer are not worth a commit: the endpoint has enough to do.
const AT_LEAST: usize = Store::REPLAYED_AT_ONCE / 4;

/// What there is to do in a file.
enum Sight {
    /// Nothing any more.
    Ended,
    /// The endpoint has enough to do.
    Full,
    /// This, found after the event with this number.
    Found(i64, Found),
}

/// What a job is about in a file.
struct Target {
    endpoint: Arc<Endpoint>,
    place: EndpointPlace,
}

impl EmbeddedStore {
    pub(crate) async fn step_replay(
        &self,
        job: &OpenReplay,
        at: ReplayPosition,
    ) -> Result<ReplayStep> {
        let Some(target) = self.target(job) else {
            return self.close_without_endpoint(job).await;
        };
        match at.0 {
            Phase::Counting { day, after, counts } => {
                self.count(job, target, (day, after), counts).await
            }
            Phase::Sending { .. } if !target.endpoint.is_served() => Ok(ReplayStep::Wait),
            // What room is left is for results; a replay adds rows as a publish does.
            Phase::Sending { .. } if self.shared.is_nearly_full() => Ok(ReplayStep::Wait),
            Phase::Sending { day } => self.send(job, target, day).await,
            Phase::Closing => self.close_replay(job).await,
        }
    }

    fn target(&self, job: &OpenReplay) -> Option<Target> {
        let control = self.shared.control.read();
        let place = control.place(job.endpoint)?;
        let endpoint = control.endpoint(job.endpoint).cloned()?;
        Some(Target { endpoint, place })
    }

    async fn count(
        &self,
        job: &OpenReplay,
        target: Target,
        (day, after): (i64, i64),
        mut counts: ReplayCounts,
    ) -> Result<ReplayStep> {
        let Some(here) = self.next_day(job, day) else {
            let id = job.clone();
            let counted = move |writer: &mut Writer| writer.replay_counted(&id, &counts);
            let goes_on = self.shared.change_always(STEP, counted).await?;
            let first = Phase::Sending { day: i64::MIN };
            return Ok(if goes_on {
                on(first)
            } else {
                ReplayStep::Ended
            });
        };
        let after = if here == day { after } else { i64::MIN };
        let sought = job.clone();
        let found = self
            .read_at_once(STEP, move |shared| {
                let to = (&*target.endpoint, target.place.number);
                look(shared, &sought, to, (here, after), usize::MAX)
            })
            .await?;
        counts.counted += found.candidates.len() as u64;
        counts.skipped += found.skipped;
        let (day, after) = match found.next {
            Place::After(after) => (here, after),
            Place::Ended => (here + 1, i64::MIN),
        };
        Ok(on(Phase::Counting { day, after, counts }))
    }

    async fn send(&self, job: &OpenReplay, target: Target, day: i64) -> Result<ReplayStep> {
        let Some(here) = self.next_day(job, day) else {
            return Ok(on(Phase::Closing));
        };
        let on_to_next = on(Phase::Sending { day: here + 1 });
        let sought = job.clone();
        let sight = self
            .read_at_once(STEP, move |shared| sight(shared, &sought, &target, here))
            .await?;
        let (after, found) = match sight {
            Sight::Ended => return Ok(on_to_next),
            Sight::Full => return Ok(ReplayStep::Wait),
            Sight::Found(after, found) => (after, found),
        };
        let next = match found.next {
            Place::Ended => on_to_next,
            Place::After(_) => on(Phase::Sending { day: here }),
        };
        let nothing = found.candidates.is_empty() && found.skipped == 0;
        if nothing && (Place::After(after), found.next) == (Place::START, Place::Ended) {
            // Most files have nothing for most replays, and that need not be written down.
            return Ok(on_to_next);
        }
        let job = job.clone();
        let make_due = move |writer: &mut Writer| writer.replay_found(&job, here, after, &found);
        let runs = self.shared.change_always(STEP, make_due).await?;
        Ok(if runs { next } else { on(Phase::Closing) })
    }

    /// Waits for the ends of what is due, and counts them for good.
    async fn close_replay(&self, job: &OpenReplay) -> Result<ReplayStep> {
        let sought = job.clone();
        let open = self
            .read_at_once(STEP, move |shared| {
                for day in shared.days.with_pending() {
                    let pending = |file: &Connection| progress::any_pending(file, sought.number);
                    if shared.readers.with(day, pending)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            })
            .await?;
        if open {
            return Ok(ReplayStep::Wait);
        }
        self.close_for_good(job).await
    }

    /// The endpoint was deleted, which has ended all of its deliveries.
    async fn close_without_endpoint(&self, job: &OpenReplay) -> Result<ReplayStep> {
        let number = job.number;
        let stop = move |writer: &mut Writer| writer.end_replay(number);
        self.shared.change_always(STEP, stop).await?;
        self.close_for_good(job).await
    }

    async fn close_for_good(&self, job: &OpenReplay) -> Result<ReplayStep> {
        let sought = job.clone();
        let days = self
            .read_at_once(STEP, move |shared| {
                let mut days = days_of(shared, &sought.filter);
                let mut failed = None;
                days.retain(|day| {
                    let exists = |file: &Connection| progress::exists(file, sought.number);
                    let found = shared.readers.with(*day, exists);
                    found.unwrap_or_else(|error| {
                        failed = Some(error);
                        false
                    })
                });
                failed.map_or(Ok(days), Err)
            })
            .await?;
        let job = job.clone();
        let close = move |writer: &mut Writer| writer.close_replay(&job, &days);
        self.shared.change_always(STEP, close).await?;
        Ok(ReplayStep::Ended)
    }

    fn next_day(&self, job: &OpenReplay, from: i64) -> Option<i64> {
        let days = days_of(&self.shared, &job.filter);
        days.into_iter().find(|day| *day >= from)
    }
}

fn on(phase: Phase) -> ReplayStep {
    ReplayStep::On(ReplayPosition(phase))
}

/// What is to be done next in a file, as far as the endpoint has room for it.
fn sight(shared: &Shared, job: &OpenReplay, target: &Target, day: i64) -> rusqlite::Result<Sight> {
    let number = target.place.number;
    let place = |file: &Connection| progress::place(file, job.number);
    let after = match shared.readers.with(day, place)? {
        Place::Ended => return Ok(Sight::Ended),
        Place::After(after) => after,
    };
    let bound = (shared.now(), Store::REPLAYED_AT_ONCE);
    let room = Store::REPLAYED_AT_ONCE - due(shared, number, bound)?;
    if room < AT_LEAST {
        return Ok(Sight::Full);
    }
    let found = look(shared, job, (&target.endpoint, number), (day, after), room)?;
    Ok(Sight::Found(after, found))
}
