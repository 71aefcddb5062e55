//! Replays of a webhook: choosing what goes again, seeing how much that is, and following it.

mod asked;
mod orders;

use askama::Template;
use axum::Router;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use carehook_app::AppError;
use carehook_core::{Reason, Replay, ReplayCounts, ReplayFilter, ReplayId, ReplayOf, ReplayState};
use http::StatusCode;
use serde::Deserialize;

use self::asked::{ReplayForm, named};
use super::{Head, Managed, Tab, Webhook};
use crate::address;
use crate::failure::Failure;
use crate::figures::grouped;
use crate::forms::Faults;
use crate::moment::Moment;
use crate::page::{Page, Section, shown};
use crate::router::Console;
use crate::words::Standing;

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route(
            "/console/o/{org}/webhooks/{id}/replay",
            get(list).post(start),
        )
        .route("/console/o/{org}/webhooks/{id}/replay/{job}", get(job))
        .route(
            "/console/o/{org}/webhooks/{id}/recover",
            post(orders::recover),
        )
        .route(
            "/console/o/{org}/webhooks/{id}/replay/{job}/cancel",
            post(orders::cancel),
        )
        .route(
            "/console/o/{org}/webhooks/{id}/replay/{job}/progress",
            get(progress),
        )
        .route(
            "/console/o/{org}/webhooks/{id}/replay/{job}/stop",
            post(orders::stop),
        )
}

#[derive(Template)]
#[template(path = "pages/webhook_replays.html")]
struct Replays {
    page: Page,
    head: Head,
    action: String,
    form: ReplayForm,
    faults: Faults,
    rows: Vec<Row>,
    older: Option<String>,
}

#[derive(Template)]
#[template(path = "pages/webhook_replay.html")]
struct ReplayPage {
    page: Page,
    head: Head,
    progress: Progress,
    /// All replays of the webhook.
    all: String,
}

/// How far a replay is; also the part of the page that is replaced while it runs.
#[derive(Template)]
#[template(path = "parts/webhook_progress.html")]
struct Progress {
    row: Row,
    counts: Figures,
    /// Of `counted`, how many have ended; for the bar.
    ended: u64,
    counted: u64,
    is_running: bool,
    may_manage: bool,
    /// How many it has handed over that have not ended, when it runs no more.
    handed_over: Option<String>,
    again: String,
    stop: String,
    cancel: String,
    /// What waits for the webhook, in the log.
    waiting: String,
    /// Where the same is started in earnest, and what is entered there.
    action: String,
    form: ReplayForm,
}

/// A replay in a list.
struct Row {
    address: String,
    what: String,
    types: String,
    span: (Option<Moment>, Option<Moment>),
    is_dry: bool,
    state: Standing,
    counted: String,
    sent: String,
    failed: String,
    created_at: Moment,
    completed_at: Option<Moment>,
}

struct Figures {
    counted: String,
    due: String,
    sent: String,
    failed: String,
    cancelled: String,
    skipped: String,
}

#[derive(Default, Deserialize)]
struct Part {
    cursor: Option<String>,
}

async fn list(
    State(console): State<Console>,
    webhook: Webhook,
    Query(part): Query<Part>,
) -> Result<Response, Failure> {
    let form = ReplayForm {
        state: ReplayOf::Failed.as_str().to_owned(),
        ..ReplayForm::default()
    };
    let page = page_of(&console, &webhook, part, (form, Faults::default())).await?;
    Ok(shown(&page))
}

async fn start(
    State(console): State<Console>,
    Managed(webhook): Managed,
    Form(form): Form<ReplayForm>,
) -> Result<Response, Failure> {
    let (app, access) = (console.app(), &webhook.place.access);
    let started = match form.read() {
        Ok(new) => app.start_replay(access, webhook.id(), new).await,
        Err(error) => Err(error),
    };
    match started {
        Ok(replay) => {
            let page = format!("/replay/{}", replay.id);
            Ok(Redirect::to(&webhook.to(&page)).into_response())
        }
        Err(error) => {
            let types = form.types().collect::<Vec<_>>();
            let faults = Faults::of(named(error, &types));
            let faults = faults.map_err(|error| webhook.failure(error))?;
            let page = page_of(&console, &webhook, Part::default(), (form, faults)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, shown(&page)).into_response())
        }
    }
}

#[derive(Deserialize)]
struct JobPath {
    job: String,
}

async fn job(
    State(console): State<Console>,
    webhook: Webhook,
    Path(path): Path<JobPath>,
) -> Result<Response, Failure> {
    Ok(shown(&ReplayPage {
        page: webhook.page(Tab::Replay),
        head: webhook.head(Tab::Replay),
        progress: progress_of(&console, &webhook, &path).await?,
        all: webhook.to("/replay"),
    }))
}

