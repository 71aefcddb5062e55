//! News of the delivery log, for as long as a page is open.

use std::time::Duration;

use axum::body::Body;
use carehook_core::Mode;
use http::header;
use http_body_util::BodyExt as _;

use super::traffic::{APPOINTMENT, GIVEN_UP, TAKEN};
use super::world::{Browser, World};

const LOG: &str = "/console/o/northside/log";

/// What a page is told as long as it is open.
struct News(Body);

impl News {
    async fn of(browser: &Browser<'_>, page: &str) -> Self {
        let address = page.split("data-live=\"").nth(1).unwrap();
        let address = address.split('"').next().unwrap().replace("&#38;", "&");
        let response = browser.open(&address).await;
        let kind = &response.headers()[header::CONTENT_TYPE];
        assert_eq!(kind, "text/event-stream");
        Self(response.into_body())
    }

    async fn next(&mut self) -> serde_json::Value {
        loop {
            let frame = self.0.frame().await.unwrap().unwrap();
            let text = frame.into_data().unwrap();
            if let Some(data) = text.strip_prefix(b"data: ") {
                return serde_json::from_slice(data).unwrap();
            }
        }
    }
}

#[tokio::test]
async fn a_page_hears_of_what_is_new_and_what_has_changed() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    world.webhook("northside", Mode::Live, "Booking Sync").await;
    let there = world.happens(APPOINTMENT).await.1[0];
    let page = operator.page(&format!("{LOG}?state=failed")).await;
    let mut news = News::of(&operator, &page).await;
    assert_eq!(news.next().await["new"], 0);
    world.attempt(there, 1, GIVEN_UP).await;
    let told = news.next().await;
    assert_eq!(told["entered"][0], there.to_string(), "{told}");
    world.clock.advance(Duration::from_secs(1));
    world.delivery(APPOINTMENT, &[GIVEN_UP]).await;
    let mut told = news.next().await;
    while told["new"] == 0 {
        told = news.next().await;
    }
    assert_eq!((&told["new"], &told["more"]), (&1.into(), &false.into()));
}

#[tokio::test]
async fn what_changes_before_a_page_listens_is_told_when_it_does() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    world.webhook("northside", Mode::Live, "Booking Sync").await;
    let before = world.delivery(APPOINTMENT, &[TAKEN]).await;
    let there = world.happens(APPOINTMENT).await.1[0];
    world.clock.advance(Duration::from_secs(1));
    let page = operator.page(&format!("{LOG}?state=pending")).await;
    world.attempt(there, 1, TAKEN).await;
    let mut news = News::of(&operator, &page).await;
    let told = news.next().await;
    assert_eq!(told["changed"], serde_json::json!([there.to_string()]));
    assert!(!told.to_string().contains(&before.to_string()), "{told}");
}

#[tokio::test]
async fn news_end_with_the_session() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    world.webhook("northside", Mode::Live, "Booking Sync").await;
    let mut body = operator
        .open(&format!("{LOG}/live?from=0"))
        .await
        .into_body();
    assert!(body.frame().await.is_some());
    operator.post("/console/sign-out", &[]).await;
    world.happens(APPOINTMENT).await;
    while let Some(frame) = body.frame().await {
        let text = frame.unwrap().into_data().unwrap();
        assert!(!text.starts_with(b"data"), "{text:?}");
    }
}
