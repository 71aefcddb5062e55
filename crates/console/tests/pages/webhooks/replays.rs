//! Replays: how many would go, starting, following and stopping them.

use carehook_store::ReplayStep;
use http::StatusCode;

use super::{made, page_of, portal_person};
use crate::traffic::{APPOINTMENT, GIVEN_UP, TAKEN};
use crate::world::World;

/// What the engine does with replays, until each waits or has ended.
pub(super) async fn work_off(world: &World) {
    for replay in world.store.open_replays().await.unwrap() {
        let mut at = replay.position();
        while let ReplayStep::On(next) = world.store.step_replay(&replay, at).await.unwrap() {
            at = next;
        }
    }
}

#[tokio::test]
async fn a_count_says_how_many_would_go_and_then_they_go() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let id = made(&mut operator, "Booking Sync").await;
    let failed = world.delivery(APPOINTMENT, &[GIVEN_UP]).await;
    world.delivery(APPOINTMENT, &[GIVEN_UP]).await;
    world.delivery(APPOINTMENT, &[TAKEN]).await;
    let replay = page_of(id, "/replay");
    assert!(operator.page(&replay).await.contains("None yet."));
    let form = [
        ("state", "failed"),
        ("types", "appointment.*"),
        ("since", "2026-03-16T00:00"),
        ("until", ""),
        ("dry_run", "true"),
    ];
    let got = operator.post(&replay, &form).await;
    let counting = got.leads_to().to_owned();
    let page = operator.page(&counting).await;
    assert!(
        page.contains("hx-trigger=\"every 1s\"") && page.contains("<progress"),
        "{page}"
    );
    world.clock.advance(std::time::Duration::from_secs(1));
    work_off(&world).await;
    let page = operator.page(&counting).await;
    assert!(page.contains("2 deliveries would go"), "{page}");
    assert!(
        !page.contains("hx-trigger") && page.contains("Send these 2"),
        "{page}"
    );
    for (field, value) in [
        ("state", "failed"),
        ("types", "appointment.*"),
        ("since", "2026-03-16T00:00:00.000"),
        ("dry_run", "false"),
    ] {
        let field = format!("name=\"{field}\" value=\"{value}\"");
        assert!(page.contains(&field), "{field}: {page}");
    }

    let form = [
        ("state", "failed"),
        ("types", "appointment.*"),
        ("dry_run", "false"),
    ];
    let got = operator.post(&replay, &form).await;
    let going = got.leads_to().to_owned();
    world.clock.advance(std::time::Duration::from_secs(1));
    work_off(&world).await;
    let part = operator.page(&format!("{going}/progress")).await;
    assert!(part.contains("<progress max=\"2\" value=\"0\""), "{part}");
    world.attempt(failed, 2, TAKEN).await;
    let part = operator.page(&format!("{going}/progress")).await;
    assert!(part.contains("<progress max=\"2\" value=\"1\""), "{part}");
    assert!(part.contains("<dt>Arrived</dt><dd>1</dd>"), "{part}");

    let again = operator.post(&replay, &form).await;
    assert_eq!(
        again.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "one at a time"
    );
    assert!(
        again.html.contains("class=\"notice bad\""),
        "{}",
        again.html
    );

    let got = operator.post(&format!("{going}/stop"), &[]).await;
    assert_eq!(got.leads_to(), going);
    let page = operator.page(&going).await;
    assert!(
        page.contains("stopped") && !page.contains("<progress"),
        "{page}"
    );
    let list = operator.page(&replay).await;
    assert!(
        list.contains("Count of what failed") && list.contains(&going),
        "{list}"
    );
}

