//! Looking for deliveries: numbers from the narrowest index, the highest first, each row checked,
//! and a bound on how many are looked at.

mod rows;
mod streams;

use carehook_core::{Mode, OrganizationId, RecordId, Timestamp};
use rusqlite::Connection;

use super::event_reads::{find, may_hold};
use super::shared::Shared;
use super::{EmbeddedStore, Result};
use crate::keys::CONFIGURATION;
use crate::{Bounded, ListPage, LogFilter, LoggedDelivery, PageRequest};
use rows::Wanted;
use streams::{Sources, Streams};

const FIND: &str = "look for deliveries";
/// What opening a file costs, in deliveries looked at.
const FILE_COST: usize = 50;

impl EmbeddedStore {
    pub(crate) async fn find_deliveries(
        &self,
        of: &OrganizationId,
        filter: &LogFilter,
        page: PageRequest,
        look_at: usize,
    ) -> Result<ListPage<LoggedDelivery>> {
        let Some(subject) = self.subject_of(of, filter).await? else {
            return Ok(super::no_page());
        };
        let (of, filter) = (of.clone(), filter.clone());
        self.read(FIND, move |shared| {
            let mut found = Vec::new();
            let Some(mut search) = Search::new(shared, &of, &filter, subject, look_at)? else {
                return Ok(super::no_page());
            };
            let next = search.run(page.after, |search, file, number| {
                let row = search.wanted.row(search.shared, file, number)?;
                found.extend(row);
                Ok(found.len() >= page.limit)
            })?;
            Ok(ListPage { items: found, next })
        })
        .await
    }

    pub(crate) async fn count_deliveries(
        &self,
        of: &OrganizationId,
        filter: &LogFilter,
        at_most: usize,
        look_at: usize,
    ) -> Result<Bounded> {
        let Some(subject) = self.subject_of(of, filter).await? else {
            return Ok(Bounded::default());
        };
        let (of, filter) = (of.clone(), filter.clone());
        self.read(FIND, move |shared| {
            let mut number = 0;
            let Some(mut search) = Search::new(shared, &of, &filter, subject, look_at)? else {
                return Ok(Bounded::default());
            };
            let next = search.run(None, |search, file, delivery| {
                if search.wanted.has(search.shared, file, delivery)? {
                    number += 1;
                }
                Ok(number >= at_most)
            })?;
            Ok(Bounded {
                number: number as u64,
                more: next.is_some(),
            })
        })
        .await
    }

    /// The keyed hash of the subject that is looked for; `None` without such an organization.
    async fn subject_of(
        &self,
        of: &OrganizationId,
        filter: &LogFilter,
    ) -> Result<Option<Option<[u8; 16]>>> {
        let Some(organization) = self.organization_number(of) else {
            return Ok(None);
        };
        let Some(subject) = &filter.subject else {
            return Ok(Some(None));
        };
        let key = self.shared.data_key(organization, CONFIGURATION).await?;
        Ok(Some(Some(key.keyed_hash(subject.as_bytes()))))
    }
}

/// One look through the files.
struct Search<'a> {
    shared: &'a Shared,
    filter: &'a LogFilter,
    wanted: Wanted,
    /// The endpoints whose deliveries are looked through.
    endpoints: Vec<i64>,
    /// Where the event is that is looked for.
    event: Option<(i64, i64)>,
    /// How many more deliveries are looked at.
    left: usize,
}

impl<'a> Search<'a> {
    /// `None` when nothing can be found.
    fn new(
        shared: &'a Shared,
        of: &OrganizationId,
        filter: &'a LogFilter,
        subject: Option<[u8; 16]>,
        look_at: usize,
    ) -> rusqlite::Result<Option<Self>> {
        let Some((organization, endpoints)) = endpoints(shared, of, filter) else {
            return Ok(None);
        };
        let event = match &filter.event {
            None => None,
            Some(id) => match find(shared, organization, id)? {
                Some((day, row)) => Some((day, row.number)),
                None => return Ok(None),
            },
        };
        Ok(Some(Self {
            shared,
            filter,
            wanted: Wanted::new(organization, filter, subject),
            endpoints,
            event,
            left: look_at,
        }))
    }

