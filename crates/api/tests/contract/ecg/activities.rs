//! Activities: attempts of ours and reports of others, their outcomes and retries.

use std::time::Duration;

use carehook_core::{AttemptId, DeliveryState, EventTypeId};
use serde_json::{Value, json};

use super::{Clinic, NOTHING, VITALS};
use crate::world::Answer;

const FIELDS: [&str; 14] = [
    "auditInfo",
    "error",
    "event",
    "httpStatusCode",
    "id",
    "nextRetryAt",
    "payload",
    "postedAt",
    "rawMessage",
    "rawResponse",
    "retryingFromPostId",
    "subscription",
    "success",
    "type",
];

fn report() -> Value {
    json!({
        "type": 1,
        "payload": {"vitals": 1.10},
        "rawMessage": {"sent": true},
        "eventId": EventTypeId::of(&VITALS.parse().unwrap()).to_string(),
    })
}

fn outcome(of: &str, success: bool) -> Value {
    json!({
        "originalActivityId": of,
        "success": success.to_string(),
        "httpStatusCode": if success { "200" } else { "500" },
        "error": if success { "" } else { "refused" },
        "rawResponse": "{vitals:100}",
    })
}

fn ids(list: &Answer) -> Vec<&str> {
    let entries = list.body.as_array().unwrap().iter();
    entries.map(|entry| entry["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_attempt_is_an_activity_with_the_payload_that_was_sent() {
    let clinic = Clinic::open().await;
    let accepted = clinic.world.clock.now();
    let delivery = clinic.delivery().await;
    clinic.world.advance(Duration::from_secs(3));
    let sent = clinic.world.clock.now();
    let id = clinic.attempt(delivery, 1, DeliveryState::Pending).await;
    let shown = clinic.get(&format!("/activations/{id}")).await.is(200).body;
    let names: Vec<_> = shown.as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, FIELDS);
    assert_eq!(
        (&shown["type"], &shown["httpStatusCode"]),
        (&json!(0), &json!(500))
    );
    assert_eq!(shown["postedAt"], sent.to_string());
    let payload = json!({
        "eventType": VITALS, "version": "v1", "organizationId": "northside",
        "createdAt": accepted.0, "data": {},
    });
    assert_eq!(shown["payload"], payload);
    assert_eq!(shown["rawMessage"], json!({}));
    assert_eq!(shown["rawResponse"], "thanks");
    assert_eq!(shown["error"], "the receiver answered 500");
    assert_eq!(shown["success"], false);
    assert_eq!(
        shown["nextRetryAt"],
        sent.plus(Duration::from_mins(5)).to_string()
    );
    assert_eq!(shown["retryingFromPostId"], Value::Null);
    assert_eq!(shown["subscription"]["id"], clinic.id.as_str());
    assert_eq!(shown["event"]["code"], VITALS);
}

#[tokio::test]
async fn a_report_is_noted_and_completed_once() {
    let clinic = Clinic::open().await;
    let made = clinic.post("/activity", &report()).await.is(201);
    // What went well may have null for an error.
    let other = clinic.post("/activity", &report()).await.is(201).text("id");
    let mut fine = outcome(&other, true);
    fine["error"] = Value::Null;
    let path = format!("/activity/{other}/outcomes");
    let saved = clinic.post(&path, &fine).await.is(201).body;
    assert_eq!(
        (&saved["success"], &saved["error"]),
        (&json!(true), &Value::Null)
    );
    assert_eq!(
        (&made.body["type"], &made.body["success"]),
        (&json!(1), &Value::Null)
    );
    assert_eq!(made.body["payload"].to_string(), r#"{"vitals":1.1}"#);
    assert_eq!(made.body["auditInfo"]["createdBy"], "operator");
    let id = made.text("id");
    let path = format!("/activity/{id}/outcomes");
    let saved = clinic.post(&path, &outcome(&id, false)).await.is(201).body;
    assert_eq!(
        (&saved["success"], &saved["httpStatusCode"]),
        (&json!(false), &json!(500))
    );
    assert_eq!(
        (&saved["error"], &saved["rawResponse"]),
        (&json!("refused"), &json!("{vitals:100}"))
    );
    clinic
        .post(&path, &outcome(&id, true))
        .await
        .refuses_fields(409, &["outcome"]);
    let again = clinic.get(&format!("/activations/{id}")).await.is(200).body;
    assert_eq!(again["success"], false);

    let delivery = clinic.delivery().await;
    let ours = clinic.attempt(delivery, 1, DeliveryState::Failed).await;
    let path = format!("/activity/{ours}/outcomes");
    clinic
        .post(&path, &outcome(&ours, true))
        .await
        .refuses_fields(409, &["this server"]);
}

#[tokio::test]
async fn lists_have_what_is_asked_for() {
    let clinic = Clinic::open().await;
    let mut expected = Vec::new();
    for state in [DeliveryState::Failed, DeliveryState::Delivered] {
        let delivery = clinic.delivery().await;
        expected.push(clinic.attempt(delivery, 1, state).await);
        clinic.world.advance(Duration::from_secs(1));
    }
    let mut other = report();
    other["eventId"] = json!("patient.created");
    expected.push(clinic.post("/activity", &other).await.is(201).text("id"));
    let list = async |query: &str| clinic.get(&format!("/activity{query}")).await.is(200);
    let all = list("").await;
    assert_eq!(ids(&all), expected);
    assert_eq!(all.header("x-total-count"), "3");
    assert!(all.body[0].get("subscription").is_none() && all.body[0].get("event").is_none());
    let part = list("?order_by=DESC&skip=1&take=1&include=event&include=subscription").await;
    assert_eq!(ids(&part), [&expected[1]]);
    assert_eq!(part.header("x-total-count"), "3");
    assert_eq!(part.body[0]["event"]["code"], VITALS);
    assert_eq!(part.body[0]["subscription"]["id"], clinic.id.as_str());
    assert_eq!(ids(&list("?status=failed").await), [&expected[0]]);
    assert_eq!(
        ids(&list("?status=succeeded&include=event,subscription").await),
        [&expected[1]]
    );
    assert_eq!(ids(&list("?eventId=patient.created").await), [&expected[2]]);
    let activations = clinic.get("/activations?status=all&take=2").await.is(200);
    assert_eq!(ids(&activations), expected[..2]);
}

#[tokio::test]
async fn a_retry_of_an_attempt_is_the_next_attempt_of_its_delivery() {
    let clinic = Clinic::open().await;
    let delivery = clinic.delivery().await;
    let first = clinic.attempt(delivery, 1, DeliveryState::Failed).await;
    clinic.world.advance(Duration::from_secs(1));
    let path = format!("/activity/{first}/retry");
    let made = clinic.post(&path, &json!({})).await.is(201).body;
    let next = AttemptId::of(delivery, 2).to_string();
    assert_eq!(made["id"], next);
    assert_eq!(
        (&made["postedAt"], &made["success"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(made["retryingFromPostId"], first.as_str());
    assert_eq!(made["nextRetryAt"], clinic.world.clock.now().to_string());
    let early = clinic
        .post(&format!("/activity/{next}/retry"), &json!({}))
        .await;
    early.refuses_fields(409, &["not been posted"]);
    clinic.attempt(delivery, 2, DeliveryState::Delivered).await;
    let done = clinic
        .get(&format!("/activations/{next}"))
        .await
        .is(200)
        .body;
    assert_eq!(
        (&done["success"], &done["retryingFromPostId"]),
        (&json!(true), &json!(first))
    );
}

#[tokio::test]
async fn a_retry_of_a_report_sends_its_payload_from_here() {
    let clinic = Clinic::open().await;
    let mut said = report();
    said["payload"] = json!({"eventType": VITALS, "version": "v2", "data": {"n": 5}});
    let id = clinic.post("/activity", &said).await.is(201).text("id");
    let made = clinic
        .post(&format!("/activity/{id}/retry"), &json!({}))
        .await;
    let made = made.is(201).body;
    assert_eq!(
        (&made["type"], &made["retryingFromPostId"]),
        (&json!(0), &json!(id))
    );
    assert_eq!(made["payload"]["data"], json!({"n": 5}));
    assert_eq!(made["payload"]["version"], "v2");
    let deliveries = clinic
        .world
        .get("/v1/organizations/northside/deliveries")
        .await;
    let pending = &deliveries.body["data"][0];
    assert_eq!(
        (&pending["state"], &pending["endpoint_id"]),
        (&json!("pending"), &json!(clinic.id))
    );
    clinic.post("/deactivate", &json!({})).await.is(200);
    let refused = clinic
        .post(&format!("/activity/{id}/retry"), &json!({}))
        .await;
    refused.refuses_fields(409, &["not active"]);
}

#[tokio::test]
async fn reports_that_are_not_acceptable_leave_nothing() {
    let clinic = Clinic::open().await;
    for (field, value, name) in [
        ("type", json!(0), "type"),
        ("type", Value::Null, "type"),
        ("payload", json!("x"), "payload"),
        ("payload", Value::Null, "payload"),
        ("rawMessage", json!([]), "rawMessage"),
        ("eventId", json!("no.such"), "eventId"),
        ("eventId", json!(NOTHING), "eventId"),
        ("eventId", json!(7), "eventId"),
        ("retryingFromPostId", json!(NOTHING), "retryingFromPostId"),
        ("retryingFromPostId", json!("x"), "retryingFromPostId"),
        ("postedAt", json!("yesterday"), "postedAt"),
        ("more", json!(1), "property more should not exist"),
    ] {
        let mut body = report();
        body[field] = value;
        clinic
            .post("/activity", &body)
            .await
            .refuses_fields(400, &[name]);
    }
    let mut empty = report();
    empty["postedAt"] = json!("");
    let id = clinic.post("/activity", &empty).await.is(201).text("id");
    for (field, value) in [
        ("originalActivityId", json!(NOTHING)),
        ("success", json!("maybe")),
        ("httpStatusCode", json!(99)),
        ("httpStatusCode", Value::Null),
        ("error", Value::Null),
        ("rawResponse", Value::Null),
    ] {
        let mut body = outcome(&id, false);
        body[field] = value;
        let refused = clinic
            .post(&format!("/activity/{id}/outcomes"), &body)
            .await;
        refused.refuses_fields(400, &[field]);
    }
    let list = clinic.get("/activity").await.is(200);
    assert_eq!(list.header("x-total-count"), "1");
    assert_eq!(list.body[0]["success"], Value::Null);
}
