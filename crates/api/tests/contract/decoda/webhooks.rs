//! Webhooks: made, listed, shown, changed and deleted.

use std::time::Duration;

use carehook_core::DisabledReason;
use http::Method;
use serde_json::json;

use super::client::{CREATE, LIST, URL, ask, call, deliveries, get, key, post, webhook};
use crate::world::{START, World};

#[tokio::test]
async fn a_new_webhook_has_exactly_the_fields_of_the_documentation() {
    let world = World::with_northside().await;
    let body = json!({
        "notificationEmail": "it@northside.example",
        "subscriptions": ["APPOINTMENT_CANCELLED", "CALL_RECIEVED"],
        "url": URL,
    });
    let made = post(&world, &body).await.is(200);
    let secret = made.text("secret");
    assert_eq!(secret.len(), 32);
    assert!(
        secret
            .bytes()
            .all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    );
    let expected = json!({
        "createdDate": START.to_string(),
        "id": made.text("id"),
        "notificationEmail": "it@northside.example",
        "secret": secret,
        "subscriptions": ["APPOINTMENT_CANCELLED", "CALL_RECIEVED"],
        "updatedDate": null,
        "url": URL,
    });
    assert_eq!(made.body, expected);

    world.advance(Duration::from_secs(1));
    let second = post(&world, &body).await.is(200);
    assert_ne!(second.text("secret"), secret);
    let mut shown = expected;
    shown.as_object_mut().unwrap().remove("secret");
    let path = format!("/v1/webhook/{}", made.text("id"));
    assert_eq!(get(&world, &path).await.is(200).body, shown);
    let list = get(&world, LIST).await.is(200);
    assert_eq!(list.body[0], shown);
    assert_eq!(list.body.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn every_event_can_be_subscribed_to_and_comes_back_as_it_was_spelled() {
    let world = World::with_northside().await;
    let all = [
        "PATIENT_CREATED",
        "PATIENT_UPDATED",
        "APPOINTMENT_CANCELLED",
        "APPOINTMENT_RESCHEDULED",
        "APPOINTMENT_REQUEST",
        "PAYMENT_CREATED",
        "PAYMENT_FAILED",
        "PAYMENT_SUCCEEDED",
        "CHARGE_CREATED",
        "REFUND_CREATED",
        "REFUND_FAILED",
        "REFUND_SUCCEEDED",
        "ADJUSTMENT_CREATED",
        "ADJUSTMENT_FAILED",
        "ADJUSTMENT_SUCCEEDED",
        "INVOICE_SENT",
        "INVOICE_FAILED",
        "CALL_RECIEVED",
        "CALL_MADE",
        "MESSAGE_RECIEVED",
        "MESSAGE_SENT",
        "MESSAGE_DELIVERED",
        "MESSAGE_FAILED",
        "EMAIL_RECIEVED",
        "EMAIL_SENT",
        "FORM_SUBMITTED",
        "MAIL_SENT",
        "MAIL_DELIVERY_FAILED",
    ];
    let right = ["CALL_RECEIVED", "MESSAGE_RECEIVED", "EMAIL_RECEIVED"];
    for names in [&all[..], &right[..], &["FORM_SUBMITTED", "MAIL_SENT"]] {
        let body = json!({"subscriptions": names, "url": URL});
        let made = post(&world, &body).await.is(200);
        assert_eq!(made.body["subscriptions"], json!(names));
        assert_eq!(made.body["notificationEmail"], json!(null));
    }
}

#[tokio::test]
async fn a_change_keeps_what_it_leaves_out_and_has_its_date() {
    let world = World::with_northside().await;
    let body = json!({
        "notificationEmail": "it@northside.example",
        "subscriptions": ["PATIENT_CREATED"],
        "url": URL,
    });
    let made = post(&world, &body).await.is(200);
    let path = format!("/v1/webhook/{}", made.text("id"));
    world.advance(Duration::from_mins(5));
    let patch = async |body| ask(Method::PATCH, &path).json(&body).send(&world).await;

    let changed = patch(json!({"subscriptions": ["MAIL_SENT"]})).await.is(200);
    let expected = json!({
        "createdDate": START.to_string(),
        "id": made.text("id"),
        "notificationEmail": "it@northside.example",
        "subscriptions": ["MAIL_SENT"],
        "updatedDate": START.plus(Duration::from_mins(5)).to_string(),
        "url": URL,
    });
    assert_eq!(changed.body, expected);
    let moved = "http://127.0.0.1:4010/moved";
    let both = json!({"url": moved, "notificationEmail": null});
    let changed = patch(both).await.is(200);
    assert_eq!(changed.body["url"], moved);
    assert_eq!(changed.body["notificationEmail"], json!(null));
    assert_eq!(get(&world, &path).await.is(200).body, changed.body);
    patch(json!({})).await.is(200);
}

#[tokio::test]
async fn a_deleted_webhook_is_shown_once_more_and_owed_nothing() {
    let world = World::with_northside().await;
    let id = webhook(&world, &["PATIENT_CREATED"]).await;
    let path = format!("/v1/webhook/{id}");
    let shown = get(&world, &path).await.is(200).body;
    let event = world.event("patient.created").await;
    let deleted = ask(Method::DELETE, &path).send(&world).await.is(200);
    assert_eq!(deleted.body, shown);
    for (method, path) in [
        (Method::GET, path.clone()),
        (Method::DELETE, path.clone()),
        (Method::GET, format!("{path}/delivery-attempts/list")),
    ] {
        let answer = ask(method, &path).send(&world).await;
        answer.refused(404, "Webhook not found");
    }
    for action in ["", "/send"] {
        let path = format!("/v1/webhook/events/{event}{action}");
        let answer = get(&world, &path).await;
        answer.refused(404, "Webhook event not found");
    }
    assert_eq!(get(&world, LIST).await.is(200).body, json!([]));
    let delivery = deliveries(&world).await[0];
    let native = format!("/v1/organizations/northside/deliveries/{delivery}");
    let failed = world.get(&native).await.is(200);
    assert_eq!(failed.body["reason"], "endpoint_deleted");
}

#[tokio::test]
async fn a_key_of_the_tenant_does_all_that_the_operator_does() {
    let world = World::with_northside().await;
    let key = key(&world, "northside", "live").await;
    let ask = |method, path: &str| call(method, path, "northside", &key);
    let body = json!({"subscriptions": ["PATIENT_CREATED"], "url": URL});
    let made = ask(Method::POST, CREATE).json(&body).send(&world).await;
    let path = format!("/v1/webhook/{}", made.is(200).text("id"));
    ask(Method::GET, LIST).send(&world).await.is(200);
    ask(Method::GET, &path).send(&world).await.is(200);
    let patch = ask(Method::PATCH, &path).json(&json!({"url": URL}));
    patch.send(&world).await.is(200);
    let event = world.event("patient.created").await;
    for path in [
        format!("{path}/delivery-attempts/list"),
        format!("/v1/webhook/events/{event}"),
        format!("/v1/webhook/events/{event}/send"),
    ] {
        ask(Method::GET, &path).send(&world).await.is(200);
    }
    ask(Method::DELETE, &path).send(&world).await.is(200);
}

#[tokio::test]
async fn another_url_brings_a_webhook_back_whose_old_one_was_gone() {
    let world = World::with_northside().await;
    let id = webhook(&world, &["PATIENT_CREATED"]).await;
    let endpoint = id.parse().unwrap();
    let off = world
        .store
        .disable_endpoint(endpoint, DisabledReason::Gone, START);
    off.await.unwrap();
    let event = async || {
        let body = json!({"type": "patient.created", "data": {}});
        let path = "/v1/organizations/northside/events";
        world.post(path, &body).await.is(202)
    };
    let native = format!("/v1/organizations/northside/endpoints/{id}");
    assert_eq!(world.get(&native).await.body["active"], false);
    let change = json!({"url": "http://127.0.0.1:4010/hook"});
    let path = format!("/v1/webhook/{id}");
    ask(Method::PATCH, &path)
        .json(&change)
        .send(&world)
        .await
        .is(200);
    assert_eq!(world.get(&native).await.body["active"], true);
    let sent = event().await;
    let again = format!("/v1/webhook/events/{}/send", sent.text("id"));
    get(&world, &again).await.is(200);
}
