//! ECG's error body, as `NestJS` prints it: `{"statusCode", "message", "error"}`.

use axum::response::{IntoResponse, Response};
use carehook_app::{AppError, FieldFault};
use carehook_core::Dialect;
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::{ErrorBody, RequestError, log_fault, retry_seconds};
use crate::reply::JSON;

/// An error as ECG's API answers it.
#[derive(Debug)]
pub(crate) struct NestError(Box<NestErrorBody>);

/// What is wrong with a request, or with the server.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Error, example = json!({
    "statusCode": 400,
    "message": ["postUri should not be empty"],
    "error": "Bad Request",
}))]
pub(crate) struct NestErrorBody {
    /// The HTTP status.
    status_code: u16,
    /// What is wrong: a text, or one text for each field that is not acceptable.
    message: Message,
    /// The HTTP status in words.
    error: &'static str,
    /// After how many seconds to try again.
    #[serde(skip)]
    wait: Option<u64>,
}

/// A text, or one for each field.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Message {
    /// About the request as a whole.
    One(String),
    /// About its fields; each begins with the name of one.
    Each(Vec<String>),
}

impl NestError {
    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self::with(status, Message::One(message.into()))
    }

    fn with(status: StatusCode, message: Message) -> Self {
        Self(Box::new(NestErrorBody {
            status_code: status.as_u16(),
            message,
            error: status.canonical_reason().unwrap_or("Error"),
            wait: None,
        }))
    }
}

impl From<AppError> for NestError {
    fn from(error: AppError) -> Self {
        log_fault(&error);
        let text = error.to_string();
        let wait = retry_seconds(&error);
        let mut answer = match &error {
            AppError::Unauthenticated => Self::new(StatusCode::UNAUTHORIZED, "Unauthorized"),
            AppError::Forbidden { .. } => Self::new(StatusCode::FORBIDDEN, forbidden(text)),
            AppError::NotFound { kind } => Self::new(StatusCode::NOT_FOUND, unknown(kind)),
            AppError::Invalid(faults) => {
                let messages = faults.iter().map(message).collect();
                Self::with(StatusCode::BAD_REQUEST, Message::Each(messages))
            }
            AppError::Conflict { .. } | AppError::InProgress => {
                Self::new(StatusCode::CONFLICT, text)
            }
            AppError::Gone { .. } => Self::new(StatusCode::GONE, text),
            AppError::TooLarge { .. } => Self::new(StatusCode::PAYLOAD_TOO_LARGE, text),
            AppError::RateLimited(_) => Self::new(StatusCode::TOO_MANY_REQUESTS, text),
            AppError::Unavailable { .. } | AppError::OutcomeUnknown(_) => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, text)
            }
            AppError::Full => Self::new(StatusCode::INSUFFICIENT_STORAGE, text),
            AppError::Internal(_) => {
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error")
            }
        };
        answer.0.wait = wait;
        answer
    }
}

/// What is unknown, in the words of this API.
fn unknown(kind: &str) -> String {
    let name = match kind {
        "endpoint" => "webhook subscription",
        "event type" => "webhook event",
        "category" => "webhook category",
        "sample" => "sample webhook payload",
        other => other,
    };
    format!("there is no such {name}")
}

/// What is missing, also in the words of this API's own scopes.
fn forbidden(reason: String) -> String {
    let own = [
        ("`read`", "webhooks:read"),
        ("`read:payload`", "webhooks:read"),
        ("`manage`", "webhooks:write"),
    ];
    let named = own.iter().find(|(scope, _)| reason.ends_with(scope));
    match named {
        Some((_, own)) => format!("{reason}, which tokens with `{own}` have"),
        None => reason,
    }
}

/// What is wrong with a field, as class-validator says it: the text begins with the field's name.
fn message(FieldFault { pointer, reason }: &FieldFault) -> String {
    let place = place(pointer);
    match reason.as_str() {
        "is required" => format!("{place} should not be empty"),
        "is not a known field" => format!("property {place} should not exist"),
        "must be `live`, the mode of the key" => mode_of_the_key(&place, false),
        "must be `test`, the mode of the key" => mode_of_the_key(&place, true),
        "only https targets are allowed" => format!("{place} must be an https URL"),
        "not a valid absolute URL" => format!("{place} must be a valid absolute URL"),
        reason => match reason.strip_prefix("the URL ") {
            Some(says) => format!("{place} {says}"),
            None if is_clause(reason) => format!("{place}: {reason}"),
            None => format!("{place} {reason}"),
        },
    }
}

fn mode_of_the_key(place: &str, is_development: bool) -> String {
    let mode = if is_development { "test" } else { "live" };
    format!("{place} must be {is_development}: the key's mode is {mode}")
}

/// Whether a reason has a subject of its own, and is no predicate of the field.
fn is_clause(reason: &str) -> bool {
    reason.starts_with("the ")
}

/// A JSON pointer in the native spelling as a path in the spelling of this API.
fn place(pointer: &str) -> String {
    let mut tokens = pointer.split('/').skip(1);
    let Some(first) = tokens.next() else {
        return "the body".to_owned();
    };
    let unescaped = |token: &str| token.replace("~1", "/").replace("~0", "~");
    let first = unescaped(first);
    let name = match &*first {
        "url" => "postUri",
        "type" => "eventType",
        "activity_type" | "sample_type" => "type",
        // Of all versions of an event type only the newest is told here.
        "versions" => "version",
        "query_mode" => "mode",
        "mode" => "isDevelopment",
        "secret" => "secretKey",
        "event_id" => "eventId",
        "retry_of" => "retryingFromPostId",
        "raw_message" => "rawMessage",
        "original_activity_id" => "originalActivityId",
        "http_status_code" => "httpStatusCode",
        other => other,
    };
    tokens.fold(name.to_owned(), |path, token| {
        format!("{path}.{}", unescaped(token))
    })
}

impl From<RequestError> for NestError {
    fn from(error: RequestError) -> Self {
        let text = error.to_string();
        match error {
            RequestError::App(error) => error.into(),
            RequestError::MalformedJson(_) | RequestError::Header(_) => {
                Self::new(StatusCode::BAD_REQUEST, text)
            }
            RequestError::MediaType(_) => Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, text),
            RequestError::TooManyBytes(_) => Self::new(StatusCode::PAYLOAD_TOO_LARGE, text),
            RequestError::Incomplete => Self::new(StatusCode::REQUEST_TIMEOUT, text),
            RequestError::UnknownPath => Self::new(StatusCode::NOT_FOUND, text),
            RequestError::Method => Self::new(StatusCode::METHOD_NOT_ALLOWED, text),
        }
    }
}

impl ErrorBody for NestError {
    const DIALECT: Dialect = Dialect::Ecg;
    const MEDIA_TYPE: HeaderValue = JSON;
}

impl IntoResponse for NestError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status_code).expect("it was made of a status");
        Self::answer(status, &self.0, self.0.wait)
    }
}

#[cfg(test)]
mod tests;
