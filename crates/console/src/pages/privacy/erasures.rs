//! Erasures: jobs that make unreadable what is kept about somebody, and how far they are.

use askama::Template;
use axum::Router;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use carehook_app::AppError;
use carehook_core::{Erasure, ErasureCounts, ErasureId, ErasureState, Scope};
use http::StatusCode;
use serde::Deserialize;

use crate::address;
use crate::failure::Failure;
use crate::forms::Faults;
use crate::moment::Moment;
use crate::page::{Page, Section, shown};
use crate::router::Console;
use crate::visitor::Place;

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/console/o/{org}/erasures", get(list).post(create))
        .route("/console/o/{org}/erasures/{id}", get(show))
}

#[derive(Template)]
#[template(path = "pages/privacy/erasures.html")]
struct Erasures {
    page: Page,
    jobs: Vec<Job>,
    older: Option<String>,
    faults: Faults,
}

#[derive(Template)]
#[template(path = "pages/privacy/erasure.html")]
struct OneErasure {
    page: Page,
    job: Job,
}

struct Job {
    id: ErasureId,
    address: String,
    state: (&'static str, &'static str),
    is_running: bool,
    created_at: Moment,
    completed_at: Option<Moment>,
    counts: [(&'static str, u64); 6],
}

#[derive(Default, Deserialize)]
struct Part {
    cursor: Option<String>,
}

async fn list(
    State(console): State<Console>,
    place: Place,
    Query(part): Query<Part>,
) -> Result<Response, Failure> {
    Ok(shown(
        &page_of(&console, &place, part, Faults::default()).await?,
    ))
}

#[derive(Deserialize)]
struct ErasureForm {
    #[serde(default)]
    subject: String,
    #[serde(default)]
    again: String,
}

async fn create(
    State(console): State<Console>,
    place: Place,
    Form(ErasureForm { subject, again }): Form<ErasureForm>,
) -> Result<Response, Failure> {
    let allowed = place.access.require(Scope::Admin);
    allowed.map_err(|error| place.failure(error))?;
    let made = if subject == again {
        let subject = Some(subject).filter(|subject| !subject.is_empty());
        console.app().create_erasure(&place.access, subject).await
    } else {
        Err(AppError::invalid("/again", "must be the same as above"))
    };
    match made {
        Ok(job) => Ok(Redirect::to(&place.to(&format!("erasures/{}", job.id))).into_response()),
        Err(error) => {
            let faults = Faults::of(error).map_err(|error| place.failure(error))?;
            let page = page_of(&console, &place, Part::default(), faults).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, shown(&page)).into_response())
        }
    }
}

#[derive(Deserialize)]
struct Named {
    id: ErasureId,
}

async fn show(
    State(console): State<Console>,
    place: Place,
    Path(Named { id }): Path<Named>,
) -> Result<Response, Failure> {
    let erasure = console.app().erasure(&place.access, id).await;
    let erasure = erasure.map_err(|error| place.failure(error))?;
    Ok(shown(&OneErasure {
        page: Page::at(&place, Section::Erasures, "Erasure"),
        job: job(&place, &erasure),
    }))
}

async fn page_of(
    console: &Console,
    place: &Place,
    Part { cursor }: Part,
    faults: Faults,
) -> Result<Erasures, Failure> {
    let part = carehook_app::Page {
        limit: None,
        cursor,
    };
    let list = console.app().list_erasures(&place.access, &part).await;
    let list = list.map_err(|error| place.failure(error))?;
    let older = list
        .next_cursor
        .map(|cursor| format!("erasures?cursor={}", address::part(&cursor)));
    Ok(Erasures {
        page: Page::at(place, Section::Erasures, "Erasures"),
        jobs: list
            .items
            .iter()
            .map(|erasure| job(place, erasure))
            .collect(),
        older: older.map(|page| place.to(&page)),
        faults,
    })
}

fn job(place: &Place, erasure: &Erasure) -> Job {
    let Erasure {
        id,
        organization: _,
        state,
        counts,
        created_at,
        completed_at,
    } = erasure;
    let ErasureCounts {
        events,
        deliveries,
        answers,
        mails,
        idempotency_keys,
        requests,
    } = counts;
    Job {
        id: *id,
        address: place.to(&format!("erasures/{id}")),
        state: match state {
            ErasureState::Running => ("pending", "being erased"),
            ErasureState::Done => ("good", "done"),
            ErasureState::Failed => ("bad", "failed: a file could not be read"),
        },
        is_running: *state == ErasureState::Running,
        created_at: Moment(*created_at),
        completed_at: completed_at.map(Moment),
        counts: [
            ("Events without payload and subject now", *events),
            ("Waiting deliveries called off", *deliveries),
            ("Answers of receivers", *answers),
            ("Mails called off", *mails),
            ("Idempotency keys", *idempotency_keys),
            ("Kept answers to requests", *requests),
        ],
    }
}
