//! Pages say what is true of what waits: for whom, until when, and whether it had arrived.

use std::time::Duration;

use carehook_app::{Change, EndpointChange};
use carehook_core::{DisabledReason, EndpointId, Mode};
use carehook_store::Notify;

use super::traffic::{APPOINTMENT, GIVEN_UP, TAKEN, UNAVAILABLE};
use super::world::World;

const NORTHSIDE: &str = "/console/o/northside";

async fn pause(world: &World, id: EndpointId) {
    let change = EndpointChange {
        active: Some(false),
        ..EndpointChange::default()
    };
    let access = world.access("northside").await;
    let paused = world.app.change_endpoint(&access, id, change).await;
    paused.unwrap();
}

#[tokio::test]
async fn what_waits_for_a_paused_webhook_is_not_due() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let id = world.webhook("northside", Mode::Live, "Booking Sync").await;
    let fresh = world.delivery(APPOINTMENT, &[]).await;
    world.delivery(APPOINTMENT, &[UNAVAILABLE]).await;
    pause(&world, id).await;
    let log = operator.page(&format!("{NORTHSIDE}/log")).await;
    assert_eq!(log.matches("when the webhook is active again").count(), 2);
    let overview = operator.page(&format!("{NORTHSIDE}/webhooks/{id}")).await;
    assert_eq!(overview.matches("until the webhook is active").count(), 2);
    let page = operator
        .page(&format!("{NORTHSIDE}/deliveries/{fresh}"))
        .await;
    assert!(page.contains("It waits until the webhook is active again."));
    for page in [log, overview, page] {
        assert!(
            !page.contains("due now") && !page.contains("next <time"),
            "{page}"
        );
    }
}

#[tokio::test]
async fn a_webhook_that_is_left_alone_says_until_when_and_what_to_do() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let id = world.webhook("northside", Mode::Live, "Booking Sync").await;
    let waiting = world.delivery(APPOINTMENT, &[]).await;
    let later = world.delivery(APPOINTMENT, &[UNAVAILABLE]).await;
    let until = world.app.now().plus(Duration::from_mins(5));
    world.store.note_endpoint_pause(id, Some(until));
    let left_alone = r#"left alone; the pause ends <time datetime="2026-03-16T10:26:05"#;
    let log = operator.page(&format!("{NORTHSIDE}/log")).await;
    assert_eq!(log.matches(left_alone).count(), 1, "{log}");
    assert!(
        !log.contains("due now") && log.contains("next <time"),
        "the other is due later"
    );
    assert!(
        log.contains(&format!("deliveries/{waiting}/retry")),
        "{log}"
    );
    let overview = operator.page(&format!("{NORTHSIDE}/webhooks/{id}")).await;
    for words in [
        left_alone,
        "Left alone; the pause ends <time",
        "send a test",
        "goes out at once",
    ] {
        assert!(overview.contains(words), "{words}: {overview}");
    }
    let page = operator
        .page(&format!("{NORTHSIDE}/deliveries/{waiting}"))
        .await;
    assert!(
        page.contains("left alone after failures; the pause ends <time"),
        "{page}"
    );
    assert!(page.contains("<q>Retry now</q> goes out at once"), "{page}");
    for page in [&log, &overview, &page] {
        assert!(
            !page.contains("until <time"),
            "no word for a distance: {page}"
        );
    }
    let page = operator
        .page(&format!("{NORTHSIDE}/deliveries/{later}"))
        .await;
    assert!(page.contains("Next attempt <time"), "{page}");
    world.clock.advance(Duration::from_mins(6));
    let log = operator.page(&format!("{NORTHSIDE}/log")).await;
    assert!(
        log.contains("due now") && !log.contains("left alone"),
        "{log}"
    );
}

#[tokio::test]
async fn a_test_that_is_held_up_says_by_what_and_what_to_do() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let id = world.webhook("northside", Mode::Live, "Booking Sync").await;
    let test = format!("{NORTHSIDE}/webhooks/{id}/test");
    let got = operator.post(&test, &[("sample", "")]).await;
    let answer = got.leads_to().to_owned();
    assert!(operator.page(&answer).await.contains("on its way"));
    let until = world.app.now().plus(Duration::from_mins(5));
    world.store.note_endpoint_pause(id, Some(until));
    let page = operator.page(&answer).await;
    assert!(page.contains("A test goes out all the same"), "{page}");
    pause(&world, id).await;
    let page = operator.page(&answer).await;
    assert!(page.contains("The webhook is paused.") && page.contains("Activate it"));
    assert!(
        page.contains("hx-get"),
        "the answer still appears by itself"
    );
    let now = world.app.now();
    let gone = world.store.disable_endpoint(id, DisabledReason::Gone, now);
    gone.await.unwrap();
    assert!(!operator.page(&answer).await.contains("on its way"));
}

