//! Tests: the table of all errors.

use carehook_store::{Refusal, StoreError};

use super::*;

const SPENT: Quota = Quota {
    counting: carehook_app::Counting::Requests,
    limit: 10,
    remaining: 0,
    reset_seconds: 1_735,
};

/// Status, kind and headers of an answer.
fn answered(error: impl Into<Problem>) -> (u16, String, bool, bool) {
    let problem = error.into();
    let kind = problem.0.kind.clone();
    let kind = kind.trim_start_matches("urn:carehook:problem:").to_owned();
    let response = problem.into_response();
    let has = |name: &str| response.headers().contains_key(name);
    let challenge = has("www-authenticate");
    (
        response.status().as_u16(),
        kind,
        has("retry-after"),
        challenge,
    )
}

#[test]
fn every_error_of_a_use_case_has_its_answer() {
    let busy = || StoreError::Busy { op: "x" };
    let unknown = StoreError::Unknown {
        op: "x",
        reason: String::new(),
    };
    let corrupt = StoreError::Corrupt {
        op: "x",
        reason: String::new(),
    };
    let forbidden = AppError::Forbidden {
        reason: String::new(),
    };
    let table: [(AppError, u16, &str, bool); 16] = [
        (AppError::Unauthenticated, 401, "unauthenticated", false),
        (forbidden, 403, "forbidden", false),
        (AppError::NotFound { kind: "x" }, 404, "not-found", false),
        (AppError::invalid("/x", "y"), 422, "invalid-fields", false),
        (Refusal::NotFound("x").into(), 404, "not-found", false),
        (Refusal::Exists("x").into(), 409, "conflict", false),
        (Refusal::Changed("x").into(), 409, "conflict", false),
        (Refusal::KeyReused.into(), 409, "conflict", false),
        (Refusal::State.into(), 409, "conflict", false),
        (Refusal::Conflict("x".into()).into(), 409, "conflict", false),
        (AppError::InProgress, 409, "in-progress", true),
        (busy().into(), 503, "unavailable", true),
        (StoreError::Fenced.into(), 503, "unavailable", true),
        (unknown.into(), 503, "outcome-unknown", true),
        (StoreError::Full.into(), 507, "full", false),
        (corrupt.into(), 500, "internal", false),
    ];
    for (error, status, kind, retry) in table {
        let challenge = status == 401;
        assert_eq!(answered(error), (status, kind.to_owned(), retry, challenge));
    }
    let reason = String::new();
    let too_large = answered(AppError::TooLarge { reason });
    assert_eq!(too_large, (413, "too-large".to_owned(), false, false));
    let limited = answered(AppError::RateLimited(SPENT));
    assert_eq!(limited, (429, "rate-limited".to_owned(), true, false));
}

#[test]
fn every_refusal_of_a_request_has_its_answer() {
    for (error, status, kind) in [
        (RequestError::App(AppError::Full), 507, "full"),
        (
            RequestError::MalformedJson(String::new()),
            400,
            "malformed-json",
        ),
        (RequestError::Header(String::new()), 400, "bad-header"),
        (
            RequestError::MediaType("x/y"),
            415,
            "unsupported-media-type",
        ),
        (RequestError::TooManyBytes(1), 413, "too-large"),
        (RequestError::Incomplete, 408, "incomplete"),
        (RequestError::UnknownPath, 404, "not-found"),
        (RequestError::Method, 405, "method-not-allowed"),
    ] {
        assert_eq!(answered(error), (status, kind.to_owned(), false, false));
    }
}

#[test]
fn a_fault_of_ours_tells_its_name_and_not_its_cause() {
    let cause = "a path on the server";
    let corrupt = StoreError::Corrupt {
        op: "x",
        reason: cause.to_owned(),
    };
    let body = serde_json::to_string(&Problem::from(AppError::from(corrupt)).into_body());
    let body = body.unwrap();
    assert!(!body.contains(cause), "{body}");
    assert!(
        body.contains(r#""instance":"urn:carehook:fault:"#),
        "{body}"
    );
}

#[test]
fn a_reached_limit_tells_when_to_try_again_and_what_the_limit_is() {
    let response = Problem::from(AppError::RateLimited(SPENT)).into_response();
    let header = |name: &str| response.headers().get(name).unwrap().to_str().unwrap();
    assert_eq!(header("retry-after"), "1735");
    assert_eq!(header("ratelimit-policy"), "\"default\";q=10;w=3600");
    assert_eq!(header("ratelimit"), "\"default\";r=0;t=1735");
}
