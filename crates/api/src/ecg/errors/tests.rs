//! The table of errors: every kind has its status, and its text names the field.

use super::*;

fn body(error: impl Into<RequestError>) -> serde_json::Value {
    let error = NestError::from(error.into());
    serde_json::to_value(&*error.0).unwrap()
}

#[test]
fn every_error_has_its_status_in_numbers_and_words() {
    let cause = || std::io::Error::other("disk").into();
    let conflict = || AppError::Conflict {
        reason: "taken".to_owned(),
    };
    let forbidden = || AppError::Forbidden {
        reason: "it needs the scope webhooks:write".to_owned(),
    };
    let busy = || AppError::Unavailable {
        step: "storing",
        source: cause(),
    };
    let table: Vec<(RequestError, u16, &str)> = vec![
        (AppError::Unauthenticated.into(), 401, "Unauthorized"),
        (forbidden().into(), 403, "Forbidden"),
        (
            AppError::NotFound { kind: "endpoint" }.into(),
            404,
            "Not Found",
        ),
        (
            AppError::invalid("/url", "is bad").into(),
            400,
            "Bad Request",
        ),
        (conflict().into(), 409, "Conflict"),
        (AppError::InProgress.into(), 409, "Conflict"),
        (busy().into(), 503, "Service Unavailable"),
        (AppError::Full.into(), 507, "Insufficient Storage"),
        (
            AppError::Internal(cause()).into(),
            500,
            "Internal Server Error",
        ),
        (
            RequestError::MalformedJson("no".to_owned()),
            400,
            "Bad Request",
        ),
        (
            RequestError::MediaType("x/y"),
            415,
            "Unsupported Media Type",
        ),
        (RequestError::TooManyBytes(9), 413, "Payload Too Large"),
        (RequestError::Incomplete, 408, "Request Timeout"),
        (RequestError::UnknownPath, 404, "Not Found"),
        (RequestError::Method, 405, "Method Not Allowed"),
    ];
    for (error, status, words) in table {
        let shown = body(error);
        assert_eq!(shown["statusCode"], status);
        assert_eq!(shown["error"], words);
    }
}

#[test]
fn a_fault_names_its_field_in_the_words_of_this_api() {
    for (pointer, reason, expected) in [
        ("/url", "must be https", "postUri must be https"),
        ("/events/2", "is unknown", "events.2 is unknown"),
        (
            "/is_x",
            "is not a known field",
            "property is_x should not exist",
        ),
        ("/type", "is required", "eventType should not be empty"),
        (
            "",
            "must be a JSON object",
            "the body must be a JSON object",
        ),
        ("/a~1b/c~0d", "is bad", "a/b.c~d is bad"),
    ] {
        let shown = body(AppError::invalid(pointer, reason));
        assert_eq!(shown["message"], serde_json::json!([expected]));
    }
}

#[test]
fn unknown_things_have_the_names_of_this_api() {
    let shown = body(AppError::NotFound { kind: "endpoint" });
    assert_eq!(shown["message"], "there is no such webhook subscription");
}

#[test]
fn a_reached_limit_tells_when_to_try_again() {
    let spent = carehook_app::Quota {
        counting: carehook_app::Counting::Requests,
        limit: 10,
        remaining: 0,
        reset_seconds: 1_735,
    };
    let response = NestError::from(AppError::RateLimited(spent)).into_response();
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    let header = response.headers().get("retry-after");
    assert_eq!(header.unwrap(), "1735");
}
