//! The audit trail and erasures, as people see them.

use carehook_core::Scope;
use http::StatusCode;

use super::world::World;

const SUBJECT: &str = "patient/<img src=x onerror=alert(1)>\u{202e}\u{1f600}";

#[tokio::test]
async fn the_trail_says_who_did_what_and_can_be_narrowed() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let page = operator.page("/console/o/northside/audit").await;
    assert!(page.contains("Organization created"), "{page}");
    let narrowed = operator
        .page("/console/o/northside/audit?action=endpoint.created")
        .await;
    assert!(narrowed.contains("Nothing matches"), "{narrowed}");
    let got = operator
        .get("/console/o/northside/audit?since=yesterday")
        .await;
    assert_eq!(got.status, StatusCode::BAD_REQUEST);
    assert!(got.html.contains("must be a day"), "{}", got.html);
}

#[tokio::test]
async fn whom_somebody_asks_about_stands_in_no_address() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let got = operator
        .post("/console/o/northside/audit", &[("subject", SUBJECT)])
        .await;
    assert_eq!(got.status, StatusCode::OK);
    assert!(
        got.html.contains("Nothing matches") && !got.html.contains("<img"),
        "{}",
        got.html
    );
    for attribute in ["href=\"", "action=\""] {
        for address in got.html.split(attribute).skip(1) {
            let address = address.split('"').next().unwrap();
            assert!(!address.contains("patient"), "{address}");
        }
    }
    // An address with a subject is as good as one without.
    let page = operator
        .page("/console/o/northside/audit?subject=patient")
        .await;
    assert!(page.contains("Organization created"), "{page}");
}

#[tokio::test]
async fn the_export_has_a_line_for_each_entry() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let got = operator
        .post("/console/o/northside/audit/export", &[])
        .await;
    assert_eq!(got.headers["content-type"], "application/x-ndjson");
    let lines: Vec<serde_json::Value> = got
        .html
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let actions: Vec<_> = lines
        .iter()
        .map(|line| line["action"].as_str().unwrap())
        .collect();
    assert!(actions.contains(&"organization.created"), "{actions:?}");
    assert!(actions.contains(&"audit.viewed"), "{actions:?}");
}

#[tokio::test]
async fn an_erasure_is_asked_for_twice_and_followed() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let at = "/console/o/northside/erasures";
    assert!(
        operator
            .page(at)
            .await
            .contains("Nobody has been erased yet")
    );
    let got = operator
        .post(at, &[("subject", SUBJECT), ("again", "another")])
        .await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        got.html.contains("must be the same") && !got.html.contains("<img"),
        "{}",
        got.html
    );

    let got = operator
        .post(at, &[("subject", SUBJECT), ("again", SUBJECT)])
        .await;
    let job = got.leads_to().to_owned();
    assert!(job.starts_with("/console/o/northside/erasures/"), "{job}");
    let page = operator.page(&job).await;
    // Nothing works on it here, so it keeps asking how far it is.
    assert!(
        page.contains("being erased") && page.contains("every 1s"),
        "{page}"
    );
    assert!(!page.contains("patient"), "{page}");
    assert!(operator.page(at).await.contains(&job));
}

#[tokio::test]
async fn who_came_through_a_portal_sees_neither() {
    let world = World::start();
    drop(world.with_northside().await);
    let mut person = world.stranger();
    let link = world
        .portal_link("northside", &[Scope::Manage, Scope::ReadPayload])
        .await;
    person.get(&link).await;
    for page in ["audit", "erasures"] {
        let got = person.get(&format!("/console/o/northside/{page}")).await;
        assert_eq!(got.status, StatusCode::FORBIDDEN, "{page}");
    }
    let page = person.page("/console/o/northside/webhooks").await;
    assert!(!page.contains("Privacy"), "{page}");
}

#[tokio::test]
async fn the_trail_knows_no_test_mode() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let page = operator
        .page("/console/o/northside/webhooks?mode=test")
        .await;
    assert!(!page.contains("Privacy"), "{page}");
    let got = operator.get("/console/o/northside/audit?mode=test").await;
    assert_eq!(got.status, StatusCode::FORBIDDEN);
}
