//! Mails about failures, taken by a mail server of others: what they say, when they go out, and
//! that none is lost while the server is down or the process is killed.

#![expect(
    clippy::unwrap_used,
    reason = "what these tests share: its panics are failed tests"
)]

use std::net::TcpListener;
use std::time::Duration;

use carehook_core::{
    AttemptId, CustomHeader, DeliveryId, DeliveryState, Endpoint, EndpointId, RetryPolicy, Secret,
    Timestamp,
};
use carehook_store::Notify;
use carehook_testkit::{Answer, MailServer, MailSetup, Receiver, TakenMail};
use tokio::time::timeout;

use crate::world::World;

const MINUTE: Duration = Duration::from_mins(1);
const DAY: Duration = Duration::from_hours(24);
const ALMOST_A_WEEK: Duration = Duration::from_mins(7 * 24 * 60 - 1);
const PATIENCE: Duration = Duration::from_secs(20);

/// An endpoint that is not tried again and tells of its failures.
fn telling(address: &'static str) -> impl FnOnce(&mut Endpoint) {
    move |endpoint| {
        endpoint.retry_policy = Some(RetryPolicy::try_new(&[]).unwrap());
        endpoint.notification_email = Some(address.to_owned());
    }
}

/// A receiver that fails, the endpoint that tells of it, and the mail server that takes it.
async fn failing(world: &mut World, address: &'static str) -> (Receiver, EndpointId) {
    let receiver = Receiver::start().await.always(Answer::status(500));
    let endpoint = world.endpoint_with(&receiver.url(), telling(address)).await;
    (receiver, endpoint)
}

async fn failed(world: &World, endpoint: EndpointId) -> DeliveryId {
    let delivery = world.publish(endpoint).await;
    world.until_state(delivery, DeliveryState::Failed).await;
    delivery
}

/// Waits until something is as wanted, without a clock.
async fn until(wanted: impl AsyncFn() -> bool) {
    let reached = timeout(PATIENCE, async {
        while !wanted().await {
            tokio::task::yield_now().await;
        }
    });
    assert!(reached.await.is_ok(), "it does not get there");
}

async fn owed(world: &World) -> usize {
    let page = world.store.due_mails(Timestamp(i64::MAX), 100).await;
    page.unwrap().mails.len()
}

async fn until_owed(world: &World, count: usize) {
    until(async || owed(world).await == count).await;
}

async fn until_mails_wait(world: &World) {
    until(async || {
        let engine = world.engine.as_ref().unwrap();
        engine.mail_problem().is_some()
    })
    .await;
}

/// A port on which nobody listens, until a server is started there.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

fn start_on(port: u16) -> MailServer {
    MailServer::start_with(&MailSetup {
        port,
        ..MailSetup::default()
    })
}

fn is_about(mail: &TakenMail, delivery: DeliveryId) -> bool {
    mail.text.contains(&delivery.to_string())
}

#[tokio::test]
async fn a_final_failure_is_told_in_text_and_html_without_the_payload() {
    let server = MailServer::start();
    let mut world = World::start().await;
    world.mail_through(Some(&server.url())).await;
    let answer = Answer::status(503).body("canary-answer");
    let receiver = Receiver::start().await.always(answer);
    let url = format!("{}?token=canary-query", receiver.url());
    let endpoint = world.endpoint_with(&url, |endpoint| {
        endpoint.notification_email = Some("it@clinic.example".to_owned());
        endpoint.headers.push(CustomHeader {
            name: "x-token".parse().unwrap(),
            value: Secret::new("canary-header"),
        });
    });
    let endpoint = endpoint.await;
    let delivery = world.publish(endpoint).await;
    for (attempts, wait) in [(1, 10), (2, 600)] {
        world.until_attempted(delivery, attempts).await;
        assert_eq!(owed(&world).await, 0, "it may still be delivered");
        world.advance(Duration::from_secs(wait));
    }
    let (failed, _) = world.until_state(delivery, DeliveryState::Failed).await;

    let mail = server.wait_for(1).await.remove(0);
    assert_eq!(mail.from, "hooks@clinic.example");
    assert_eq!(mail.to, ["it@clinic.example"]);
    assert_eq!(mail.header("From"), "Carehook <hooks@clinic.example>");
    assert_eq!(mail.header("To"), "it@clinic.example");
    let subject = "Webhook delivery failed: patient.created";
    assert_eq!(mail.header("Subject"), subject);
    let about = AttemptId::of(delivery, 3);
    let message_id = format!("<{about}@clinic.example>");
    assert_eq!(mail.header("Message-ID"), message_id);
    assert_eq!(mail.header("Auto-Submitted"), "auto-generated");
    assert_eq!(mail.content_type, "multipart/alternative");
    assert!(mail.defects.is_empty(), "{:?}", mail.defects);
    let ended = failed.completed_at.unwrap().to_string();
    for expected in [
        "patient.created",
        &failed.event_id.to_string(),
        &delivery.to_string(),
        &receiver.url(),
        "503",
        "the receiver answered 503",
        &ended,
    ] {
        assert!(mail.text.contains(expected), "{expected}: {}", mail.text);
        assert!(mail.html.contains(expected), "{expected}: {}", mail.html);
    }
    assert!(mail.html.starts_with("<!doctype html>"));
    for private in ["canary", "pat_1", "whsec_"] {
        for part in [&mail.raw, &mail.text, &mail.html] {
            assert!(!part.contains(private), "{private}: {part}");
        }
    }
    until_owed(&world, 0).await;
}

