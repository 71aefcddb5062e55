//! Hashes of payloads: made, validated, and shown for activities.

use std::collections::HashMap;
use std::time::Duration;

use carehook_core::{DeliveryState, Secret, sign_text};
use http::Method;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::{Clinic, NOTHING, VITALS};
use crate::world::{Answer, Call};

async fn make(clinic: &Clinic, query: &str, body: &Value) -> Answer {
    let path = clinic.hashes(&format!("webhooks-payloads{query}"));
    clinic.world.post(&path, body).await
}

/// Asks with the payload spelled like this; the order of its keys counts.
async fn is_valid(clinic: &Clinic, payload: &str, hash: &Value, created_at: &Value) -> bool {
    let body = format!(r#"{{"payload": {payload}, "hash": {hash}, "createdAt": {created_at}}}"#);
    let call = Call::new(Method::POST, &clinic.hashes("validate-hash"));
    let answer = call.raw(body).send(&clinic.world).await.is(200);
    answer.body["value"].as_bool().unwrap()
}

/// The payload of an answer as it is spelled there.
fn spelled(answer: &Answer) -> String {
    let fields: HashMap<String, Box<RawValue>> = serde_json::from_slice(&answer.bytes).unwrap();
    fields["payload"].get().to_owned()
}

fn payload() -> Value {
    json!({"eventType": VITALS, "version": "v2", "data": {"vitals": 100}})
}

#[tokio::test]
async fn a_made_payload_has_the_hash_that_receivers_compute() {
    let clinic = Clinic::open().await;
    let secret = clinic.get("/secrets").await.text("secretKey");
    let path = clinic.hashes("webhooks-payloads?mode=record");
    let spelled = format!(
        r#"{{ "eventType": "{VITALS}", "version": "v2", "data": {{ "n": 1.10, "e": 1E5, "s": "\u00e9\/" }} }}"#
    );
    let made = Call::new(Method::POST, &path)
        .raw(spelled)
        .send(&clinic.world)
        .await;
    let made = made.is(201);
    let created_at = clinic.world.clock.now().0;
    assert_eq!(made.body["createdAt"], created_at);
    // As JavaScript prints it.
    let bytes = format!(
        r#"{{"eventType":"{VITALS}","version":"v2","organizationId":"northside","createdAt":{created_at},"data":{{"n":1.1,"e":100000,"s":"é/"}}}}"#
    );
    let text = String::from_utf8(made.bytes.clone()).unwrap();
    assert!(text.contains(&bytes), "{text}");
    let expected = sign_text(
        &Secret::new(secret),
        &format!("{created_at}."),
        bytes.as_bytes(),
    );
    assert_eq!(made.body["hash"], expected);

    let id = made.text("activityId");
    let shown = clinic.get(&format!("/activations/{id}")).await.is(200).body;
    assert_eq!(
        (&shown["type"], &shown["success"]),
        (&json!(1), &Value::Null)
    );
    let hash = clinic
        .world
        .get(&clinic.hashes(&format!("activity/{id}/get-hash")))
        .await;
    assert_eq!(
        hash.is(200).body,
        json!({"hash": expected, "createdAt": created_at})
    );
    let (hash, at) = (json!(expected), json!(created_at));
    let respelled = bytes.replace("1.1", "1.100").replace('é', "\\u00E9");
    for payload in [bytes.clone(), json!(bytes).to_string(), respelled] {
        assert!(is_valid(&clinic, &payload, &hash, &at).await, "{payload}");
    }
}

#[tokio::test]
async fn a_delivered_payload_is_an_event_for_this_subscription_alone() {
    let clinic = Clinic::open().await;
    super::subscribe(&clinic.world, json!({})).await;
    let made = make(&clinic, "?mode=deliver", &payload()).await.is(201);
    let deliveries = clinic
        .world
        .get("/v1/organizations/northside/deliveries")
        .await;
    let deliveries = deliveries.body["data"].as_array().unwrap().clone();
    assert_eq!(deliveries.len(), 1);
    assert_eq!(deliveries[0]["endpoint_id"], clinic.id.as_str());
    let id = made.text("activityId");
    let early = clinic
        .world
        .get(&clinic.hashes(&format!("activity/{id}/get-hash")))
        .await;
    early.refuses_fields(409, &["payload"]);
    clinic.world.advance(Duration::from_secs(2));
    let delivery = deliveries[0]["id"].as_str().unwrap().parse().unwrap();
    assert_eq!(
        clinic.attempt(delivery, 1, DeliveryState::Delivered).await,
        id
    );
    let hash = clinic
        .world
        .get(&clinic.hashes(&format!("activity/{id}/get-hash")))
        .await;
    let hash = hash.is(200).body;
    // What was answered is what is sent.
    assert_eq!(hash["createdAt"], made.body["createdAt"]);
    assert_eq!(hash["hash"], made.body["hash"]);
    let payload = spelled(&clinic.get(&format!("/activations/{id}")).await);
    assert_eq!(payload, spelled(&made));
    assert!(is_valid(&clinic, &payload, &hash["hash"], &hash["createdAt"]).await);

    let original = format!("?mode=record&originalActivityId={id}");
    let again = make(&clinic, &original, &self::payload())
        .await
        .is(201)
        .text("activityId");
    let shown = clinic.get(&format!("/activations/{again}")).await.body;
    assert_eq!(shown["retryingFromPostId"], id.as_str());
}

#[tokio::test]
async fn what_is_sent_later_or_with_another_secret_has_the_time_of_its_attempt() {
    let clinic = Clinic::open().await;
    for (wait, rotates) in [(61, false), (2, true)] {
        let made = make(&clinic, "?mode=deliver", &payload()).await.is(201);
        clinic.world.advance(Duration::from_secs(wait));
        if rotates {
            let put = Call::new(Method::PUT, &clinic.at("/secrets"));
            put.send(&clinic.world).await.is(200);
        }
        let id = made.text("activityId");
        let deliveries = clinic
            .world
            .get("/v1/organizations/northside/deliveries")
            .await;
        let delivery = deliveries.body["data"][0]["id"].as_str().unwrap();
        let delivery = delivery.parse().unwrap();
        let sent = clinic.world.clock.now().0;
        clinic.attempt(delivery, 1, DeliveryState::Delivered).await;
        let path = clinic.hashes(&format!("activity/{id}/get-hash"));
        let hash = clinic.world.get(&path).await.is(200).body;
        assert_eq!(hash["createdAt"], sent);
        let payload = spelled(&clinic.get(&format!("/activations/{id}")).await);
        assert!(
            payload.contains(&format!("\"createdAt\":{sent}")),
            "{payload}"
        );
        assert!(is_valid(&clinic, &payload, &hash["hash"], &hash["createdAt"]).await);
    }
}

#[tokio::test]
async fn a_part_of_a_payload_has_a_hash_until_another_part_may_be_sent() {
    let clinic = Clinic::open().await;
    let endpoint = format!("/v1/organizations/northside/endpoints/{}", clinic.id);
    let thin = json!({"payload": "thin"});
    clinic.world.patch(&endpoint, &thin).await.is(200);
    clinic.world.advance(Duration::from_secs(1));
    let id = make(&clinic, "?mode=deliver", &payload()).await.is(201);
    let id = id.text("activityId");
    let deliveries = "/v1/organizations/northside/deliveries";
    let deliveries = clinic.world.get(deliveries).await;
    let delivery = deliveries.body["data"][0]["id"].as_str().unwrap();
    let delivery = delivery.parse().unwrap();
    clinic.attempt(delivery, 1, DeliveryState::Delivered).await;
    let path = clinic.hashes(&format!("activity/{id}/get-hash"));
    let hash = clinic.world.get(&path).await.is(200).body;
    let sent = spelled(&clinic.get(&format!("/activations/{id}")).await);
    assert!(is_valid(&clinic, &sent, &hash["hash"], &hash["createdAt"]).await);

    clinic.world.advance(Duration::from_secs(1));
    let less = json!({"payload": "id_only"});
    clinic.world.patch(&endpoint, &less).await.is(200);
    let unknown = clinic.world.get(&path).await;
    unknown.refuses_fields(409, &["payload"]);
}

#[tokio::test]
async fn a_hash_is_checked_with_the_secret_of_its_time() {
    let clinic = Clinic::open().await;
    let made = make(&clinic, "?mode=record", &payload()).await.is(201);
    let (hash, at) = (&made.body["hash"], &made.body["createdAt"]);
    let sent = spelled(&made);
    clinic.world.advance(Duration::from_hours(100));
    let put = Call::new(Method::PUT, &clinic.at("/secrets"));
    put.send(&clinic.world).await.is(200);
    assert!(is_valid(&clinic, &sent, hash, at).await);
    let spaced = sent.replace(',', " , ");
    assert!(is_valid(&clinic, &spaced, hash, at).await);
    // A text is the body as it was received.
    assert!(is_valid(&clinic, &json!(sent).to_string(), hash, at).await);
    assert!(!is_valid(&clinic, &json!(spaced).to_string(), hash, at).await);
    let altered = sent.replace("100", "101");
    assert!(!is_valid(&clinic, &altered, hash, at).await);
    let later = json!(at.as_i64().unwrap() + 1);
    assert!(!is_valid(&clinic, &sent, hash, &later).await);
    assert!(!is_valid(&clinic, &sent, hash, &json!(5)).await);
    assert!(!is_valid(&clinic, &sent, &json!("00"), at).await);
    assert!(!is_valid(&clinic, "\"{vitals:100}\"", &json!("no hex"), at).await);
}

#[tokio::test]
async fn payloads_that_are_not_acceptable_are_refused_by_name() {
    let clinic = Clinic::open().await;
    for (field, value, name) in [
        ("eventType", json!("no.such"), "eventType"),
        ("eventType", Value::Null, "eventType"),
        ("version", json!("v9"), "version"),
        ("data", json!([]), "data"),
        ("data", json!("{vitals:100}"), "data"),
        ("data", Value::Null, "data"),
        ("more", json!(1), "more"),
    ] {
        let mut body = payload();
        body[field] = value;
        make(&clinic, "?mode=deliver", &body)
            .await
            .refuses_fields(400, &[name]);
    }
    for query in ["", "?mode=both"] {
        make(&clinic, query, &payload())
            .await
            .refuses_fields(400, &["mode"]);
    }
    let query = format!("?mode=record&originalActivityId={NOTHING}");
    make(&clinic, &query, &payload())
        .await
        .refuses_fields(400, &["originalActivityId"]);
    let path = clinic.hashes("validate-hash");
    for (body, name) in [
        (json!({"hash": "00", "createdAt": 1}), "payload"),
        (json!({"payload": {}, "createdAt": 1}), "hash"),
        (json!({"payload": {}, "hash": "00"}), "createdAt"),
        (
            json!({"payload": 7, "hash": "00", "createdAt": 1}),
            "payload",
        ),
        (json!({"payload": {}, "hash": 7, "createdAt": 1}), "hash"),
        (
            json!({"payload": {}, "hash": "00", "createdAt": "x"}),
            "createdAt",
        ),
    ] {
        clinic
            .world
            .post(&path, &body)
            .await
            .refuses_fields(400, &[name]);
    }
    // The document's own sample, which is no object, can be recorded.
    let mut sample = payload();
    sample["data"] = json!("{vitals:100}");
    let made = make(&clinic, "?mode=record", &sample).await.is(201);
    assert_eq!(made.body["payload"]["data"], "{vitals:100}");
    let (hash, at) = (&made.body["hash"], &made.body["createdAt"]);
    assert!(is_valid(&clinic, &spelled(&made), hash, at).await);
    clinic.post("/deactivate", &json!({})).await.is(200);
    make(&clinic, "?mode=deliver", &payload())
        .await
        .refuses_fields(409, &["not active"]);
    assert_eq!(
        clinic
            .world
            .count("/v1/organizations/northside/deliveries")
            .await,
        0
    );
    make(&clinic, "?mode=record", &payload()).await.is(201);
}
