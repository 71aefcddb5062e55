//! The stream of a page of the log: as long as the page is open it hears which deliveries the page
//! would show now, and gets the rows that it does not have.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use carehook_app::{AppError, DeliveryChange, DeliveryFeed, FeedItem};
use carehook_core::DeliveryId;
use futures_util::{StreamExt as _, stream};
use http::HeaderMap;
use serde::Deserialize;
use tokio::time::{Instant, timeout_at};

use super::filter::LogQuery;
use super::filter_of;
use super::news::{News, Newsroom};
use crate::failure::Failure;
use crate::router::Console;
use crate::visitor::Place;

/// Between two messages; what happens meanwhile is told together.
const PAUSE: Duration = Duration::from_secs(1);
/// How often it is looked whether the person is still signed in.
const LOOK: Duration = Duration::from_secs(5);
/// Deliveries outside the first page that a page may ask about.
const ALSO: usize = 50;

/// What a page shows already.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Shown {
    /// The mark of its rows; a browser that connects again names the last one that it got.
    at: String,
    /// How many attempts it shows, where it is about a single delivery.
    attempts: Option<u32>,
    /// What it shows besides the first page, with commas between.
    also: String,
}

pub(super) async fn live(
    State(console): State<Console>,
    place: Result<Place, Failure>,
    Query(mut query): Query<LogQuery>,
    Query(mut shown): Query<Shown>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let place = match place {
        Ok(place) => place,
        // A browser that connects again would take the sign-in page for a failure of the line.
        Err(Failure::SignInFirst { .. }) => {
            let told = stream::iter([Ok::<_, Infallible>(signed_out())]);
            return Ok(Sse::new(told).into_response());
        }
        Err(failure) => return Err(failure),
    };
    let invalid = |faults: Vec<String>| AppError::invalid("/query", faults.join(" "));
    query.settle(console.app(), &place.access);
    let filter = filter_of(&console, &place, &query).await?;
    let filter = filter.map_err(|faults| place.failure(invalid(faults)))?;
    let feed = console
        .app()
        .watch_deliveries(&place.access, Some(place.mode));
    let feed = feed.map_err(|error| place.failure(error))?;
    if let Some(last) = headers.get("last-event-id") {
        last.to_str().unwrap_or_default().clone_into(&mut shown.at);
    }
    let watcher = Watcher {
        feed,
        news: Newsroom::new(console, place, query, filter),
        shown: Some(shown),
        next_at: Instant::now(),
        has_ended: false,
    };
    let messages = stream::unfold(watcher, async |mut watcher| {
        let event = watcher.next().await?;
        Some((Ok::<_, Infallible>(event), watcher))
    });
    Ok(Sse::new(messages.fuse())
        .keep_alive(KeepAlive::default())
        .into_response())
}

/// What is told last to somebody whose session has ended.
fn signed_out() -> Event {
    // Browsers pass over what has no data.
    Event::default().event("signed-out").data("now")
}

/// Somebody who has a page of the log open.
struct Watcher {
    feed: DeliveryFeed,
    news: Newsroom,
    /// What the page shows, until that was compared with what is there.
    shown: Option<Shown>,
    /// When the next message may be sent.
    next_at: Instant,
    /// Whether the person was told to be signed out.
    has_ended: bool,
}

impl Watcher {
    /// The next message; `None` when the server stops, or after the last one.
    async fn next(&mut self) -> Option<Event> {
        if self.has_ended {
            return None;
        }
        loop {
            let news = if let Some(shown) = self.shown.take() {
                // Also after a connection was lost: what happened meanwhile is found now.
                Some(self.first(&shown).await.ok()?)
            } else {
                let changed = self.changes().await?;
                if !self.news.has_reader() {
                    self.has_ended = true;
                    return Some(signed_out());
                }
                self.news.after(&changed).await.ok()?
            };
            self.next_at = Instant::now() + PAUSE;
            if let Some(news) = news {
                let event = Event::default().id(news.mark.clone());
                return event.json_data(&news).ok();
            }
        }
    }

    async fn first(&mut self, shown: &Shown) -> Result<News, AppError> {
        let also = shown.also.split(',').filter_map(|id| id.parse().ok());
        let also: Vec<DeliveryId> = also.take(ALSO).collect();
        self.news.first(&shown.at, shown.attempts, &also).await
    }

    /// Waits for something that may change the page, and for what else happens until the next
    /// message: the deliveries that were there before.
    async fn changes(&mut self) -> Option<Vec<DeliveryId>> {
        let mut changed = Vec::new();
        let mut has_any = false;
        let mut look_at = Instant::now() + LOOK;
        loop {
            let until = if has_any { self.next_at } else { look_at };
            match timeout_at(until, self.feed.next()).await {
                Err(_) if has_any => return Some(changed),
                Err(_) => look_at = Instant::now() + LOOK,
                Ok(item) => has_any |= self.take(item?, &mut changed),
            }
            if !self.news.has_reader() {
                return Some(changed);
            }
        }
    }

    /// Keeps what the page can be about; whether there was any.
    fn take(&self, item: FeedItem, changed: &mut Vec<DeliveryId>) -> bool {
        let FeedItem::News(mut news) = item else {
            return true;
        };
        let filter = self.news.filter();
        let only = filter.only.as_deref();
        news.retain(|one| filter.endpoint.is_none_or(|wanted| wanted == one.endpoint));
        news.retain(|one| only.is_none_or(|only| only.contains(&one.delivery)));
        let was_there = news.iter().filter(|one| one.what != DeliveryChange::Made);
        changed.extend(was_there.map(|one| one.delivery));
        !news.is_empty()
    }
}
