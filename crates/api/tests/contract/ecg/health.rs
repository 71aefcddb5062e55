//! The health of the server and the test targets: without a key.

use http::Method;
use serde_json::json;

use crate::world::{Call, World};

#[tokio::test]
async fn health_names_its_parts_and_what_is_down() {
    let world = World::start();
    let ask = async || {
        let call = Call::new(Method::GET, "/healthcheck").without("authorization");
        call.send(&world).await
    };
    let up = json!({"status": "up"});
    let parts = json!({"store": up, "engine": up});
    let well = json!({"status": "ok", "info": parts, "error": {}, "details": parts});
    assert_eq!(ask().await.is(200).body, well);
    world.faults.lock().push("engine: stalled".to_owned());
    let ill = ask().await.is(503).body;
    assert_eq!(ill["status"], "error");
    let down = json!({"status": "down", "message": "engine: stalled"});
    assert_eq!(ill["error"], json!({"engine": down}));
    assert_eq!(ill["info"], json!({"store": up}));
    assert_eq!(ill["details"], json!({"store": up, "engine": down}));
}

#[tokio::test]
async fn the_test_targets_take_anything_from_anybody() {
    let world = World::start();
    for (path, status, value) in [
        ("success-response", 200, true),
        ("failed-response", 500, false),
    ] {
        let path = format!("/api/webhook-processors/{path}");
        for body in ["", "{}", "no json \u{1}", &"x".repeat(300 * 1024)] {
            let call = Call::new(Method::POST, &path).without("authorization");
            let call = call.raw(body).header("content-type", "text/plain");
            let answer = call.send(&world).await.is(status);
            assert_eq!(answer.body, json!({"value": value}));
        }
        world.get(&path).await.refuses_fields(405, &["method"]);
    }
}
