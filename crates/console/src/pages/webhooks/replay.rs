//! Replays of a webhook: choosing what goes again, seeing how much that is, and following it.

use askama::Template;
use axum::Router;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use carehook_app::{AppError, NewReplay};
use carehook_core::{
    Replay, ReplayCounts, ReplayFilter, ReplayId, ReplayOf, ReplayState, Timestamp,
};
use http::StatusCode;
use serde::Deserialize;

use super::{Head, Tab, Webhook};
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
            "/console/o/{org}/webhooks/{id}/replay/{job}/progress",
            get(progress),
        )
        .route(
            "/console/o/{org}/webhooks/{id}/replay/{job}/stop",
            post(stop),
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
    replays: Vec<Row>,
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
    again: String,
    stop: String,
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
struct ReplayForm {
    #[serde(default)]
    state: String,
    #[serde(default)]
    types: String,
    #[serde(default)]
    since: String,
    #[serde(default)]
    until: String,
    #[serde(default)]
    dry_run: bool,
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
    webhook: Webhook,
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

/// Says which of the types is meant, where a list would only have its place.
fn named(error: AppError, types: &[String]) -> AppError {
    let AppError::Invalid(mut faults) = error else {
        return error;
    };
    for fault in &mut faults {
        let place = fault.pointer.strip_prefix("/types/");
        let named = place.and_then(|place| types.get(place.parse::<usize>().ok()?));
        if let Some(name) = named {
            let name = crate::figures::shortened(name, 80);
            fault.reason = format!("`{name}`: {}", fault.reason);
        }
    }
    AppError::Invalid(faults)
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

async fn stop(
    State(console): State<Console>,
    webhook: Webhook,
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
        replays: found.items.iter().map(|one| row(webhook, one)).collect(),
        older: found.next_cursor.map(older),
    })
}

fn row(webhook: &Webhook, replay: &Replay) -> Row {
    let ReplayFilter {
        of,
        types,
        since,
        until,
    } = &replay.filter;
    let types: Vec<_> = types.iter().map(ToString::to_string).collect();
    Row {
        address: webhook.to(&format!("/replay/{}", replay.id)),
        what: match of {
            ReplayOf::Failed => "what failed",
            ReplayOf::Missing => "what it never got",
            ReplayOf::All => "everything",
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

impl ReplayForm {
    /// The form that asks for the same.
    fn of(filter: &ReplayFilter) -> Self {
        let types: Vec<_> = filter.types.iter().map(ToString::to_string).collect();
        Self {
            state: filter.of.as_str().to_owned(),
            types: types.join(", "),
            since: filter.since.map(written).unwrap_or_default(),
            until: filter.until.map(written).unwrap_or_default(),
            dry_run: false,
        }
    }

    fn types(&self) -> impl Iterator<Item = String> {
        let parts = self.types.split(|c: char| c == ',' || c.is_whitespace());
        parts.filter(|part| !part.is_empty()).map(str::to_owned)
    }

    fn read(&self) -> Result<NewReplay, AppError> {
        let mut faults = carehook_app::Faults::default();
        let since = faults.take("/since", moment_of(&self.since));
        let until = faults.take("/until", moment_of(&self.until));
        let (since, until) = faults.finish(since.zip(until))?;
        Ok(NewReplay {
            state: Some(self.state.clone()),
            types: self.types().collect(),
            since,
            until,
            dry_run: self.dry_run,
        })
    }
}

/// Reads a field with a date and a time, which are meant in UTC; an empty one is no time.
fn moment_of(text: &str) -> Result<Option<Timestamp>, &'static str> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let at: jiff::civil::DateTime = text
        .parse()
        .map_err(|_| "must be a date and a time such as 2026-03-01T08:00")?;
    let at = at.to_zoned(jiff::tz::TimeZone::UTC);
    let at = at.map_err(|_| "must be a time within the years 1970 to 9999")?;
    Ok(Some(Timestamp(at.timestamp().as_millisecond())))
}

/// The same time as such a field has it.
fn written(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_millisecond(at.0).map(|at| at.to_zoned(jiff::tz::TimeZone::UTC));
    at.map_or_else(
        |_| String::new(),
        |at| at.datetime().strftime("%Y-%m-%dT%H:%M:%S%.3f").to_string(),
    )
}
/// A template of its own, which has escaped everything.
impl askama::filters::HtmlSafe for Progress {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_in_utc_and_written_back() {
        let at = Timestamp(1_773_656_465_000);
        assert_eq!(moment_of("2026-03-16T10:21:05"), Ok(Some(at)));
        assert_eq!(
            moment_of("2026-03-16T10:21"),
            Ok(Some(Timestamp(1_773_656_460_000)))
        );
        assert_eq!(moment_of(&written(at)), Ok(Some(at)));
        assert_eq!(moment_of("  "), Ok(None));
        for wrong in ["yesterday", "2026-13-01T00:00", "<img>"] {
            assert!(moment_of(wrong).is_err(), "{wrong}");
        }
    }
}