#[tokio::test]
async fn what_has_arrived_reads_so_while_it_is_sent_again_and_when_that_fails() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    world.webhook("northside", Mode::Live, "Booking Sync").await;
    let id = world.delivery(APPOINTMENT, &[TAKEN]).await;
    world.clock.advance(Duration::from_mins(20));
    let organization = "northside".parse().unwrap();
    let now = world.app.now();
    let retried = world
        .store
        .retry_delivery(&organization, id, Notify::Never, now);
    retried.await.unwrap();
    let (page, log) = (
        format!("{NORTHSIDE}/deliveries/{id}"),
        format!("{NORTHSIDE}/log"),
    );
    let again = r#"<span class="state delivered">delivered, being sent again</span>"#;
    for path in [&log, &format!("{log}?state=delivered"), &page] {
        let html = operator.page(path).await;
        assert!(
            html.contains(again) && !html.contains("retrying"),
            "{path}: {html}"
        );
    }
    let html = operator.page(&page).await;
    let arrived = r#"it arrived <time datetime="2026-03-16T10:21:05.210Z""#;
    assert!(html.contains(arrived), "{html}");
    world.attempt(id, 2, GIVEN_UP).await;
    for path in [&log, &format!("{log}?state=delivered"), &page] {
        let html = operator.page(path).await;
        assert!(html.contains("delivered, not sent again"), "{path}: {html}");
    }
    let html = operator.page(&page).await;
    assert!(
        html.contains(arrived) && html.contains("Sending it again failed."),
        "{html}"
    );
}

#[tokio::test]
async fn one_that_is_due_says_how_many_go_before_it() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    world.webhook("northside", Mode::Live, "Booking Sync").await;
    let first = world.delivery(APPOINTMENT, &[]).await;
    world.delivery(APPOINTMENT, &[]).await;
    world.clock.advance(Duration::from_secs(1));
    let last = world.delivery(APPOINTMENT, &[]).await;
    let page = operator
        .page(&format!("{NORTHSIDE}/deliveries/{last}"))
        .await;
    assert!(
        page.contains("due now; 2 to this webhook go before it."),
        "{page}"
    );
    let page = operator
        .page(&format!("{NORTHSIDE}/deliveries/{first}"))
        .await;
    assert!(page.contains("The next one is due now."), "{page}");
}

#[tokio::test]
async fn attempts_are_counted_against_the_schedule_of_the_round() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let endpoint = world.webhook("northside", Mode::Live, "Booking Sync").await;
    let change = EndpointChange {
        retry_schedule: Change::Set(vec![5, 300, 900]),
        ..EndpointChange::default()
    };
    let access = world.access("northside").await;
    let changed = world.app.change_endpoint(&access, endpoint, change).await;
    changed.unwrap();
    let id = world
        .delivery(APPOINTMENT, &[UNAVAILABLE, UNAVAILABLE])
        .await;
    let log = format!("{NORTHSIDE}/log");
    let html = operator.page(&log).await;
    assert!(html.contains("503 · 210 ms · attempt 2 of 4"), "{html}");
    let organization = "northside".parse().unwrap();
    let now = world.app.now();
    let retried = world
        .store
        .retry_delivery(&organization, id, Notify::Never, now);
    retried.await.unwrap();
    world.attempt(id, 3, UNAVAILABLE).await;
    let html = operator.page(&log).await;
    assert!(
        html.contains("attempt 3, 1 of 4 since it was sent again"),
        "{html}"
    );
    for number in 4..=7 {
        world.attempt(id, number, UNAVAILABLE).await;
    }
    let html = operator.page(&log).await;
    assert!(
        html.contains("210 ms · attempt 7<"),
        "more than the schedule has now: {html}"
    );
}

/// What a table of what is ahead says: how many deliveries, by when they go.
fn ahead(html: &str) -> Vec<(&str, &str)> {
    let rows = html.split("<tr><th scope=\"row\" class=\"tight\">").skip(1);
    rows.map(|row| {
        let (when, rest) = row.split_once("</th><td class=\"number tight\">").unwrap();
        (when, rest.split_once('<').unwrap().0)
    })
    .collect()
}

#[tokio::test]
async fn what_is_ahead_is_told_by_when_it_really_goes() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let id = world.webhook("northside", Mode::Live, "Booking Sync").await;
    world.delivery(APPOINTMENT, &[]).await;
    world.delivery(APPOINTMENT, &[UNAVAILABLE]).await;
    let pages = [NORTHSIDE, "/console/operations"];
    let due = [
        ("due now", "1"),
        ("within the next minute", "0"),
        ("within the next hour", "1"),
        ("later", "0"),
    ];
    for page in pages {
        assert_eq!(ahead(&operator.page(page).await), due, "{page}");
    }
    let until = world.app.now().plus(Duration::from_mins(5));
    world.store.note_endpoint_pause(id, Some(until));
    let left_alone = [
        ("due now", "0"),
        ("within the next minute", "0"),
        ("within the next hour", "2"),
        ("later", "0"),
    ];
    for page in pages {
        assert_eq!(ahead(&operator.page(page).await), left_alone, "{page}");
    }
    pause(&world, id).await;
    let paused = [
        ("due now", "0"),
        ("within the next minute", "0"),
        ("within the next hour", "0"),
        ("later", "0"),
        ("when the webhook is active again", "2"),
    ];
    for page in pages {
        let html = operator.page(page).await;
        assert_eq!(ahead(&html), paused, "{page}");
        assert!(html.contains("2 waiting"), "{html}");
    }
}

#[tokio::test]
async fn nothing_that_waits_does_not_say_that_all_was_sent() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    world.webhook("northside", Mode::Live, "Booking Sync").await;
    world.delivery(APPOINTMENT, &[GIVEN_UP]).await;
    for page in [NORTHSIDE, "/console/operations"] {
        let html = operator.page(page).await;
        assert!(html.contains("Nothing is waiting."), "{html}");
        for untrue in ["everything has been sent", "nothing is owed"] {
            assert!(!html.contains(untrue), "{untrue}: {html}");
        }
    }
}
