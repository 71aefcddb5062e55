//! After something was done, the next page says what, once.

use carehook_console::ConsoleConfig;
use carehook_core::Mode;
use http::{Request, header};

use super::traffic::{APPOINTMENT, GIVEN_UP};
use super::world::{Browser, World};

/// Sends a form, and reads where it leads: what was done is said there, and only there.
async fn says(person: &mut Browser<'_>, form: (&str, &[(&str, &str)]), sentence: &str) {
    let (address, fields) = form;
    let next = person.post(address, fields).await.leads_to().to_owned();
    assert!(!next.contains("done"), "{next}");
    let page = person.page(&next).await;
    let notice = format!(
        "<div class=\"notice good\" role=\"status\" tabindex=\"-1\" autofocus><p>{sentence}</p></div>"
    );
    assert!(page.contains(&notice), "{address}: {page}");
    let again = person.page(&next).await;
    assert!(!again.contains("notice good"), "{address}: {again}");
}

#[tokio::test]
async fn what_was_done_to_a_webhook_is_said_once() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let id = world.webhook("northside", Mode::Live, "Booking Sync").await;
    let one = format!("/console/o/northside/webhooks/{id}");
    let active = format!("{one}/active");
    let pause = (&*active, &[("active", "false")][..]);
    says(
        &mut operator,
        pause,
        "The webhook is paused: events are kept and go out when it is activated.",
    )
    .await;
    let activate = (&*active, &[("active", "true")][..]);
    says(
        &mut operator,
        activate,
        "The webhook is active: what was kept for it goes out now.",
    )
    .await;
    let delete = format!("{one}/delete");
    let delete = (&*delete, &[("name", "Booking Sync")][..]);
    says(
        &mut operator,
        delete,
        "The webhook is deleted: it gets no more events.",
    )
    .await;
}

#[tokio::test]
async fn what_was_done_to_a_delivery_or_a_key_is_said_once() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    world.webhook("northside", Mode::Live, "Booking Sync").await;
    let waiting = world.happens(APPOINTMENT).await.1[0];
    let failed = world.delivery(APPOINTMENT, &[GIVEN_UP]).await;
    let one = "/console/o/northside/deliveries";
    let cancel = format!("{one}/{waiting}/cancel");
    says(
        &mut operator,
        (&cancel, &[]),
        "The delivery is cancelled: it is not sent any more.",
    )
    .await;
    let retry = format!("{one}/{failed}/retry");
    let back = [("back", "/console/o/northside/log?state=failed")];
    says(
        &mut operator,
        (&retry, &back),
        "The delivery is sent again now.",
    )
    .await;

    for keys in ["/console/o/northside/api-keys", "/console/operator-keys"] {
        let form = [("name", "Server"), ("scope", "read")];
        operator.post(&format!("{keys}/new"), &form).await;
        let list = operator.page(keys).await;
        let revoke = list.split("method=\"post\" action=\"");
        let mut revoke = revoke.map(|rest| rest.split('"').next().unwrap());
        let revoke = revoke.find(|address| address.ends_with("/revoke")).unwrap();
        says(
            &mut operator,
            (revoke, &[]),
            "The key is revoked: its next request is refused.",
        )
        .await;
    }
}

#[tokio::test]
async fn the_word_is_of_a_list_and_travels_as_the_session_does() {
    let config = ConsoleConfig {
        frame_ancestors: vec!["https://app.example.com".to_owned()],
        ..ConsoleConfig::default()
    };
    for (config, site) in [
        (ConsoleConfig::default(), "SameSite=Lax"),
        (config, "SameSite=None; Secure; Partitioned"),
    ] {
        let world = World::with(&config);
        let mut operator = world.with_northside().await;
        let id = world.webhook("northside", Mode::Live, "Booking Sync").await;
        let active = format!("/console/o/northside/webhooks/{id}/active");
        let got = operator.post(&active, &[("active", "false")]).await;
        let lines = got.headers.get_all(header::SET_COOKIE).iter();
        let lines: Vec<_> = lines.map(|line| line.to_str().unwrap()).collect();
        let expected =
            format!("carehook-done=webhook-paused; Path=/console; Max-Age=60; HttpOnly; {site}");
        assert_eq!(lines, [expected]);
        // A part of a page leaves it to the page.
        let part = Request::get("/console/sessions").header("hx-request", "true");
        let got = operator.send(part, axum::body::Body::empty()).await;
        assert!(got.headers.get(header::SET_COOKIE).is_none());
        operator.page("/console/sessions").await;

        let cookie = "carehook-done=<b>you won</b>";
        let request = Request::get("/console/sessions").header(header::COOKIE, cookie);
        let got = operator.send(request, axum::body::Body::empty()).await;
        assert!(!got.html.contains("you won"), "{}", got.html);
    }
}
