//! What a person does when a receiver works again: a test gets through, and what waited follows.

use carehook_testkit::{Answer, Receiver};
use serde_json::{Value, json};

use super::scene::Scene;

async fn publish(scene: &Scene, id: &str) {
    let event = json!({"id": id, "type": "appointment.created", "data": {"id": "a"}});
    scene.server.api().post("/north/events", &event).await;
}

fn kind_of(body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap();
    body["type"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_reaches_a_repaired_receiver_at_once_and_after_410_it_is_brought_back() {
    let scene = Scene::signed_in();
    let browser = &scene.browser;
    scene.make_organization("north", "Northside Clinic");
    let overloaded = Answer::status(429).header("retry-after", "3600");
    let receiver = Receiver::start().await.always(overloaded);
    let webhook = json!({"name": "Booking Sync", "url": receiver.url(), "events": ["*"]});
    scene.server.api().post("/north/endpoints", &webhook).await;

    publish(&scene, "evt-refused").await;
    receiver.wait_for(1).await;
    browser.follow("Delivery log");
    browser.sees_row(&["appointment.created", "429"]);
    publish(&scene, "evt-waits").await;
    publish(&scene, "evt-waits-too").await;
    browser.follow("Webhooks");
    browser.follow("Booking Sync");
    browser.sees("Left alone; the pause ends");
    browser.sees("no attempt yet · left alone; the pause ends");

    receiver.set_default(Answer::status(200));
    browser.follow("send a test");
    browser.press("Send this");
    browser.sees("took it");
    let requests = receiver.wait_for(4).await;
    assert_eq!(
        kind_of(&requests[1].body),
        "test.ping",
        "nothing goes before it"
    );
    for request in &requests[2..] {
        assert_eq!(kind_of(&request.body), "appointment.created");
    }

    receiver.set_default(Answer::status(410));
    publish(&scene, "evt-gone").await;
    receiver.wait_for(5).await;
    browser.follow("Delivery log");
    browser.sees_row(&["failed", "appointment.created", "410"]);
    browser.follow("Webhooks");
    browser.follow("Booking Sync");
    browser.sees("2 deliveries that waited failed by it");
    receiver.set_default(Answer::status(200));
    browser.press("Activate and retry these 2");
    browser.sees("Replay of what failed by 410 Gone");
    browser.sees(", ended ");
    receiver.wait_for(7).await;
    browser.follow("Webhooks");
    browser.sees_row(&["Booking Sync", "active"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_that_switches_its_webhook_off_shows_so_on_the_same_page() {
    let scene = Scene::signed_in();
    let browser = &scene.browser;
    scene.make_organization("north", "Northside Clinic");
    let receiver = Receiver::start().await.always(Answer::status(410));
    receiver.hold();
    let webhook = json!({"name": "Booking Sync", "url": receiver.url(), "events": ["*"]});
    scene.server.api().post("/north/endpoints", &webhook).await;
    browser.follow("Webhooks");
    browser.follow("Booking Sync");
    browser.follow("Send a test event");
    browser.press("Send this");
    browser.sees("on its way");
    browser.run("window.same = true");
    receiver.release();
    browser.sees("410");
    browser.sees("Booking Sync switched off: the receiver answered 410 Gone");
    browser.sees("It is not active, so nothing can be sent.");
    let text = browser.text();
    for gone in ["Pause", "Send this"] {
        assert!(!text.contains(gone), "{gone}: {text}");
    }
    let once = browser.run("return document.querySelectorAll('h1, #sending').length");
    assert_eq!(once, 2);
    assert_eq!(browser.run("return window.same"), true, "no other page");
}
