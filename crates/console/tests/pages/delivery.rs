//! The page of a delivery, and what is done from it.

use carehook_app::{AuditFilter, Page};
use carehook_core::{AttemptOutcome, AuditAction, DeliveryState, Mode, Reason, Scope};
use http::StatusCode;

use super::traffic::{APPOINTMENT, Ended, GIVEN_UP, HOSTILE, Happening, TAKEN, UNAVAILABLE};
use super::world::World;

const ONE: &str = "/console/o/northside/deliveries";

async fn viewed(world: &World) -> usize {
    let access = world.access("northside").await;
    let filter = AuditFilter {
        action: Some(AuditAction::PayloadViewed),
        ..AuditFilter::default()
    };
    let page = Page::default();
    let found = world.app.list_audit(&access, &filter, &page);
    found.await.unwrap().items.len()
}

#[tokio::test]
async fn a_delivery_says_what_happened_why_and_what_is_next() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    world.webhook("northside", Mode::Live, "Booking Sync").await;
    let id = world
        .delivery(APPOINTMENT, &[UNAVAILABLE, UNAVAILABLE])
        .await;
    let page = operator.page(&format!("{ONE}/{id}")).await;
    for words in [
        "appointment.created → <bdi>Booking Sync</bdi>",
        "2 attempts were made. Next attempt <time",
        "<strong>503</strong> in 210 ms",
        "93.184.216.34, or a proxy in front of it, is not working",
        "Service Unavailable",
        "webhook-signature",
        "POST https://93.184.216.34/hooks/carehook",
        "curl -X POST",
        "Retry now",
        "Cancel",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let (second, first) = (
        page.find("attempt 2").unwrap(),
        page.find("attempt 1").unwrap(),
    );
    assert!(second < first, "the newest attempt is the first");
    assert!(!page.contains("payload-of-the-test"), "{page}");

    let waiting = world.happens(APPOINTMENT).await.1[0];
    let page = operator.page(&format!("{ONE}/{waiting}")).await;
    assert!(page.contains("No attempt was made yet"), "{page}");
    let taken = world.delivery(APPOINTMENT, &[TAKEN]).await;
    let page = operator.page(&format!("{ONE}/{taken}")).await;
    assert!(
        page.contains("the last one was taken") && !page.contains(">Cancel<"),
        "{page}"
    );
}

#[tokio::test]
async fn a_payload_is_shown_when_it_is_asked_for_and_that_is_recorded() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    world.webhook("northside", Mode::Live, "Booking Sync").await;
    let id = world.happens(APPOINTMENT).await.1[0];
    let path = format!("{ONE}/{id}");
    assert!(operator.page(&path).await.contains("viewing is recorded"));
    assert_eq!(viewed(&world).await, 0);
    let shown = operator.post(&format!("{path}/payload"), &[]).await;
    assert_eq!(shown.status, StatusCode::OK);
    assert!(
        shown
            .html
            .contains("&#34;note&#34;: &#34;payload-of-the-test&#34;"),
        "{}",
        shown.html
    );
    assert_eq!(viewed(&world).await, 1);
}

#[tokio::test]
async fn without_the_right_neither_payload_nor_answer_is_seen() {
    let world = World::start();
    drop(world.with_northside().await);
    world.webhook("northside", Mode::Live, "Booking Sync").await;
    let id = world.delivery(APPOINTMENT, &[UNAVAILABLE]).await;
    let path = format!("{ONE}/{id}");
    let mut reader = world.stranger();
    reader.get(&world.portal_link("northside", &[]).await).await;
    let page = reader.page(&path).await;
    assert!(page.contains("You may not see payloads"), "{page}");
    for hidden in [
        "Service Unavailable",
        "payload-of-the-test",
        "Retry now",
        ">Cancel<",
    ] {
        assert!(!page.contains(hidden), "{hidden}: {page}");
    }
    for what in ["payload", "retry", "cancel"] {
        let got = reader.post(&format!("{path}/{what}"), &[]).await;
        assert_eq!(got.status, StatusCode::FORBIDDEN, "{what}: {}", got.html);
        assert!(!got.html.contains("payload-of-the-test"), "{what}");
    }
    assert_eq!(viewed(&world).await, 0);

    let mut nurse = world.stranger();
    let link = world.portal_link("northside", &[Scope::ReadPayload]).await;
    nurse.get(&link).await;
    let page = nurse.page(&path).await;
    assert!(
        page.contains("Service Unavailable") && !page.contains("Retry now"),
        "{page}"
    );
}

