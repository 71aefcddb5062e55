//! One delivery: what became of each attempt and why, what was sent, and what can be done.

mod orders;
mod payload;
mod sent;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use carehook_app::App;
use carehook_core::{
    Attempt, AttemptOutcome, Delivery, DeliveryId, DeliveryState, Endpoint, Scope, Trigger,
};
use serde::Deserialize;

use crate::failure::Failure;
use crate::figures::bounded;
use crate::moment::Moment;
use crate::page::{Page, Section, shown};
use crate::router::Console;
use crate::visitor::Place;
use crate::words::{self, Next, Seen, Standing};
use orders::Again;
use payload::Payload;
use sent::Sent;

pub(crate) fn routes() -> Router<Console> {
    let one = "/console/o/{org}/deliveries/{id}";
    Router::new()
        .route(one, get(show))
        .route(&format!("{one}/payload"), post(show_payload))
        .route(&format!("{one}/retry"), post(orders::retry))
        .route(&format!("{one}/cancel"), post(orders::cancel))
}

#[derive(Template)]
#[template(path = "pages/delivery.html")]
struct DeliveryPage {
    page: Page,
    id: String,
    /// Its own address, for a link.
    address: String,
    log_of_event: String,
    event_id: String,
    event_type: String,
    endpoint: String,
    /// The page of the webhook, while there is one.
    webhook: Option<String>,
    state: Standing,
    /// Where it stands, in a sentence.
    standing: String,
    /// When the receiver took it, while it is sent again or that has failed.
    arrived_at: Option<Moment>,
    next: Next,
    /// How many to its webhook go before it, while it is due.
    ahead: Option<String>,
    sequence: u64,
    made_at: Moment,
    completed_at: Option<Moment>,
    /// The newest first.
    attempts: Vec<AttemptView>,
    /// What is sent, while the webhook is there to tell.
    sent: Option<Sent>,
    payload: Option<Payload>,
    /// Where news of it come from.
    live: String,
    sees_payloads: bool,
    again: Option<Again>,
    can_cancel: bool,
}

struct AttemptView {
    class: &'static str,
    number: u32,
    started_at: Moment,
    short: String,
    taken: String,
    words: String,
    /// Why it was made, unless it was simply due.
    trigger: Option<&'static str>,
    answer: Option<String>,
}

impl DeliveryPage {
    /// Where a form does something with it.
    fn form(&self, what: &str) -> String {
        self.page.to(&format!("deliveries/{}/{what}", self.id))
    }
}

#[derive(Deserialize)]
struct OfDelivery {
    id: String,
}

async fn show(
    State(console): State<Console>,
    place: Place,
    Path(of): Path<OfDelivery>,
) -> Result<Response, Failure> {
    let id = id_of(&place, &of)?;
    Ok(shown(&delivery_page(&console, &place, id).await?))
}

/// Shows what the event holds as well, which the audit trail gets to know of.
async fn show_payload(
    State(console): State<Console>,
    place: Place,
    Path(of): Path<OfDelivery>,
) -> Result<Response, Failure> {
    let id = id_of(&place, &of)?;
    let mut page = delivery_page(&console, &place, id).await?;
    let event_id = page.event_id.parse();
    let event_id = event_id.map_err(|_| Failure::no_such_page(&place.visitor))?;
    let event = console.app().event(&place.access, &event_id).await;
    let event = event.map_err(|error| place.failure(error))?;
    page.payload = Some(Payload::of(&event));
    Ok(shown(&page))
}

fn id_of(place: &Place, of: &OfDelivery) -> Result<DeliveryId, Failure> {
    let id = of.id.parse();
    id.map_err(|_| {
        Failure::of(
            carehook_app::AppError::NotFound { kind: "delivery" },
            &place.visitor,
        )
    })
}

async fn delivery_page(
    console: &Console,
    place: &Place,
    id: DeliveryId,
) -> Result<DeliveryPage, Failure> {
    let app = console.app();
    let found = app.delivery(&place.access, id).await;
    let (delivery, attempts) = found.map_err(|error| place.failure(error))?;
    // A deleted webhook tells nothing any more, and its deliveries are still there.
    let endpoint = app.endpoint(&place.access, delivery.endpoint_id).ok();
    let ahead = app.deliveries_ahead(&place.access, &delivery).await;
    let ahead = ahead.map_err(|error| place.failure(error))?;
    let page = view(place, (&delivery, &attempts), endpoint.as_deref(), app);
    Ok(DeliveryPage {
        ahead: (ahead.number > 0).then(|| bounded(ahead)),
        ..page
    })
}

