//! What a page of the log is told: the order of its rows, those rows that it does not have, and how
//! many match. It compares rows, not times, so nothing is missed or told twice, whenever it looks.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use askama::Template as _;
use carehook_app::{App, AppError, LogFilter, LoggedDelivery, Page};
use carehook_core::DeliveryId;
use serde::Serialize;

use super::filter::LogQuery;
use super::rows::Row;
use super::{ROWS, matches, older_than};
use crate::router::Console;
use crate::visitor::Place;

/// Rows that are remembered as told; a page keeps more.
const TOLD: usize = 200;

/// A message.
#[derive(Serialize)]
pub(super) struct News {
    /// A mark of the first page, which a browser names when it connects again.
    #[serde(skip)]
    pub(super) mark: String,
    /// The deliveries of the first page, the newest first.
    order: Vec<DeliveryId>,
    /// Rows that the page does not have, or has otherwise.
    rows: Vec<(DeliveryId, String)>,
    /// How many match, in words.
    matches: String,
    /// The address of what is older.
    older: Option<String>,
}

/// Finds what to tell one page.
pub(super) struct Newsroom {
    console: Console,
    place: Place,
    query: LogQuery,
    filter: LogFilter,
    /// The rows that the page has: each with its version, the one told last at the end.
    told: Vec<(DeliveryId, u64)>,
    /// What the last message said besides rows.
    last: Option<(String, String)>,
}

impl Newsroom {
    pub(super) fn new(console: Console, place: Place, query: LogQuery, filter: LogFilter) -> Self {
        Self {
            console,
            place,
            query,
            filter,
            told: Vec::new(),
            last: None,
        }
    }

    pub(super) fn filter(&self) -> &LogFilter {
        &self.filter
    }

    /// Whether the person is still signed in.
    pub(super) fn has_reader(&self) -> bool {
        let app = self.console.app();
        app.is_signed_in(&self.place.visitor.person)
    }

    /// What a page has to hear that shows rows with this mark, or so many attempts, and these
    /// deliveries besides.
    pub(super) async fn first(
        &mut self,
        at: &str,
        attempts: Option<u32>,
        also: &[DeliveryId],
    ) -> Result<News, AppError> {
        let (found, older) = self.find(&self.filter).await?;
        let is_the_same = mark(&found) == at;
        for one in &found {
            if is_the_same || attempts == Some(one.delivery.attempt_count) {
                self.tells(one);
            }
        }
        self.told.extend(also.iter().map(|id| (*id, 0)));
        self.news(found, older, also).await
    }

    /// What is to be told after these have changed, if anything is.
    pub(super) async fn after(&mut self, changed: &[DeliveryId]) -> Result<Option<News>, AppError> {
        let (found, older) = self.find(&self.filter).await?;
        let last = self.last.take();
        let news = self.news(found, older, changed).await?;
        let is_new = !news.rows.is_empty() || self.last != last;
        Ok(is_new.then_some(news))
    }

    async fn news(
        &mut self,
        found: Vec<LoggedDelivery>,
        older: Option<String>,
        changed: &[DeliveryId],
    ) -> Result<News, AppError> {
        let app = self.console.app();
        let counted = app
            .count_deliveries(&self.place.access, &self.filter)
            .await?;
        let matches = matches(counted);
        let mark = mark(&found);
        let order: Vec<DeliveryId> = found.iter().map(|one| one.delivery.id).collect();
        // Rows change also when they are no longer what is looked for.
        let left = self.left(&order, changed).await?;
        let mut fresh = Vec::new();
        for one in found.into_iter().chain(left) {
            if self.tells(&one) {
                fresh.push(one);
            }
        }
        self.last = Some((mark.clone(), matches.clone()));
        Ok(News {
            rows: self.rows(&fresh)?,
            older: older.map(|cursor| older_than(&cursor, &self.query, &self.place)),
            mark,
            order,
            matches,
        })
    }

    /// Those of the changed ones that the page has without their being on the first page.
    async fn left(
        &self,
        order: &[DeliveryId],
        changed: &[DeliveryId],
    ) -> Result<Vec<LoggedDelivery>, AppError> {
        let is_told = |id: &DeliveryId| self.told.iter().any(|(told, _)| told == id);
        let left = changed.iter().filter(|id| !order.contains(id));
        let mut left: Vec<DeliveryId> = left.filter(|id| is_told(id)).copied().collect();
        left.sort_unstable();
        left.dedup();
        if left.is_empty() {
            return Ok(Vec::new());
        }
        let these = LogFilter {
            only: Some(left),
            mode: self.filter.mode,
            ..LogFilter::default()
        };
        Ok(self.find(&these).await?.0)
    }

    /// The newest of a filter, and where to go on.
    async fn find(
        &self,
        filter: &LogFilter,
    ) -> Result<(Vec<LoggedDelivery>, Option<String>), AppError> {
        let part = Page {
            limit: Some(ROWS),
            cursor: None,
        };
        let app: &App = self.console.app();
        let found = app
            .find_deliveries(&self.place.access, filter, &part)
            .await?;
        Ok((found.items, found.next_cursor))
    }

    /// Whether the page does not have the row like this; from now on it does.
    fn tells(&mut self, one: &LoggedDelivery) -> bool {
        let (id, now) = (one.delivery.id, version(one));
        let at = self.told.iter().position(|(told, _)| *told == id);
        let before = at.map(|at| self.told.remove(at).1);
        if self.told.len() >= TOLD {
            self.told.remove(0);
        }
        self.told.push((id, now));
        before != Some(now)
    }

    fn rows(&self, fresh: &[LoggedDelivery]) -> Result<Vec<(DeliveryId, String)>, AppError> {
        if fresh.is_empty() {
            return Ok(Vec::new());
        }
        let app = self.console.app();
        let endpoints = app.endpoints(&self.place.access)?;
        let endpoints = endpoints.into_iter().map(|one| (one.id, one)).collect();
        let back = self.place.to(&self.query.address("log", &[]));
        let html = fresh.iter().filter_map(|one| {
            let row = Row::of(one, &endpoints, &self.place, &back, app);
            // Writing into a `String` does not fail.
            Some((one.delivery.id, row.render().ok()?))
        });
        Ok(html.collect())
    }
}

/// A mark of rows: it is another one when there are others, or one of them has changed.
pub(super) fn mark(rows: &[LoggedDelivery]) -> String {
    let mut hasher = DefaultHasher::new();
    for row in rows {
        version(row).hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}

/// Another number for each state of a delivery.
fn version(row: &LoggedDelivery) -> u64 {
    let mut hasher = DefaultHasher::new();
    format!("{row:?}").hash(&mut hasher);
    hasher.finish()
}
