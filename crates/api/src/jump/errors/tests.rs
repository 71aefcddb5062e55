//! Tests: the table of errors.

use axum::response::IntoResponse as _;
use carehook_app::{AppError, FieldFault};

use super::*;

fn unavailable() -> AppError {
    AppError::Unavailable {
        step: "storing",
        source: "the disk sleeps".into(),
    }
}

fn limited() -> AppError {
    AppError::RateLimited(carehook_app::Quota {
        counting: carehook_app::Counting::Requests,
        limit: 10,
        remaining: 0,
        reset_seconds: 1_735,
    })
}

fn conflict() -> AppError {
    AppError::Conflict {
        reason: "no".to_owned(),
    }
}

#[test]
fn every_error_has_a_status_and_a_code_of_the_source() {
    let forbidden = AppError::Forbidden {
        reason: "no".to_owned(),
    };
    let too_large = AppError::TooLarge {
        reason: "no".to_owned(),
    };
    let malformed = RequestError::MalformedJson("at line 1".to_owned());
    let table: [(RequestError, u16, &str); 18] = [
        (AppError::Unauthenticated.into(), 401, "UNAUTHORIZED"),
        (forbidden.into(), 403, "FORBIDDEN"),
        (AppError::NotFound { kind: "x" }.into(), 404, "NOT_FOUND"),
        (
            AppError::invalid("/url", "x").into(),
            400,
            "VALIDATION_ERROR",
        ),
        (conflict().into(), 409, "CONFLICT"),
        (AppError::InProgress.into(), 409, "CONFLICT"),
        (too_large.into(), 413, "VALIDATION_ERROR"),
        (limited().into(), 429, "RATE_LIMITED"),
        (unavailable().into(), 503, "UNAVAILABLE"),
        (AppError::Full.into(), 503, "UNAVAILABLE"),
        (AppError::Internal("x".into()).into(), 500, "INTERNAL_ERROR"),
        (malformed, 400, "VALIDATION_ERROR"),
        (
            RequestError::Header("x".to_owned()),
            400,
            "VALIDATION_ERROR",
        ),
        (RequestError::MediaType("x/y"), 415, "VALIDATION_ERROR"),
        (RequestError::TooManyBytes(1), 413, "VALIDATION_ERROR"),
        (RequestError::Incomplete, 408, "VALIDATION_ERROR"),
        (RequestError::UnknownPath, 404, "NOT_FOUND"),
        (RequestError::Method, 405, "NOT_FOUND"),
    ];
    for (error, status, code) in table {
        let failure = Failure::from(error);
        let body = serde_json::to_value(&failure.body).unwrap();
        assert_eq!(body["data"], serde_json::Value::Null);
        assert_eq!(body["error"]["code"], code);
        assert!(
            body["error"]["message"]
                .as_str()
                .is_some_and(|text| !text.is_empty())
        );
        assert_eq!(failure.into_response().status(), status, "{body}");
    }
}

#[test]
fn the_message_names_every_field() {
    let fault = |pointer: &str| FieldFault {
        pointer: pointer.to_owned(),
        reason: "is required".to_owned(),
    };
    let error = AppError::Invalid(vec![fault("/url"), fault("/events/3")]);
    let message = Failure::from(error).body.error.message;
    assert_eq!(message, "url: is required; events[3]: is required");
}

#[test]
fn causes_stay_in_the_log() {
    let failure = Failure::from(AppError::Internal("row 7 is torn".into()));
    assert_eq!(failure.body.error.message, "something is wrong on our side");
}

#[test]
fn only_time_helps_with_what_is_unavailable_and_a_key_with_what_is_unauthorized() {
    let header = |error: AppError, name: &str| {
        let response = Failure::from(error).into_response();
        response.headers().get(name).is_some()
    };
    assert!(header(unavailable(), "retry-after"));
    assert!(!header(conflict(), "retry-after"));
    assert!(header(AppError::Unauthenticated, "www-authenticate"));
}

#[test]
fn a_reached_limit_tells_when_to_try_again() {
    let response = Failure::from(limited()).into_response();
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    let header = response.headers().get("retry-after");
    assert_eq!(header.unwrap(), "1735");
}