    /// Gives numbers of deliveries to `look` until that has enough, and says where to go on.
    fn run(
        &mut self,
        after: Option<RecordId>,
        mut look: impl FnMut(&Self, &Connection, i64) -> rusqlite::Result<bool>,
    ) -> rusqlite::Result<Option<RecordId>> {
        let (last_day, below) = after.map_or((i64::MAX, i64::MAX), |after| {
            let day = Timestamp(after.millis()).day();
            (day, after.number().cast_signed())
        });
        let mut days = self.shared.days.newest_first();
        days.retain(|day| *day <= last_day && self.may_be_in(*day));
        for day in days {
            let below = if day == last_day { below } else { i64::MAX };
            if self.left == 0 {
                return Ok(Some(place(day, below)));
            }
            let shared = self.shared;
            let stopped = shared.readers.with(day, |file| {
                // One snapshot for all rows.
                let snapshot = file.unchecked_transaction()?;
                let stopped = self.run_in(&snapshot, (day, below), &mut look)?;
                snapshot.finish()?;
                Ok(stopped)
            })?;
            if let Some(number) = stopped {
                return Ok(Some(place(day, number)));
            }
        }
        Ok(None)
    }

    fn may_be_in(&self, day: i64) -> bool {
        let of_only = |id: &carehook_core::DeliveryId| super::writer::day_of(*id) == day;
        may_hold(day, self.filter.since, self.filter.until)
            && self.event.is_none_or(|(of_event, _)| of_event == day)
            && (self.filter.only.as_ref()).is_none_or(|only| only.iter().any(of_only))
    }

    /// Looks through one file; where it stopped, if it did.
    fn run_in(
        &mut self,
        file: &Connection,
        (day, below): (i64, i64),
        look: &mut impl FnMut(&Self, &Connection, i64) -> rusqlite::Result<bool>,
    ) -> rusqlite::Result<Option<i64>> {
        let sources = Sources::new(file, day, self)?;
        self.left = self.left.saturating_sub(FILE_COST + sources.cost());
        let mut streams = Streams::new(file, sources, below)?;
        while let Some(number) = streams.next(file)? {
            self.left = self.left.saturating_sub(1);
            if look(self, file, number)? || self.left == 0 {
                return Ok(Some(number));
            }
        }
        Ok(None)
    }
}

/// What comes after this delivery.
fn place(day: i64, number: i64) -> RecordId {
    let number = number.cast_unsigned().min(RecordId::MAX_NUMBER);
    RecordId::new(Timestamp::from_day(day).0, number, 0)
}

/// The organization's number with those of its endpoints that are looked through, also of deleted
/// ones; `None` when there is no such organization or endpoint.
fn endpoints(shared: &Shared, of: &OrganizationId, filter: &LogFilter) -> Option<(i64, Vec<i64>)> {
    let control = shared.control.read();
    let organization = control.entry(of)?.number;
    if let Some(endpoint) = filter.endpoint {
        let place = control.place(endpoint)?;
        let of_it = place.organization == organization;
        return of_it.then(|| (organization, vec![place.number]));
    }
    let has_mode = |endpoint| -> Option<Mode> {
        let living = control.endpoint(endpoint).map(|endpoint| endpoint.mode);
        living.or_else(|| control.deleted(endpoint).map(|deleted| deleted.mode))
    };
    let places = control.all_places();
    let wanted = places.filter(|place| {
        let in_mode = |mode| has_mode(place.id).is_none_or(|has| has == mode);
        place.organization == organization && filter.mode.is_none_or(in_mode)
    });
    Some((organization, wanted.map(|place| place.number).collect()))
}
