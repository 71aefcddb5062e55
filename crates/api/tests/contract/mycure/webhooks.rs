//! The life of a webhook, and pings.

use http::Method;
use serde_json::{Value, json};

use super::{Client, SERVICE, fails, refuses, with};
use crate::world::World;

const EVENTS: &str = "/v1/organizations/northside/events";
const DELIVERIES: &str = "/v1/organizations/northside/deliveries";

#[tokio::test]
async fn a_webhook_is_made_with_its_secret_and_shown_without_it() {
    let world = World::with_northside().await;
    let client = Client::new(&world).await;
    let events = json!(["appointments.created", "medical-encounters", "ping"]);
    let made = client
        .post(&with(&json!({ "events": events })))
        .await
        .is(201);
    let id = made.text("id");
    assert!(made.text("secret").starts_with("whsec_"));
    let mut shown = made.body.clone();
    shown.as_object_mut().unwrap().remove("secret");
    let expected = json!({
        "id": id,
        "organization": "northside",
        "account": null,
        "active": true,
        "url": "http://127.0.0.1:4009/hook",
        "events": events,
        "createdAt": 1_773_656_465_000_i64,
    });
    assert_eq!(shown, expected);
    let path = format!("{SERVICE}/{id}");
    assert_eq!(client.get(&path).await.is(200).body, expected);
    let list = client
        .get(&format!("{SERVICE}?organization=northside"))
        .await
        .is(200)
        .body;
    let page = json!({"total": 1, "limit": 10, "skip": 0, "data": [expected]});
    assert_eq!(list, page);
}

#[tokio::test]
async fn the_example_of_the_source_works() {
    let world = World::with_northside().await;
    let client = Client::new(&world).await;
    let body = json!({
        "organization": "northside",
        "active": true,
        "url": "http://127.0.0.1:4009/webhook",
        "events": "ping",
    });
    let made = client.post(&body).await.is(201);
    assert_eq!(made.body["events"], json!(["ping"]));
    let ping = json!({"webhook": made.body["id"], "event": "ping"});
    let sent = client.post(&ping).await.is(201);
    let event = sent.text("id");
    let expected = json!({
        "id": event,
        "webhook": made.body["id"],
        "event": "ping",
        "createdAt": 1_773_656_465_000_i64,
    });
    assert_eq!(sent.body, expected);
    let stored = world.get(&format!("{EVENTS}/{event}")).await.is(200);
    assert_eq!(stored.body["type"], "ping");
}

#[tokio::test]
async fn active_and_account_can_be_left_out() {
    let world = World::with_northside().await;
    let client = Client::new(&world).await;
    for fields in [json!({}), json!({"active": null, "account": null})] {
        let mut body = with(&fields);
        if fields.as_object().unwrap().is_empty() {
            body.as_object_mut().unwrap().remove("active");
        }
        let made = client.post(&body).await.is(201).body;
        assert_eq!(made["active"], true);
        assert_eq!(made["account"], Value::Null);
    }
    let made = client.post(&with(&json!({"active": false}))).await.is(201);
    assert_eq!(made.body["active"], false);
}

#[tokio::test]
async fn a_ping_goes_to_one_webhook_whatever_it_is_subscribed_to() {
    let world = World::with_northside().await;
    let client = Client::new(&world).await;
    client.webhook(json!({"events": ["ping", "*"]})).await;
    let path = client.webhook(json!({"events": "appointments"})).await;
    client.ping(&path).await.is(201);
    let owed = world.get(DELIVERIES).await.is(200).body["data"].clone();
    assert_eq!(owed.as_array().unwrap().len(), 1);
    assert!(path.ends_with(owed[0]["endpoint_id"].as_str().unwrap()));
}

#[tokio::test]
async fn what_is_not_active_is_not_pinged() {
    let world = World::with_northside().await;
    let client = Client::new(&world).await;
    let path = client.webhook(json!({"active": false})).await;
    fails(client.ping(&path).await, 409, "Conflict", "not active");
    assert_eq!(world.count(EVENTS).await, 0);
}

