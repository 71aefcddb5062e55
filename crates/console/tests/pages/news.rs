//! News of the delivery log, for as long as a page is open.

use axum::body::Body;
use carehook_core::{DeliveryId, Mode};
use http::header;
use http_body_util::BodyExt as _;
use serde_json::Value;

use super::traffic::{APPOINTMENT, GIVEN_UP, TAKEN, UNAVAILABLE};
use super::world::{Browser, World};

const LOG: &str = "/console/o/northside/log";

/// Where a page hears of news.
fn address(page: &str) -> String {
    let address = page.split("data-live=\"").nth(1).unwrap();
    address.split('"').next().unwrap().replace("&#38;", "&")
}

/// What a page is told as long as it is open.
struct News(Body);

impl News {
    async fn of(browser: &Browser<'_>, page: &str) -> Self {
        Self::at(browser, &address(page)).await
    }

    async fn at(browser: &Browser<'_>, address: &str) -> Self {
        let response = browser.open(address).await;
        let kind = &response.headers()[header::CONTENT_TYPE];
        assert_eq!(kind, "text/event-stream");
        Self(response.into_body())
    }

    /// The next message with its mark.
    async fn marked(&mut self) -> (String, Value) {
        loop {
            let frame = self.0.frame().await.unwrap().unwrap();
            let text = String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap();
            let line = |name: &str| text.lines().find_map(|line| line.strip_prefix(name));
            if let (Some(id), Some(data)) = (line("id: "), line("data: ")) {
                return (id.to_owned(), serde_json::from_str(data).unwrap());
            }
        }
    }

    async fn next(&mut self) -> Value {
        self.marked().await.1
    }
}

/// The ids of rows that a message has, in its order.
fn rows(news: &Value) -> Vec<&str> {
    let rows = news["rows"].as_array().unwrap().iter();
    rows.map(|row| row[0].as_str().unwrap()).collect()
}

fn order(ids: &[DeliveryId]) -> Value {
    ids.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn a_page_hears_of_what_is_new_and_gets_its_row() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    world.webhook("northside", Mode::Live, "<b>Booking").await;
    let page = operator.page(LOG).await;
    let mut news = News::of(&operator, &page).await;
    let told = news.next().await;
    assert_eq!((&told["order"], rows(&told)), (&order(&[]), vec![]));
    let there = world.happens(APPOINTMENT).await.1[0];
    let told = news.next().await;
    assert_eq!(told["order"], order(&[there]), "{told}");
    assert_eq!(told["matches"], "1 delivery");
    let row = told["rows"][0][1].as_str().unwrap();
    assert!(row.contains(&format!("data-delivery=\"{there}\"")), "{row}");
    assert!(row.contains("&#60;b&#62;Booking"), "{row}");
    assert!(!row.contains("payload-of-the-test"), "{row}");
    // The page has it as the message said, so that both can be compared.
    let page = operator.page(LOG).await;
    assert!(page.contains(row.trim()), "{row}\n{page}");
}

#[tokio::test]
async fn a_page_of_a_state_gets_what_enters_it_and_hears_how_it_leaves() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    world.webhook("northside", Mode::Live, "Booking Sync").await;
    let older = world.happens(APPOINTMENT).await.1[0];
    let newer = world.happens(APPOINTMENT).await.1[0];
    let page = operator.page(&format!("{LOG}?state=failed")).await;
    let mut failed = News::of(&operator, &page).await;
    let page = operator.page(&format!("{LOG}?state=pending")).await;
    let mut pending = News::of(&operator, &page).await;
    assert_eq!(failed.next().await["order"], order(&[]));
    assert_eq!(pending.next().await["order"], order(&[newer, older]));
    world.attempt(older, 1, GIVEN_UP).await;
    let told = failed.next().await;
    assert_eq!(told["order"], order(&[older]), "{told}");
    let told = pending.next().await;
    assert_eq!(told["order"], order(&[newer]), "{told}");
    // It stands there still, and is told apart from those that wait.
    assert_eq!(rows(&told), [older.to_string()], "{told}");
    assert!(
        told["rows"][0][1]
            .as_str()
            .unwrap()
            .contains("state failed")
    );
}

