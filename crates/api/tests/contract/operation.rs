//! Probes, figures, and the viewer of the description.

use http::Method;
use serde_json::json;

use crate::world::{Call, World};

#[tokio::test]
async fn probes_need_no_key_and_tell_why_the_server_is_not_ready() {
    let world = World::start();
    let probe = async |path: &str| {
        let call = Call::new(Method::GET, path).without("authorization");
        call.send(&world).await
    };
    assert_eq!(probe("/livez").await.is(200).body["status"], "alive");
    let ready = probe("/readyz").await.is(200).body;
    assert_eq!(ready, json!({"status": "ready", "reasons": []}));

    world.faults.lock().push("engine: stopped".to_owned());
    let not_ready = probe("/readyz").await.is(503).body;
    assert_eq!(
        not_ready,
        json!({"status": "not_ready", "reasons": ["engine: stopped"]})
    );
    probe("/livez").await.is(200);

    let metrics = probe("/metrics").await.is(200);
    assert!(metrics.header("content-type").starts_with("text/plain"));
    assert_eq!(metrics.bytes, b"carehook_up 1\n");
}

#[tokio::test]
async fn a_closed_store_is_not_served_from() {
    let world = World::with_northside().await;
    world.store.close().await;
    let event = json!({"type": "patient.created", "data": {}});
    let answer = world
        .post("/v1/organizations/northside/events", &event)
        .await;
    let answer = answer.problem(503, "unavailable");
    assert_eq!(answer.header("retry-after"), "1");
    let batch = json!({ "events": [event] });
    let answer = world
        .post("/v1/organizations/northside/events/batch", &batch)
        .await;
    answer.problem(503, "unavailable");
}

#[tokio::test]
async fn the_viewer_is_served_whole_and_runs_nothing_from_elsewhere() {
    let world = World::start();
    let page = world.get("/docs").await.is(200);
    let text = String::from_utf8(page.bytes.clone()).unwrap();
    let policy = page.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'; script-src 'self'"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe"), "{policy}");
    assert!(!text.contains("http:") && !text.contains("https:") && !text.contains("onload"));
    let mut files = 0;
    for (name, _) in text.match_indices("=\"docs/") {
        let rest = &text[name + 2..];
        let file = &rest[..rest.find('"').unwrap()];
        let served = world.get(&format!("/{file}")).await.is(200);
        assert!(!served.bytes.is_empty());
        assert_eq!(served.header("x-content-type-options"), "nosniff");
        files += 1;
    }
    assert_eq!(files, 4);
    let description = world.get("/openapi.json").await.is(200);
    assert_eq!(
        description.bytes,
        carehook_api::openapi_json(carehook_core::Dialect::Native).as_bytes()
    );
}
