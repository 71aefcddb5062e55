//! Who reaches what: one table of credentials and routes.

use http::Method;
use serde_json::{Value, json};

use crate::world::{Call, OPERATOR_KEY, World};

const ENDPOINT: &str = "http://127.0.0.1:4009/hook";

/// What a credential is answered on each of [`ROUTES`]; the order is that of the routes.
type Expected = [u16; 12];

/// What the route is about is put in for `{endpoint}`, `{delivery}` and `{event}`: all are live.
const ROUTES: [(&str, &str); 12] = [
    ("GET", "/v1/organizations"),
    ("GET", "/v1/organizations/northside"),
    ("GET", "/v1/organizations/nobody"),
    ("GET", "/v1/organizations/northside/endpoints"),
    ("GET", "/v1/organizations/northside/endpoints/{endpoint}"),
    (
        "GET",
        "/v1/organizations/northside/endpoints/{endpoint}/secret",
    ),
    (
        "POST",
        "/v1/organizations/northside/endpoints/{endpoint}/test",
    ),
    ("GET", "/v1/organizations/northside/deliveries/{delivery}"),
    (
        "POST",
        "/v1/organizations/northside/deliveries/{delivery}/retry",
    ),
    ("GET", "/v1/organizations/northside/events/{event}"),
    ("GET", "/v1/organizations/northside/api-keys"),
    ("GET", "/v1/event-types"),
];

/// Northside with a live endpoint that is owed an event, and another clinic.
struct Clinics {
    world: World,
    endpoint: String,
    delivery: String,
    event: String,
}

impl Clinics {
    async fn open() -> Self {
        let world = World::with_northside().await;
        let southside = json!({"id": "southside", "name": "Southside Clinic"});
        world.post("/v1/organizations", &southside).await.is(201);
        let endpoint = world.endpoint(json!({"mode": "live"})).await;
        let event = world.event("patient.created").await;
        let list = "/v1/organizations/northside/deliveries";
        let delivery = world.get(list).await.is(200).body["data"][0]["id"].clone();
        let delivery = delivery.as_str().unwrap().to_owned();
        Self {
            world,
            endpoint,
            delivery,
            event,
        }
    }

    async fn answers(&self, bearer: &str) -> Vec<u16> {
        let mut answers = Vec::new();
        for (method, path) in ROUTES {
            let path = path
                .replace("{endpoint}", &self.endpoint)
                .replace("{delivery}", &self.delivery)
                .replace("{event}", &self.event);
            let call = Call::new(method.parse().unwrap(), &path).with_key(bearer);
            answers.push(call.send(&self.world).await.status);
        }
        answers
    }
}

fn with_typo(key: &str) -> String {
    let last = if key.ends_with('A') { "B" } else { "A" };
    format!("{}{last}", &key[..key.len() - 1])
}

#[tokio::test]
async fn every_credential_reaches_what_it_was_made_for_and_nothing_else() {
    const NOBODY: Expected = [401; 12];
    let clinics = Clinics::open().await;
    let world = &clinics.world;
    let all = ["publish", "read", "read:payload", "manage", "keys"];
    let live = world.key(json!({"scopes": all})).await;
    let test = world.key(json!({"scopes": all, "mode": "test"})).await;
    let usual = world.key(json!({})).await;
    let publisher = world.key(json!({"scopes": ["publish"]})).await;
    let nothing = world.key(json!({"scopes": []})).await;
    let revoked = revoked_key(world, json!({"name": "x", "mode": "live", "scopes": all})).await;
    let ending = json!({"scopes": all, "expires_at": "2026-03-16T10:21:05.001Z"});
    let expired = world.key(ending).await;
    world.advance(std::time::Duration::from_millis(1));
    let foreign = json!({"scopes": ["admin"], "name": "x", "mode": "live"});
    let foreign = world.post("/v1/organizations/southside/api-keys", &foreign);
    let foreign = foreign.await.is(201).text("key");

    #[rustfmt::skip]
    let table: [(&str, &str, Expected); 13] = [
        ("operator", OPERATOR_KEY,
            [200, 200, 404, 200, 200, 200, 202, 200, 202, 200, 200, 200]),
        ("live", &live,
            [403, 200, 404, 200, 200, 200, 202, 200, 202, 200, 200, 200]),
        ("test", &test,
            [403, 200, 404, 200, 404, 404, 404, 404, 404, 404, 200, 200]),
        ("read and manage", &usual,
            [403, 200, 404, 200, 200, 200, 202, 200, 202, 403, 403, 200]),
        ("publish alone", &publisher,
            [403, 403, 404, 403, 403, 403, 403, 403, 403, 403, 403, 200]),
        ("no scope", &nothing,
            [403, 403, 404, 403, 403, 403, 403, 403, 403, 403, 403, 200]),
        ("another organization's", &foreign,
            [403, 404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 200]),
        ("revoked", &revoked, NOBODY),
        ("expired", &expired, NOBODY),
        ("typo", &with_typo(&live), NOBODY),
        ("other prefix", &live.replace("live", "test"), NOBODY),
        ("garbage", "pk_live_", NOBODY),
        ("forged token", "e30.e30.c2ln", NOBODY),
    ];
    for (name, bearer, expected) in table {
        assert_eq!(clinics.answers(bearer).await, expected, "{name}");
    }
}

