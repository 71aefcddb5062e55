//! `Idempotency-Key` on requests: a repetition gets the first answer again.
//!
//! A single publish does not come here: its key is stored in the same commit as the event. A batch
//! does, so that another body under the same key is refused as a whole; the keys of its events see
//! to it that a crash in between stores nothing twice.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use carehook_app::{Answer, App, Once, RepeatableRequest};
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use http_body_util::BodyExt as _;

use super::access::known_caller;
use super::body::{MaxBytes, read};
use super::headers::idempotency_key;
use super::path::Names;
use super::request_error::{ErrorBody, RequestError};
use crate::reply::{JSON, Kept};

/// Says that an answer was given before.
pub(crate) const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
pub(crate) const YES: HeaderValue = HeaderValue::from_static("true");

/// What the paths of the dialects call the part that names the organization.
const ORGANIZATION_PARTS: [&str; 2] = ["org", "organizationId"];

/// Answers a POST with an idempotency key once; everything else passes through.
pub(crate) async fn repeatable<E, L>(
    State(app): State<App>,
    request: Request,
    next: Next,
) -> Response
where
    E: ErrorBody,
    L: MaxBytes,
{
    if request.method() != Method::POST {
        return next.run(request).await;
    }
    match once::<E, L>(app, request, next).await {
        Ok(response) => response,
        Err(error) => E::from(error).into_response(),
    }
}

async fn once<E: ErrorBody, L: MaxBytes>(
    app: App,
    request: Request,
    next: Next,
) -> Result<Response, RequestError> {
    let Some(key) = idempotency_key(request.headers())? else {
        return Ok(next.run(request).await);
    };
    let (mut parts, body) = request.into_parts();
    // Before anything is remembered for them: who asks, and for whom.
    let caller = known_caller(&parts, &app, E::credential(&parts.headers)).await?;
    let names = Names::of(&mut parts.clone()).await;
    let in_path = ORGANIZATION_PARTS.iter().find_map(|part| names.get(part));
    let organization = in_path.or_else(|| E::organization(&parts.headers));
    let requester = match organization {
        None => caller.requester(),
        Some(organization) => app.access(&caller, organization)?.requester(),
    };
    let action = format!("{} {}", parts.method, parts.uri);
    let body = read(Request::from_parts(parts.clone(), body), L::MAX_BYTES).await?;
    parts.headers.remove(header::CONTENT_LENGTH);
    let repeatable = RepeatableRequest::new(&requester, key, &action, &body);
    let again = Request::from_parts(parts, Body::from(body));
    let done = app.once(
        repeatable,
        async move { collected(next.run(again).await).await },
    );
    Ok(match done.await? {
        Once::Now(response) => response,
        Once::Before(answer) => replayed(answer, E::MEDIA_TYPE),
    })
}

/// The answer, and a copy of what has to be kept of it.
async fn collected(response: Response) -> (Response, Answer) {
    let (parts, body) = response.into_parts();
    let body = match body.collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(_) => Bytes::new(),
    };
    let kept = parts.extensions.get::<Kept>();
    let answer = Answer {
        status: parts.status.as_u16(),
        body: kept.map_or_else(|| body.clone(), |Kept(body)| body.clone()),
    };
    (Response::from_parts(parts, Body::from(body)), answer)
}

fn replayed(answer: Answer, error_media_type: HeaderValue) -> Response {
    let Answer { status, body } = answer;
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let media_type = if status.is_success() {
        JSON
    } else {
        error_media_type
    };
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, media_type);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REPLAYED, YES);
    response
}
