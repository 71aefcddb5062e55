//! Tests: a request is done once, to its end.

use std::sync::Arc;

use tokio::sync::Notify;

use super::*;
use crate::AppConfig;
use crate::fixture::app_with;

fn request(body: &str) -> RepeatableRequest {
    let key = IdempotencyKey::parse("k").unwrap();
    RepeatableRequest::new(&Requester::Operator, key, "POST /x", body.as_bytes())
}

fn answer(status: u16) -> Answer {
    let body = Bytes::from_static(b"{}");
    Answer { status, body }
}

#[tokio::test]
async fn work_goes_on_when_its_caller_goes_away() {
    let (app, _directory) = app_with(AppConfig::default());
    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (has_begun, may_go_on) = (begun.clone(), go_on.clone());
    let call = app.once(request("a"), async move {
        has_begun.notify_one();
        may_go_on.notified().await;
        ((), answer(201))
    });
    tokio::select! {
        _ = call => panic!("the work cannot have ended"),
        () = begun.notified() => {}
    }
    let again = app.once(request("a"), async { ((), answer(500)) }).await;
    assert!(matches!(again, Err(AppError::InProgress)));

    go_on.notify_one();
    app.drained().await;
    let again = app.once(request("a"), async { ((), answer(500)) }).await;
    let Ok(Once::Before(kept)) = again else {
        panic!("the answer was not kept");
    };
    assert_eq!(kept, answer(201));
}

#[tokio::test]
async fn what_did_not_succeed_leaves_the_key_free() {
    let (app, _directory) = app_with(AppConfig::default());
    let private = "canary4711";
    let work = async move { panic!("on purpose: {private}") };
    let failed: Result<Once<()>, AppError> = app.once(request("a"), work).await;
    let Err(failed @ AppError::Internal(_)) = failed else {
        panic!("a panic is a fault of ours");
    };
    let told = format!("{} {failed:?}", Chain(&failed));
    assert!(
        told.contains("panicked") && !told.contains(private),
        "{told}"
    );
    let fault = app.once(request("a"), async { ((), answer(503)) }).await;
    assert!(matches!(fault, Ok(Once::Now(()))));
    let done = app.once(request("a"), async { ((), answer(404)) }).await;
    assert!(matches!(done, Ok(Once::Now(()))));
    let mended = app.once(request("a"), async { ((), answer(202)) }).await;
    assert!(matches!(mended, Ok(Once::Now(()))));
    let again = app.once(request("a"), async { ((), answer(200)) }).await;
    assert!(matches!(again, Ok(Once::Before(kept)) if kept.status == 202));
}

#[tokio::test]
async fn a_key_is_refused_for_another_body() {
    let (app, _directory) = app_with(AppConfig::default());
    let first = app.once(request("a"), async { ((), answer(200)) }).await;
    assert!(first.is_ok());
    let other = app.once(request("b"), async { ((), answer(200)) }).await;
    assert!(matches!(other, Err(AppError::Conflict { .. })));
}

#[test]
fn a_key_has_1_to_255_printable_characters() {
    for (text, fits) in [
        ("k", true),
        ("a key/with signs~", true),
        (&"x".repeat(255), true),
        ("", false),
        (&"x".repeat(256), false),
        ("a\tb", false),
        ("é", false),
    ] {
        assert_eq!(IdempotencyKey::parse(text).is_ok(), fits, "{text:?}");
    }
}
