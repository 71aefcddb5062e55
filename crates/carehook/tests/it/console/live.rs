//! The delivery log while things happen: what comes in by itself, and what waits for its reader.

use carehook_testkit::Receiver;
use serde_json::{Value, json};

use super::browser::Browser;
use super::scene::Scene;

/// The event types of the rows, from above.
const ROWS: &str = "return [...document.querySelectorAll('[data-rows] th')].map(e => e.innerText)";
/// Notes each moment at which rows were added, and how many.
const OBSERVE: &str = "
    window.grown = [];
    new MutationObserver(all => {
        const added = all.flatMap(one => [...one.addedNodes]).filter(one => one.nodeName === 'TR');
        if (added.length) window.grown.push([performance.now(), added.length]);
    }).observe(document.querySelector('[data-rows]'), {childList: true})";

/// A webhook that takes what comes, and its log in a browser.
struct Watched {
    scene: Scene,
    endpoint: String,
    receiver: Receiver,
}

impl Watched {
    async fn start() -> Self {
        let scene = Scene::signed_in();
        let receiver = Receiver::start().await;
        let api = scene.server.api();
        let organization = json!({"id": "northside", "name": "Northside Clinic"});
        api.post("", &organization).await;
        let endpoint = json!({"name": "Billing", "url": receiver.url(), "events": ["*"]});
        let made = api.post("/northside/endpoints", &endpoint).await;
        scene.browser.open("/console/o/northside/log");
        scene.browser.sees("live");
        Self {
            endpoint: made["id"].as_str().unwrap().to_owned(),
            scene,
            receiver,
        }
    }

    fn browser(&self) -> &Browser {
        &self.scene.browser
    }

    async fn publish(&self, event_type: &str) {
        let event = json!({"type": event_type, "subject": "patient/7", "data": {"id": "p-7"}});
        let api = self.scene.server.api();
        api.post("/northside/events", &event).await;
    }

    /// Publishes so many documents in one commit.
    async fn publish_together(&self, number: usize) {
        let event =
            json!({"type": "document.created", "subject": "patient/7", "data": {"id": "d-7"}});
        let batch = json!({"events": vec![event; number]});
        let api = self.scene.server.api();
        api.post("/northside/events/batch", &batch).await;
    }

    /// Tells the page to go away and come back, as a browser does that was on another page.
    fn leave(&self) {
        self.browser()
            .run("dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}))");
    }
    fn come_back(&self) {
        self.browser()
            .run("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_row_takes_the_place_of_the_empty_log_and_changes_where_it_stands() {
    let log = Watched::start().await;
    let browser = log.browser();
    browser.sees("Nothing was delivered yet");
    log.receiver.hold();
    log.publish("patient.created").await;
    browser.sees_row(&["pending", "patient.created", "Billing"]);
    browser.sees("1 delivery");
    assert!(!browser.text().contains("Nothing was delivered yet"));
    browser.run("window.row = document.querySelector('[data-rows] tr')");
    log.receiver.release();
    browser.sees_row(&["delivered", "patient.created", "200"]);
    let same = "return window.row === document.querySelector('[data-rows] tr')";
    assert_eq!(
        browser.run(same),
        true,
        "the row has changed, and is no other one"
    );
    browser.sees("Billing");
    let spoken = browser.run("return document.querySelector('[data-spoken]').textContent");
    assert_eq!(spoken, "New deliveries: 1.");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_new_waits_while_somebody_reads_and_comes_afterwards() {
    let log = Watched::start().await;
    let browser = log.browser();
    log.publish("patient.created").await;
    browser.sees_row(&["delivered", "patient.created"]);
    browser.has_size(1280, 300);
    let reading = [
        ("scrollTo(0, 120)", "scrollTo(0, 0)"),
        (
            "getSelection().selectAllChildren(document.querySelector('[data-rows] th'))",
            "getSelection().empty()",
        ),
        (
            "document.querySelector('[data-rows] a').focus()",
            "document.activeElement.blur()",
        ),
        (
            "document.getElementById('keys').showModal()",
            "document.getElementById('keys').close()",
        ),
    ];
    for (number, (begin, end)) in (1..).zip(reading) {
        browser.run(begin);
        let before = browser.run(ROWS);
        log.publish("document.created").await;
        browser.sees("1 new: show");
        assert_eq!(browser.run(ROWS), before, "{begin}");
        browser.run(end);
        let come = format!("//tbody[count(tr) = {}]", number + 1);
        assert!(browser.shows(&come), "{end}: {}", browser.text());
        assert!(!browser.text().contains("new: show"), "{end}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn some_rows_a_second_come_in_and_a_burst_waits_until_it_is_asked_for() {
    let log = Watched::start().await;
    let browser = log.browser();
    log.publish("patient.created").await;
    browser.sees_row(&["delivered", "patient.created"]);
    browser.run(OBSERVE);
    log.publish_together(12).await;
    assert!(
        browser.shows("//tbody[count(tr) = 13]"),
        "{}",
        browser.text()
    );
    let grown: Vec<(f64, u64)> = serde_json::from_value(browser.run("return grown")).unwrap();
    assert!(grown.iter().all(|(_, rows)| *rows <= 5), "{grown:?}");
    let mut pairs = grown.windows(2);
    assert!(pairs.all(|two| two[1].0 - two[0].0 > 900.0), "{grown:?}");

    log.publish_together(70).await;
    // The page has heard of all of them.
    browser.sees("83 deliveries");
    browser.press("50+ new: show");
    assert!(
        browser.shows("//tbody[count(tr) = 50]"),
        "{}",
        browser.text()
    );
    browser.follow("Older");
    browser.sees_row(&["patient.created"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_was_away_misses_nothing_and_counts_nothing_twice() {
    let log = Watched::start().await;
    let browser = log.browser();
    log.publish("patient.created").await;
    browser.sees_row(&["delivered", "patient.created"]);
    browser.run("document.querySelector('[data-rows] a').focus()");
    for event_type in ["document.created", "document.updated"] {
        log.leave();
        log.publish(event_type).await;
        log.come_back();
    }
    browser.sees("2 new: show");
    browser.run("document.activeElement.blur()");
    assert!(
        browser.shows("//tbody[count(tr) = 3]"),
        "{}",
        browser.text()
    );
    let expected = json!(["document.updated", "document.created", "patient.created"]);
    assert_eq!(browser.run(ROWS), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_leaves_what_is_looked_for_stays_and_says_how_it_ended() {
    let log = Watched::start().await;
    let browser = log.browser();
    log.receiver.hold();
    browser.open("/console/o/northside/log?state=pending");
    browser.sees("live");
    log.publish("patient.created").await;
    browser.sees_row(&["pending", "patient.created"]);
    log.leave();
    log.receiver.release();
    let path = format!(
        "/v1/organizations/northside/deliveries?endpoint_id={}",
        log.endpoint
    );
    loop {
        let (_, list) = log.scene.server.api().get(&path).await;
        let list: Value = serde_json::from_str(&list).unwrap();
        if list["data"][0]["state"] == "delivered" {
            break;
        }
    }
    browser.run("document.querySelector('[data-rows] a').focus()");
    log.come_back();
    browser.sees_row(&["delivered", "patient.created"]);
    browser.sees("0 deliveries");
}
