//! News of a page of the log: how many deliveries match that were not there when it was made, and
//! which of those that it shows have changed. Nothing that events hold, and no rows: what is on a
//! page stays where it is until its reader asks for the rest.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use carehook_app::{
    AppError, Bounded, DeliveryChange, DeliveryFeed, DeliveryNews, FeedItem, LogFilter,
    LoggedDelivery, OrganizationAccess, Person,
};
use carehook_core::{DeliveryId, Timestamp};
use futures_util::stream;
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, timeout_at};

use super::filter::LogQuery;
use super::{ROWS, filter_of};
use crate::failure::Failure;
use crate::router::Console;
use crate::visitor::Place;

/// Between two messages; what happens meanwhile is told together.
const PAUSE: Duration = Duration::from_millis(500);
/// How often it is looked whether the person is still signed in.
const LOOK: Duration = Duration::from_secs(15);
/// Deliveries that one message names.
const NAMED: usize = 100;

#[derive(Deserialize)]
pub(super) struct From {
    /// When the page was made, in milliseconds since 1970.
    from: i64,
    /// How many attempts the page shows, where it is about a single delivery.
    attempts: Option<u32>,
}

/// What a page is told.
#[derive(Serialize)]
struct Message {
    /// How many match that were made since.
    new: u64,
    /// Whether there are more than that.
    more: bool,
    /// Which have changed, on the page or not.
    changed: Vec<String>,
    /// Which of those match a state that is looked for, and so would be on the page.
    entered: Vec<String>,
}

pub(super) async fn live(
    State(console): State<Console>,
    place: Place,
    Query(mut query): Query<LogQuery>,
    Query(From { from, attempts }): Query<From>,
) -> Result<Response, Failure> {
    let invalid = |faults: Vec<String>| AppError::invalid("/query", faults.join(" "));
    query.settle(console.app(), &place.access);
    let filter = filter_of(&console, &place, &query).await?;
    let filter = filter.map_err(|faults| place.failure(invalid(faults)))?;
    let feed = console
        .app()
        .watch_deliveries(&place.access, Some(place.mode));
    let watcher = Watcher {
        feed: feed.map_err(|error| place.failure(error))?,
        console,
        person: place.visitor.person,
        access: place.access,
        filter,
        from: Timestamp(from),
        attempts,
        next_at: None,
    };
    let messages = stream::unfold(watcher, async |mut watcher| {
        let event = watcher.next().await?;
        Some((Ok::<_, Infallible>(event), watcher))
    });
    Ok(Sse::new(messages)
        .keep_alive(KeepAlive::default())
        .into_response())
}

/// Somebody who has a page of the log open.
struct Watcher {
    feed: DeliveryFeed,
    console: Console,
    person: Person,
    access: OrganizationAccess,
    filter: LogFilter,
    /// When the page was made.
    from: Timestamp,
    /// How many attempts the page shows, until it was looked whether there are others.
    attempts: Option<u32>,
    /// When the next message may be sent; before the first one there is none.
    next_at: Option<Instant>,
}

impl Watcher {
    /// The next message; `None` when the server stops or the person is no longer signed in.
    async fn next(&mut self) -> Option<Event> {
        let changed = match self.next_at {
            // Also after a connection was lost: what happened meanwhile is counted now.
            None => self.missed().await.ok()?,
            Some(next_at) => {
                let changes = self.changes(next_at).await?;
                changes.iter().map(|news| news.delivery).collect()
            }
        };
        self.next_at = Some(Instant::now() + PAUSE);
        let message = self.message(changed).await.ok()?;
        Event::default().json_data(&message).ok()
    }

    /// What has changed between the making of the page and this connection.
    async fn missed(&mut self) -> Result<Vec<DeliveryId>, AppError> {
        // What a page shows may be in another state by now.
        let any_state = LogFilter {
            state: None,
            status: None,
            ..self.filter.clone()
        };
        let part = carehook_app::Page {
            limit: Some(ROWS),
            cursor: None,
        };
        let app = self.console.app();
        let found = app.find_deliveries(&self.access, &any_state, &part).await?;
        let attempts = self.attempts.take();
        let changed = found.items.iter().filter(|one| match attempts {
            Some(attempts) => one.delivery.attempt_count != attempts,
            None => has_changed_since(one, self.from),
        });
        Ok(changed.map(|one| one.delivery.id).collect())
    }

    /// Waits for something that may change the page, and for what else happens until `next_at`.
    async fn changes(&mut self, next_at: Instant) -> Option<Vec<DeliveryNews>> {
        let mut news = Vec::new();
        let mut has_any = false;
        let mut look_at = Instant::now() + LOOK;
        loop {
            let until = if has_any { next_at } else { look_at };
            match timeout_at(until, self.feed.next()).await {
                Err(_) if has_any => return Some(news),
                Err(_) => look_at = Instant::now() + LOOK,
                Ok(item) => has_any |= self.take(item?, &mut news),
            }
            if !self.console.app().is_signed_in(&self.person) {
                return None;
            }
        }
    }

    /// Keeps what the page can be about; whether there was any.
    fn take(&self, item: FeedItem, news: &mut Vec<DeliveryNews>) -> bool {
        let FeedItem::News(mut some) = item else {
            return true;
        };
        let (endpoint, only) = (self.filter.endpoint, self.filter.only.as_deref());
        some.retain(|one| endpoint.is_none_or(|endpoint| endpoint == one.endpoint));
        some.retain(|one| only.is_none_or(|only| only.contains(&one.delivery)));
        let any = !some.is_empty();
        some.retain(|one| one.what != DeliveryChange::Made);
        news.extend(some);
        any
    }

    async fn message(&self, mut changed: Vec<DeliveryId>) -> Result<Message, AppError> {
        let app = self.console.app();
        let after = Timestamp(self.from.0.saturating_add(1));
        let since_then = LogFilter {
            since: self.filter.since.max(Some(after)),
            ..self.filter.clone()
        };
        let Bounded { number, more } = app.count_deliveries(&self.access, &since_then).await?;
        changed.sort_unstable();
        changed.dedup();
        changed.truncate(NAMED);
        let mut entered = Vec::new();
        // Such a page gets what was made long ago and is in the state only now.
        if (self.filter.state.is_some() || self.filter.status.is_some()) && !changed.is_empty() {
            let these = LogFilter {
                only: Some(changed.clone()),
                until: Some(after),
                ..self.filter.clone()
            };
            let part = carehook_app::Page {
                limit: Some(NAMED),
                cursor: None,
            };
            let found = app.find_deliveries(&self.access, &these, &part).await?;
            entered = (found.items.iter())
                .map(|one| one.delivery.id.to_string())
                .collect();
        }
        Ok(Message {
            new: number,
            more,
            changed: changed.iter().map(ToString::to_string).collect(),
            entered,
        })
    }
}

/// Whether an attempt for a delivery, or the delivery itself, ended since then.
fn has_changed_since(LoggedDelivery { delivery, last }: &LoggedDelivery, from: Timestamp) -> bool {
    let attempted = (last.as_ref()).map(|last| last.started_at.plus(last.duration));
    let ended = attempted.max(delivery.completed_at);
    delivery.created_at <= from && ended.is_some_and(|ended| ended >= from)
}