async fn revoked_key(world: &World, body: Value) -> String {
    let keys = "/v1/organizations/northside/api-keys";
    let made = world.post(keys, &body).await.is(201);
    let path = format!("{keys}/{}", made.text("id"));
    world.delete(&path).await.is(204);
    made.text("key")
}

#[tokio::test]
async fn what_a_key_makes_has_its_mode_and_no_other() {
    let clinics = Clinics::open().await;
    let world = &clinics.world;
    let scopes = ["publish", "read", "read:payload", "manage"];
    let test = world.key(json!({"mode": "test", "scopes": scopes})).await;
    let post = async |path: &str, body: Value| {
        let path = format!("/v1/organizations/northside/{path}");
        let call = Call::new(Method::POST, &path).with_key(&test).json(&body);
        call.send(world).await
    };
    let endpoint = json!({"url": ENDPOINT, "events": ["*"]});
    let made = post("endpoints", endpoint.clone()).await.is(201);
    assert_eq!(made.body["mode"], "test");
    let mut other = endpoint;
    other["mode"] = json!("live");
    post("endpoints", other).await.refuses(&["/mode"]);

    let event = json!({"type": "patient.created", "data": {}});
    let published = post("events", event.clone()).await.is(202);
    assert_eq!(
        published.body["deliveries"], 1,
        "the live endpoint gets none"
    );
    let mut other = event.clone();
    other["mode"] = json!("live");
    post("events", other.clone()).await.refuses(&["/mode"]);
    let batch = post("events/batch", json!({"events": [event, other]})).await;
    let results = &batch.is(202).body["results"];
    assert_eq!(results[0]["deliveries"], 1, "{results}");
    assert_eq!(
        results[1]["error"]["errors"][0]["pointer"],
        "/events/1/mode"
    );
}

#[tokio::test]
async fn lists_of_a_key_hold_what_is_of_its_mode() {
    let clinics = Clinics::open().await;
    let world = &clinics.world;
    let of_test = json!({"mode": "test", "name": "Test site"});
    let test_endpoint = world.endpoint(of_test).await;
    let event = json!({"type": "patient.updated", "data": {}, "mode": "test"});
    let events = "/v1/organizations/northside/events";
    let test_event = world.post(events, &event).await.is(202).text("id");
    // Also what is left of an endpoint that is gone.
    let gone = format!("/v1/organizations/northside/endpoints/{test_endpoint}");
    let rest = world.endpoint(json!({"mode": "test"})).await;
    world.delete(&gone).await.is(204);
    let scopes = ["read", "read:payload"];
    for (mode, endpoint, event) in [
        ("live", &clinics.endpoint, &clinics.event),
        ("test", &rest, &test_event),
    ] {
        let key = world.key(json!({"mode": mode, "scopes": scopes})).await;
        let list = async |path: &str| {
            let path = format!("/v1/organizations/northside/{path}");
            let call = Call::new(Method::GET, &path).with_key(&key);
            call.send(world).await
        };
        let ids = async |path: &str, field: &str| {
            let listed = list(path).await.is(200);
            let items = listed.body["data"].as_array().unwrap().clone();
            let ids = items.iter().map(|item| item[field].as_str().unwrap());
            ids.map(ToOwned::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(ids("endpoints", "id").await, [endpoint.as_str()]);
        assert_eq!(ids("events", "id").await, [event.as_str()]);
        assert_eq!(ids("deliveries", "event_id").await, [event.as_str()]);
        let own = format!("events?mode={mode}");
        assert_eq!(ids(&own, "id").await, [event.as_str()]);
        let other = if mode == "live" { "test" } else { "live" };
        let other = list(&format!("events?mode={other}")).await;
        other.refuses(&["/mode"]);
    }
}

#[tokio::test]
async fn idempotency_keys_of_different_keys_never_meet() {
    let clinics = Clinics::open().await;
    let world = &clinics.world;
    let (one, other) = (world.key(json!({})).await, world.key(json!({})).await);
    let body = json!({"url": ENDPOINT, "events": ["*"]});
    let path = "/v1/organizations/northside/endpoints";
    let make = async |key: &str| {
        let call = Call::new(Method::POST, path).with_key(key);
        let call = call.header("idempotency-key", "k-1").json(&body);
        call.send(world).await.is(201).text("id")
    };
    let first = make(&one).await;
    assert_eq!(make(&one).await, first);
    assert_ne!(make(&other).await, first);
    assert_ne!(make(OPERATOR_KEY).await, first);
}
