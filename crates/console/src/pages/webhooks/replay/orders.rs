//! What is done to a replay, and to a webhook whose deliveries are replayed.

use axum::extract::{Path, State};
use axum::response::Redirect;
use carehook_app::AppError;

use super::{JobPath, job_id};
use crate::failure::Failure;
use crate::pages::webhooks::Managed;
use crate::router::Console;

pub(super) async fn stop(
    State(console): State<Console>,
    Managed(webhook): Managed,
    Path(path): Path<JobPath>,
) -> Result<Redirect, Failure> {
    let id = job_id(&webhook, &path)?;
    let (app, access) = (console.app(), &webhook.place.access);
    match app.stop_replay(access, webhook.id(), id).await {
        // It has ended in the meantime: its page says how.
        Ok(_) | Err(AppError::Conflict { .. }) => {
            Ok(Redirect::to(&webhook.to(&format!("/replay/{id}"))))
        }
        Err(error) => Err(webhook.failure(error)),
    }
}

/// Activates the webhook after a 410 and sends again what had failed by that.
pub(super) async fn recover(
    State(console): State<Console>,
    Managed(webhook): Managed,
) -> Result<Redirect, Failure> {
    let (app, access) = (console.app(), &webhook.place.access);
    let replay = app.activate_and_replay(access, webhook.id()).await;
    let replay = replay.map_err(|error| webhook.failure(error))?;
    Ok(Redirect::to(&webhook.to(&format!("/replay/{}", replay.id))))
}

/// Calls off what a stopped one has handed over.
pub(super) async fn cancel(
    State(console): State<Console>,
    Managed(webhook): Managed,
    Path(path): Path<JobPath>,
) -> Result<Redirect, Failure> {
    let id = job_id(&webhook, &path)?;
    let (app, access) = (console.app(), &webhook.place.access);
    let cancelled = app.cancel_replayed(access, webhook.id(), id).await;
    cancelled.map_err(|error| webhook.failure(error))?;
    Ok(Redirect::to(&webhook.to(&format!("/replay/{id}"))))
}
