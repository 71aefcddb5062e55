//! The delivery log: its filters, its pages and its files.

use std::time::Duration;

use carehook_core::{DeliveryId, Mode};
use http::{StatusCode, header};

use super::traffic::{APPOINTMENT, GIVEN_UP, HOSTILE, Happening, TAKEN, UNAVAILABLE};
use super::world::World;

const LOG: &str = "/console/o/northside/log";

fn has_row(html: &str, id: DeliveryId) -> bool {
    html.contains(&format!("data-delivery=\"{id}\""))
}

#[tokio::test]
async fn an_empty_log_says_what_to_do_next() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let page = operator.page(LOG).await;
    assert!(page.contains("Nothing was delivered yet"), "{page}");
    assert!(page.contains("/console/o/northside/webhooks/new"), "{page}");

    world.webhook("northside", Mode::Live, "Booking Sync").await;
    let page = operator.page(LOG).await;
    assert!(
        page.contains("127.0.0.1:8080/v1/organizations/northside/events")
            && page.contains("Bearer $CAREHOOK_KEY")
            && page.contains("&#34;subject&#34;: &#34;patient/7&#34;"),
        "{page}"
    );
    let page = operator.page(&format!("{LOG}?state=failed")).await;
    assert!(page.contains("No delivery matches"), "{page}");
    assert!(page.contains(">0 deliveries<"), "{page}");
}

#[tokio::test]
async fn each_filter_shows_what_it_names_and_says_how_many_match() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let webhook = world.webhook("northside", Mode::Live, "Booking Sync").await;
    let about = Happening {
        subject: Some("patient/17"),
        ..APPOINTMENT
    };
    let taken = world.delivery(about, &[TAKEN]).await;
    for _ in 0..2 {
        // Whoever does nothing for an hour is signed out.
        world.clock.advance(Duration::from_mins(55));
        operator.page(LOG).await;
    }
    let failed = world.delivery(APPOINTMENT, &[UNAVAILABLE, GIVEN_UP]).await;
    let other = Happening {
        event_type: "patient.updated",
        ..APPOINTMENT
    };
    let retried = world.delivery(other, &[UNAVAILABLE]).await;
    let (event, waiting) = world.happens(other).await;
    let all = [taken, failed, retried, waiting[0]];
    for (query, expected) in [
        (String::new(), vec![taken, failed, retried, waiting[0]]),
        (format!("endpoint={webhook}"), all.to_vec()),
        ("type=patient.updated".to_owned(), vec![retried, waiting[0]]),
        ("state=failed".to_owned(), vec![failed]),
        ("state=pending".to_owned(), vec![retried, waiting[0]]),
        ("status=2xx".to_owned(), vec![taken]),
        ("status=5xx".to_owned(), vec![retried]),
        ("status=none".to_owned(), vec![failed]),
        ("range=1h".to_owned(), vec![failed, retried, waiting[0]]),
        ("until=2026-03-16T11:00".to_owned(), vec![taken]),
        (
            "since=2026-03-16T11:00&state=failed".to_owned(),
            vec![failed],
        ),
        ("q=patient/17".to_owned(), vec![taken]),
        (format!("q={event}"), vec![waiting[0]]),
        (format!("q={failed}"), vec![failed]),
    ] {
        let page = operator.page(&format!("{LOG}?{query}")).await;
        for id in all {
            assert_eq!(
                has_row(&page, id),
                expected.contains(&id),
                "{query} {id}: {page}"
            );
        }
        let count = match expected.len() {
            1 => ">1 delivery<".to_owned(),
            more => format!(">{more} deliveries<"),
        };
        assert!(page.contains(&count), "{query}: {page}");
    }
    let page = operator.page(LOG).await;
    for words in [
        "no answer · 210 ms · attempt 2",
        "retrying",
        "waiting",
        "Booking Sync",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
}

#[tokio::test]
async fn a_filter_that_cannot_be_read_is_named_and_nothing_is_shown() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    world.webhook("northside", Mode::Live, "Booking Sync").await;
    let id = world.delivery(APPOINTMENT, &[TAKEN]).await;
    let page = operator
        .page(&format!("{LOG}?state=lost&since=%3Cb%3E"))
        .await;
    assert!(page.contains("The state cannot be read: lost"), "{page}");
    assert!(!page.contains("<b>") && !has_row(&page, id), "{page}");
    let got = operator.get(&format!("{LOG}?cursor=made-up")).await;
    assert_eq!(got.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn older_pages_go_on_where_the_page_before_ended() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    world.webhook("northside", Mode::Live, "Booking Sync").await;
    let mut ids = Vec::new();
    for _ in 0..60 {
        ids.push(world.happens(APPOINTMENT).await.1[0]);
    }
    let first = operator.page(&format!("{LOG}?state=pending")).await;
    assert!(first.contains(">60 deliveries<"), "{first}");
    let older = first.split("rel=\"next\"").next().unwrap();
    let older = older.rsplit("href=\"").next().unwrap();
    let older = older.split('"').next().unwrap().replace("&#38;", "&");
    assert!(older.contains("state=pending&cursor="), "{older}");
    let second = operator.page(&older).await;
    for id in ids {
        assert!(has_row(&first, id) != has_row(&second, id), "{id}");
    }
    assert!(
        !second.contains("data-live=") && second.contains("rel=\"first\""),
        "{second}"
    );
}

