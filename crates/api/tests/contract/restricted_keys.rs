//! Keys with permissions: no other way leads to what they may not read.

use http::Method;
use serde_json::{Value, json};

use crate::world::{Answer, Call, World, with_fields};

const ORG: &str = "/v1/organizations/northside";
const KEYS: &str = "/v1/organizations/northside/api-keys";
const ENDPOINTS: &str = "/v1/organizations/northside/endpoints";

/// A key that may do everything here, and read these records only.
async fn held_to(world: &World, permissions: Value) -> String {
    let scopes = ["keys", "publish", "read", "read:payload", "manage"];
    let fields = json!({"scopes": scopes, "permissions": permissions});
    world.key(fields).await
}

async fn make(world: &World, maker: &str, fields: Value) -> Answer {
    let body = with_fields(json!({"name": "Second", "mode": "live"}), &fields);
    let call = Call::new(Method::POST, KEYS).with_key(maker).json(&body);
    call.send(world).await
}

#[tokio::test]
async fn a_key_with_permissions_makes_no_key_that_is_held_to_fewer() {
    let world = World::with_northside().await;
    let maker = held_to(&world, json!(["patients:read", "documents:write"])).await;
    for permissions in [json!([]), json!(["appointments:read"])] {
        let refused = make(&world, &maker, json!({ "permissions": permissions })).await;
        refused.problem(403, "forbidden");
    }
    for said in [json!({}), json!({"permissions": null})] {
        let made = make(&world, &maker, said).await.is(201);
        let own = json!(["patients:read", "documents:write"]);
        assert_eq!(made.body["permissions"], own);
    }
    let fewer = json!({"permissions": ["documents:read"]});
    let made = make(&world, &maker, fewer).await.is(201);
    assert_eq!(made.body["permissions"], json!(["documents:read"]));
    // Who is held to none makes keys that are held to none.
    let unrestricted = world.key(json!({"scopes": ["admin"]})).await;
    for said in [json!({}), json!({"permissions": []})] {
        let made = make(&world, &unrestricted, said).await.is(201);
        assert_eq!(made.body["permissions"], json!([]));
    }
}

#[tokio::test]
async fn an_endpoint_that_gets_more_than_a_key_may_read_is_not_for_that_key_to_change() {
    let world = World::with_northside().await;
    let key = held_to(&world, json!(["patients:read"])).await;
    for events in [json!(["*"]), json!(["patient.*", "appointment.created"])] {
        let id = world.endpoint(json!({"events": events})).await;
        let path = format!("{ENDPOINTS}/{id}");
        let call = |method: Method, path: &str, body: Value| {
            Call::new(method, path).with_key(&key).json(&body)
        };
        for body in [
            json!({"url": "http://127.0.0.1:4009/mine"}),
            json!({"active": false}),
            json!({"headers": {"x-a": "b"}}),
            json!({"payload": "full"}),
            json!({"events": ["patient.*"]}),
            json!({"name": "x"}),
        ] {
            let refused = call(Method::PATCH, &path, body).send(&world).await;
            let detail = refused.problem(403, "forbidden").text("detail");
            assert!(detail.contains("`appointments:read`"), "{detail}");
        }
        let rotate = format!("{path}/secret/rotate");
        let rotated = call(Method::POST, &rotate, json!({})).send(&world).await;
        rotated.problem(403, "forbidden");
        let secret = Call::new(Method::GET, &format!("{path}/secret")).with_key(&key);
        secret.send(&world).await.problem(403, "forbidden");
        let challenge = format!("{path}/challenge");
        let asked = call(Method::POST, &challenge, json!({})).send(&world).await;
        asked.problem(403, "forbidden");
        // To see that it is there is no harm.
        let shown = Call::new(Method::GET, &path).with_key(&key);
        assert_eq!(shown.send(&world).await.is(200).body["active"], true);
    }
    let own = world.endpoint(json!({"events": ["patient.*"]})).await;
    let path = format!("{ENDPOINTS}/{own}");
    let body = json!({"url": "http://127.0.0.1:4009/other", "active": false});
    let change = Call::new(Method::PATCH, &path).with_key(&key).json(&body);
    change.send(&world).await.is(200);
}