fn view(
    place: &Place,
    (delivery, attempts): (&Delivery, &[Attempt]),
    endpoint: Option<&Endpoint>,
    app: &App,
) -> DeliveryPage {
    let now = app.now();
    let name = endpoint.map_or("deleted webhook", |one| {
        one.name.as_deref().unwrap_or(&one.url)
    });
    let manages = place.access.has(Scope::Manage);
    let pending = delivery.state == DeliveryState::Pending;
    let hold = endpoint.and_then(|one| app.hold_of(one));
    let next = Next::of(delivery, hold, now);
    let title = format!("{} → {name}", delivery.event_type.as_str());
    let host = endpoint
        .as_ref()
        .map_or_else(|| "The receiver".to_owned(), |one| host_of(one));
    let event_id = delivery.event_id.to_string();
    let log = format!("log?q={}", crate::address::part(&event_id));
    DeliveryPage {
        page: Page::at(place, Section::Log, title),
        id: delivery.id.to_string(),
        address: place.to(&format!("deliveries/{}", delivery.id)),
        log_of_event: place.to(&log),
        event_id,
        event_type: delivery.event_type.as_str().to_owned(),
        endpoint: name.to_owned(),
        webhook: endpoint
            .is_some()
            .then(|| place.to(&format!("webhooks/{}", delivery.endpoint_id))),
        state: words::standing(delivery),
        standing: standing(delivery),
        arrived_at: (delivery.state != DeliveryState::Delivered)
            .then_some(delivery.arrived_at)
            .flatten()
            .map(Moment),
        next,
        ahead: None,
        sequence: delivery.sequence,
        made_at: Moment(delivery.created_at),
        completed_at: delivery.completed_at.map(Moment),
        attempts: (attempts.iter().rev())
            .map(|attempt| attempt_view(attempt, &host))
            .collect(),
        again: endpoint
            .filter(|_| manages)
            .map(|_| Again::of(delivery, hold)),
        can_cancel: manages && pending,
        sent: endpoint.map(|one| Sent::of(delivery, one)),
        payload: None,
        live: place.to(&format!(
            "log/live?from={}&q={}&attempts={}",
            now.0, delivery.id, delivery.attempt_count
        )),
        sees_payloads: place.access.has(Scope::ReadPayload),
    }
}

/// Where a delivery stands, in a sentence; the next attempt is said beside it.
fn standing(delivery: &Delivery) -> String {
    let attempts = match delivery.attempt_count {
        0 => "No attempt was made yet".to_owned(),
        1 => "1 attempt was made".to_owned(),
        more => format!("{more} attempts were made"),
    };
    match (delivery.state, delivery.reason) {
        (DeliveryState::Pending, _) if delivery.arrived_at.is_some() => {
            format!("{attempts}. Somebody wanted it to be sent again.")
        }
        (DeliveryState::Failed, Some(reason)) if delivery.arrived_at.is_some() => {
            format!(
                "{attempts}. Sending it again failed. {}",
                words::ending(reason)
            )
        }
        (DeliveryState::Delivered, _) => format!("{attempts}; the last one was taken."),
        (DeliveryState::Failed | DeliveryState::Cancelled, Some(reason)) => {
            format!("{attempts}. {}", words::ending(reason))
        }
        (DeliveryState::Pending, _) | (_, None) => format!("{attempts}."),
    }
}

fn attempt_view(attempt: &Attempt, host: &str) -> AttemptView {
    let seen = Seen {
        outcome: attempt.outcome,
        status: attempt.status,
        error: attempt.error.as_deref(),
        duration: attempt.duration,
        host,
    };
    AttemptView {
        class: match attempt.outcome {
            AttemptOutcome::Delivered => "delivered",
            AttemptOutcome::Rejected
            | AttemptOutcome::TimedOut
            | AttemptOutcome::Unreachable
            | AttemptOutcome::Blocked => "failed",
        },
        number: attempt.number,
        started_at: Moment(attempt.started_at),
        short: seen.in_short(),
        taken: words::time_taken(attempt.duration),
        words: seen.in_words(),
        trigger: match attempt.trigger {
            Trigger::Schedule => None,
            Trigger::Manual => Some("asked for"),
            Trigger::Replay => Some("replay"),
            Trigger::Test => Some("test"),
        },
        answer: (!attempt.answer.is_empty()).then(|| payload::readable(&attempt.answer)),
    }
}

/// The host that a webhook sends to; what else stands in its URL is not repeated in sentences.
fn host_of(endpoint: &Endpoint) -> String {
    let url = endpoint.url.parse::<http::Uri>().ok();
    let host = url.as_ref().and_then(|url| url.host());
    host.unwrap_or("The receiver").to_owned()
}
