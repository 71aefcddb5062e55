//! What became of a test event, for its page and for the part of it that is asked for again.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use carehook_app::{AppError, Hold};
use carehook_core::{Attempt, DeliveryId, DeliveryState, Endpoint, Scope, host_of};

use super::super::{Head, Webhook};
use super::{Asked, Sending, TestPage, page_of};
use crate::address;
use crate::failure::Failure;
use crate::forms::Faults;
use crate::moment::Moment;
use crate::page::{Page, shown};
use crate::router::Console;
use crate::words::{Seen, Standing, standing, time_taken};

/// How long a page asks for the answer to a test by itself, in milliseconds.
const ASKED_FOR: i64 = 120_000;

/// What became of a test; also the part of the page that is replaced until there is an answer.
#[derive(Template)]
#[template(path = "parts/webhook_answer.html")]
pub(super) struct Outcome {
    event_type: String,
    state: Standing,
    /// Its page of the log.
    address: String,
    attempt: Option<Tried>,
    /// What holds it up before its first attempt.
    held: Option<Held>,
    /// The webhook's own page.
    overview: String,
    /// Where to look again, while there is no answer.
    again: Option<String>,
    /// Where the whole page is shown again.
    reload: String,
    /// What else of the page is not as it was shown.
    around: Option<Around>,
}

/// What stands around the answer, as it is now.
struct Around {
    page: Page,
    head: Head,
    sending: Sending,
}

impl Around {
    fn of(console: &Console, webhook: &Webhook, sample: &str) -> Self {
        let page = page_of(console, webhook, sample, Faults::default());
        let TestPage {
            page,
            head,
            sending,
            ..
        } = page;
        Self {
            page,
            head,
            sending,
        }
    }
}

/// What holds a test up, besides others that go before it.
enum Held {
    Paused,
    SwitchedOff,
    Archived,
    Unproven,
    LeftAlone(Moment),
}

impl Held {
    fn of(hold: Hold, endpoint: &Endpoint) -> Self {
        match hold {
            Hold::LeftAlone(until) => Self::LeftAlone(Moment(until)),
            Hold::Inactive if endpoint.disabled_reason.is_some() => Self::SwitchedOff,
            Hold::Inactive if endpoint.archived => Self::Archived,
            Hold::Inactive if endpoint.awaits_challenge() => Self::Unproven,
            Hold::Inactive => Self::Paused,
        }
    }
}

/// What the receiver did.
struct Tried {
    short: String,
    took: String,
    words: String,
    answer: Answered,
}

/// The body of an answer.
enum Answered {
    Empty,
    Text(String),
    /// It may repeat what an event holds.
    Hidden,
}

/// The part of the page that is about the answer.
pub(super) async fn answer(
    State(console): State<Console>,
    webhook: Webhook,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let id = asked.delivery.unwrap_or_default();
    let outcome = outcome_of(&console, &webhook, (&id, &asked.sample)).await?;
    let is_served = webhook.endpoint.is_served();
    let has_changed = asked.served.is_some_and(|shown| shown != is_served);
    let around = has_changed.then(|| Around::of(&console, &webhook, &asked.sample));
    Ok(shown(&Outcome { around, ..outcome }))
}

/// What became of the test that is this delivery, on a page that shows this sample.
pub(super) async fn outcome_of(
    console: &Console,
    webhook: &Webhook,
    (id, sample): (&str, &str),
) -> Result<Outcome, Failure> {
    let unknown = || webhook.failure(AppError::NotFound { kind: "delivery" });
    let id: DeliveryId = id.parse().map_err(|_| unknown())?;
    let (app, access) = (console.app(), &webhook.place.access);
    let found = app.delivery(access, id).await;
    let (delivery, attempts) = found.map_err(|error| webhook.failure(error))?;
    if delivery.endpoint_id != webhook.id() {
        return Err(unknown());
    }
    let attempt = attempts.last().map(|attempt| tried(webhook, attempt));
    let hold = app.hold_of(&webhook.endpoint);
    let held = hold.map(|hold| Held::of(hold, &webhook.endpoint));
    let is_served = webhook.endpoint.is_served();
    // A 410 is recorded before the webhook is switched off by it, which the page shows as well.
    let status = attempts.last().and_then(|attempt| attempt.status);
    let goes_on = attempt.is_none() || (is_served && status == Some(410));
    let waits = goes_on && app.now().0 - delivery.created_at.0 < ASKED_FOR;
    let again = format!(
        "/test/answer?delivery={id}&served={is_served}&sample={}",
        address::part(sample)
    );
    Ok(Outcome {
        event_type: delivery.event_type.to_string(),
        state: standing(&delivery),
        address: webhook.place.to(&format!("deliveries/{id}")),
        again: waits.then(|| webhook.to(&again)),
        reload: webhook.to(&format!("/test?delivery={id}")),
        held: held.filter(|_| attempt.is_none() && delivery.state == DeliveryState::Pending),
        overview: webhook.to(""),
        attempt,
        around: None,
    })
}

fn tried(webhook: &Webhook, attempt: &Attempt) -> Tried {
    let host = host_of(&webhook.endpoint.url);
    let seen = Seen {
        outcome: attempt.outcome,
        status: attempt.status,
        error: attempt.error.as_deref(),
        duration: attempt.duration,
        host,
    };
    let answer = if !webhook.place.access.has(Scope::ReadPayload) {
        Answered::Hidden
    } else if attempt.answer.is_empty() {
        Answered::Empty
    } else {
        Answered::Text(String::from_utf8_lossy(&attempt.answer).into_owned())
    };
    Tried {
        short: seen.in_short(),
        took: time_taken(attempt.duration),
        words: seen.in_words(),
        answer,
    }
}

/// A template of its own, which has escaped everything.
impl askama::filters::HtmlSafe for Outcome {}