#[tokio::test]
async fn what_happens_before_a_page_listens_is_told_once_when_it_does() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    world.webhook("northside", Mode::Live, "Booking Sync").await;
    let before = world.delivery(APPOINTMENT, &[TAKEN]).await;
    let there = world.happens(APPOINTMENT).await.1[0];
    let page = operator.page(LOG).await;
    let (unchanged, told) = News::of(&operator, &page).await.marked().await;
    assert_eq!(rows(&told), [""; 0], "a page has what it shows: {told}");
    // In the same millisecond as the page.
    world.attempt(there, 1, TAKEN).await;
    let new = world.happens(APPOINTMENT).await.1[0];
    let (mark, told) = News::of(&operator, &page).await.marked().await;
    assert_eq!(told["order"], order(&[new, there, before]));
    for id in [new, there] {
        assert!(
            rows(&told).contains(&id.to_string().as_str()),
            "{id}: {told}"
        );
    }
    assert_ne!(mark, unchanged);
    // A connection that is taken up again with the mark of the last message.
    let again = address(&page).split("at=").next().unwrap().to_owned() + "at=" + &mark;
    let told = News::at(&operator, &again).await.next().await;
    assert_eq!(rows(&told), [""; 0], "{told}");
}

#[tokio::test]
async fn a_page_asks_about_rows_that_are_no_longer_on_the_first_part() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    world.webhook("northside", Mode::Live, "Booking Sync").await;
    let there = world.delivery(APPOINTMENT, &[UNAVAILABLE]).await;
    let page = operator.page(&format!("{LOG}?state=pending")).await;
    world.attempt(there, 2, TAKEN).await;
    let asked = format!("{}&also={there},made-up", address(&page));
    let told = News::at(&operator, &asked).await.next().await;
    assert_eq!(rows(&told), [there.to_string()], "{told}");
    let row = told["rows"][0][1].as_str().unwrap();
    assert!(row.contains("state delivered"), "{row}");
}

#[tokio::test]
async fn the_page_of_a_delivery_hears_of_its_attempts() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    world.webhook("northside", Mode::Live, "Booking Sync").await;
    let id = world.delivery(APPOINTMENT, &[UNAVAILABLE]).await;
    let page = operator
        .page(&format!("/console/o/northside/deliveries/{id}"))
        .await;
    let mut news = News::of(&operator, &page).await;
    assert_eq!(rows(&news.next().await), [""; 0]);
    world.attempt(id, 2, TAKEN).await;
    assert_eq!(rows(&news.next().await), [id.to_string()]);
    let late = News::of(&operator, &page).await.next().await;
    assert_eq!(rows(&late), [id.to_string()], "{late}");
}

#[tokio::test]
async fn news_end_with_the_session() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    world.webhook("northside", Mode::Live, "Booking Sync").await;
    let mut body = operator.open(&format!("{LOG}/live")).await.into_body();
    assert!(body.frame().await.is_some());
    operator.post("/console/sign-out", &[]).await;
    world.happens(APPOINTMENT).await;
    let mut told = Vec::new();
    while let Some(frame) = body.frame().await {
        let text = frame.unwrap().into_data().unwrap();
        assert!(!text.starts_with(b"id"), "{text:?}");
        told.push(String::from_utf8(text.to_vec()).unwrap());
    }
    let last = told.last().unwrap();
    assert!(last.starts_with("event: signed-out"), "{told:?}");
    // Whoever connects again is told the same, and is led nowhere.
    let again = operator.open(&format!("{LOG}/live")).await;
    assert_eq!(again.headers()[header::CONTENT_TYPE], "text/event-stream");
    let again = again.into_body().collect().await.unwrap().to_bytes();
    assert!(again.starts_with(b"event: signed-out"), "{again:?}");
}