#[tokio::test]
async fn a_mail_server_that_is_down_delays_the_mail() {
    let port = free_port();
    let mut world = World::start().await;
    let url = format!("smtp://127.0.0.1:{port}");
    world.mail_through(Some(&url)).await;
    let (_receiver, endpoint) = failing(&mut world, "it@clinic.example").await;
    let first = failed(&world, endpoint).await;
    until_mails_wait(&world).await;
    let second = failed(&world, endpoint).await;
    assert_eq!(owed(&world).await, 2);

    let server = start_on(port);
    world.advance(MINUTE);
    let mails = server.wait_for(2).await;
    assert!(is_about(&mails[0], first) && is_about(&mails[1], second));
    until_owed(&world, 0).await;
    assert_eq!(world.engine.as_ref().unwrap().mail_problem(), None);
    assert_eq!(server.mails().len(), 2, "each was sent once");
}

#[tokio::test]
async fn a_kill_while_the_mail_server_is_down_loses_no_mail() {
    let port = free_port();
    let mut world = World::start().await;
    let url = format!("smtp://127.0.0.1:{port}");
    world.mail_through(Some(&url)).await;
    let (_receiver, endpoint) = failing(&mut world, "it@clinic.example").await;
    let delivery = failed(&world, endpoint).await;
    until_mails_wait(&world).await;
    world.crash().await;
    until_mails_wait(&world).await;
    assert_eq!(owed(&world).await, 1);

    let server = start_on(port);
    world.crash().await;
    let mail = server.wait_for(1).await.remove(0);
    assert!(is_about(&mail, delivery));
    until_owed(&world, 0).await;
    world.crash().await;
    let other = failed(&world, endpoint).await;
    let mails = server.wait_for(2).await;
    assert!(is_about(&mails[1], other), "what was sent stays sent");
}

#[tokio::test]
async fn a_refused_address_is_dropped_and_a_busy_one_is_tried_again() {
    let server = MailServer::start();
    let mut world = World::start().await;
    world.mail_through(Some(&server.url())).await;
    let (_one, refused) = failing(&mut world, "refused@clinic.example").await;
    let (_two, later) = failing(&mut world, "later@clinic.example").await;
    let (_three, fine) = failing(&mut world, "it@clinic.example").await;
    failed(&world, refused).await;
    server.wait_for_refusals(1).await;
    until_owed(&world, 0).await;

    failed(&world, later).await;
    server.wait_for_refusals(2).await;
    let delivery = failed(&world, fine).await;
    assert!(is_about(&server.wait_for(1).await[0], delivery));
    until_owed(&world, 1).await;
    // A minute, then two, and so on.
    for (minutes, refusals) in [(1, 3), (2, 4)] {
        world.advance(minutes * MINUTE);
        let refused = server.wait_for_refusals(refusals).await;
        assert!(refused[refusals - 1].starts_with("RCPT 451"));
        let tries = u32::try_from(refusals).unwrap() - 1;
        until(async || {
            let page = world.store.due_mails(Timestamp(i64::MAX), 9).await;
            page.unwrap().mails[0].tries == tries
        })
        .await;
    }
    assert_eq!(server.refusals().len(), 4, "{:?}", server.refusals());
}