async fn progress(
    State(console): State<Console>,
    webhook: Webhook,
    Path(path): Path<JobPath>,
) -> Result<Response, Failure> {
    Ok(shown(&progress_of(&console, &webhook, &path).await?))
}

/// How many deliveries of a replay that runs no more will still be sent.
fn handed_over(replay: &Replay) -> Option<u64> {
    let ReplayCounts {
        counted: _,
        skipped: _,
        due,
        sent,
        failed,
        cancelled,
    } = replay.counts;
    let waiting = due.saturating_sub(sent + failed + cancelled);
    (replay.state != ReplayState::Running && waiting > 0).then_some(waiting)
}

fn job_id(webhook: &Webhook, JobPath { job }: &JobPath) -> Result<ReplayId, Failure> {
    let unknown = AppError::NotFound { kind: "replay" };
    let id = job.parse().map(ReplayId);
    id.map_err(|_| webhook.failure(unknown))
}

async fn progress_of(
    console: &Console,
    webhook: &Webhook,
    path: &JobPath,
) -> Result<Progress, Failure> {
    let id = job_id(webhook, path)?;
    let (app, access) = (console.app(), &webhook.place.access);
    let replay = app.replay(access, webhook.id(), id).await;
    let replay = replay.map_err(|error| webhook.failure(error))?;
    let ReplayCounts {
        counted,
        skipped,
        due,
        sent,
        failed,
        cancelled,
    } = replay.counts;
    Ok(Progress {
        counts: Figures {
            counted: grouped(counted),
            due: grouped(due),
            sent: grouped(sent),
            failed: grouped(failed),
            cancelled: grouped(cancelled),
            skipped: grouped(skipped),
        },
        ended: sent + failed + cancelled,
        counted,
        is_running: replay.state == ReplayState::Running,
        handed_over: handed_over(&replay).map(grouped),
        cancel: webhook.to(&format!("/replay/{id}/cancel")),
        waiting: webhook
            .place
            .to(&format!("log?endpoint={}&state=pending", webhook.id())),
        may_manage: access.has(carehook_core::Scope::Manage),
        again: webhook.to(&format!("/replay/{id}/progress")),
        stop: webhook.to(&format!("/replay/{id}/stop")),
        action: webhook.to("/replay"),
        form: ReplayForm::of(&replay.filter),
        row: row(webhook, &replay),
    })
}

async fn page_of(
    console: &Console,
    webhook: &Webhook,
    Part { cursor }: Part,
    (form, faults): (ReplayForm, Faults),
) -> Result<Replays, Failure> {
    let part = carehook_app::Page {
        limit: None,
        cursor,
    };
    let (app, access) = (console.app(), &webhook.place.access);
    let found = app.list_replays(access, webhook.id(), &part).await;
    let found = found.map_err(|error| webhook.failure(error))?;
    let older = |cursor: String| {
        let cursor = address::part(&cursor);
        webhook.to(&format!("/replay?cursor={cursor}"))
    };
    Ok(Replays {
        page: webhook.page(Tab::Replay),
        head: webhook.head(Tab::Replay),
        action: webhook.to("/replay"),
        form,
        faults,
        rows: found.items.iter().map(|one| row(webhook, one)).collect(),
        older: found.next_cursor.map(older),
    })
}

fn row(webhook: &Webhook, replay: &Replay) -> Row {
    let ReplayFilter {
        of,
        types,
        since,
        until,
        reason,
    } = &replay.filter;
    let types: Vec<_> = types.iter().map(ToString::to_string).collect();
    Row {
        address: webhook.to(&format!("/replay/{}", replay.id)),
        what: match (of, reason) {
            (ReplayOf::Failed, Some(Reason::EndpointGone)) => "what failed by 410 Gone",
            (ReplayOf::Failed, _) => "what failed",
            (ReplayOf::Missing, _) => "what it never got",
            (ReplayOf::All, _) => "everything",
        }
        .to_owned(),
        types: types.join(", "),
        span: (since.map(Moment), until.map(Moment)),
        is_dry: replay.dry_run,
        state: match replay.state {
            ReplayState::Running => ("pending", "running"),
            ReplayState::Done => ("delivered", "done"),
            ReplayState::Stopped => ("cancelled", "stopped"),
            ReplayState::Failed => ("failed", "failed: a file could not be read"),
        },
        counted: grouped(replay.counts.counted),
        sent: grouped(replay.counts.sent),
        failed: grouped(replay.counts.failed),
        created_at: Moment(replay.created_at),
        completed_at: replay.completed_at.map(Moment),
    }
}

/// A template of its own, which has escaped everything.
impl askama::filters::HtmlSafe for Progress {}
