//! Replays: started, shown with exact counts, listed and stopped; one at a time for an endpoint.

use carehook_store::{AuditFilter, PageRequest, ReplayStep};
use http::Method;
use serde_json::{Value, json};

use crate::world::{Call, World};

const ENDPOINTS: &str = "/v1/organizations/northside/endpoints";

/// A world with an endpoint that came after two events.
async fn with_late_endpoint() -> (World, String) {
    let world = World::with_northside().await;
    world.event("patient.created").await;
    world.event("appointment.created").await;
    let id = world.endpoint(json!({})).await;
    (world, format!("{ENDPOINTS}/{id}"))
}

/// What the engine does with replays, until each waits or has ended.
async fn work_off(world: &World) {
    for replay in world.store.open_replays().await.unwrap() {
        let mut at = replay.position();
        while let ReplayStep::On(next) = world.store.step_replay(&replay, at).await.unwrap() {
            at = next;
        }
    }
}

async fn start(world: &World, endpoint: &str, body: Value) -> Value {
    let path = format!("{endpoint}/replay");
    world.post(&path, &body).await.is(202).body
}

#[tokio::test]
async fn a_replay_is_a_job_that_counts_what_it_sends() {
    let (world, endpoint) = with_late_endpoint().await;
    let body = json!({"state": "missing", "types": ["patient.*"], "since": "2026-01-01T00:00:00Z"});
    let made = start(&world, &endpoint, body).await;
    assert_eq!(made["state"], "running");
    assert_eq!(made["dry_run"], false);
    let filters = json!({
        "state": "missing",
        "types": ["patient.*"],
        "since": "2026-01-01T00:00:00.000Z",
        "until": null,
    });
    assert_eq!(made["filters"], filters);
    assert_eq!(
        (&made["counted"], &made["completed_at"]),
        (&json!(0), &json!(null))
    );
    work_off(&world).await;
    let path = format!("{endpoint}/replays/{}", made["id"].as_str().unwrap());
    let running = world.get(&path).await.is(200).body;
    assert_eq!(
        (&running["counted"], &running["due"]),
        (&json!(1), &json!(1))
    );
    let deliveries = "/v1/organizations/northside/deliveries";
    let deliveries = world.get(deliveries).await.is(200).body;
    let delivery = &deliveries["data"][0];
    assert_eq!(delivery["event_type"], "patient.created");
    assert_eq!(delivery["state"], "pending");
    let cancel = format!(
        "/v1/organizations/northside/deliveries/{}/cancel",
        delivery["id"].as_str().unwrap()
    );
    Call::new(Method::POST, &cancel).send(&world).await.is(200);
    work_off(&world).await;
    let done = world.get(&path).await.is(200).body;
    assert_eq!(
        (&done["state"], &done["cancelled"]),
        (&json!("done"), &json!(1))
    );
    let listed = world.get(&format!("{endpoint}/replays")).await.is(200).body;
    assert_eq!(listed["data"], json!([done]));
}

#[tokio::test]
async fn a_dry_run_counts_and_sends_nothing() {
    let (world, endpoint) = with_late_endpoint().await;
    let body = json!({"state": "all", "dry_run": true});
    let made = start(&world, &endpoint, body).await;
    work_off(&world).await;
    let path = format!("{endpoint}/replays/{}", made["id"].as_str().unwrap());
    let done = world.get(&path).await.is(200).body;
    assert_eq!(
        (&done["state"], &done["counted"]),
        (&json!("done"), &json!(2))
    );
    assert_eq!(
        world.count("/v1/organizations/northside/deliveries").await,
        0
    );
}

#[tokio::test]
async fn one_replay_of_an_endpoint_runs_at_a_time_and_can_be_stopped() {
    let (world, endpoint) = with_late_endpoint().await;
    let made = start(&world, &endpoint, json!({"state": "failed"})).await;
    let path = format!("{endpoint}/replay");
    let second = world.post(&path, &json!({"state": "all"})).await;
    second.problem(409, "conflict");
    let stop = format!("{endpoint}/replays/{}/stop", made["id"].as_str().unwrap());
    let stopped = Call::new(Method::POST, &stop).send(&world).await.is(200);
    assert_eq!(stopped.body["state"], "stopped");
    assert!(stopped.body["completed_at"].is_string());
    let again = Call::new(Method::POST, &stop).send(&world).await;
    again.problem(409, "conflict");
    start(&world, &endpoint, json!({"state": "all"})).await;
    let page = PageRequest {
        limit: 100,
        after: None,
    };
    let organization = "northside".parse().unwrap();
    let filter = AuditFilter::default();
    let trail = world.store.list_audit(&organization, &filter, page).await;
    let trail = trail.unwrap().items;
    let about = trail.iter().map(|record| &record.entry);
    let about = about.filter(|entry| entry.object.starts_with("replay/"));
    let actions: Vec<_> = about.map(|entry| entry.action.as_str()).collect();
    assert_eq!(
        actions,
        ["replay.started", "replay.stopped", "replay.started"],
        "what was refused leaves no entry of a success"
    );
}

#[tokio::test]
async fn all_that_is_wrong_with_a_replay_is_named() {
    let (world, endpoint) = with_late_endpoint().await;
    let path = format!("{endpoint}/replay");
    let refused = |body: Value| {
        let (world, path) = (&world, &path);
        async move { world.post(path, &body).await }
    };
    refused(json!({})).await.refuses(&["/state"]);
    let body = json!({
        "state": "delivered",
        "types": ["patient.created", "**"],
        "since": "2026-01-02T00:00:00Z",
        "until": "2026-01-02T00:00:00Z",
    });
    let wrong = refused(body).await;
    wrong.refuses(&["/state", "/types/1", "/until"]);
    let body = json!({"state": "all", "since": "yesterday"});
    refused(body).await.refuses(&["/since"]);
    let body = json!({"state": "all", "surprise": 1});
    refused(body).await.refuses(&["/surprise"]);
    let many: Vec<_> = (0..257).map(|_| "*").collect();
    let body = json!({"state": "all", "types": many});
    refused(body).await.refuses(&["/types"]);
}

#[tokio::test]
async fn a_replay_is_found_below_its_endpoint_only() {
    let (world, endpoint) = with_late_endpoint().await;
    let other = world.endpoint(json!({})).await;
    let made = start(&world, &endpoint, json!({"state": "all"})).await;
    let id = made["id"].as_str().unwrap();
    for path in [
        format!("{ENDPOINTS}/{other}/replays/{id}"),
        format!("{endpoint}/replays/{other}"),
        format!("{endpoint}/replays/x"),
    ] {
        world.get(&path).await.problem(404, "not-found");
        let stop = format!("{path}/stop");
        let stopped = Call::new(Method::POST, &stop).send(&world).await;
        stopped.problem(404, "not-found");
    }
    let listed = world.get(&format!("{ENDPOINTS}/{other}/replays")).await;
    assert_eq!(listed.is(200).body["data"], json!([]));
    world.get(&format!("{endpoint}/replays/{id}")).await.is(200);
}
