//! What is done with a delivery: it is sent again, or called off.

use axum::extract::{Form, Path, State};
use axum::response::Response;
use carehook_app::{App, Hold};
use carehook_core::{Delivery, Scope};
use serde::Deserialize;

use super::{OfDelivery, id_of};
use crate::address::page_to_return_to;
use crate::done::Done;
use crate::failure::Failure;
use crate::router::Console;
use crate::visitor::Place;
use crate::words;

/// How a delivery can be sent again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    Now,
    /// Its webhook is not active, so it waits.
    Later,
    /// The receiver has it, so it is asked first.
    Asked,
}

impl Again {
    pub(super) fn of(delivery: &Delivery, hold: Option<Hold>) -> Self {
        match hold {
            _ if words::has_arrived(delivery) => Self::Asked,
            Some(Hold::Inactive) => Self::Later,
            // What is sent by hand goes out although the webhook is left alone.
            Some(Hold::LeftAlone(_)) | None => Self::Now,
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Retry {
    back: Option<String>,
    /// Said by a form that has told that the receiver has it.
    again: Option<String>,
}

pub(super) async fn retry(
    State(console): State<Console>,
    place: Place,
    Path(of): Path<OfDelivery>,
    Form(Retry { back, again }): Form<Retry>,
) -> Result<Response, Failure> {
    let id = id_of(&place, &of)?;
    let (app, access) = (console.app(), &place.access);
    let allowed = access.require(Scope::Manage);
    allowed.map_err(|error| place.failure(error))?;
    let own = place.to(&format!("deliveries/{id}"));
    let back = back.as_deref().map(|back| page_to_return_to(Some(back)));
    let back = back.unwrap_or(&own);
    // It may have arrived since the page was made.
    let arrived = app.has_arrived(access, id).await;
    if arrived.map_err(|error| place.failure(error))? && again.is_none() {
        return Ok(Done::DeliveryHasArrived.then(back));
    }
    let retried = app.retry_delivery(access, id).await;
    let delivery = retried.map_err(|error| place.failure(error))?;
    Ok(told(app, &place, &delivery).then(back))
}

/// What is true of a delivery that somebody wanted to be sent again.
fn told(app: &App, place: &Place, delivery: &Delivery) -> Done {
    let endpoint = app.endpoint(&place.access, delivery.endpoint_id).ok();
    match endpoint.and_then(|endpoint| app.hold_of(&endpoint)) {
        Some(Hold::Inactive) => Done::DeliveryWaits,
        Some(Hold::LeftAlone(_)) | None => Done::DeliveryRetried,
    }
}

pub(super) async fn cancel(
    State(console): State<Console>,
    place: Place,
    Path(of): Path<OfDelivery>,
) -> Result<Response, Failure> {
    let id = id_of(&place, &of)?;
    let cancelled = console.app().cancel_delivery(&place.access, id).await;
    cancelled.map_err(|error| place.failure(error))?;
    Ok(Done::DeliveryCancelled.then(&place.to(&format!("deliveries/{id}"))))
}
