//! Tests: the table of errors.

use axum::response::IntoResponse as _;
use carehook_app::AppError;

use super::*;

#[test]
fn every_error_has_the_name_code_and_class_of_feathers() {
    let forbidden = AppError::Forbidden {
        reason: "no".to_owned(),
    };
    let conflict = AppError::Conflict {
        reason: "no".to_owned(),
    };
    let too_large = AppError::TooLarge {
        reason: "no".to_owned(),
    };
    let unavailable = AppError::Unavailable {
        step: "storing",
        source: "the disk sleeps".into(),
    };
    let malformed = RequestError::MalformedJson("at line 1".to_owned());
    let table: [(RequestError, Kind); 17] = [
        (AppError::Unauthenticated.into(), NOT_AUTHENTICATED),
        (forbidden.into(), FORBIDDEN),
        (AppError::NotFound { kind: "x" }.into(), NOT_FOUND),
        (AppError::invalid("/url", "x").into(), BAD_REQUEST),
        (conflict.into(), CONFLICT),
        (AppError::InProgress.into(), CONFLICT),
        (too_large.into(), TOO_LARGE),
        (unavailable.into(), UNAVAILABLE),
        (AppError::Full.into(), UNAVAILABLE),
        (AppError::Internal("x".into()).into(), GENERAL_ERROR),
        (malformed, BAD_REQUEST),
        (RequestError::Header("x".to_owned()), BAD_REQUEST),
        (RequestError::MediaType("x/y"), MEDIA_TYPE),
        (RequestError::TooManyBytes(1), TOO_LARGE),
        (RequestError::Incomplete, TIMEOUT),
        (RequestError::UnknownPath, NOT_FOUND),
        (RequestError::Method, METHOD_NOT_ALLOWED),
    ];
    for (error, (name, class_name, status)) in table {
        let error = FeathersError::from(error);
        let body = serde_json::to_value(&error).unwrap();
        assert_eq!(body["name"], name);
        assert_eq!(body["className"], class_name);
        assert_eq!(body["code"], status.as_u16());
        assert!(body["message"].is_string() && body["errors"].is_object());
        assert_eq!(error.into_response().status(), status, "{body}");
    }
}

#[test]
fn faults_are_told_by_field_and_in_the_message() {
    let fault = |pointer: &str, reason: &str| FieldFault {
        pointer: pointer.to_owned(),
        reason: reason.to_owned(),
    };
    let error = AppError::Invalid(vec![
        fault("/url", "is required"),
        fault("/events/0", "is unknown"),
        fault("/events/2", "is empty"),
    ]);
    let error = FeathersError::from(error);
    let told = "url: is required; events[0]: is unknown; events[2]: is empty";
    assert_eq!(error.message, told);
    let errors = serde_json::to_value(&error.errors).unwrap();
    let expected = serde_json::json!({
        "url": "is required",
        "events": "[0]: is unknown; [2]: is empty",
    });
    assert_eq!(errors, expected);

    let error = FeathersError::from(AppError::invalid("", "must be a JSON object"));
    assert_eq!(error.message, "the body must be a JSON object");
    assert!(error.errors.is_empty());
}

#[test]
fn a_reached_limit_tells_when_to_try_again() {
    let spent = carehook_app::Quota {
        counting: carehook_app::Counting::Requests,
        limit: 10,
        remaining: 0,
        reset_seconds: 1_735,
    };
    let response = FeathersError::from(AppError::RateLimited(spent)).into_response();
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    let header = response.headers().get("retry-after");
    assert_eq!(header.unwrap(), "1735");
}
