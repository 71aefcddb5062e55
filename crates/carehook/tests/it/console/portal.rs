//! Somebody of an organization, who comes through a portal link of the vendor's own application.

use serde_json::json;

use super::browser::Browser;
use super::scene::Scene;

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
