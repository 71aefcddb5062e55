//! The search box: each kind of text leads to what it names.

use carehook_core::Mode;

use super::traffic::{APPOINTMENT, HOSTILE, Happening, TAKEN};
use super::world::World;

#[tokio::test]
async fn whatever_is_typed_leads_to_what_it_names() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let webhook = world.webhook("northside", Mode::Live, "Booking Sync").await;
    let about = Happening {
        subject: Some("patient/17"),
        ..APPOINTMENT
    };
    let (event, deliveries) = world.happens(about).await;
    let delivery = deliveries[0];
    world.attempt(delivery, 1, TAKEN).await;
    let at = |page: &str| format!("/console/o/northside/{page}");
    for (typed, expected) in [
        (String::new(), at("log")),
        (
            format!(" {delivery} "),
            at(&format!("deliveries/{delivery}")),
        ),
        (webhook.to_string(), at(&format!("webhooks/{webhook}"))),
        (
            "booking sync".to_owned(),
            at(&format!("webhooks/{webhook}")),
        ),
        (
            "https://93.184.216.34/hooks/carehook".to_owned(),
            at(&format!("webhooks/{webhook}")),
        ),
    ] {
        let got = operator.post(&at("find"), &[("q", &typed)]).await;
        assert_eq!(got.leads_to(), expected, "{typed}: {}", got.html);
    }
    for typed in [event.to_string(), "patient/17".to_owned()] {
        let got = operator.post(&at("find"), &[("q", &typed)]).await;
        let log = got.leads_to().to_owned();
        assert!(log.starts_with(&at("log?about=")), "{typed}: {log}");
        assert!(!log.contains("patient") && !log.contains(&typed), "{log}");
        let page = operator.page(&log).await;
        assert!(
            page.contains(">1 delivery<") && page.contains(&typed),
            "{typed}: {page}"
        );
    }
}

#[tokio::test]
async fn whom_somebody_looks_for_stands_in_no_address_and_opens_nowhere_else() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let form = [("id", "southside"), ("name", "Southside")];
    operator.post("/console/organizations", &form).await;
    let form = [("q", "patient/17"), ("state", "failed")];
    let got = operator.post("/console/o/northside/log", &form).await;
    let log = got.leads_to().to_owned();
    assert!(
        log.contains("state=failed&about=") && !log.contains("patient"),
        "{log}"
    );
    let page = operator.page(&log).await;
    for attribute in ["href=\"", "action=\"", "data-live=\""] {
        for address in page.split(attribute).skip(1) {
            let address = address.split('"').next().unwrap();
            assert!(!address.contains("patient"), "{address}");
        }
    }
    let elsewhere = log.replace("northside", "southside");
    let page = operator.page(&elsewhere).await;
    assert!(
        page.contains("is of another organization") && !page.contains("patient/17"),
        "{page}"
    );
}

#[tokio::test]
async fn what_is_unknown_is_said_with_where_else_to_look() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    world.webhook("northside", Mode::Live, "Booking Sync").await;
    let hostile: String = url::form_urlencoded::byte_serialize(HOSTILE.as_bytes()).collect();
    let page = operator
        .page(&format!("/console/o/northside/find?q={hostile}"))
        .await;
    assert!(
        page.contains("Nothing was found for") && !page.contains("<img"),
        "{page}"
    );
    assert!(page.contains("Look in test mode"), "{page}");
    let page = operator.page("/console/o/northside/find?q=sync").await;
    assert!(
        page.contains("Booking Sync") && page.contains("/webhooks/"),
        "{page}"
    );
    let long = "x".repeat(5_000);
    operator
        .page(&format!("/console/o/northside/find?q={long}"))
        .await;
}

#[tokio::test]
async fn other_organizations_and_modes_are_not_searched() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let form = [("id", "southside"), ("name", "Southside")];
    operator.post("/console/organizations", &form).await;
    let webhook = world.webhook("northside", Mode::Live, "Booking Sync").await;
    let (event, deliveries) = world.happens(APPOINTMENT).await;
    for typed in [
        webhook.to_string(),
        event.to_string(),
        deliveries[0].to_string(),
        "sync".to_owned(),
    ] {
        for at in ["southside/find?", "northside/find?mode=test&"] {
            let page = operator.page(&format!("/console/o/{at}q={typed}")).await;
            assert!(page.contains("Nothing was found"), "{at} {typed}: {page}");
        }
    }
}
