//! Events owed to webhooks: listed, filtered, shown, and sent again.

use std::time::Duration;

use carehook_store::Notify;
use http::Method;
use serde_json::{Value, json};

use super::client::{answered, call, deliveries, get, key, key_with, webhook};
use crate::world::{OPERATOR_KEY, START, World};

const EVENTS: &str = "/v1/organizations/northside/events";

fn at(minutes: u64) -> String {
    START.plus(Duration::from_mins(minutes)).to_string()
}

/// The ids of the events in a list.
fn ids(list: &Value) -> Vec<&str> {
    let items = list.as_array().unwrap().iter();
    items.map(|item| item["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_event_is_shown_with_its_last_attempt() {
    let world = World::with_northside().await;
    let id = webhook(&world, &["CALL_RECEIVED"]).await;
    let event = json!({"id": "call-7", "type": "call.received", "data": {"n": 1.10, "who": "Zoë"}});
    world.post(EVENTS, &event).await.is(202);
    let list = format!("/v1/webhook/{id}/delivery-attempts/list");
    let mut expected = json!({
        "id": "call-7",
        "type": "CALL_RECEIVED",
        "data": {"n": 1.1, "who": "Zoë"},
        "createdDate": START.to_string(),
        "alertId": null,
        "deliveredDate": null,
        "lastDeliveryAttemptDate": null,
        "lastDeliveryAttemptStatus": null,
        "lastDeliveryAttemptError": null,
    });
    let one = "/v1/webhook/events/call-7";
    assert_eq!(get(&world, &list).await.is(200).body, json!([expected]));
    assert_eq!(get(&world, one).await.is(200).body, expected);

    let delivery = deliveries(&world).await[0];
    world.advance(Duration::from_mins(1));
    answered(&world, delivery, 1, 201).await;
    expected["lastDeliveryAttemptDate"] = json!(at(1));
    expected["lastDeliveryAttemptStatus"] = json!(201);
    expected["lastDeliveryAttemptError"] = json!("the receiver answered 201");
    assert_eq!(get(&world, &list).await.is(200).body, json!([expected]));
    assert_eq!(get(&world, one).await.is(200).body, expected);

    world.advance(Duration::from_mins(1));
    answered(&world, delivery, 2, 200).await;
    let shown = get(&world, one).await.is(200).body;
    assert_eq!(shown["lastDeliveryAttemptDate"], at(2));
    assert_eq!(shown["lastDeliveryAttemptStatus"], 200);
    assert_eq!(shown["lastDeliveryAttemptError"], json!(null));
    // The attempt took twenty milliseconds.
    let taken = START.plus(Duration::from_mins(2) + Duration::from_millis(20));
    assert_eq!(shown["deliveredDate"], taken.to_string());
    // A delivery's own id leads to the same.
    let by_delivery = get(&world, &format!("/v1/webhook/events/{delivery}")).await;
    assert_eq!(by_delivery.is(200).body, shown);
}

#[tokio::test]
async fn delivery_attempts_are_filtered() {
    let world = World::with_northside().await;
    let id = webhook(
        &world,
        &["PATIENT_CREATED", "FORM_SUBMITTED", "CALL_RECIEVED"],
    )
    .await;
    let mut events = Vec::new();
    for name in [
        "patient.created",
        "form.submitted",
        "questionnaire_response.created",
        "call.received",
    ] {
        events.push(world.event(name).await);
        world.advance(Duration::from_mins(1));
    }
    let all = deliveries(&world).await;
    answered(&world, all[3], 1, 200).await;
    answered(&world, all[2], 1, 500).await;
    answered(&world, all[1], 1, 503).await;
    let [patient, form, answers, call] = [0, 1, 2, 3].map(|index| events[index].as_str());
    let second = at(1).replace(':', "%3A");
    for (query, expected) in [
        ("", vec![call, answers, form, patient]),
        ("event_type=PATIENT_CREATED", vec![patient]),
        ("event_type=FORM_SUBMITTED", vec![answers, form]),
        ("event_type=CALL_RECEIVED", vec![call]),
        ("event_type=MAIL_SENT", vec![]),
        ("is_delivered=true", vec![patient]),
        ("is_delivered=0", vec![call, answers, form]),
        (&format!("created_after={second}"), vec![call, answers]),
        (&format!("created_before={second}"), vec![patient]),
        ("created_before=2026-03-16", vec![]),
        (
            "created_after=2026-03-16T10:00:00",
            vec![call, answers, form, patient],
        ),
        ("last_delivery_attempt_status=503", vec![answers]),
        ("last_delivery_attempt_status=404", vec![]),
        (
            "last_delivery_attempt_error=Answered+50",
            vec![answers, form],
        ),
        (
            "is_delivered=no&last_delivery_attempt_status=500&event_type=FORM_SUBMITTED",
            vec![form],
        ),
        ("limit=2", vec![call, answers]),
        ("limit=2&offset=2", vec![form, patient]),
        ("offset=4", vec![]),
    ] {
        let path = format!("/v1/webhook/{id}/delivery-attempts/list?{query}");
        let list = get(&world, &path).await.is(200);
        assert_eq!(ids(&list.body), expected, "{query}");
    }
}

#[tokio::test]
async fn of_several_webhooks_the_one_that_still_waits_is_shown() {
    let world = World::with_northside().await;
    for _ in 0..2 {
        webhook(&world, &["PATIENT_CREATED"]).await;
    }
    let event = world.event("patient.created").await;
    let path = format!("/v1/webhook/events/{event}");
    let of_event = deliveries(&world).await;
    answered(&world, of_event[0], 1, 200).await;
    answered(&world, of_event[1], 1, 500).await;
    let shown = get(&world, &path).await.is(200).body;
    assert_eq!(shown["lastDeliveryAttemptStatus"], 500);
    answered(&world, of_event[1], 2, 200).await;
    let shown = get(&world, &path).await.is(200).body;
    assert!(shown["deliveredDate"].is_string());
}

#[tokio::test]
async fn sending_again_makes_every_webhook_due_and_no_other_endpoint() {
    let world = World::with_northside().await;
    for _ in 0..2 {
        webhook(&world, &["PATIENT_CREATED"]).await;
    }
    world.endpoint(json!({"events": ["patient.created"]})).await;
    let event = world.event("patient.created").await;
    let all = deliveries(&world).await;
    for delivery in &all {
        answered(&world, *delivery, 1, 200).await;
    }
    world.advance(Duration::from_mins(1));
    let sent = get(&world, &format!("/v1/webhook/events/{event}/send")).await;
    let sent = sent.is(200).body;
    assert_eq!(sent["id"], event);
    assert_eq!(sent["deliveredDate"], json!(null));
    assert_eq!(sent["lastDeliveryAttemptStatus"], 200);
    let mut due = 0;
    for delivery in &all {
        let path = format!("/v1/organizations/northside/deliveries/{delivery}");
        let shown = world.get(&path).await.is(200).body;
        due += usize::from(shown["next_attempt_at"] == at(1));
    }
    assert_eq!(due, 2);
}

#[tokio::test]
async fn one_delivery_can_be_sent_again_by_its_own_id() {
    let world = World::with_northside().await;
    for _ in 0..2 {
        webhook(&world, &["PATIENT_CREATED"]).await;
    }
    world.event("patient.created").await;
    let all = deliveries(&world).await;
    for delivery in &all {
        answered(&world, *delivery, 1, 200).await;
    }
    let path = format!("/v1/webhook/events/{}/send", all[1]);
    get(&world, &path).await.is(200);
    for (delivery, state) in all.iter().zip(["delivered", "pending"]) {
        let path = format!("/v1/organizations/northside/deliveries/{delivery}");
        let shown = world.get(&path).await.is(200).body;
        assert_eq!(shown["state"], state);
    }
}

#[tokio::test]
async fn asking_for_the_head_sends_nothing() {
    let world = World::with_northside().await;
    webhook(&world, &["PATIENT_CREATED"]).await;
    let event = world.event("patient.created").await;
    let delivery = deliveries(&world).await[0];
    answered(&world, delivery, 1, 200).await;
    let path = format!("/v1/webhook/events/{event}/send");
    let head = call(Method::HEAD, &path, "northside", OPERATOR_KEY);
    assert_eq!(head.send(&world).await.status, 405);
    let path = format!("/v1/organizations/northside/deliveries/{delivery}");
    let shown = world.get(&path).await.is(200);
    assert_eq!(shown.body["state"], "delivered");
}

#[tokio::test]
async fn a_mail_about_a_second_failure_can_be_declined() {
    for (query, notify) in [
        ("", Notify::OnFailure),
        ("?notify_failure=true", Notify::OnFailure),
        ("?notify_failure=false", Notify::Never),
    ] {
        let world = World::with_northside().await;
        let id = webhook(&world, &["PATIENT_CREATED"]).await;
        let event = world.event("patient.created").await;
        answered(&world, deliveries(&world).await[0], 1, 500).await;
        let path = format!("/v1/webhook/events/{event}/send{query}");
        get(&world, &path).await.is(200);
        // What the engine is told about the round of attempts that begins.
        let (endpoint, now) = (id.parse().unwrap(), world.clock.now());
        let page = world.store.page(endpoint, None, now, 10).await.unwrap();
        let due: Vec<_> = page.deliveries.iter().map(|due| due.notify).collect();
        assert_eq!(due, [notify], "{query}");
    }
}

#[tokio::test]
async fn an_event_is_not_sent_again_to_a_webhook_that_is_switched_off() {
    let world = World::with_northside().await;
    let id = webhook(&world, &["PATIENT_CREATED"]).await;
    let event = world.event("patient.created").await;
    let native = format!("/v1/organizations/northside/endpoints/{id}");
    world
        .patch(&native, &json!({"active": false}))
        .await
        .is(200);
    let path = format!("/v1/webhook/events/{event}");
    let refused = get(&world, &format!("{path}/send")).await;
    refused.refused(409, "the endpoint is not active");
    get(&world, &path).await.is(200);
    world.patch(&native, &json!({"active": true})).await.is(200);
    get(&world, &format!("{path}/send")).await.is(200);
}

#[tokio::test]
async fn payloads_are_seen_by_usual_keys_and_by_readers_that_were_given_the_scope() {
    let world = World::with_northside().await;
    let id = webhook(&world, &["PATIENT_CREATED"]).await;
    let event = world.event("patient.created").await;
    let path = format!("/v1/webhook/{id}/delivery-attempts/list");
    let stored = world.get(&format!("{EVENTS}/{event}")).await.is(200).body;
    for (key, data) in [
        (key(&world, "northside", "live").await, &stored["data"]),
        (
            key_with(&world, &["read", "read:payload"]).await,
            &stored["data"],
        ),
        (key_with(&world, &["read"]).await, &json!(null)),
    ] {
        let call = call(Method::GET, &path, "northside", &key);
        let list = call.send(&world).await.is(200).body;
        assert_eq!(ids(&list), [&*event]);
        assert_eq!(&list[0]["data"], data);
        assert_eq!(list[0]["type"], "PATIENT_CREATED");
    }
}