#[tokio::test]
async fn the_dialects_refuse_it_too() {
    let world = World::with_northside().await;
    let key = held_to(&world, json!(["documents:read"])).await;
    let ecg = "/api/organizations/northside/webhook-subscriptions";
    let other = "http://127.0.0.1:4009/mine";
    let post_uri = json!([{"op": "replace", "path": "/postUri", "value": other}]);
    for (dialect, event, at, body) in [
        (
            "jump",
            "patient.created",
            "/api-v1/webhooks",
            json!({"url": other}),
        ),
        (
            "mycure",
            "medical-patients.created",
            "/webhook-events",
            json!({"url": other}),
        ),
        (
            "decoda",
            "patient.created",
            "/v1/webhook",
            json!({"url": other}),
        ),
        ("ecg", "patient.created", ecg, post_uri),
    ] {
        let fields = json!({"dialect": dialect, "events": [event]});
        let id = world.endpoint(fields).await;
        let call = Call::new(Method::PATCH, &format!("{at}/{id}")).json(&body);
        let call = match dialect {
            "decoda" => call.without("authorization").header("api-key", &key),
            _ => call.with_key(&key),
        };
        let answer = call.header("tenant", "northside").send(&world).await;
        let text = String::from_utf8_lossy(&answer.bytes).into_owned();
        assert_eq!(answer.status, 403, "{dialect}: {text}");
        assert!(text.contains("patients:read"), "{dialect}: {text}");
    }
}

#[tokio::test]
async fn payloads_of_other_records_are_in_no_answer() {
    let world = World::with_northside().await;
    let key = held_to(&world, json!(["patients:read"])).await;
    let patient = world.event("patient.updated").await;
    let appointment = world.event("appointment.created").await;
    let of = |path: String| Call::new(Method::GET, &path).with_key(&key);
    let own = of(format!("{ORG}/events/{patient}")).send(&world).await;
    own.is(200);
    let other = of(format!("{ORG}/events/{appointment}")).send(&world).await;
    let detail = other.problem(403, "forbidden").text("detail");
    assert!(detail.contains("`appointments:read`"), "{detail}");
    let list = of(format!("{ORG}/events")).send(&world).await.is(200);
    let listed = list.body["data"].as_array().unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["id"], patient);
    let filtered = of(format!("{ORG}/events?type=appointment.created"));
    let filtered = filtered.send(&world).await.is(200);
    assert_eq!(filtered.body["data"], json!([]));
}

#[tokio::test]
async fn the_dialects_show_no_payloads_of_other_records() {
    let world = World::with_northside().await;
    let key = held_to(&world, json!(["patients:read"])).await;
    let fields = json!({"dialect": "decoda", "events": ["patient.*", "appointment.*"]});
    let webhook = world.endpoint(fields).await;
    let fields = json!({"dialect": "ecg", "events": ["patient.*", "appointment.*"]});
    let subscription = world.endpoint(fields).await;
    world.event("patient.updated").await;
    world.event("appointment.created").await;
    let get = async |path: String| {
        let call = Call::new(Method::GET, &path).with_key(&key);
        let call = call.header("api-key", &key).header("tenant", "northside");
        call.send(&world).await.is(200).body
    };
    let list = get(format!("/v1/webhook/{webhook}/delivery-attempts/list")).await;
    let shown = |entry: &Value| (entry["type"].clone(), entry["data"].clone());
    let shown: Vec<_> = list.as_array().unwrap().iter().map(shown).collect();
    assert_eq!(shown[0], (json!("APPOINTMENT_CREATED"), Value::Null));
    assert_eq!(shown[1], (json!("PATIENT_UPDATED"), json!({})));
    let at = "/api/organizations/northside/webhook-subscriptions";
    for event in ["patient.updated", "appointment.created"] {
        let report =
            json!({"type": 1, "payload": {"of": event}, "rawMessage": {}, "eventId": event});
        let path = format!("{at}/{subscription}/activity");
        world.post(&path, &report).await.is(201);
    }
    let list = get(format!("{at}/{subscription}/activity")).await;
    assert_eq!(list.as_array().unwrap().len(), 2);
    let payloads = list.as_array().unwrap().iter();
    let payloads: Vec<_> = payloads.map(|entry| &entry["payload"]["of"]).collect();
    assert!(payloads.contains(&&json!("patient.updated")));
    assert!(!payloads.contains(&&json!("appointment.created")));
    let shown = get(format!("{at}/{subscription}")).await;
    assert_eq!(shown["secretKey"], Value::Null);
}
