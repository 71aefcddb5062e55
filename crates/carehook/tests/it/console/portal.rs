//! Somebody of an organization, who comes through a portal link of the vendor's own application.

use serde_json::json;

use super::browser::Browser;
use super::scene::Scene;

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_is_asked_before_becoming_somebody_else() {
    let scene = Scene::signed_in();
    let api = scene.server.api();
    api.post("", &json!({"id": "northside", "name": "Northside Clinic"}))
        .await;
    let link = async || {
        let person = json!({"person": "dr.k@clinic.example"});
        let made = api.post("/northside/portal-sessions", &person).await;
        made["url"].as_str().unwrap().to_owned()
    };
    let browser = &scene.browser;
    browser.open(&link().await);
    browser.sees("Here you are the operator.");
    browser.follow("Stay signed in");
    browser.arrives_at("/console/organizations");
    browser.open(&link().await);
    browser.press("Sign out and go on");
    browser.arrives_at("/console/o/northside");
    assert!(browser.shows("//p[normalize-space(.)='Signed in as dr.k@clinic.example']"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_log_says_that_its_reader_was_signed_out() {
    let scene = Scene::signed_in();
    scene.make_organization("northside", "Northside Clinic");
    let (browser, other) = (&scene.browser, Browser::at(scene.server.url()));
    let api = scene.server.api();
    let made = api.post("/northside/portal-sessions", &json!({})).await;
    other.open(made["url"].as_str().unwrap());
    other.arrives_at("/console/o/northside");
    other.open("/console/o/northside/log");
    other.sees("live");
    browser.open("/console/sessions");
    browser.press("End the session of Portal of northside");
    browser.sees_row(&["Operator", "this is you"]);
    other.sees("You were signed out");
    other.follow("Sign in again");
    other.sees("Open the portal from there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_person_sees_one_organization_and_no_other() {
    let scene = Scene::start();
    let api = scene.server.api();
    for (id, name) in [("northside", "Northside Clinic"), ("eastside", "Eastside")] {
        api.post("", &json!({"id": id, "name": name})).await;
    }
    let rights =
        json!({"rights": ["read", "manage"], "return_url": "https://pms.example.com/settings"});
    let link = api.post("/northside/portal-sessions", &rights).await;
    let link = link["url"].as_str().unwrap();

    let browser = &scene.browser;
    browser.open(link);
    browser.arrives_at("/console/o/northside");
    browser.open("/console/o/northside/webhooks");
    browser.sees("No webhook yet.");
    let page = browser.text();
    for operators in ["Organizations", "Operations", "API keys", "Audit"] {
        assert!(!page.contains(operators), "{operators}: {page}");
    }
    for elsewhere in [
        "o/eastside",
        "o/eastside/webhooks",
        "organizations",
        "operations",
    ] {
        browser.open(&format!("/console/{elsewhere}"));
        browser.sees("To the start");
        let page = browser.text();
        assert!(!page.contains("Eastside"), "{elsewhere}: {page}");
    }

    // The link is for one use, and what began with it ends with the sign-out.
    let other = Browser::at(scene.server.url());
    other.open(link);
    other.sees("This link has ended");
    browser.open("/console/o/northside/webhooks");
    browser.press("Sign out");
    browser.sees("Back to where you came from");
    browser.open("/console/o/northside/webhooks");
    browser.sees("Sign in");
}