#[tokio::test]
async fn strangers_text_stays_text() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    world
        .webhook("northside", Mode::Live, &HOSTILE[..60.min(HOSTILE.len())])
        .await;
    world.delivery(APPOINTMENT, &[UNAVAILABLE]).await;
    let hostile: String = url::form_urlencoded::byte_serialize(HOSTILE.as_bytes()).collect();
    let long = "x".repeat(10_000);
    for query in [String::new(), format!("q={hostile}"), format!("q={long}")] {
        let page = operator.page(&format!("{LOG}?{query}")).await;
        assert!(!page.contains("<img"), "{page}");
    }
}

#[tokio::test]
async fn organizations_and_modes_see_their_own_deliveries() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let form = [("id", "southside"), ("name", "Southside")];
    operator.post("/console/organizations", &form).await;
    world.webhook("northside", Mode::Live, "Booking Sync").await;
    world.webhook("northside", Mode::Test, "Trial").await;
    let live = world.delivery(APPOINTMENT, &[TAKEN]).await;
    let test = Happening {
        mode: Mode::Test,
        ..APPOINTMENT
    };
    let test = world.happens(test).await.1[0];
    for (path, sees_live, sees_test) in [
        (LOG.to_owned(), true, false),
        (format!("{LOG}?mode=test"), false, true),
        ("/console/o/southside/log".to_owned(), false, false),
        (format!("/console/o/southside/log?q={live}"), false, false),
    ] {
        let page = operator.page(&path).await;
        assert_eq!(has_row(&page, live), sees_live, "{path}");
        assert_eq!(has_row(&page, test), sees_test, "{path}");
    }
    let mut person = world.stranger();
    person.get(&world.portal_link("southside", &[]).await).await;
    for page in [
        "log",
        "log/export?format=csv",
        "log/live?from=0",
        "find?q=a",
    ] {
        let got = person.get(&format!("/console/o/northside/{page}")).await;
        assert!(got.status.is_client_error(), "{page}: {}", got.status);
    }
}

#[tokio::test]
async fn a_file_of_what_is_not_there_is_refused_in_words() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let of = "endpoint=ep_01a1ffc1bd5f7000800000000048dd9e145";
    let got = operator.get(&format!("{LOG}/export?format=csv&{of}")).await;
    assert!(got.status.is_client_error(), "{}: {}", got.status, got.html);
    assert!(got.html.contains("<h1"), "{}", got.html);
}

#[tokio::test]
async fn a_file_has_what_the_filter_names_and_no_payload() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    world.webhook("northside", Mode::Live, "=cmd()").await;
    for _ in 0..120 {
        world.happens(APPOINTMENT).await;
    }
    let failed = world.delivery(APPOINTMENT, &[UNAVAILABLE, GIVEN_UP]).await;
    let csv = operator.get(&format!("{LOG}/export?format=csv")).await;
    assert_eq!(csv.html.lines().count(), 122, "{}", csv.html);
    assert!(
        csv.html.starts_with("delivery_id,created_at,state,"),
        "{}",
        csv.html
    );
    assert!(csv.html.contains(",'=cmd(),"), "{}", csv.html);
    assert!(
        csv.html
            .contains("2026-03-16T10:21:05.000Z,pending,,appointment"),
        "{}",
        csv.html
    );
    assert_eq!(
        csv.headers[header::CONTENT_DISPOSITION],
        "attachment; filename=\"deliveries-northside.csv\""
    );
    let lines = operator
        .get(&format!("{LOG}/export?format=ndjson&state=failed"))
        .await;
    let one: serde_json::Value = serde_json::from_str(&lines.html).unwrap();
    assert_eq!(one["delivery_id"], failed.to_string());
    assert_eq!(
        (&one["state"], &one["reason"]),
        (&"failed".into(), &"exhausted".into())
    );
    assert_eq!(one["last_error"], "the receiver refused the connection");
    for file in [csv, lines] {
        assert!(!file.html.contains("payload-of-the-test"), "{}", file.html);
        assert!(!file.html.contains("Service Unavailable"), "{}", file.html);
    }
}
