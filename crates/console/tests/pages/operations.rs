//! The operator's page: what waits and fails over all organizations, the server, its settings.

use carehook_console::{ConfigurationRow, ConsoleConfig};
use carehook_core::Mode;

use super::traffic::{APPOINTMENT, HOSTILE, UNAVAILABLE};
use super::world::World;

const PAGE: &str = "/console/operations";

#[tokio::test]
async fn a_quiet_server_says_so() {
    let world = World::start();
    let mut operator = world.operator().await;
    let page = operator.page(PAGE).await;
    for part in [
        "The server stores and sends.",
        "Nothing waits or fails for any organization.",
        "None: nothing waits, and no webhook fails.",
        env!("CARGO_PKG_VERSION"),
        "free",
        "aria-current=\"page\">Operations",
    ] {
        assert!(page.contains(part), "`{part}` is missing in {page}");
    }
    // Without settings there is no table of them.
    assert!(!page.contains("<h2>Configuration"), "{page}");
}

#[tokio::test]
async fn what_fails_is_named_and_leads_to_its_page() {
    let world = World::start();
    let mut operator = world.operator().await;
    let form = [("id", "northside"), ("name", HOSTILE)];
    operator.post("/console/organizations", &form).await;
    let id = world.webhook("northside", Mode::Test, HOSTILE).await;
    for _ in 0..4 {
        let (_, deliveries) = world
            .happens(super::traffic::Happening {
                mode: Mode::Test,
                ..APPOINTMENT
            })
            .await;
        world.attempt(deliveries[0], 1, UNAVAILABLE).await;
    }
    let page = operator.page(&format!("{PAGE}?range=1h")).await;
    for part in [
        "Something waits or fails for 1 organization.",
        "1 failing",
        "href=\"/console/o/northside\"",
        &format!("href=\"/console/o/northside/webhooks/{id}?mode=test\""),
        "4 waiting, the oldest from",
        "p95: </span>2",
        "Attempts per minute",
        "href=\"/console/operations?range=7d\"",
    ] {
        assert!(page.contains(part), "`{part}` is missing in {page}");
    }
    assert!(!page.contains("<img"), "{page}");
}

#[tokio::test]
async fn settings_are_shown_as_they_were_given_and_only_as_text() {
    let world = World::with(&ConsoleConfig {
        configuration: vec![ConfigurationRow {
            name: "public_url".to_owned(),
            value: "https://hooks.example.com/<b>".to_owned(),
            origin: "environment".to_owned(),
        }],
        ..ConsoleConfig::default()
    });
    let mut operator = world.operator().await;
    let page = operator.page(PAGE).await;
    for part in [
        "public_url",
        "https://hooks.example.com/&#60;b&#62;",
        "environment",
    ] {
        assert!(page.contains(part), "`{part}` is missing in {page}");
    }
}

#[tokio::test]
async fn only_the_operator_sees_it() {
    let world = World::start();
    drop(world.with_northside().await);
    let got = world.stranger().get(PAGE).await;
    assert_eq!(
        got.leads_to(),
        "/console/sign-in?next=%2Fconsole%2Foperations"
    );
    let mut person = world.stranger();
    person.get(&world.portal_link("northside", &[]).await).await;
    let got = person.get(PAGE).await;
    assert_eq!(got.status, http::StatusCode::FORBIDDEN);
    assert!(!got.html.contains("Requests in flight"), "{}", got.html);
}