#[tokio::test]
async fn a_stopped_replay_says_what_is_still_sent_and_calls_it_off() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let id = made(&mut operator, "Booking Sync").await;
    let first = world.delivery(APPOINTMENT, &[GIVEN_UP]).await;
    for _ in 0..3 {
        world.delivery(APPOINTMENT, &[GIVEN_UP]).await;
    }
    let form = [("state", "failed"), ("types", ""), ("dry_run", "false")];
    let got = operator.post(&page_of(id, "/replay"), &form).await;
    let going = got.leads_to().to_owned();
    world.clock.advance(std::time::Duration::from_secs(1));
    work_off(&world).await;
    world.attempt(first, 2, TAKEN).await;
    let page = operator.page(&going).await;
    assert!(page.contains("what is due already is still sent"), "{page}");
    let early = operator.post(&format!("{going}/cancel"), &[]).await;
    assert_eq!(early.status, StatusCode::CONFLICT, "{}", early.html);
    operator.post(&format!("{going}/stop"), &[]).await;
    let page = operator.page(&going).await;
    for words in [
        "<strong>3 were handed over already</strong> and will still be sent",
        &format!("/console/o/northside/log?endpoint={id}&#38;state=pending"),
        "Call these 3 off",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let mut looks_only = portal_person(&world, &[]).await;
    assert!(!looks_only.page(&going).await.contains("Call these"));
    let refused = looks_only.post(&format!("{going}/cancel"), &[]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let got = operator.post(&format!("{going}/cancel"), &[]).await;
    assert_eq!(got.leads_to(), going);
    let page = operator.page(&going).await;
    assert!(page.contains("<dt>Called off</dt><dd>3</dd>"), "{page}");
    assert!(!page.contains("handed over already"), "{page}");
    let access = world.access("northside").await;
    let filter = carehook_app::AuditFilter {
        action: Some(carehook_core::AuditAction::DeliveryCancelled),
        ..carehook_app::AuditFilter::default()
    };
    let page = carehook_app::Page::default();
    let entries = world.app.list_audit(&access, &filter, &page).await;
    assert_eq!(entries.unwrap().items.len(), 1, "one step, one entry");
}

#[tokio::test]
async fn what_is_wrong_with_a_replay_stands_beside_its_fields() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let id = made(&mut operator, "Booking Sync").await;
    for (state, types, since, until, expected) in [
        ("some", "", "", "", "Must be failed, missing or all"),
        ("all", "<img src=x>", "", "", "&#60;img"),
        ("all", "", "yesterday", "", "Must be a date and a time"),
        (
            "all",
            "",
            "2026-03-02T00:00",
            "2026-03-01T00:00",
            "Must be after since",
        ),
    ] {
        let form = [
            ("state", state),
            ("types", types),
            ("since", since),
            ("until", until),
            ("dry_run", "true"),
        ];
        let got = operator.post(&page_of(id, "/replay"), &form).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{expected}");
        assert!(got.html.contains(expected), "{expected}: {}", got.html);
        assert!(!got.html.contains("<img src=x"), "{}", got.html);
    }
}

#[tokio::test]
async fn who_may_only_look_follows_a_replay_and_cannot_stop_it() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let id = made(&mut operator, "Booking Sync").await;
    let other = made(&mut operator, "Other").await;
    let form = [("state", "all"), ("dry_run", "false")];
    let job = operator
        .post(&page_of(id, "/replay"), &form)
        .await
        .leads_to()
        .to_owned();
    let mut reader = portal_person(&world, &[]).await;
    let page = reader.page(&job).await;
    assert!(page.contains("running") && !page.contains("Stop"), "{page}");
    let got = reader.post(&format!("{job}/stop"), &[]).await;
    assert_eq!(got.status, StatusCode::FORBIDDEN);
    let elsewhere = job.replace(&id.to_string(), &other.to_string());
    assert_eq!(operator.get(&elsewhere).await.status, StatusCode::NOT_FOUND);
    let nothing = page_of(id, "/replay/nothing");
    assert_eq!(operator.get(&nothing).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_count_does_not_speak_of_what_is_sent() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let id = made(&mut operator, "Booking Sync").await;
    world.delivery(APPOINTMENT, &[GIVEN_UP]).await;
    let form = [("state", "failed"), ("types", ""), ("dry_run", "true")];
    let got = operator.post(&page_of(id, "/replay"), &form).await;
    let page = operator.page(got.leads_to()).await;
    let words = "This only counts; nothing is sent by it.";
    assert!(page.contains(words), "{page}");
    assert!(
        !page.contains("handed") && !page.contains("still sent"),
        "{page}"
    );
}
