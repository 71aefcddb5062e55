//! An organization at a glance: the sentence, the numbers, the charts, and what to do.

mod needs;

use std::time::Duration;

use carehook_app::EndpointChange;
use carehook_core::{EndpointId, Mode, Scope};
use http::StatusCode;

use super::traffic::{APPOINTMENT, Ended, GIVEN_UP, HOSTILE, Happening, TAKEN, UNAVAILABLE};
use super::world::World;

const PAGE: &str = "/console/o/northside";

impl World {
    /// Events, each with one attempt for each of its deliveries.
    async fn attempts(&self, number: usize, what: Happening<'_>, ended: Ended<'_>) {
        for _ in 0..number {
            let (_, deliveries) = self.happens(what).await;
            for delivery in deliveries {
                self.attempt(delivery, 1, ended).await;
            }
        }
    }

    async fn pause(&self, endpoint: EndpointId) {
        let access = self.access("northside").await;
        let change = EndpointChange {
            active: Some(false),
            ..EndpointChange::default()
        };
        let changed = self.app.change_endpoint(&access, endpoint, change).await;
        assert!(!changed.unwrap().active);
    }
}

fn assert_has(html: &str, parts: &[&str]) {
    for part in parts {
        assert!(html.contains(part), "`{part}` is missing in {html}");
    }
}

#[tokio::test]
async fn without_webhooks_it_says_what_to_do_first() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let live = operator.page(PAGE).await;
    let url = format!(
        "{}/v1/organizations/northside/events",
        world.app.public_url()
    );
    assert_has(
        &live,
        &[
            "There is no webhook yet.",
            "Make a webhook",
            "href=\"/console/o/northside/webhooks\"",
            "Make an API key",
            url.as_str(),
        ],
    );
    assert!(!live.contains("<svg class=\"chart\""), "{live}");
    let test = operator.page(&format!("{PAGE}?mode=test")).await;
    assert_has(&test, &["&#34;mode&#34;: &#34;test&#34;"]);
    assert_has(&test, &["href=\"/console/o/northside/webhooks?mode=test\""]);
}

#[tokio::test]
async fn a_webhook_that_got_nothing_yet_is_ready_and_the_page_shows_how_to_publish() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    world.webhook("northside", Mode::Live, "Booking Sync").await;
    let page = operator.page(PAGE).await;
    assert_has(
        &page,
        &[
            "1 webhook is ready",
            "Nothing was sent yet",
            "appointment.created",
            "Nothing was sent in the last hour.",
            "Nothing is waiting",
        ],
    );
}

#[tokio::test]
async fn what_was_delivered_is_counted_drawn_and_told() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    world.webhook("northside", Mode::Live, "Booking Sync").await;
    world.attempts(3, APPOINTMENT, TAKEN).await;
    let page = operator.page(PAGE).await;
    assert_has(
        &page,
        &[
            "The webhook receives normally.",
            "<div class=\"figure\">3</div><div class=\"muted\">in 3 attempts</div>",
            "<div class=\"figure\">100 %</div>",
            "3 delivered, 0 failed and retried, 0 failed for good",
            "Attempts per minute",
            "The same as a table",
            "datetime=\"2026-03-16T10:21:00.000Z\"",
            "class=\"line p95\"",
        ],
    );
    assert!(!page.contains("Needs attention"), "{page}");
    assert!(!page.contains("Publish an event"), "{page}");
}

#[tokio::test]
async fn a_failing_webhook_is_named_with_the_next_step() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let id = world.webhook("northside", Mode::Live, "Booking Sync").await;
    world.attempts(3, APPOINTMENT, UNAVAILABLE).await;
    let page = operator.page(PAGE).await;
    assert_has(
        &page,
        &[
            "1 webhook needs attention: Booking Sync.",
            "None of the last 3 attempts arrived.",
            "Read why the newest one failed",
            &format!("/console/o/northside/webhooks/{id}"),
            "3 waiting, the oldest from",
            "within the next hour",
        ],
    );
    // A day later it is still owed, but that says nothing about now.
    world.clock.advance(Duration::from_hours(25));
    let mut operator = world.stranger();
    let form = [("password", super::world::PASSWORD), ("next", PAGE)];
    operator.post("/console/sign-in", &form).await;
    let page = operator.page(PAGE).await;
    assert!(!page.contains("None of the last"), "{page}");
}

