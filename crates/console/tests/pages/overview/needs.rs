//! Which webhooks the overview names, how long it does, and the charts of what is new.

use std::time::Duration;

use carehook_core::Mode;
use http::StatusCode;

use super::{PAGE, assert_has};
use crate::traffic::{APPOINTMENT, GIVEN_UP, TAKEN, UNAVAILABLE};
use crate::world::World;

#[tokio::test]
async fn a_webhook_that_failed_twice_and_never_arrived_is_named() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    world.webhook("northside", Mode::Live, "Booking Sync").await;
    for (attempts, words) in [
        (
            1,
            "The only attempt of the last hour or two did not arrive.",
        ),
        (1, "None of the last 2 attempts arrived."),
    ] {
        world.attempts(attempts, APPOINTMENT, UNAVAILABLE).await;
        let page = operator.page(PAGE).await;
        assert_has(&page, &["1 webhook needs attention: Booking Sync.", words]);
    }
    let operations = operator.page("/console/operations").await;
    assert_has(
        &operations,
        &["1 failing", "<span class=\"state failed\">failing</span>"],
    );
}

#[tokio::test]
async fn what_failed_for_good_is_named_until_it_was_sent_again() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    world.webhook("northside", Mode::Live, "Booking Sync").await;
    world.attempts(9, APPOINTMENT, TAKEN).await;
    let first = world.delivery(APPOINTMENT, &[UNAVAILABLE, GIVEN_UP]).await;
    let second = world.delivery(APPOINTMENT, &[UNAVAILABLE, GIVEN_UP]).await;
    let named = "2 deliveries failed for good in the last 24 hours.";
    world.clock.advance(Duration::from_mins(50));
    world.attempts(9, APPOINTMENT, TAKEN).await;
    assert_has(&operator.page(PAGE).await, &[named]);
    for (delivery, left) in [(first, "1 delivery failed for good"), (second, "")] {
        let retry = format!("{PAGE}/deliveries/{delivery}/retry");
        let got = operator.post(&retry, &[]).await;
        assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.html);
        world.attempt(delivery, 3, TAKEN).await;
        let page = operator.page(PAGE).await;
        assert_has(&page, &[left]);
        assert!(!page.contains(named), "{page}");
    }
    let page = operator.page(PAGE).await;
    assert_has(&page, &["The webhook receives normally."]);
}

#[tokio::test]
async fn a_chart_of_what_is_new_begins_with_its_last_hour() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let id = world.webhook("northside", Mode::Live, "Booking Sync").await;
    let webhook = format!("{PAGE}/webhooks/{id}");
    for page in [PAGE, &webhook, "/console/operations"] {
        let young = operator.page(page).await;
        assert_has(&young, &["title=\"the last hour\" aria-current=\"true\""]);
        let asked = operator.page(&format!("{page}?range=24h")).await;
        assert_has(
            &asked,
            &["title=\"the last 24 hours\" aria-current=\"true\""],
        );
    }
    for _ in 0..2 {
        world.clock.advance(Duration::from_mins(40));
        operator.page(PAGE).await;
    }
    for page in [PAGE, &webhook, "/console/operations"] {
        let older = operator.page(page).await;
        assert_has(
            &older,
            &["title=\"the last 24 hours\" aria-current=\"true\""],
        );
    }
}
