//! A delivery as a row of the log.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use carehook_app::{App, LoggedDelivery};
use carehook_core::{Delivery, DeliveryState, Endpoint, EndpointId, RetryPolicy, Scope};

use crate::moment::Moment;
use crate::visitor::Place;
use crate::words::{self, Next, Seen, Standing};

/// What a row shows.
#[derive(Template)]
#[template(path = "parts/log_row.html")]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) address: String,
    /// Where a form makes it due again, when that can be wanted.
    pub(super) retry: Option<String>,
    /// Whether rows have a place for that.
    pub(super) may_retry: bool,
    /// The page that the form comes back to.
    pub(super) back: String,
    pub(super) state: Standing,
    pub(super) event_type: String,
    pub(super) endpoint: String,
    pub(super) last: String,
    /// What the last attempt came to, for those who ask.
    pub(super) why: String,
    pub(super) made_at: Moment,
    pub(super) next: Next,
}

impl Row {
    pub(super) fn of(
        logged: &LoggedDelivery,
        endpoints: &HashMap<EndpointId, Arc<Endpoint>>,
        place: &Place,
        back: &str,
        app: &App,
    ) -> Self {
        let LoggedDelivery { delivery, last } = logged;
        let endpoint = endpoints.get(&delivery.endpoint_id);
        let name = endpoint.map_or("deleted webhook", |endpoint| name_of(endpoint));
        let seen = last.as_ref().map(|last| Seen {
            outcome: last.outcome,
            status: last.status,
            error: last.error.as_deref(),
            duration: last.duration,
            host: name,
        });
        let address = place.to(&format!("deliveries/{}", delivery.id));
        let hold = endpoint.and_then(|one| app.hold_of(one));
        let next = Next::of(delivery, hold, app.now());
        let can_retry = match delivery.state {
            // Its page asks before the receiver gets it twice.
            _ if words::has_arrived(delivery) => false,
            DeliveryState::Failed | DeliveryState::Cancelled => true,
            // What is sent by hand goes out although the webhook is left alone.
            DeliveryState::Pending => {
                delivery.attempt_count > 0 || matches!(next, Next::LeftAlone(_))
            }
            DeliveryState::Delivered => false,
        };
        let schedule = endpoint.map(|one| app.retry_policy_of(one));
        let retry = || place.to(&format!("deliveries/{}/retry", delivery.id));
        Self {
            id: delivery.id.to_string(),
            retry: (can_retry && endpoint.is_some()).then(retry),
            may_retry: place.access.has(Scope::Manage),
            back: back.to_owned(),
            address,
            state: words::standing(delivery),
            event_type: delivery.event_type.as_str().to_owned(),
            endpoint: name.to_owned(),
            last: last_of(delivery, seen.as_ref(), schedule.as_ref()),
            why: seen.map(|seen| seen.in_words()).unwrap_or_default(),
            made_at: Moment(delivery.created_at),
            next,
        }
    }
}

/// It escapes what it prints by itself, so it stands in a page as it is.
impl askama::filters::HtmlSafe for Row {}

fn last_of(delivery: &Delivery, seen: Option<&Seen<'_>>, schedule: Option<&RetryPolicy>) -> String {
    let Some(seen) = seen else {
        return match delivery.attempt_count {
            0 => "waiting".to_owned(),
            _ => "no longer kept".to_owned(),
        };
    };
    let (short, taken) = (seen.in_short(), words::time_taken(seen.duration));
    match (delivery.attempt_count, delivery.state) {
        (0 | 1, state) if state != DeliveryState::Pending => format!("{short} · {taken}"),
        _ => {
            let attempt = words::attempt_of(delivery, schedule);
            format!("{short} · {taken} · {attempt}")
        }
    }
}

/// What people call a webhook.
pub(super) fn name_of(endpoint: &Endpoint) -> &str {
    endpoint.name.as_deref().unwrap_or(&endpoint.url)
}
