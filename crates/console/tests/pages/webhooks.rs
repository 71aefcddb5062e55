//! Webhooks: the list with their health, and what is done to one.

mod making;
mod replays;
mod secrets;
mod settings;
mod test_events;

use std::time::Duration;

use carehook_core::{EndpointId, Mode, Scope};
use http::StatusCode;

use super::traffic::{APPOINTMENT, GIVEN_UP, HOSTILE, Happening, TAKEN, UNAVAILABLE};
use super::world::{Browser, PASSWORD, World};

const WEBHOOKS: &str = "/console/o/northside/webhooks";
/// A receiver that nothing is sent to.
const URL: &str = "https://93.184.216.34/hooks";

/// Makes a webhook that wants everything, through the form; its id.
async fn made(operator: &mut Browser<'_>, name: &str) -> EndpointId {
    let form = [
        ("url", URL),
        ("name", name),
        ("which", "all"),
        ("active", "true"),
    ];
    let got = operator.post(WEBHOOKS, &form).await;
    assert_eq!(got.status, StatusCode::OK, "{}", got.html);
    id_in(&got.html)
}

fn id_in(html: &str) -> EndpointId {
    let mut addresses = html.split("/webhooks/").skip(1);
    let id = addresses.find_map(|rest| rest.split(['/', '"', '?']).next()?.parse().ok());
    id.expect("the page leads to the webhook")
}

fn page_of(id: EndpointId, tab: &str) -> String {
    format!("{WEBHOOKS}/{id}{tab}")
}

/// Somebody who came through a link with these rights besides `read`.
async fn portal_person<'a>(world: &'a World, rights: &[Scope]) -> Browser<'a> {
    let mut person = world.stranger();
    person
        .get(&world.portal_link("northside", rights).await)
        .await;
    person
}

#[tokio::test]
async fn the_list_says_how_each_webhook_is() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let id = made(&mut operator, "Booking Sync").await;
    world.delivery(APPOINTMENT, &[TAKEN]).await;
    world.delivery(APPOINTMENT, &[TAKEN]).await;
    world.delivery(APPOINTMENT, &[GIVEN_UP]).await;
    world.delivery(APPOINTMENT, &[]).await;
    let list = operator.page(WEBHOOKS).await;
    for expected in [
        "Booking Sync",
        URL,
        "66.6 %",
        "of 3 attempts",
        "2 delivered, 1 failed",
        "failed for good",
        r#"<span class="state active">active</span>"#,
        r#"<td class="number">1<span"#,
    ] {
        assert!(list.contains(expected), "{expected}: {list}");
    }
    let overview = operator.page(&page_of(id, "")).await;
    for expected in ["66.6 %", "the oldest is from", "appointment.created", URL] {
        assert!(overview.contains(expected), "{expected}: {overview}");
    }
    assert!(overview.contains(&format!("/console/o/northside/log?endpoint={id}")));
}

#[tokio::test]
async fn without_any_the_form_is_there_with_a_command_of_the_readers_own() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let page = operator.page(&format!("{WEBHOOKS}?mode=test")).await;
    assert!(page.contains("No webhook yet"), "{page}");
    assert!(
        page.contains(r#"<form method="post" action="/console/o/northside/webhooks?mode=test">"#)
    );
    assert!(
        page.contains("/v1/organizations/northside/endpoints"),
        "{page}"
    );
    assert!(page.contains("&#34;mode&#34;: &#34;test&#34;"), "{page}");

    let mut reader = portal_person(&world, &[]).await;
    let page = reader.page(WEBHOOKS).await;
    assert!(page.contains("Ask somebody who may"), "{page}");
    assert!(!page.contains("<form method=\"post\" action=\"/console/o/northside/webhooks"));
}

#[tokio::test]
async fn what_people_write_is_shown_as_text() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let id = made(&mut operator, HOSTILE).await;
    for tab in ["", "/settings", "/secret", "/test", "/replay"] {
        let page = operator.page(&page_of(id, tab)).await;
        assert!(!page.contains("<img src=x"), "{tab}: {page}");
        assert!(page.contains("&#60;img src=x"), "{tab}: {page}");
    }
    let list = operator.page(WEBHOOKS).await;
    assert!(
        !list.contains("<img src=x") && list.contains("🏥"),
        "{list}"
    );

    let long = format!("{URL}/{}", "x".repeat(1_900));
    let form = [("url", &*long), ("which", "all"), ("active", "true")];
    let got = operator.post(WEBHOOKS, &form).await;
    assert_eq!(got.status, StatusCode::OK, "{}", got.html);
    let list = operator.page(WEBHOOKS).await;
    assert!(!list.contains(&long) && list.contains("xxx…"), "{list}");
}

