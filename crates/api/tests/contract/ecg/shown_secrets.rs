//! Secrets are shown to those who may see payloads, and to the maker of a subscription.

use std::time::Duration;

use carehook_core::{DeliveryState, Dialect};
use http::Method;
use serde_json::{Value, json};

use super::{Clinic, SUBSCRIPTIONS, VITALS};
use crate::described::{description, operations};
use crate::world::Call;

/// The path of the built-in event [`VITALS`], and an activity of the clinic.
const CATEGORY: &str = super::catalogue::MONITORING;
const EVENT: &str = super::catalogue::VITALS;

/// Every GET of the API with what it needs, and all the extras it can be asked for.
fn gets(clinic: &Clinic, activity: &str) -> Vec<String> {
    let description = description(Dialect::Ecg);
    let gets = operations(&description).into_iter();
    let gets = gets.filter(|(method, ..)| *method == "get");
    let paths = gets.map(|(_, path, _)| {
        let path = [
            ("{organizationId}", "northside"),
            ("{subscriptionId}", &clinic.id),
            ("{activityId}", activity),
            ("{activationId}", activity),
            ("{eventCode}", VITALS),
            ("{webhookCategoryId}", CATEGORY),
            ("{webhookEventId}", EVENT),
        ]
        .into_iter()
        .fold(path.to_owned(), |path, (name, value)| {
            path.replace(name, value)
        });
        assert!(!path.contains('{'), "{path}");
        let last = path.rsplit('/').next().unwrap();
        let query = match last {
            "sample-payloads" => "?version=v1",
            "sample-payloads-examples" => "?type=ack",
            "activity" => "?include=subscription,event",
            "webhook-secret-histories" => "?include=subscription",
            _ if path.ends_with(&format!("/activity/{activity}")) => "?mode=nested",
            _ => "",
        };
        format!("{path}{query}")
    });
    paths.collect()
}

#[tokio::test]
async fn no_answer_to_a_reader_has_the_text_of_a_secret() {
    let clinic = Clinic::open().await;
    let world = &clinic.world;
    let secret = clinic.get("").await.text("secretKey");
    let delivery = clinic.delivery().await;
    world.advance(Duration::from_secs(1));
    let activity = clinic.attempt(delivery, 1, DeliveryState::Delivered).await;
    let key = world.key(json!({"scopes": ["read"]})).await;
    let token = world.token("northside", &["read"]);
    let (mut answered, mut operators) = (0, 0);
    for path in gets(&clinic, &activity) {
        for credential in [&key, &token] {
            let call = Call::new(Method::GET, &path).with_key(credential);
            let answer = call.send(world).await;
            assert!(
                [200, 403].contains(&answer.status),
                "{path}: {}",
                answer.body
            );
            answered += u32::from(answer.status == 200);
            let text = String::from_utf8(answer.bytes).unwrap();
            assert!(!text.contains(&secret), "{path}");
        }
        let operator = world.get(&path).await.is(200);
        let text = String::from_utf8(operator.bytes).unwrap();
        operators += u32::from(text.contains(&secret));
    }
    assert!(answered > 20, "{answered}");
    // The subscription, its list, the list by event, the secret and its history.
    assert_eq!(operators, 5);
}

#[tokio::test]
async fn who_may_see_payloads_sees_the_secret_and_so_does_the_maker() {
    let clinic = Clinic::open().await;
    let world = &clinic.world;
    let secret = clinic.get("").await.text("secretKey");
    let by_event = format!("/api/webhook-events/{VITALS}/subscriptions");
    for (scopes, sees) in [
        (&["read", "manage"][..], true),
        (&["read", "read:payload"], true),
        (&["webhooks:read"], true),
        (&["webhooks:write"], true),
        (&["read"], false),
    ] {
        let expected = if sees { json!(secret) } else { Value::Null };
        let token = world.token("northside", scopes);
        let get = async |path: &str| {
            let call = Call::new(Method::GET, path).with_key(&token);
            call.send(world).await.is(200).body
        };
        assert_eq!(
            get(&clinic.at("")).await["secretKey"],
            expected,
            "{scopes:?}"
        );
        assert_eq!(get(SUBSCRIPTIONS).await[0]["secretKey"], expected);
        assert_eq!(get(&by_event).await[0]["secretKey"], expected);
    }
    let maker = world.token("northside", &["manage"]);
    let body = json!({"postUri": "http://127.0.0.1:4009/x", "isDevelopment": false});
    let call = Call::new(Method::POST, SUBSCRIPTIONS).with_key(&maker);
    let made = call.json(&body).send(world).await.is(201);
    assert!(made.text("secretKey").len() > 30);
    // A patch tells what a GET would.
    let path = format!("{SUBSCRIPTIONS}/{}", made.text("id"));
    let copy = json!([{"op": "copy", "from": "/secretKey", "path": "/version"}]);
    let call = Call::new(Method::PATCH, &path).with_key(&maker);
    call.json(&copy)
        .send(world)
        .await
        .refuses_fields(400, &["from"]);
}
