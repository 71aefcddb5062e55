//! How much of an event endpoints get, and over which lines.

use carehook_core::{AttemptOutcome, DeliveryState, Dialect, PayloadMode};
use carehook_deliver::PlainHttp;
use carehook_testkit::Receiver;

use crate::world::{World, verify};

#[tokio::test]
async fn an_endpoint_gets_what_its_mode_leaves_signed_as_it_is_sent() {
    let mut world = World::start().await;
    for (mode, seen) in [
        (PayloadMode::Full, r#""data":{"id":"pat_1"}"#),
        (
            PayloadMode::Thin,
            r#""data":{"id":"pat_1","changed":null,"payload_url":"http"#,
        ),
        (PayloadMode::IdOnly, r#""data":{"event_id":"evt_"#),
        (PayloadMode::Empty, r#""data":{},"#),
    ] {
        let receiver = Receiver::start().await;
        let endpoint = world
            .endpoint_with(&receiver.url(), |endpoint| endpoint.payload = mode)
            .await;
        let delivery = world.publish(endpoint).await;
        let received = receiver.wait_for(1).await.remove(0);
        verify(&received, world.clock.now());
        let body = String::from_utf8(received.body.to_vec()).unwrap();
        assert!(body.contains(seen), "{mode:?}: {body}");
        world.until_state(delivery, DeliveryState::Delivered).await;
    }
}

#[tokio::test]
async fn every_attempt_has_a_link_of_its_own_that_leads_to_the_event() {
    let mut world = World::start().await;
    let receiver = Receiver::start().await.answers([500]);
    let endpoint = world
        .endpoint_with(&receiver.url(), |endpoint| {
            endpoint.dialect = Dialect::Mycure;
            endpoint.payload = PayloadMode::IdOnly;
        })
        .await;
    let delivery = world.publish(endpoint).await;
    let first_at = world.clock.now();
    world.until_attempted(delivery, 1).await;
    world.advance(std::time::Duration::from_secs(10));
    let links: Vec<String> = receiver
        .wait_for(2)
        .await
        .iter()
        .map(|received| {
            let body: serde_json::Value = serde_json::from_slice(&received.body).unwrap();
            body["payload"]["payload_url"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_ne!(links[0], links[1]);
    let key = world.store.payload_link_key();
    let reader = carehook_core::PayloadLinks::new(&key, "");
    let prefix = "http://127.0.0.1:8080/v1/payloads/";
    let token = links[0].strip_prefix(prefix).unwrap();
    let claim = reader.read(token, world.clock.now()).unwrap();
    assert_eq!((claim.endpoint, claim.sequence), (endpoint, 1));
    assert_eq!(claim.sent_at, first_at);
    let (delivery, _) = world.delivery(delivery).await;
    assert_eq!(claim.event, delivery.event_id);
}

#[tokio::test]
async fn what_was_allowed_over_http_is_blocked_when_it_no_longer_is() {
    let mut world = World::start().await;
    let receiver = Receiver::start().await;
    let full = world.endpoint(&receiver.url()).await;
    let ids = world
        .endpoint_with(&receiver.url(), |endpoint| {
            endpoint.payload = PayloadMode::IdOnly;
        })
        .await;
    world.stop_engine().await;
    world.plain_http = PlainHttp::WithoutData;
    world.start_engine();
    let (refused, sent) = (world.publish(full).await, world.publish(ids).await);
    world.until_state(sent, DeliveryState::Delivered).await;
    let (_, attempts) = world.until_attempted(refused, 1).await;
    assert_eq!(attempts[0].outcome, AttemptOutcome::Blocked);
    let reason = "over plain http only payloads `id_only` and `empty` are sent unless CAREHOOK_ALLOW_HTTP is full";
    assert_eq!(attempts[0].error.as_deref(), Some(reason));
    assert_eq!(receiver.attempts(), 1, "the other one");
}
