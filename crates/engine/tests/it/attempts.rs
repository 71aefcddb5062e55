//! What happens to single deliveries.

use std::time::Duration;

use carehook_core::{AttemptOutcome, DeliveryState, Reason, Trigger};
use carehook_testkit::{Answer, NameServer, Receiver, Reply};

use crate::world::{World, verify};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn a_published_event_arrives_signed_and_is_recorded() {
    let mut world = World::start().await;
    let receiver = Receiver::start()
        .await
        .always(Answer::status(201).body("thanks"));
    let endpoint = world.endpoint(&receiver.url()).await;
    let delivery = world.publish(endpoint).await;

    let requests = receiver.wait_for(1).await;
    verify(&requests[0], world.clock.now());
    let body: serde_json::Value = serde_json::from_slice(&requests[0].body).unwrap();
    assert_eq!(body["type"], "patient.created");
    assert_eq!(body["data"]["id"], "pat_1");
    assert_eq!(body["sequence"], 1);

    let (_, attempts) = world.until_state(delivery, DeliveryState::Delivered).await;
    assert_eq!(attempts.len(), 1);
    assert_eq!(attempts[0].status, Some(201));
    assert_eq!(attempts[0].outcome, AttemptOutcome::Delivered);
    assert_eq!(&attempts[0].answer[..], b"thanks");
}

#[tokio::test]
async fn a_failing_receiver_is_retried_on_schedule_with_the_same_id() {
    let mut world = World::start().await;
    let receiver = Receiver::start().await.answers([500, 503]);
    let endpoint = world.endpoint(&receiver.url()).await;
    let delivery = world.publish(endpoint).await;

    let (first, _) = world.until_attempted(delivery, 1).await;
    let wait = first.next_attempt_at.unwrap().since(world.clock.now());
    assert!((4 * SECOND..=6 * SECOND).contains(&wait), "{wait:?}");
    world.advance(3 * SECOND);
    assert_eq!(receiver.attempts(), 1, "not before it is due");
    world.advance(3 * SECOND);
    receiver.wait_for(2).await;
    let (second, _) = world.until_attempted(delivery, 2).await;
    let wait = second.next_attempt_at.unwrap().since(world.clock.now());
    assert!((240 * SECOND..=360 * SECOND).contains(&wait), "{wait:?}");
    world.advance(360 * SECOND);

    let (_, attempts) = world.until_state(delivery, DeliveryState::Delivered).await;
    let statuses: Vec<_> = attempts.iter().map(|a| a.status).collect();
    assert_eq!(statuses, [Some(500), Some(503), Some(200)]);
    let ids: Vec<_> = receiver
        .requests()
        .iter()
        .map(|r| r.headers["webhook-id"].clone())
        .collect();
    assert!(ids.windows(2).all(|pair| pair[0] == pair[1]));
    for request in receiver.requests() {
        assert_eq!(request.body, receiver.requests()[0].body);
    }
}

#[tokio::test]
async fn the_last_failure_ends_the_delivery_and_a_manual_retry_starts_a_new_round() {
    let mut world = World::start().await;
    let receiver = Receiver::start().await.answers([500, 500, 500]);
    let endpoint = world.endpoint(&receiver.url()).await;
    let delivery = world.publish(endpoint).await;
    for times in 1..=2 {
        world.until_attempted(delivery, times).await;
        world.advance(400 * SECOND);
    }
    let (failed, _) = world.until_state(delivery, DeliveryState::Failed).await;
    assert_eq!(failed.reason, Some(Reason::Exhausted));
    assert_eq!(failed.next_attempt_at, None);

    world.retry(delivery).await;
    let (_, attempts) = world.until_state(delivery, DeliveryState::Delivered).await;
    assert_eq!(attempts.len(), 4);
    assert_eq!(attempts[3].trigger, Trigger::Manual);
    assert_eq!(attempts[2].trigger, Trigger::Schedule);
}

#[tokio::test]
async fn retry_after_is_kept() {
    let mut world = World::start().await;
    let receiver = Receiver::start().await;
    receiver.then(Answer::status(503).header("retry-after", "120"));
    let endpoint = world.endpoint(&receiver.url()).await;
    let delivery = world.publish(endpoint).await;
    let (waiting, _) = world.until_attempted(delivery, 1).await;
    let wait = waiting.next_attempt_at.unwrap().since(world.clock.now());
    assert_eq!(wait, 120 * SECOND);
}

#[tokio::test]
async fn a_redirect_is_a_failure_and_is_not_followed() {
    let mut world = World::start().await;
    let elsewhere = Receiver::start().await;
    let receiver = Receiver::start().await;
    receiver.then(Answer::status(307).header("location", &elsewhere.url()));
    let endpoint = world.endpoint(&receiver.url()).await;
    let delivery = world.publish(endpoint).await;
    let (_, attempts) = world.until_attempted(delivery, 1).await;
    assert_eq!(attempts[0].outcome, AttemptOutcome::Rejected);
    assert_eq!(elsewhere.attempts(), 0);
}

#[tokio::test]
async fn a_name_server_of_ours_that_fails_charges_no_attempt() {
    let names = NameServer::start()
        .await
        .answers("clinic.example.com", [Reply::ServerFailure]);
    let mut world = World::start_with(Some(names.address())).await;
    let endpoint = world.endpoint("http://clinic.example.com/hook").await;
    let delivery = world.publish(endpoint).await;
    while names.lookups("clinic.example.com") < 2 {
        world.advance(SECOND);
        tokio::task::yield_now().await;
    }
    let (waiting, attempts) = world.delivery(delivery).await;
    assert_eq!((waiting.attempt_count, attempts.len()), (0, 0));
    assert_eq!(waiting.state, DeliveryState::Pending);
}

#[tokio::test]
async fn a_name_that_does_not_exist_is_a_failed_attempt() {
    let names = NameServer::start().await;
    let names = names.answers("clinic.example.com", [Reply::NoSuchName]);
    let mut world = World::start_with(Some(names.address())).await;
    let endpoint = world.endpoint("http://clinic.example.com/hook").await;
    let delivery = world.publish(endpoint).await;
    let (_, attempts) = world.until_attempted(delivery, 1).await;
    assert_eq!(attempts[0].outcome, AttemptOutcome::Unreachable);
    assert!(attempts[0].error.is_some());
}

#[tokio::test]
async fn a_forbidden_target_is_blocked_and_counted() {
    let mut world = World::start().await;
    let endpoint = world.endpoint("http://10.0.0.1/hook").await;
    let delivery = world.publish(endpoint).await;
    let (_, attempts) = world.until_attempted(delivery, 1).await;
    assert_eq!(attempts[0].outcome, AttemptOutcome::Blocked);
    assert_eq!(
        attempts[0].error.as_deref(),
        Some(carehook_deliver::BLOCKED)
    );
}
