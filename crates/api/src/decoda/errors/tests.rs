//! The table of errors and answers.

use carehook_app::{AppError, FieldFault};
use serde_json::{Value, json};

use super::*;

fn app(error: AppError) -> RequestError {
    RequestError::App(error)
}

fn source() -> Box<dyn std::error::Error + Send + Sync> {
    "the disk is on fire".into()
}

/// Status, body, and whether the answer asks to try again.
async fn answer(error: RequestError) -> (u16, Value, bool) {
    let response = Refused::from(error).into_response();
    let status = response.status().as_u16();
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let again = parts.headers.contains_key("retry-after");
    (status, serde_json::from_slice(&body).unwrap(), again)
}

#[tokio::test]
async fn every_error_has_its_answer() {
    let unavailable = AppError::Unavailable {
        step: "storing",
        source: source(),
    };
    let refusals = [
        (app(AppError::Unauthenticated), 401, "Invalid API key"),
        (
            app(AppError::Forbidden {
                reason: "this needs the scope `read`".to_owned(),
            }),
            403,
            "this needs the scope `read`",
        ),
        (
            app(AppError::NotFound { kind: "endpoint" }),
            404,
            "Webhook not found",
        ),
        (
            app(AppError::NotFound { kind: "delivery" }),
            404,
            "Webhook event not found",
        ),
        (
            app(AppError::NotFound {
                kind: "organization",
            }),
            404,
            "Tenant not found",
        ),
        (app(AppError::NotFound { kind: "key" }), 404, "Not Found"),
        (
            app(AppError::Conflict {
                reason: "it is off".to_owned(),
            }),
            409,
            "it is off",
        ),
        (
            app(AppError::TooLarge {
                reason: "too much".to_owned(),
            }),
            413,
            "too much",
        ),
        (
            app(unavailable),
            503,
            "storing did not work; nothing was stored, try again",
        ),
        (
            app(AppError::Full),
            507,
            "there is no room left to store anything",
        ),
        (
            app(AppError::Internal(source())),
            500,
            "Internal Server Error",
        ),
        (
            RequestError::Header("it is odd".to_owned()),
            400,
            "it is odd",
        ),
        (
            RequestError::Incomplete,
            408,
            "The body did not arrive completely within 30 seconds",
        ),
        (RequestError::UnknownPath, 404, "Not Found"),
        (RequestError::Method, 405, "Method Not Allowed"),
    ];
    for (error, status, detail) in refusals {
        let name = format!("{error:?}");
        let again = status == 503;
        let expected = (status, json!({ "detail": detail }), again);
        assert_eq!(answer(error).await, expected, "{name}");
    }
}

#[tokio::test]
async fn faults_have_the_names_of_this_api() {
    for (pointer, loc, kind) in [
        ("/url", json!(["body", "url"]), "value_error"),
        ("/events", json!(["body", "subscriptions"]), "value_error"),
        ("/events/7", json!(["body", "subscriptions", 7]), "enum"),
        (
            "/notification_email",
            json!(["body", "notificationEmail"]),
            "value_error",
        ),
        ("/event_type", json!(["query", "event_type"]), "enum"),
        ("/limit", json!(["query", "limit"]), "value_error"),
        ("/x/y", json!(["body", "x", "y"]), "value_error"),
        ("", json!(["body"]), "value_error"),
    ] {
        let fault = FieldFault {
            pointer: pointer.to_owned(),
            reason: "is odd".to_owned(),
        };
        let (status, body, _) = answer(app(AppError::Invalid(vec![fault]))).await;
        assert_eq!(status, 422);
        let shown = &body["detail"][0];
        assert_eq!((&shown["loc"], &shown["type"]), (&loc, &json!(kind)));
        if kind == "value_error" {
            assert_eq!(shown["msg"], "Value error, is odd");
        }
    }
}

#[test]
fn a_reached_limit_tells_when_to_try_again() {
    let spent = carehook_app::Quota {
        counting: carehook_app::Counting::Requests,
        limit: 10,
        remaining: 0,
        reset_seconds: 1_735,
    };
    let response = Refused::from(AppError::RateLimited(spent)).into_response();
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    let header = response.headers().get("retry-after");
    assert_eq!(header.unwrap(), "1735");
}
