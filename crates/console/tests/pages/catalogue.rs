//! The event catalogue and how to verify: searched, read, and with the reader's own webhooks.

use carehook_app::{NewCredentials, NewEndpoint};
use carehook_core::{Dialect, Mode, PayloadMode, Scope};
use http::StatusCode;

use super::traffic::{APPOINTMENT, GIVEN_UP};
use super::world::{OPERATOR_KEY, World};

const TYPES: &str = "/console/o/northside/event-types";
const VERIFY: &str = "/console/o/northside/verify";
const HOSTILE: &str = "<img src=x onerror=alert(1)>";

/// A webhook of northside; its id.
async fn webhook(
    world: &World,
    name: &str,
    events: &str,
    (dialect, mode): (Dialect, Mode),
) -> String {
    let caller = world.app.caller(Some(OPERATOR_KEY), None).await.unwrap();
    let access = world.app.access(&caller, "northside").unwrap();
    let new = NewEndpoint {
        name: Some(name.to_owned()),
        url: "http://127.0.0.1:9999/hooks".to_owned(),
        events: vec![events.to_owned()],
        dialect,
        mode: Some(mode),
        account: None,
        active: true,
        payload: PayloadMode::Full,
        version: None,
        headers: Vec::new(),
        credentials: NewCredentials::default(),
        timeout_ms: None,
        retry_schedule: None,
        notification_email: None,
    };
    let made = world.app.create_endpoint(&access, new).await.unwrap();
    made.id.to_string()
}

#[tokio::test]
async fn the_catalogue_is_listed_by_category_and_searched() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let all = operator.page(TYPES).await;
    for part in [
        "appointment.created",
        "patient.updated",
        "<h2>",
        "/verify\"",
    ] {
        assert!(all.contains(part), "{part}");
    }
    let found = operator.page(&format!("{TYPES}?q=PATIENT_CREATED")).await;
    assert!(found.contains("patient.created"), "a dialect's name");
    assert!(!found.contains("appointment.created"));
    assert!(found.contains("value=\"PATIENT_CREATED\""));
    let nothing = operator
        .page(&format!(
            "{TYPES}?q=%3Cimg%20src=x%3E%20{}",
            "y".repeat(5_000)
        ))
        .await;
    assert!(nothing.contains("No event type has this"));
    assert!(!nothing.contains("<img"));
}

#[tokio::test]
async fn an_event_type_shows_schema_sample_and_who_gets_it() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let address = format!("{TYPES}/patient.updated");
    let empty = operator.page(&address).await;
    assert!(empty.contains("No webhook of this organization and mode"));
    assert!(empty.contains("Decoda calls it"), "{empty}");
    assert!(empty.contains("{\n  &#34;"), "the sample is indented");

    let live = (Dialect::Native, Mode::Live);
    let id = webhook(&world, HOSTILE, "patient.*", live).await;
    webhook(&world, "Bookings", "appointment.*", live).await;
    webhook(&world, "Sandbox", "*", (Dialect::Native, Mode::Test)).await;
    let page = operator.page(&address).await;
    assert!(page.contains(&format!("/console/o/northside/webhooks/{id}\"")));
    assert!(page.contains("&#60;img src=x onerror=alert(1)&#62;"));
    assert!(!page.contains("<img") && !page.contains("Bookings"));
    assert!(!page.contains("Sandbox"), "that is of the other mode");
    let in_test = operator.page(&format!("{address}?mode=test")).await;
    assert!(in_test.contains("Sandbox") && !in_test.contains("Bookings"));
    for unknown in ["nothing.at.all", "%3Cimg%3E", &"x".repeat(10_000)] {
        let got = operator.get(&format!("{TYPES}/{unknown}")).await;
        assert_eq!(got.status, StatusCode::NOT_FOUND);
        assert!(!got.html.contains("<img>"));
    }
}

