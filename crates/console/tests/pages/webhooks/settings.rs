//! Changing a webhook, pausing it, bringing it back, and deleting it.

use carehook_core::{DisabledReason, EndpointId, Reason};
use http::StatusCode;

use super::replays::work_off;
use super::{URL, WEBHOOKS, made, page_of, portal_person};
use crate::traffic::{APPOINTMENT, GIVEN_UP};
use crate::world::{OPERATOR_KEY, START, World};

async fn endpoint(world: &World, id: EndpointId) -> std::sync::Arc<carehook_core::Endpoint> {
    let access = world.access("northside").await;
    world.app.endpoint(&access, id).unwrap()
}

#[tokio::test]
async fn settings_are_changed_and_values_of_headers_kept_or_removed() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let id = made(&mut operator, "Booking Sync").await;
    let settings = page_of(id, "/settings");
    let with_headers = [
        ("url", URL),
        ("name", "Booking"),
        ("which", "some"),
        ("event", "patient.created"),
        ("payload", "thin"),
        ("header_name", "x-kept"),
        ("header_value", "value-one"),
        ("header_name", "x-changed"),
        ("header_value", "value-two"),
        ("header_name", "x-removed"),
        ("header_value", "value-three"),
        ("authentication", "basic"),
        ("username", "ada"),
        ("password", "lovelace"),
    ];
    let got = operator.post(&settings, &with_headers).await;
    assert_eq!(got.leads_to(), settings, "{}", got.html);
    let page = operator.page(&settings).await;
    for expected in [
        "Saved.",
        r#"value="x-kept""#,
        "user name and password",
        "1 chosen",
    ] {
        assert!(page.contains(expected), "{expected}: {page}");
    }
    for secret in ["value-one", "value-two", "value-three", "lovelace"] {
        assert!(!page.contains(secret), "{secret}: {page}");
    }
    let then = [
        ("url", URL),
        ("which", "some"),
        ("event", "patient.created"),
        ("payload", "thin"),
        ("header_name", "x-kept"),
        ("header_value", ""),
        ("header_name", "x-changed"),
        ("header_value", "2"),
        ("header_name", "x-removed"),
        ("header_value", ""),
        ("header_removed", "x-removed"),
        ("authentication", "keep"),
        ("tls", "keep"),
    ];
    let got = operator.post(&settings, &then).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.html);
    let now = endpoint(&world, id).await;
    assert_eq!(now.name, None);
    let headers = now.headers.iter();
    let headers: Vec<_> = headers
        .map(|h| (h.name.as_str(), h.value.expose()))
        .collect();
    assert_eq!(headers, [("x-changed", "2"), ("x-kept", "value-one")]);
    assert!(now.authentication.is_some());
    assert_eq!(now.subscription_names(), ["patient.created"]);
}

