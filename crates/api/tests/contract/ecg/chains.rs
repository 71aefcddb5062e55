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