#[tokio::test]
async fn a_change_touches_only_what_it_names() {
    let world = World::with_northside().await;
    let client = Client::new(&world).await;
    let path = client.webhook(json!({})).await;
    let mut expected = client.get(&path).await.is(200).body;
    for (field, sent, shown) in [
        (
            "url",
            json!("http://127.0.0.1:4010/"),
            json!("http://127.0.0.1:4010/"),
        ),
        ("events", json!("queue-items"), json!(["queue-items"])),
        ("events", json!(["*", "ping"]), json!(["*", "ping"])),
        ("active", json!(false), json!(false)),
        ("active", json!(true), json!(true)),
        ("account", json!("acc-1"), json!("acc-1")),
        ("account", json!(null), json!(null)),
    ] {
        expected[field] = shown;
        let changed = client.patch(&path, &json!({ field: sent })).await.is(200);
        assert_eq!(changed.body, expected);
        assert_eq!(client.get(&path).await.is(200).body, expected);
    }
    assert_eq!(client.patch(&path, &json!({})).await.is(200).body, expected);
}

#[tokio::test]
async fn a_removal_answers_the_webhook_and_ends_what_is_owed() {
    let world = World::with_northside().await;
    let client = Client::new(&world).await;
    let path = client.webhook(json!({})).await;
    let before = client.get(&path).await.is(200).body;
    world.event("appointment.created").await;
    assert_eq!(client.delete(&path).await.is(200).body, before);
    for answer in [
        client.get(&path).await,
        client.delete(&path).await,
        client.patch(&path, &json!({})).await,
        client.ping(&path).await,
    ] {
        fails(answer, 404, "NotFound", "there is no such endpoint");
    }
    assert_eq!(client.list().await, json!([]));
    let owed = world.get(DELIVERIES).await.is(200).body["data"][0].clone();
    assert_eq!(owed["state"], "failed");
    assert_eq!(owed["reason"], "endpoint_deleted");
}

#[tokio::test]
async fn services_methods_and_the_star_choose_events() {
    let world = World::with_northside().await;
    let client = Client::new(&world).await;
    let cases: [(Value, &[&str], &[&str]); 6] = [
        (
            json!("appointments"),
            &[
                "appointment.created",
                "appointments.removed",
                "appointment.cancelled",
            ],
            &["patient.created"],
        ),
        (
            json!("medical-patients.updated"),
            &["patient.updated"],
            &["patient.created", "medical-patients.removed"],
        ),
        (
            json!(["billing-invoices", "queue-items.created"]),
            &["billing-invoices.removed", "queue-items.created"],
            &["queue-items.updated"],
        ),
        (
            json!("medical-encounters"),
            &[
                "medical-encounters.created",
                "medical-encounters.updated",
                "medical-encounters.removed",
            ],
            &["medical-records.created"],
        ),
        (
            json!("*"),
            &["patient.created", "payment.succeeded", "call.made"],
            &[],
        ),
        (json!("ping"), &["ping"], &["patient.created"]),
    ];
    for (events, wanted, unwanted) in cases {
        let path = client.webhook(json!({ "events": events })).await;
        let before = world.count(DELIVERIES).await;
        for event in unwanted {
            world.event(event).await;
        }
        assert_eq!(world.count(DELIVERIES).await, before, "{events}");
        for event in wanted {
            world.event(event).await;
        }
        let now = world.count(&format!("{DELIVERIES}?limit=100")).await;
        assert_eq!(now, before + wanted.len(), "{events}");
        client.delete(&path).await.is(200);
    }
}

