//! The secrets of a webhook: seen on request, rotated with the old one's end in sight.

use std::time::Duration;

use http::StatusCode;

use super::{made, page_of};
use crate::world::World;

#[tokio::test]
async fn a_secret_is_shown_when_it_is_asked_for_only() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let id = made(&mut operator, "Booking Sync").await;
    let page = operator.page(&page_of(id, "/secret")).await;
    assert!(
        !page.contains("whsec_") && page.contains("********"),
        "{page}"
    );
    let got = operator.post(&page_of(id, "/secret/show"), &[]).await;
    assert_eq!(got.status, StatusCode::OK);
    assert!(got.html.contains("data-copy=\"whsec_"), "{}", got.html);
}

#[tokio::test]
async fn a_rotation_shows_the_new_secret_and_when_the_old_one_ends() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let id = made(&mut operator, "Booking Sync").await;
    let form = [("grace_seconds", "3600"), ("own", "")];
    let got = operator.post(&page_of(id, "/secret/rotate"), &form).await;
    assert_eq!(got.status, StatusCode::OK, "{}", got.html);
    assert_eq!(got.html.matches("data-copy=\"whsec_").count(), 2);
    assert!(got.html.contains("The new secret is below"), "{}", got.html);
    let page = operator.page(&page_of(id, "/secret")).await;
    // An hour after the start of the tests.
    assert!(page.contains("2026-03-16T11:21:05.000Z"), "{page}");
    assert!(page.contains("Older") && !page.contains("whsec_"), "{page}");
    world.clock.advance(Duration::from_mins(59));
    assert!(
        operator
            .page(&page_of(id, "/secret"))
            .await
            .contains("Older")
    );
    world.clock.advance(Duration::from_mins(2));
    assert!(
        !operator
            .page(&page_of(id, "/secret"))
            .await
            .contains("Older")
    );
}

#[tokio::test]
async fn a_bad_secret_of_ones_own_is_refused_and_not_repeated() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let id = made(&mut operator, "Booking Sync").await;
    for (grace, own, expected) in [
        ("3600", "my-own-secret", "Must begin with whsec_"),
        ("99999999", "", "Must be at most"),
    ] {
        let form = [("grace_seconds", grace), ("own", own)];
        let got = operator.post(&page_of(id, "/secret/rotate"), &form).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(got.html.contains(expected), "{expected}: {}", got.html);
        assert!(!got.html.contains("my-own-secret"), "{}", got.html);
    }
}