#[tokio::test]
async fn a_refused_change_says_why_and_changes_nothing() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let id = made(&mut operator, "Booking Sync").await;
    let form = [("url", "ftp://x"), ("which", "some"), ("name", "<b>")];
    let got = operator.post(&page_of(id, "/settings"), &form).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(got.html.contains(r#"<div id="url-fault">"#), "{}", got.html);
    assert!(
        got.html.contains(r#"<div id="events-fault">"#),
        "{}",
        got.html
    );
    assert!(got.html.contains("&#60;b&#62;"), "{}", got.html);
    assert_eq!(
        endpoint(&world, id).await.name.as_deref(),
        Some("Booking Sync")
    );
}

#[tokio::test]
async fn a_webhook_is_paused_and_activated_without_a_question() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let id = made(&mut operator, "Booking Sync").await;
    let switch = page_of(id, "/active");
    assert!(operator.page(&page_of(id, "")).await.contains("Pause"));
    let got = operator.post(&switch, &[("active", "false")]).await;
    assert_eq!(got.leads_to(), page_of(id, ""));
    let page = operator.page(&page_of(id, "")).await;
    assert!(
        page.contains("Paused.") && page.contains("Activate"),
        "{page}"
    );
    assert!(!page.contains("<button>Pause"), "{page}");
    assert!(
        operator
            .page(WEBHOOKS)
            .await
            .contains(r#"<span class="state paused">paused</span>"#)
    );
    operator.post(&switch, &[("active", "true")]).await;
    assert!(!operator.page(&page_of(id, "")).await.contains("Paused."));
}

#[tokio::test]
async fn there_is_a_way_back_after_410() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let id = made(&mut operator, "Booking Sync").await;
    let gone = world
        .store
        .disable_endpoint(id, DisabledReason::Gone, START);
    gone.await.unwrap();
    let page = operator.page(&page_of(id, "")).await;
    assert!(
        page.contains("answered 410 Gone") && page.contains("Activate"),
        "{page}"
    );
    assert!(operator.page(WEBHOOKS).await.contains("switched off"));
    operator
        .post(&page_of(id, "/active"), &[("active", "true")])
        .await;
    let page = operator.page(&page_of(id, "")).await;
    assert!(
        page.contains(r#"<span class="state active">active</span>"#),
        "{page}"
    );
}

#[tokio::test]
async fn after_410_it_says_since_when_and_what_failed_and_sends_it_again() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let id = made(&mut operator, "Booking Sync").await;
    world.delivery(APPOINTMENT, &[GIVEN_UP]).await;
    let mut waiting = Vec::new();
    for _ in 0..2 {
        waiting.push(world.delivery(APPOINTMENT, &[]).await);
    }
    world.clock.advance(std::time::Duration::from_secs(90));
    let now = world.app.now();
    let gone = world.store.disable_endpoint(id, DisabledReason::Gone, now);
    gone.await.unwrap();
    let page = operator.page(&page_of(id, "")).await;
    for words in [
        r#"Switched off <time datetime="2026-03-16T10:22:35"#,
        "2 deliveries that waited failed by it",
        "Activate and retry these 2",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let mut looks_only = portal_person(&world, &[]).await;
    let refused = looks_only.post(&page_of(id, "/recover"), &[]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    world.clock.advance(std::time::Duration::from_secs(1));
    let got = operator.post(&page_of(id, "/recover"), &[]).await;
    let replay = got.leads_to().to_owned();
    assert!(operator.page(&replay).await.contains("what failed by 410"));
    assert!(endpoint(&world, id).await.active);
    work_off(&world).await;
    assert!(
        operator
            .page(&replay)
            .await
            .contains("<dt>Meant</dt><dd>2<")
    );
    let access = world.access("northside").await;
    for id in waiting {
        let (delivery, _) = world.app.delivery(&access, id).await.unwrap();
        assert_eq!(delivery.state, carehook_core::DeliveryState::Pending);
    }
}

#[tokio::test]
async fn deleting_says_what_it_fails_and_wants_the_name() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let id = made(&mut operator, "Booking Sync").await;
    world.happens(APPOINTMENT).await;
    let (_, deliveries) = world.happens(APPOINTMENT).await;
    let page = operator.page(&page_of(id, "/settings")).await;
    for expected in [
        "2 waiting deliveries will fail",
        "<dialog id=\"delete-webhook\"",
        "data-expects=\"Booking Sync\"",
    ] {
        assert!(page.contains(expected), "{expected}: {page}");
    }
    let got = operator
        .post(&page_of(id, "/delete"), &[("name", "booking")])
        .await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(got.html.contains("nothing was deleted"), "{}", got.html);
    let got = operator
        .post(&page_of(id, "/delete"), &[("name", " Booking Sync ")])
        .await;
    assert_eq!(got.leads_to(), WEBHOOKS);
    assert_eq!(
        operator.get(&page_of(id, "")).await.status,
        StatusCode::NOT_FOUND
    );
    let access = world.access("northside").await;
    let (delivery, _) = world.app.delivery(&access, deliveries[0]).await.unwrap();
    assert_eq!(delivery.reason, Some(Reason::EndpointDeleted));
}

#[tokio::test]
async fn a_webhook_that_has_to_prove_its_owner_says_so() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let access = world.access("northside").await;
    let caller = world.app.caller(Some(OPERATOR_KEY), None).await.unwrap();
    let by = world.app.operator(&caller).unwrap();
    let change = carehook_app::OrganizationChange {
        settings: carehook_app::SettingsChange {
            ownership_challenge: Some(true),
            ..carehook_app::SettingsChange::default()
        },
        ..carehook_app::OrganizationChange::default()
    };
    world
        .app
        .change_organization(&by, &access, change)
        .await
        .unwrap();
    let id = made(&mut operator, "Booking Sync").await;
    let page = operator.page(&page_of(id, "")).await;
    assert!(
        page.contains("Waiting for the ownership challenge"),
        "{page}"
    );
    let got = operator.post(&page_of(id, "/challenge"), &[]).await;
    assert_eq!(got.leads_to(), page_of(id, ""));
    assert!(
        operator
            .page(&page_of(id, "/test"))
            .await
            .contains("It is not active")
    );
    let got = operator
        .post(&page_of(id, "/test"), &[("sample", "")])
        .await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        got.html
            .contains("has not answered its ownership challenge"),
        "{}",
        got.html
    );
}