#[tokio::test]
async fn who_may_only_look_sees_no_controls_and_is_refused() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let id = made(&mut operator, "Booking Sync").await;
    let mut reader = portal_person(&world, &[]).await;
    let list = reader.page(WEBHOOKS).await;
    assert!(
        list.contains("Booking Sync") && !list.contains("New webhook"),
        "{list}"
    );
    for tab in ["", "/replay"] {
        let page = reader.page(&page_of(id, tab)).await;
        for control in ["/settings", "/secret", "/test", "/active", "<button name"] {
            assert!(
                !page.contains(&format!("{id}{control}")),
                "{tab} {control}: {page}"
            );
        }
        assert!(
            !page.contains("Pause") && !page.contains("Start at once"),
            "{page}"
        );
    }
    for tab in ["/settings", "/secret", "/test"] {
        let got = reader.get(&page_of(id, tab)).await;
        assert_eq!(got.status, StatusCode::FORBIDDEN, "{tab}");
    }
    assert_eq!(
        reader.get(&format!("{WEBHOOKS}/new")).await.status,
        StatusCode::FORBIDDEN
    );
    let form = [("url", URL), ("which", "all"), ("name", "Booking Sync")];
    assert_eq!(
        reader.post(WEBHOOKS, &form).await.status,
        StatusCode::FORBIDDEN
    );
    for (tab, form) in [
        ("/settings", ("url", URL)),
        ("/active", ("active", "false")),
        ("/challenge", ("x", "")),
        ("/delete", ("name", "Booking Sync")),
        ("/secret/show", ("x", "")),
        ("/secret/rotate", ("own", "")),
        ("/test", ("sample", "")),
        ("/replay", ("state", "all")),
    ] {
        let got = reader.post(&page_of(id, tab), &[form]).await;
        assert_eq!(got.status, StatusCode::FORBIDDEN, "{tab}: {}", got.html);
        assert!(!got.html.contains("whsec_"), "{tab}");
    }
    let list = operator.page(WEBHOOKS).await;
    assert!(
        list.contains(r#"<span class="state active">active</span>"#),
        "{list}"
    );
}

#[tokio::test]
async fn a_webhook_is_there_in_its_own_mode_and_organization_only() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let live = made(&mut operator, "Live one").await;
    let test = world.webhook("northside", Mode::Test, "Test one").await;
    let other = [("id", "southside"), ("name", "Southside")];
    operator.post("/console/organizations", &other).await;

    let list = operator.page(&format!("{WEBHOOKS}?mode=test")).await;
    assert!(
        list.contains("Test one") && !list.contains("Live one"),
        "{list}"
    );
    assert!(
        list.contains(&format!("/webhooks/{test}?mode=test")),
        "{list}"
    );
    for tab in ["", "/settings", "/secret", "/test", "/replay"] {
        for elsewhere in [
            page_of(test, tab),
            format!("{}?mode=test", page_of(live, tab)),
            format!("/console/o/southside/webhooks/{live}{tab}"),
            format!("{WEBHOOKS}/nothing{tab}"),
        ] {
            let got = operator.get(&elsewhere).await;
            assert_eq!(got.status, StatusCode::NOT_FOUND, "{elsewhere}");
        }
    }
    let got = operator
        .post(&page_of(test, "/active"), &[("active", "false")])
        .await;
    assert_eq!(got.status, StatusCode::NOT_FOUND);
    let made_in_test = [("url", URL), ("which", "all"), ("name", "Made in test")];
    let got = operator
        .post(&format!("{WEBHOOKS}?mode=test"), &made_in_test)
        .await;
    assert_eq!(got.status, StatusCode::OK, "{}", got.html);
    assert!(!operator.page(WEBHOOKS).await.contains("Made in test"));
}

#[tokio::test]
async fn yesterday_is_not_part_of_the_last_24_hours() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    made(&mut operator, "Booking Sync").await;
    let event = Happening {
        event_type: "patient.created",
        ..APPOINTMENT
    };
    world.delivery(event, &[TAKEN]).await;
    world.clock.advance(Duration::from_hours(26));
    let password = [("password", PASSWORD), ("next", WEBHOOKS)];
    operator.post("/console/sign-in", &password).await;
    let list = operator.page(WEBHOOKS).await;
    assert!(list.contains("no attempts") && list.contains("No attempts in the last 24 hours"));
    assert!(
        list.contains(r#"<span class="state delivered">delivered</span>"#),
        "{list}"
    );
}

#[tokio::test]
async fn the_query_of_a_url_is_for_who_may_manage() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let url = "https://93.184.216.34/hooks?token=s3cret-of-receiver";
    let form = [("url", url), ("which", "all"), ("active", "true")];
    operator.post(WEBHOOKS, &form).await;
    let access = world.access("northside").await;
    let id = world.app.endpoints(&access).unwrap()[0].id;
    let delivery = world.happens(APPOINTMENT).await.1[0];
    let mut reader = portal_person(&world, &[]).await;
    for page in [
        String::new(),
        "/webhooks".to_owned(),
        format!("/webhooks/{id}"),
        "/log".to_owned(),
        format!("/deliveries/{delivery}"),
        "/event-types/appointment.created".to_owned(),
        "/verify".to_owned(),
        "/find?q=s3cret-of-receiver".to_owned(),
    ] {
        let page = format!("/console/o/northside{page}");
        let shown = reader.get(&page).await.html;
        let query = shown.replace("q=s3cret-of-receiver", "");
        assert!(!query.contains("token=s3cret"), "{page}: {shown}");
    }
    let seen = reader.page(&page_of(id, "")).await;
    assert!(seen.contains("hooks?token=********"), "{seen}");
    assert!(operator.page(&page_of(id, "")).await.contains(url));
}

#[tokio::test]
async fn a_last_attempt_is_not_said_to_be_retried_when_nothing_follows() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let id = made(&mut operator, "Booking Sync").await;
    let failed = world.delivery(APPOINTMENT, &[UNAVAILABLE]).await;
    let pages = [WEBHOOKS.to_owned(), page_of(id, "")];
    let state = |class: &str, words: &str| format!("<span class=\"state {class}\">{words}</span>");
    for page in &pages {
        let html = operator.page(page).await;
        let planned = state("pending", "failed, not for good");
        assert!(html.contains(&planned), "{page}: {html}");
    }
    let cancel = format!("/console/o/northside/deliveries/{failed}/cancel");
    operator.post(&cancel, &[]).await;
    for page in &pages {
        let html = operator.page(page).await;
        let ended = state("failed", "failed, not retried any more");
        assert!(html.contains(&ended), "{page}: {html}");
    }
}
