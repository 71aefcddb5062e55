//! Names that are not what they look like are refused wherever people give names, in every API.

use serde_json::json;

use crate::world::World;

/// Turned around, cut in two by what nobody sees, spelled with tags.
const DECEPTIVE: [&str; 6] = [
    "\u{202e}evil\u{202c}",
    "a\u{200b}b",
    "\u{2066}a\u{2069}",
    "a\u{feff}b",
    "a\u{3164}",
    "a\u{e0041}",
];

#[tokio::test]
async fn deceptive_names_are_refused_and_every_script_is_taken() {
    let world = World::with_northside().await;
    let organization = "/v1/organizations/northside";
    let endpoint = |name: &str| json!({"url": "http://127.0.0.1/a", "events": ["*"], "name": name});
    let key = |name: &str| json!({"name": name, "mode": "live"});
    let category = |name: &str| json!({"code": "wards", "name": name});
    let event_type = |name: &str| json!({"code": "ward.moved", "category": "patients", "name": name, "versions": ["v1"]});
    for name in DECEPTIVE {
        for (path, body) in [
            ("/v1/organizations", json!({"name": name})),
            ("/v1/operator-keys", json!({"name": name})),
            (&*format!("{organization}/endpoints"), endpoint(name)),
            (&*format!("{organization}/api-keys"), key(name)),
            ("/v1/event-categories", category(name)),
            ("/v1/event-types", event_type(name)),
        ] {
            let answer = world.post(path, &body).await.refuses(&["/name"]);
            let reason = answer.body["errors"][0]["detail"].to_string();
            assert!(reason.contains("turn the direction"), "{reason}");
        }
        let renamed = json!({"name": name});
        world
            .patch(organization, &renamed)
            .await
            .refuses(&["/name"]);
        let described = json!({"code": "wards", "name": "Wards", "description": name});
        let answer = world.post("/v1/event-categories", &described).await;
        answer.refuses(&["/description"]);
    }
    for name in [
        "مستشفى الشمال",
        "מרפאת הצפון",
        "می\u{200c}خواهم",
        "👩\u{200d}⚕\u{fe0f} 北医院",
    ] {
        world
            .patch(organization, &json!({"name": name}))
            .await
            .is(200);
        let path = format!("{organization}/endpoints");
        world.post(&path, &endpoint(name)).await.is(201);
    }
}