#[tokio::test]
async fn a_delivery_is_retried_and_called_off() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    world.webhook("northside", Mode::Live, "Booking Sync").await;
    let id = world.delivery(APPOINTMENT, &[GIVEN_UP]).await;
    let path = format!("{ONE}/{id}");
    let page = operator.page(&path).await;
    assert!(
        page.contains("All attempts of its retry schedule failed"),
        "{page}"
    );
    assert_eq!(
        operator
            .post(&format!("{path}/retry"), &[])
            .await
            .leads_to(),
        path
    );
    assert!(operator.page(&path).await.contains("retrying"));
    assert_eq!(
        operator
            .post(&format!("{path}/cancel"), &[])
            .await
            .leads_to(),
        path
    );
    assert!(
        operator
            .page(&path)
            .await
            .contains("Somebody called it off")
    );
    let again = operator.post(&format!("{path}/cancel"), &[]).await;
    assert_eq!(again.status, StatusCode::CONFLICT);

    let log = "/console/o/northside/log?state=cancelled";
    let back = operator
        .post(&format!("{path}/retry"), &[("back", log)])
        .await;
    assert_eq!(back.leads_to(), log);
    let away = [("back", "https://evil.example/")];
    let back = operator.post(&format!("{path}/retry"), &away).await;
    assert_eq!(back.leads_to(), "/console");
}

#[tokio::test]
async fn what_strangers_wrote_stays_text() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    world
        .webhook("northside", Mode::Live, "<script>alert(1)</script>")
        .await;
    let data = serde_json::json!({ "note": HOSTILE, "long": "y".repeat(10_000) }).to_string();
    let happening = Happening {
        subject: Some("<img src=x onerror=alert(2)>"),
        data: &data,
        ..APPOINTMENT
    };
    let hostile = Ended {
        answer: HOSTILE.as_bytes(),
        ..UNAVAILABLE
    };
    let id = world.delivery(happening, &[hostile]).await;
    let shown = operator.post(&format!("{ONE}/{id}/payload"), &[]).await;
    assert_eq!(shown.status, StatusCode::OK);
    for tag in ["<img", "<script>alert"] {
        assert!(!shown.html.contains(tag), "{tag}: {}", shown.html);
    }
    assert!(
        shown.html.contains("&#60;img src=x onerror=alert(2)&#62;"),
        "{}",
        shown.html
    );
}

#[tokio::test]
async fn a_delivery_outlives_its_webhook() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let webhook = world.webhook("northside", Mode::Live, "Booking Sync").await;
    let gone = Ended {
        outcome: AttemptOutcome::Rejected,
        status: Some(410),
        error: None,
        answer: b"",
        state: DeliveryState::Failed,
        reason: Some(Reason::EndpointGone),
    };
    let id = world.delivery(APPOINTMENT, &[gone]).await;
    let access = world.access("northside").await;
    world.app.delete_endpoint(&access, webhook).await.unwrap();
    let page = operator.page(&format!("{ONE}/{id}")).await;
    assert!(
        page.contains("deleted webhook") && !page.contains("Retry now"),
        "{page}"
    );
    assert!(
        page.contains("says that this receiver is gone for good (410)"),
        "{page}"
    );
}

#[tokio::test]
async fn other_organizations_and_modes_have_no_such_delivery() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let form = [("id", "southside"), ("name", "Southside")];
    operator.post("/console/organizations", &form).await;
    world.webhook("northside", Mode::Live, "Booking Sync").await;
    let id = world.delivery(APPOINTMENT, &[UNAVAILABLE]).await;
    for path in [
        format!("/console/o/southside/deliveries/{id}"),
        format!("{ONE}/{id}?mode=test"),
        format!("{ONE}/nothing"),
    ] {
        let got = operator.get(&path).await;
        assert_eq!(got.status, StatusCode::NOT_FOUND, "{path}");
        assert!(!got.html.contains("Booking Sync"), "{path}");
    }
    for what in ["retry", "cancel", "payload"] {
        let path = format!("/console/o/southside/deliveries/{id}/{what}");
        let got = operator.post(&path, &[]).await;
        assert_eq!(got.status, StatusCode::NOT_FOUND, "{what}");
    }
}
