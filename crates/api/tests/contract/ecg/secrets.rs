//! Secret keys: shown, replaced, and in force at a time.

use std::time::Duration;

use http::Method;
use serde_json::json;

use super::{Clinic, SUBSCRIPTIONS};
use crate::world::Call;

const HOUR: Duration = Duration::from_hours(1);

#[tokio::test]
async fn the_secret_in_force_at_a_time_is_found() {
    let clinic = Clinic::open().await;
    let before = clinic.world.clock.now();
    let first = clinic.get("/secrets").await.is(200).text("secretKey");
    assert!(first.len() >= 40, "{first}");
    assert_eq!(clinic.get("").await.text("secretKey"), first);
    clinic.world.advance(HOUR);
    let put = Call::new(Method::PUT, &clinic.at("/secrets"));
    let done = put.send(&clinic.world).await.is(200);
    assert_eq!(done.body, json!({"value": true}));
    let second = clinic.get("/secrets").await.text("secretKey");
    assert_ne!(second, first);
    clinic.world.advance(HOUR);
    let body = json!({"secretKey": "ecg-secret-key"});
    let set = clinic
        .post("/webhook-secret-histories", &body)
        .await
        .is(201);
    assert_eq!(set.text("secretKey"), "ecg-secret-key");

    let at = async |time: carehook_core::Timestamp| {
        clinic.get(&format!("/secrets?createdAt={time}")).await
    };
    assert_eq!(at(before).await.text("secretKey"), first);
    assert_eq!(at(before.plus(HOUR)).await.text("secretKey"), second);
    assert_eq!(
        at(before.plus(HOUR * 9)).await.text("secretKey"),
        "ecg-secret-key"
    );
    at(carehook_core::Timestamp(before.0 - 1))
        .await
        .refuses_fields(404, &["secret"]);
    clinic
        .get("/secrets?createdAt=soon")
        .await
        .refuses_fields(400, &["createdAt"]);
}

#[tokio::test]
async fn the_history_shows_when_each_was_in_force() {
    let clinic = Clinic::open().await;
    let mut times = vec![clinic.world.clock.now().to_string()];
    for key in ["secret-one", "secret-two"] {
        clinic.world.advance(HOUR);
        times.push(clinic.world.clock.now().to_string());
        let body = json!({"secretKey": key});
        clinic
            .post("/webhook-secret-histories", &body)
            .await
            .is(201);
    }
    let list = clinic
        .get("/webhook-secret-histories?order_by=DESC")
        .await
        .is(200);
    assert_eq!(list.header("x-total-count"), "3");
    let entries = list.body.as_array().unwrap();
    let shown: Vec<_> = entries
        .iter()
        .map(|e| (e["createdAt"].as_str().unwrap(), e["replacedAt"].as_str()))
        .collect();
    let [first, second, third] = &times[..] else {
        panic!("three secrets");
    };
    assert_eq!(
        shown,
        [
            (third.as_str(), None),
            (second.as_str(), Some(third.as_str())),
            (first.as_str(), Some(second.as_str())),
        ]
    );
    assert_eq!(entries[0]["secretKey"], "secret-two");
    assert!(entries[0].get("subscription").is_none());
    let path = "/webhook-secret-histories?include=subscription&take=1";
    let with = clinic.get(path).await.is(200);
    assert_eq!(with.body[0]["subscription"]["id"], clinic.id.as_str());
    assert_eq!(with.body[0]["id"], entries[2]["id"]);
    for body in [json!({}), json!({"secretKey": ""}), json!({"secretKey": 7})] {
        let refused = clinic.post("/webhook-secret-histories", &body).await;
        refused.refuses_fields(400, &["secretKey"]);
    }
    let list = clinic
        .world
        .get(&format!("{SUBSCRIPTIONS}/{}", clinic.id))
        .await;
    assert_eq!(list.text("secretKey"), "secret-two");
}