#[tokio::test]
async fn one_mail_at_which_the_server_breaks_off_keeps_no_other_back() {
    let server = MailServer::start();
    let mut world = World::start().await;
    world.mail_through(Some(&server.url())).await;
    let (_one, breaking) = failing(&mut world, "closing@clinic.example").await;
    let (_two, fine) = failing(&mut world, "it@clinic.example").await;
    let first = failed(&world, breaking).await;
    server.wait_for_refusals(1).await;
    until_mails_wait(&world).await;
    let second = failed(&world, fine).await;
    world.advance(MINUTE);
    assert!(is_about(&server.wait_for(1).await[0], second));
    server.wait_for_refusals(2).await;
    let page = world.store.due_mails(Timestamp(i64::MAX), 9).await.unwrap();
    assert_eq!(page.mails[0].about.delivery(), first);
}

#[tokio::test]
async fn a_quiet_retry_that_fails_is_not_told() {
    let server = MailServer::start();
    let mut world = World::start().await;
    world.mail_through(Some(&server.url())).await;
    let (_receiver, endpoint) = failing(&mut world, "it@clinic.example").await;
    let delivery = failed(&world, endpoint).await;
    server.wait_for(1).await;
    for (attempts, notify, mails) in [(2, Notify::Never, 1), (3, Notify::OnFailure, 2)] {
        world.retry_and(delivery, notify).await;
        let ended = |d: &carehook_core::Delivery| {
            d.attempt_count == attempts && d.state == DeliveryState::Failed
        };
        world.until(delivery, ended).await;
        server.wait_for(mails).await;
        until_owed(&world, 0).await;
        assert_eq!(server.mails().len(), mails);
    }
    let ids: Vec<_> = server.mails();
    assert_ne!(ids[0].header("Message-ID"), ids[1].header("Message-ID"));
}

#[tokio::test]
async fn nobody_is_told_of_an_endpoint_that_names_nobody_any_more() {
    let port = free_port();
    let mut world = World::start().await;
    let url = format!("smtp://127.0.0.1:{port}");
    world.mail_through(Some(&url)).await;
    let (_one, silenced) = failing(&mut world, "it@clinic.example").await;
    let (_two, deleted) = failing(&mut world, "it@clinic.example").await;
    failed(&world, silenced).await;
    failed(&world, deleted).await;
    until_mails_wait(&world).await;
    let current = world.store.any_endpoint(silenced).unwrap();
    let changed = Endpoint {
        notification_email: None,
        ..(*current).clone()
    };
    world.store.replace_endpoint(changed).await.unwrap();
    world.delete(deleted).await;

    let server = start_on(port);
    world.advance(MINUTE);
    until_owed(&world, 0).await;
    assert!(server.mails().is_empty());
    failed(&world, silenced).await;
    assert_eq!(owed(&world).await, 0);
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_told() {
    let server = MailServer::start();
    let mut world = World::start().await;
    world.mail_through(Some(&server.url())).await;
    let receiver = Receiver::start().await.answers([410]);
    let url = receiver.url();
    let endpoint = world.endpoint_with(&url, telling("it@clinic.example"));
    let endpoint = endpoint.await;
    let delivery = failed(&world, endpoint).await;
    let mail = server.wait_for(1).await.remove(0);
    assert!(is_about(&mail, delivery));
    assert!(mail.text.contains("the receiver answered 410"));
}

#[tokio::test]
async fn mails_wait_for_a_server_to_be_configured_but_not_for_ever() {
    let mut world = World::start().await;
    let (_receiver, endpoint) = failing(&mut world, "it@clinic.example").await;
    failed(&world, endpoint).await;
    world.advance(3 * DAY);
    let late = failed(&world, endpoint).await;
    assert_eq!(owed(&world).await, 2);
    world.advance(4 * DAY + MINUTE);
    until_owed(&world, 1).await;

    let server = MailServer::start();
    world.mail_through(Some(&server.url())).await;
    assert!(is_about(&server.wait_for(1).await[0], late));
    until_owed(&world, 0).await;
}

#[tokio::test]
async fn a_mail_that_no_server_takes_for_a_week_is_given_up() {
    let mut world = World::start().await;
    let url = format!("smtp://127.0.0.1:{}", free_port());
    world.mail_through(Some(&url)).await;
    let (_receiver, endpoint) = failing(&mut world, "it@clinic.example").await;
    failed(&world, endpoint).await;
    until_mails_wait(&world).await;
    world.advance(ALMOST_A_WEEK);
    let kept = failed(&world, endpoint).await;
    assert_eq!(owed(&world).await, 2);
    world.advance(2 * MINUTE);
    until(async || {
        world.wake();
        owed(&world).await == 1
    })
    .await;
    let page = world.store.due_mails(Timestamp(i64::MAX), 9).await.unwrap();
    assert_eq!(page.mails[0].about.delivery(), kept);
}
