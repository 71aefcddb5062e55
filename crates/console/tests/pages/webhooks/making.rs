//! Making a webhook: the form, what is wrong beside its fields, and the secret afterwards.

use carehook_core::{Authentication, PayloadMode};
use http::StatusCode;

use super::{URL, WEBHOOKS, id_in, made};
use crate::world::World;

#[tokio::test]
async fn a_new_webhook_shows_its_secret_once_with_what_to_do() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let form = [
        ("url", URL),
        ("name", "Booking Sync"),
        ("which", "some"),
        ("event", "appointment.created"),
        ("event", "patient.*"),
        ("patterns", "questionnaire_response.*, appointment.created"),
        ("dialect", "native"),
        ("payload", "thin"),
        ("account", "acc-1"),
        ("timeout_ms", "5000"),
        ("retry_schedule", "5 s, 5 min, 2 h"),
        ("notification_email", "it@example.com"),
        ("header_name", "X-Tenant"),
        ("header_value", "north-7"),
        ("header_name", ""),
        ("header_value", ""),
        ("authentication", "bearer"),
        ("token", "abc.def"),
        ("tls", "none"),
        ("active", "true"),
    ];
    let got = operator.post(WEBHOOKS, &form).await;
    assert_eq!(got.status, StatusCode::OK, "{}", got.html);
    let access = world.access("northside").await;
    let endpoint = world.app.endpoint(&access, id_in(&got.html)).unwrap();
    let secret = endpoint.secrets.current().expose();
    // Askama writes `+` and `/` as they are; base64 has no other sign that is escaped.
    assert_eq!(
        got.html.matches(&format!("<code>{secret}</code>")).count(),
        1
    );
    assert!(
        got.html.contains(&format!("data-copy=\"{secret}\"")),
        "{}",
        got.html
    );
    for expected in [
        "Python",
        "Rust",
        "def verify(",
        "Send a test event",
        "/verify",
    ] {
        assert!(got.html.contains(expected), "{expected}: {}", got.html);
    }
    assert_eq!(endpoint.name.as_deref(), Some("Booking Sync"));
    assert_eq!(
        endpoint.subscription_names(),
        [
            "appointment.created",
            "patient.*",
            "questionnaire_response.*"
        ]
    );
    assert_eq!(endpoint.payload, PayloadMode::Thin);
    assert_eq!(endpoint.account.as_ref().unwrap().as_str(), "acc-1");
    assert_eq!(endpoint.timeout.unwrap().as_millis(), 5_000);
    assert_eq!(
        endpoint.retry_policy.as_ref().unwrap().seconds(),
        [5, 300, 7_200]
    );
    assert_eq!(
        endpoint.notification_email.as_deref(),
        Some("it@example.com")
    );
    assert_eq!(endpoint.headers[0].name, "x-tenant");
    assert_eq!(endpoint.headers[0].value.expose(), "north-7");
    assert!(matches!(
        endpoint.authentication,
        Some(Authentication::Bearer { .. })
    ));
    assert!(endpoint.active);

    for page in [WEBHOOKS.to_owned(), format!("{WEBHOOKS}/{}", endpoint.id)] {
        assert!(!operator.page(&page).await.contains(secret), "{page}");
    }
}

#[tokio::test]
async fn every_fault_stands_beside_its_field_and_what_was_entered_stays() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let form = [
        ("url", "http://10.0.0.1/<b>"),
        ("name", "Booking Sync"),
        ("which", "some"),
        ("event", "appointment.created"),
        ("patterns", "nonsense.xyz"),
        ("timeout_ms", "1"),
        ("notification_email", "nobody"),
        ("header_name", "Host"),
        ("header_value", "secret-of-a-header"),
        ("authentication", "basic"),
        ("username", "a:b"),
        ("password", "secret-of-a-receiver"),
    ];
    let got = operator.post(WEBHOOKS, &form).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    for expected in [
        r#"<div id="url-fault">"#,
        "`nonsense.xyz` matches no event type",
        "Must be 500 to 30000",
        r#"<div id="notification_email-fault">"#,
        "`Host` cannot be set by an endpoint",
        "Must not have a colon",
        r#"value="http://10.0.0.1/&#60;b&#62;""#,
        r#"value="appointment.created" checked"#,
        r#"value="nonsense.xyz""#,
        "<details open><summary>Payload",
    ] {
        assert!(got.html.contains(expected), "{expected}: {}", got.html);
    }
    for secret in ["secret-of-a-header", "secret-of-a-receiver"] {
        assert!(!got.html.contains(secret), "{}", got.html);
    }
    assert!(operator.page(WEBHOOKS).await.contains("No webhook yet"));
}

#[tokio::test]
async fn what_cannot_be_read_is_told_too() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    for (field, value, expected) in [
        ("timeout_ms", "soon", "Must be a number of milliseconds"),
        ("retry_schedule", "now and then", "Must be delays such as"),
        ("account", "a b\u{7}", r#"<div id="account-fault">"#),
        ("header_value", "x", "A value needs a name"),
        ("header_name", "x-a", "`x-a` needs a value"),
    ] {
        let mut form = vec![("url", URL), ("which", "all"), (field, value)];
        match field {
            "header_value" => form.push(("header_name", "")),
            "header_name" => form.push(("header_value", "")),
            _ => {}
        }
        let got = operator.post(WEBHOOKS, &form).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        assert!(got.html.contains(expected), "{field}: {}", got.html);
    }
}

#[tokio::test]
async fn no_event_at_all_is_not_everything() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let got = operator
        .post(WEBHOOKS, &[("url", URL), ("which", "some")])
        .await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        got.html.contains("Must have 1 to 256 entries"),
        "{}",
        got.html
    );
}

#[tokio::test]
async fn the_page_with_the_form_offers_the_whole_catalogue() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    made(&mut operator, "First").await;
    let page = operator.page(&format!("{WEBHOOKS}/new")).await;
    for expected in [
        r#"value="patient.created""#,
        r#"value="patient.*""#,
        "<summary>Patients</summary>",
        "data-narrows",
        r#"value="decoda""#,
        "5 s, 5 min, 30 min, 2 h",
    ] {
        assert!(page.contains(expected), "{expected}: {page}");
    }
}