#[tokio::test]
async fn verifying_is_shown_in_the_language_and_with_the_values_of_the_webhook() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let general = operator.page(VERIFY).await;
    assert!(general.contains("def verify(headers, body, secrets, now):"));
    assert!(general.contains("webhook-signature"));
    let id = webhook(
        &world,
        HOSTILE,
        "appointment.created",
        (Dialect::Jump, Mode::Live),
    )
    .await;
    let address = format!("{VERIFY}?language=go&endpoint={id}");
    let page = operator.page(&address).await;
    for part in [
        "<dt>Signature in</dt><dd><code>x-webhook-signature</code>",
        "POST http://127.0.0.1:9999/hooks",
        "func Verify(headers http.Header",
        "io.ReadAll(r.Body)",
        "whsec_YOUR_SECRET",
        "<option value=\"go\" selected>",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(page.contains(&format!("/webhooks/{id}/secret")));
    assert!(!page.contains("<img"));
    let python = operator.page(&format!("{VERIFY}?endpoint={id}")).await;
    assert!(python.contains("def verify("));
    let elsewhere = operator
        .page(&format!(
            "{VERIFY}?mode=test&endpoint={id}&language=%3Cimg%3E"
        ))
        .await;
    assert!(
        !elsewhere.contains("127.0.0.1:9999"),
        "it is of the other mode"
    );
    assert!(!elsewhere.contains("<img"));
}

#[tokio::test]
async fn who_may_only_read_sees_the_catalogue_and_no_way_to_secrets() {
    let world = World::start();
    drop(world.with_northside().await);
    let id = webhook(&world, "Billing", "*", (Dialect::Ecg, Mode::Live)).await;
    for (rights, sees) in [(&[][..], false), (&[Scope::Manage][..], true)] {
        let mut person = world.stranger();
        person
            .get(&world.portal_link("northside", rights).await)
            .await;
        let page = person
            .page(&format!("{VERIFY}?endpoint={id}&language=ruby"))
            .await;
        assert!(page.contains("x-webhook-hash"), "{page}");
        assert_eq!(page.contains(&format!("/webhooks/{id}/secret")), sees);
        assert_eq!(page.contains("Send a test event"), sees);
        let page = person.page(&format!("{TYPES}/patient.updated")).await;
        assert!(page.contains("Billing"));
        assert_eq!(page.contains("webhooks/new"), sees);
    }
    let foreign = world.stranger().get(VERIFY).await;
    assert_eq!(foreign.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn an_event_type_of_the_operator_is_shown_as_text_with_its_schema() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let caller = world.app.caller(Some(OPERATOR_KEY), None).await.unwrap();
    let editor = world.app.catalogue_editor(&caller).unwrap();
    let definition = serde_json::json!({
        "code": "ward.moved",
        "category": "patients",
        "name": HOSTILE,
        "description": format!("מעבר 🛏 {HOSTILE} {}", "long ".repeat(150)),
        "versions": ["v1", "v2"],
        "samples": [{"version": "v2", "data": {"note": HOSTILE, "ward": 1.50}}],
        "schema": {"type": "object", "title": HOSTILE},
    });
    let definition = serde_json::from_value(definition).unwrap();
    let made = world.app.create_event_type(&editor, definition).await;
    made.unwrap();
    for address in [TYPES.to_owned(), format!("{TYPES}/ward.moved")] {
        let page = operator.page(&address).await;
        assert!(!page.contains("<img"), "{address}");
        assert!(page.contains("מעבר 🛏"), "{address}");
    }
    let page = operator.page(&format!("{TYPES}/ward.moved")).await;
    for part in [
        "JSON Schema of v2",
        "Version v1 <span class=\"badge\">when none is named</span>",
        "No sample yet",
        "&#34;type&#34;: &#34;object&#34;",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
}

#[tokio::test]
async fn an_event_type_says_what_was_delivered_within_a_day() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let address = format!("{TYPES}/appointment.created");
    let page = operator.page(&address).await;
    assert!(page.contains("<strong>0</strong></a>."), "{page}");
    world.webhook("northside", Mode::Live, "Bookings").await;
    world.delivery(APPOINTMENT, &[GIVEN_UP]).await;
    world.clock.advance(std::time::Duration::from_hours(25));
    world.delivery(APPOINTMENT, &[GIVEN_UP]).await;
    world.happens(APPOINTMENT).await;
    // Whoever looked in is signed out by now.
    let mut reader = world.stranger();
    reader.get(&world.portal_link("northside", &[]).await).await;
    let page = reader.page(&address).await;
    assert!(
        page.contains("<strong>2</strong></a>, of which 1 failed for good."),
        "{page}"
    );
    let other = reader.page(&format!("{TYPES}/patient.created")).await;
    assert!(other.contains("<strong>0</strong>"), "{other}");
}