#[tokio::test]
async fn what_failed_for_good_is_sent_again_by_those_who_may() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let id = world.webhook("northside", Mode::Live, "Booking Sync").await;
    world.attempts(1, APPOINTMENT, GIVEN_UP).await;
    world.attempts(2, APPOINTMENT, TAKEN).await;
    let page = operator.page(PAGE).await;
    let replay = format!("/console/o/northside/webhooks/{id}/replay");
    assert_has(
        &page,
        &["1 delivery failed for good in the last 24 hours.", &replay],
    );

    let mut person = world.stranger();
    person.get(&world.portal_link("northside", &[]).await).await;
    let page = person.page(PAGE).await;
    assert!(!page.contains(&replay), "{page}");
    assert_has(&page, &["See what failed"]);
}

#[tokio::test]
async fn a_paused_webhook_matters_when_something_waits_for_it() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let id = world.webhook("northside", Mode::Live, "Booking Sync").await;
    world.pause(id).await;
    let page = operator.page(PAGE).await;
    assert_has(&page, &["The only webhook is paused"]);
    world.happens(APPOINTMENT).await;
    let page = operator.page(PAGE).await;
    assert_has(
        &page,
        &[
            "1 webhook needs attention",
            "1 waiting until it is activated",
        ],
    );
}

#[tokio::test]
async fn the_modes_are_apart() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    world.webhook("northside", Mode::Live, "Live Sync").await;
    world.webhook("northside", Mode::Test, "Trial Sync").await;
    world.attempts(3, APPOINTMENT, UNAVAILABLE).await;
    let live = operator.page(PAGE).await;
    assert_has(&live, &["needs attention: Live Sync."]);
    let test = operator.page(&format!("{PAGE}?mode=test")).await;
    assert_has(&test, &["1 webhook is ready", "?range=7d&#38;mode=test"]);
    assert!(!test.contains("Live Sync"), "{test}");
    assert_has(&test, &["Nothing is waiting"]);
}

#[tokio::test]
async fn the_address_names_the_range() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    world.webhook("northside", Mode::Live, "Booking Sync").await;
    world.attempts(1, APPOINTMENT, TAKEN).await;
    for (range, words) in [
        ("1h", "Attempts per minute"),
        ("24h", "Attempts per 5 minutes"),
        ("7d", "Attempts per hour"),
        ("30d", "Attempts per day (UTC)"),
        ("%3Cimg%3E", "Attempts per minute"),
    ] {
        let page = operator.page(&format!("{PAGE}?range={range}")).await;
        assert_has(&page, &[words]);
        assert!(!page.contains("<img"), "{page}");
    }
}

#[tokio::test]
async fn names_of_strangers_stay_text() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let long = format!("{HOSTILE}{}", "x".repeat(100));
    world.webhook("northside", Mode::Live, &long).await;
    world.attempts(3, APPOINTMENT, UNAVAILABLE).await;
    let page = operator.page(PAGE).await;
    assert!(!page.contains("<img"), "{page}");
    assert_has(&page, &["needs attention: &#60;img", "x…"]);
}

#[tokio::test]
async fn a_portal_person_sees_one_organization_and_no_commands_that_need_a_key() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let south = [("id", "southside"), ("name", "Southside")];
    operator.post("/console/organizations", &south).await;
    let mut person = world.stranger();
    let link = world.portal_link("northside", &[Scope::Manage]).await;
    person.get(&link).await;
    let page = person.page(PAGE).await;
    assert_has(&page, &["Make a webhook"]);
    assert!(!page.contains("CAREHOOK_KEY"), "{page}");
    assert!(!page.contains("/console/operations"), "{page}");
    let got = person.get("/console/o/southside").await;
    assert!(got.status.is_client_error(), "{}", got.status);
    assert_eq!(
        person.get("/console/operations").await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn the_menu_of_a_phone_names_the_entry_that_the_page_belongs_to() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let of_northside = [
        "",
        "/log",
        "/webhooks",
        "/webhooks/new",
        "/api-keys",
        "/event-types",
        "/audit",
        "/erasures",
    ]
    .map(|page| format!("/console/o/northside{page}"));
    let of_the_operator = ["organizations", "operations", "operator-keys", "sessions"]
        .map(|page| format!("/console/{page}"));
    for path in of_northside.iter().chain(&of_the_operator) {
        let page = operator.page(path).await;
        let summary = page.split("<summary>Menu").nth(1).unwrap();
        let named = summary.split("<span class=\"muted\">").nth(1).unwrap();
        let named = named.split('<').next().unwrap();
        let current = page.split("aria-current=\"page\">").nth(1).unwrap();
        assert_eq!(current.split('<').next(), Some(named), "{path}");
    }
}

#[tokio::test]
async fn shortcuts_are_not_called_as_keys_for_the_api_are() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let page = operator.page(PAGE).await;
    assert_has(
        &page,
        &[
            ">Shortcuts</button>",
            "<h2 id=\"keys-title\">Shortcuts</h2>",
        ],
    );
    assert!(!page.contains(">Keys<"), "{page}");
}
