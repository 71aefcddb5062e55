//! What a person does who has something to connect: from the first webhook to its end, by what
//! stands on the pages, against a real receiver.

use carehook_testkit::{Answer, Judge, JudgeVerdict, Receiver};
use http::StatusCode;
use serde_json::json;

use super::browser::Browser;
use super::scene::Scene;
use crate::api::Api;

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_made_tested_broken_repaired_and_rotated() {
    let scene = Scene::signed_in();
    let browser = &scene.browser;
    let receiver = Receiver::start().await;
    scene.make_organization("north", "Northside Clinic");

    let secret = make_webhook(browser, &receiver.url());
    send_test(browser, &receiver, &secret).await;
    see_it_arrive(&scene).await;
    receiver.set_default(Answer::status(503));
    read_why_it_failed(&scene).await;
    retry(browser, &receiver).await;
    replay(browser, &receiver).await;
    rotate(&scene, &receiver, &secret).await;
    pause_and_activate(browser);
    delete(browser);
    make_and_revoke_a_key(&scene).await;
}

/// Makes the first webhook of the organization; gives the secret that is shown.
fn make_webhook(browser: &Browser, url: &str) -> String {
    browser.follow("Webhooks");
    browser.fill("URL", url);
    browser.fill("Name", "Booking Sync");
    browser.tick("All events, also those that are added later *");
    browser.unfold("Payload, retries, headers, credentials: all of it can stay as it is");
    // Late enough that no retry comes in between.
    browser.fill("Retry schedule", "2 h, 2 h");
    browser.press("Make it and show its secret");
    browser.sees("Booking Sync is made");
    let secret = browser.run("return document.querySelector('.copy code').textContent");
    let secret = secret.as_str().unwrap().to_owned();
    assert!(secret.starts_with("whsec_"), "{secret}");
    secret
}

/// Sends a sample; the answer comes to the same page, and the request is signed.
async fn send_test(browser: &Browser, receiver: &Receiver, secret: &str) {
    browser.follow("Send a test event");
    browser.press("Send this");
    browser.sees("Answer to");
    browser.sees("took it");
    let request = receiver.wait_for(1).await.remove(0);
    let body = std::str::from_utf8(&request.body).unwrap();
    let verdict = Judge::Python.verify(secret, &request.headers, body);
    assert_eq!(verdict, JudgeVerdict::Accepted);
}

/// An event that is published while the log is open comes into it.
async fn see_it_arrive(scene: &Scene) {
    let browser = &scene.browser;
    browser.follow("Delivery log");
    browser.sees("live");
    let event = json!({"id": "evt-live", "type": "patient.created", "data": {"id": "p"}});
    scene.server.api().post("/north/events", &event).await;
    browser.sees_row(&["delivered", "patient.created", "Booking Sync"]);
}

/// The receiver breaks: the log says so, and the delivery says what that means.
async fn read_why_it_failed(scene: &Scene) {
    let browser = &scene.browser;
    let event = json!({"id": "evt-503", "type": "appointment.created", "data": {"id": "a"}});
    scene.server.api().post("/north/events", &event).await;
    browser.sees_row(&["retrying", "appointment.created", "503"]);
    browser.follow("appointment.created");
    browser.sees("appointment.created → Booking Sync");
    browser.sees("is not working at the moment (503). Whoever runs the receiver has to look");
}

/// The result of the retry is not on the page yet, and says so when it comes.
async fn retry(browser: &Browser, receiver: &Receiver) {
    receiver.set_default(Answer::status(200));
    receiver.hold();
    let before = receiver.attempts();
    browser.press("Retry now");
    receiver.wait_for(before + 1).await;
    browser.sees("1 attempt was made");
    receiver.release();
    browser.press("1 changed: show");
    browser.sees("took it");
    browser.sees("delivered");

    // What happened before the page listens is told at once.
    let changed = browser.run(
        "const box = document.querySelector('[data-live]');
        const url = box.dataset.live.replace(/attempts=2$/, 'attempts=1');
        const news = new EventSource(url);
        const first = await new Promise(done => { news.onmessage = done });
        news.close();
        return JSON.parse(first.data).rows.length",
    );
    assert_eq!(changed, 1);
}

/// Counts what a replay would send, sends it, and sees it end.
async fn replay(browser: &Browser, receiver: &Receiver) {
    browser.follow("Webhooks");
    browser.follow("Booking Sync");
    browser.follow("Replay");
    browser.tick("Everything Both, and what was delivered already.");
    browser.press("Show how many would go");
    browser.sees("3 deliveries would go");
    let before = receiver.attempts();
    browser.press("Send these 3");
    browser.sees("Replay of everything");
    receiver.wait_for(before + 3).await;
    browser.sees(", ended ");
}

/// A new secret signs at once, and the old one goes on doing so.
async fn rotate(scene: &Scene, receiver: &Receiver, old: &str) {
    let browser = &scene.browser;
    browser.follow("Secret");
    browser.press("Make a new secret");
    browser.sees("The new secret is below");
    let new = browser.run("return document.querySelector('main .copy code').textContent");
    let new = new.as_str().unwrap();
    assert_ne!(new, old);
    let before = receiver.attempts();
    scene.server.api().publish("evt-rotated").await;
    let request = receiver.wait_for(before + 1).await.pop().unwrap();
    let body = std::str::from_utf8(&request.body).unwrap();
    for secret in [old, new] {
        let verdict = Judge::Python.verify(secret, &request.headers, body);
        assert_eq!(verdict, JudgeVerdict::Accepted);
    }
}

fn pause_and_activate(browser: &Browser) {
    browser.press("Pause");
    browser.sees("Paused. Nothing is sent");
    browser.press("Activate");
    browser.sees("active");
}

/// What cannot be undone asks for the name.
fn delete(browser: &Browser) {
    browser.follow("Settings");
    browser.press("Delete this webhook");
    browser.fill("Type Booking Sync", "Booking Sync");
    browser.press("Delete it");
    browser.sees("No webhook yet.");
}

/// The key is shown once, works, and does not once it is revoked.
async fn make_and_revoke_a_key(scene: &Scene) {
    let browser = &scene.browser;
    browser.follow("API keys");
    browser.follow("Create the first one");
    browser.fill("Name", "Booking server");
    browser.press("Create");
    browser.sees("Booking server is ready");
    let key = browser.run("return document.querySelector('.copy code').textContent");
    let api = Api::new(scene.server.url(), key.as_str().unwrap());
    let endpoints = "/v1/organizations/north/endpoints";
    assert_eq!(api.get(endpoints).await.0, StatusCode::OK);

    browser.follow("I have stored it");
    browser.sees_row(&["Booking server", "active"]);
    browser.follow("Revoke Booking server");
    browser.press("Revoke this key");
    browser.sees_row(&["Booking server", "revoked"]);
    assert_eq!(api.get(endpoints).await.0, StatusCode::UNAUTHORIZED);
}
