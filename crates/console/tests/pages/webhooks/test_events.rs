//! Test events: any sample, and the receiver's answer on the same page.

use carehook_core::{DeliveryId, Scope};
use http::StatusCode;

use super::{made, page_of, portal_person};
use crate::traffic::{Ended, HOSTILE, TAKEN, UNAVAILABLE};
use crate::world::{Got, World};

fn delivery_of(got: &Got) -> DeliveryId {
    let (_, id) = got.leads_to().split_once("delivery=").unwrap();
    id.parse().unwrap()
}

#[tokio::test]
async fn any_sample_can_be_looked_at_and_sent() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let id = made(&mut operator, "Booking Sync").await;
    let test = page_of(id, "/test");
    let page = operator.page(&test).await;
    assert!(
        page.contains("This is a test event from Carehook."),
        "{page}"
    );
    assert!(page.contains("vitals.observations.created (v2)"), "{page}");
    let groups: Vec<_> = page.split("<optgroup label=\"").skip(1).collect();
    assert!(groups.len() > 3 && groups.is_sorted(), "{page}");
    for group in groups {
        let group = group.split("</optgroup>").next().unwrap();
        let options: Vec<_> = group.split("<option value=\"").skip(1).collect();
        assert!(options.is_sorted(), "{group}");
    }
    let page = operator
        .page(&format!("{test}?sample=patient.created%7Cv1"))
        .await;
    assert!(
        page.contains(r#"value="patient.created|v1" selected"#),
        "{page}"
    );

    let form = [("sample", "vitals.observations.created|v2")];
    let got = operator.post(&test, &form).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.html);
    let access = world.access("northside").await;
    let (delivery, _) = world
        .app
        .delivery(&access, delivery_of(&got))
        .await
        .unwrap();
    assert_eq!(delivery.event_type.as_str(), "vitals.observations.created");
    let event = world.app.event(&access, &delivery.event_id).await.unwrap();
    assert_eq!(&*event.version, "v2");

    for wrong in [
        "no.such|v1",
        "patient.created|v9",
        "<img src=x onerror=alert(1)>",
    ] {
        let got = operator.post(&test, &[("sample", wrong)]).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert!(!got.html.contains("<img src=x"), "{}", got.html);
    }
}

#[tokio::test]
async fn the_answer_appears_and_then_nothing_is_asked_any_more() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let id = made(&mut operator, "Booking Sync").await;
    let got = operator
        .post(&page_of(id, "/test"), &[("sample", "")])
        .await;
    let page = operator.page(got.leads_to()).await;
    let answer = format!(
        "{}?delivery={}",
        page_of(id, "/test/answer"),
        delivery_of(&got)
    );
    assert!(page.contains(&format!("hx-get=\"{answer}&#38;")), "{page}");
    assert!(page.contains("on its way"), "{page}");
    let hostile = Ended {
        answer: HOSTILE.as_bytes(),
        ..UNAVAILABLE
    };
    world.attempt(delivery_of(&got), 1, hostile).await;
    let part = operator.page(&answer).await;
    assert!(part.trim_start().starts_with("<section"), "{part}");
    assert!(
        part.contains("503") && part.contains("&#60;img src=x"),
        "{part}"
    );
    assert!(!part.contains("hx-get") && !part.contains("<img"), "{part}");
}

#[tokio::test]
async fn a_test_that_nobody_sends_is_not_asked_for_without_end() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let id = made(&mut operator, "Booking Sync").await;
    let got = operator
        .post(&page_of(id, "/test"), &[("sample", "")])
        .await;
    world.clock.advance(std::time::Duration::from_mins(3));
    let page = operator.page(got.leads_to()).await;
    assert!(
        !page.contains("hx-get") && page.contains("Look again"),
        "{page}"
    );
}

#[tokio::test]
async fn the_body_of_an_answer_needs_the_right_to_payloads() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let id = made(&mut operator, "Booking Sync").await;
    let mut person = portal_person(&world, &[Scope::Manage]).await;
    let got = person.post(&page_of(id, "/test"), &[("sample", "")]).await;
    let told = Ended {
        answer: b"thanks for pat_1",
        ..TAKEN
    };
    world.attempt(delivery_of(&got), 1, told).await;
    let page = person.page(got.leads_to()).await;
    assert!(
        page.contains("200") && page.contains("read:payload"),
        "{page}"
    );
    assert!(!page.contains("pat_1</code>"), "{page}");
    assert!(
        operator
            .page(got.leads_to())
            .await
            .contains("thanks for pat_1")
    );
}

#[tokio::test]
async fn a_delivery_of_another_webhook_is_no_answer_here() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let one = made(&mut operator, "One").await;
    let other = made(&mut operator, "Other").await;
    let got = operator
        .post(&page_of(one, "/test"), &[("sample", "")])
        .await;
    for id in [delivery_of(&got).to_string(), "nothing".to_owned()] {
        let path = format!("{}?delivery={id}", page_of(other, "/test/answer"));
        assert_eq!(operator.get(&path).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn an_answer_that_switches_the_webhook_off_changes_what_stands_around_it() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let id = made(&mut operator, "Booking Sync").await;
    let got = operator
        .post(&page_of(id, "/test"), &[("sample", "")])
        .await;
    let page = operator.page(got.leads_to()).await;
    assert!(
        page.contains(">Pause<") && page.contains("Send this"),
        "{page}"
    );
    let answer = page.split("hx-get=\"").nth(1).unwrap();
    let answer = answer.split('"').next().unwrap().replace("&#38;", "&");
    let waiting = operator.get(&answer).await;
    assert!(
        !waiting.html.contains("<h1") && !waiting.html.contains("Send this"),
        "while nothing changes only the answer is sent: {}",
        waiting.html
    );
    let gone = Ended {
        status: Some(410),
        state: carehook_core::DeliveryState::Failed,
        reason: Some(carehook_core::Reason::EndpointGone),
        ..UNAVAILABLE
    };
    world.attempt(delivery_of(&got), 1, gone).await;
    let now = world.app.now();
    let off = (world.store).disable_endpoint(id, carehook_core::DisabledReason::Gone, now);
    off.await.unwrap();
    let part = operator.page(&answer).await;
    for (place, words) in [
        (
            "id=\"title\" hx-swap-oob=\"true\"",
            "switched off: the receiver answered 410 Gone",
        ),
        (
            "id=\"sending\" hx-swap-oob=\"true\"",
            "so nothing can be sent",
        ),
    ] {
        let there = part.split(place).nth(1).expect(&part);
        assert!(there.contains(words), "{words}: {part}");
    }
    assert!(part.contains("410"), "{part}");
    assert!(
        !part.contains(">Pause<") && !part.contains("Send this"),
        "{part}"
    );
    // A page as a whole has the same once, and replaces nothing.
    let page = operator.page(got.leads_to()).await;
    assert_eq!(page.matches("id=\"title\"").count(), 1, "{page}");
    assert!(
        !page.contains("hx-swap-oob") && !page.contains("Send this"),
        "{page}"
    );
}
