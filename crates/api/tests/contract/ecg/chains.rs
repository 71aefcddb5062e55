//! An activity with its retries: as a list, and as a tree.

use std::time::Duration;

use carehook_core::DeliveryState;
use serde_json::{Value, json};

use super::{Clinic, VITALS};

/// A report, retried by an attempt that is retried twice: by the schedule, and by another report.
async fn chain(clinic: &Clinic) -> [String; 4] {
    let report = |retry_of: Value| {
        json!({
            "type": 1, "payload": {}, "rawMessage": {}, "eventId": VITALS,
            "retryingFromPostId": retry_of,
        })
    };
    let said = clinic.post("/activity", &report(Value::Null)).await.is(201);
    let root = said.text("id");
    let retry = format!("/activity/{root}/retry");
    clinic.post(&retry, &json!({})).await.is(201);
    let deliveries = clinic
        .world
        .get("/v1/organizations/northside/deliveries")
        .await;
    let delivery = deliveries.body["data"][0]["id"].as_str().unwrap();
    let delivery = delivery.parse().unwrap();
    let first = clinic.attempt(delivery, 1, DeliveryState::Pending).await;
    clinic.world.advance(Duration::from_mins(5));
    let second = clinic.attempt(delivery, 2, DeliveryState::Delivered).await;
    clinic.world.advance(Duration::from_hours(24));
    let side = clinic
        .post("/activity", &report(json!(first)))
        .await
        .is(201);
    [root, first, second, side.text("id")]
}

fn outline(entry: &Value) -> Value {
    let children = entry["childPostHistory"].as_array().unwrap();
    json!([
        entry["id"],
        entry["level"],
        children.iter().map(outline).collect::<Vec<_>>()
    ])
}

#[tokio::test]
async fn a_chain_is_shown_flat_and_nested() {
    let clinic = Clinic::open().await;
    let [root, first, second, side] = chain(&clinic).await;
    let show = async |mode: &str| {
        let path = format!("/activity/{root}?mode={mode}");
        clinic.get(&path).await.is(200).body
    };
    let flat = show("flat").await;
    let expected = json!([root, 1, [[first, 2, []], [second, 3, []], [side, 3, []]]]);
    assert_eq!(outline(&flat), expected);
    let nested = show("nested").await;
    let expected = json!([root, 1, [[first, 2, [[second, 3, []], [side, 3, []]]]]]);
    assert_eq!(outline(&nested), expected);

    let fields: Vec<_> = flat.as_object().unwrap().keys().cloned().collect();
    let of_the_source = [
        "childPostHistory",
        "error",
        "event",
        "id",
        "level",
        "nextRetryAt",
        "payload",
        "posted_at",
        "rawResponse",
        "retryingFromPostId",
        "subscription",
        "success",
        "type",
    ];
    assert_eq!(fields, of_the_source);
    let child = &flat["childPostHistory"][1];
    assert_eq!(
        (&child["success"], &child["retryingFromPostId"]),
        (&json!(true), &json!(first))
    );
}

#[tokio::test]
async fn a_chain_that_is_cut_says_so_and_can_be_followed() {
    let clinic = Clinic::open().await;
    let mut ids: Vec<Value> = vec![Value::Null];
    for _ in 0..102 {
        let report = json!({
            "type": 1, "payload": {}, "rawMessage": {}, "eventId": VITALS,
            "retryingFromPostId": ids.last(),
        });
        let made = clinic.post("/activity", &report).await.is(201);
        ids.push(json!(made.text("id")));
    }
    let show = async |id: &Value| {
        let id = id.as_str().unwrap();
        let path = format!("/activity/{id}?mode=flat");
        let shown = clinic.get(&path).await.is(200);
        let history = shown.body["childPostHistory"].as_array().unwrap().clone();
        (history, shown.header("x-truncated").to_owned())
    };
    let (first, cut) = show(&ids[1]).await;
    assert_eq!((first.len(), &*cut), (100, "true"));
    assert_eq!(first[99]["id"], ids[101]);
    let (rest, cut) = show(&first[99]["id"]).await;
    assert_eq!((rest.len(), &*cut), (1, ""));
    let (whole, cut) = show(&ids[2]).await;
    assert_eq!((whole.len(), &*cut), (100, ""));
}

#[tokio::test]
async fn a_chain_needs_its_mode() {
    let clinic = Clinic::open().await;
    let [root, ..] = chain(&clinic).await;
    for query in ["", "?mode=", "?mode=round", "?mode=flat&more=1"] {
        let refused = clinic.get(&format!("/activity/{root}{query}")).await;
        refused.refuses_fields(
            400,
            &[if query.contains("more") {
                "more"
            } else {
                "mode"
            }],
        );
    }
}