#[tokio::test]
async fn a_webhook_of_an_account_gets_events_of_that_account_only() {
    let world = World::with_northside().await;
    let client = Client::new(&world).await;
    let whole = client.webhook(json!({})).await;
    let of_account = client.webhook(json!({"account": "acc-1"})).await;
    let receivers = async |account: Value| {
        let mut event = json!({"type": "appointment.created", "data": {}});
        if !account.is_null() {
            event["account"] = account;
        }
        let id = world.post(EVENTS, &event).await.is(202).text("id");
        let owed = world.get(DELIVERIES).await.is(200).body["data"].clone();
        let mut to: Vec<String> = owed
            .as_array()
            .unwrap()
            .iter()
            .filter(|delivery| delivery["event_id"] == id)
            .map(|delivery| format!("{SERVICE}/{}", delivery["endpoint_id"].as_str().unwrap()))
            .collect();
        to.sort();
        to
    };
    let mut both = vec![whole.clone(), of_account.clone()];
    both.sort();
    assert_eq!(receivers(json!("acc-1")).await, both);
    assert_eq!(
        receivers(json!("acc-2")).await,
        std::slice::from_ref(&whole)
    );
    assert_eq!(receivers(json!(null)).await, [whole]);
}

#[tokio::test]
async fn a_list_is_paged_as_feathers_does() {
    let world = World::with_northside().await;
    let client = Client::new(&world).await;
    for number in 0..13 {
        client
            .webhook(json!({"account": format!("acc-{number}")}))
            .await;
        world.advance(std::time::Duration::from_secs(1));
    }
    for (query, range, limit, skip) in [
        ("", 0..10, 10, 0),
        ("&$skip=10", 10..13, 10, 10),
        ("&$limit=5", 0..5, 5, 0),
        ("&$limit=5&$skip=5", 5..10, 5, 5),
        ("&%24limit=2&%24skip=12", 12..13, 2, 12),
        ("&$limit=0", 0..0, 0, 0),
        ("&$limit=100", 0..13, 100, 0),
        ("&$limit=5000", 0..13, 100, 0),
        ("&$skip=13", 13..13, 10, 13),
    ] {
        let path = format!("{SERVICE}?organization=northside{query}");
        let page = client.get(&path).await.is(200).body;
        assert_eq!(page["total"], 13, "{query}");
        assert_eq!(
            (&page["limit"], &page["skip"]),
            (&json!(limit), &json!(skip)),
            "{query}"
        );
        let data = page["data"].as_array().unwrap();
        let accounts: Vec<Value> = data.iter().map(|item| item["account"].clone()).collect();
        let expected: Vec<Value> = range.map(|n| json!(format!("acc-{n}"))).collect();
        assert_eq!(accounts, expected, "{query}");
    }
    // A key has an organization of its own; the operator has to name one.
    assert_eq!(client.get(SERVICE).await.is(200).body["total"], 13);
    let operator = Client::operator(&world);
    refuses(operator.get(SERVICE).await, &["organization"]);
    let named = operator
        .get(&format!("{SERVICE}?organization=northside"))
        .await;
    assert_eq!(named.is(200).body["total"], 13);
}

#[tokio::test]
async fn the_operator_can_do_it_for_any_organization() {
    let world = World::with_northside().await;
    let operator = Client::operator(&world);
    let path = operator.webhook(json!({})).await;
    operator.get(&path).await.is(200);
    operator
        .patch(&path, &json!({"active": true}))
        .await
        .is(200);
    operator.ping(&path).await.is(201);
    operator.delete(&path).await.is(200);
}

#[tokio::test]
async fn a_repetition_makes_nothing() {
    let world = World::with_northside().await;
    let client = Client::new(&world).await;
    let call = || {
        let call = client.call(Method::POST, SERVICE).json(&with(&json!({})));
        call.header("idempotency-key", "once")
    };
    let first = client.send(call()).await.is(201);
    let again = client.send(call()).await.is(201);
    assert_eq!(again.body, first.body);
    assert_eq!(client.list().await.as_array().unwrap().len(), 1);
}
