//! What was done: after a form leads on, the next page says so, once.
//!
//! The word for it travels in a cookie of its own, so that no address claims what did not happen,
//! and a reload of the page does not say it again.

use axum::Extension;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::cookies::{self, DONE, cookie};
use crate::router::Console;

/// Says that a script asks for a part of a page.
const PART: HeaderName = HeaderName::from_static("hx-request");

/// What somebody did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Done {
    KeyRevoked,
    WebhookDeleted,
    WebhookPaused,
    WebhookActivated,
    WebhookSaved,
    ChallengeSent,
    DeliveryRetried,
    DeliveryWaits,
    DeliveryHasArrived,
    DeliveryCancelled,
    SessionEnded,
}

impl Done {
    const ALL: [Self; 11] = [
        Self::KeyRevoked,
        Self::WebhookDeleted,
        Self::WebhookPaused,
        Self::WebhookActivated,
        Self::WebhookSaved,
        Self::ChallengeSent,
        Self::DeliveryRetried,
        Self::DeliveryWaits,
        Self::DeliveryHasArrived,
        Self::DeliveryCancelled,
        Self::SessionEnded,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::KeyRevoked => "key-revoked",
            Self::WebhookDeleted => "webhook-deleted",
            Self::WebhookPaused => "webhook-paused",
            Self::WebhookActivated => "webhook-activated",
            Self::WebhookSaved => "webhook-saved",
            Self::ChallengeSent => "challenge-sent",
            Self::DeliveryRetried => "delivery-retried",
            Self::DeliveryWaits => "delivery-waits",
            Self::DeliveryHasArrived => "delivery-has-arrived",
            Self::DeliveryCancelled => "delivery-cancelled",
            Self::SessionEnded => "session-ended",
        }
    }

    /// What the next page says.
    pub(crate) fn told(self) -> &'static str {
        match self {
            Self::KeyRevoked => "The key is revoked: its next request is refused.",
            Self::WebhookDeleted => "The webhook is deleted: it gets no more events.",
            Self::WebhookPaused => {
                "The webhook is paused: events are kept and go out when it is activated."
            }
            Self::WebhookActivated => "The webhook is active: what was kept for it goes out now.",
            Self::WebhookSaved => "Saved.",
            Self::ChallengeSent => "The receiver is asked for the challenge now.",
            Self::DeliveryRetried => "The delivery is sent again now.",
            Self::DeliveryWaits => {
                "The delivery is to be sent again; it waits until its webhook is active."
            }
            Self::DeliveryHasArrived => {
                "Nothing was sent: the receiver has the delivery already. Its page has the button \
                 that sends it again."
            }
            Self::DeliveryCancelled => "The delivery is cancelled: it is not sent any more.",
            Self::SessionEnded => "The session has ended: its next click asks to sign in.",
        }
    }

    /// What the request says was done just before.
    pub(crate) fn before(headers: &HeaderMap) -> Option<Self> {
        let word = cookie(headers, DONE)?;
        Self::ALL.into_iter().find(|done| done.word() == word)
    }

    /// Leads on to a page that says it.
    pub(crate) fn then(self, page: &str) -> Response {
        (Extension(self), Redirect::to(page)).into_response()
    }
}

/// Hands on what was done, and forgets it with the page that says so.
pub(crate) async fn told(State(console): State<Console>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let is_told = cookie(headers, DONE).is_some() && !headers.contains_key(&PART);
    let mut response = next.run(request).await;
    let done = response.extensions().get::<Done>().copied();
    let word = done.map(Done::word);
    if word.is_some() || (is_told && is_page(&response)) {
        let line = cookies::done(word, console.embedding());
        response.headers_mut().append(header::SET_COOKIE, line);
    }
    response
}

fn is_page(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    let kind = kind.map(HeaderValue::as_bytes).unwrap_or_default();
    kind.starts_with(b"text/html")
}
