//! Names, ids and answers by somebody who means harm, or writes from the right, or at length.

use carehook_testkit::{Answer, Receiver};
use serde_json::{Value, json};

use super::accessibility::check;
use super::scene::Scene;

const SCRIPT: &str = "<img src=x onerror=alert(1)>\"'</td><script>alert(2)</script>";
const FROM_THE_RIGHT: &str = "مرحبا بالعيادة \u{202e}gnp.exe";

/// Whatever of it became part of a page would break the policy, and with that this test.
#[tokio::test(flavor = "multi_thread")]
async fn what_strangers_wrote_stays_text_and_fits_the_page() {
    let scene = Scene::signed_in();
    let receiver = Receiver::start().await;
    let answer = format!("{SCRIPT}{}", "x".repeat(10_000));
    receiver.set_default(Answer::status(500).body(answer));
    let api = scene.server.api();
    let long = "W".repeat(150);
    let organization = json!({"id": "northside", "name": format!("{SCRIPT} 🩺")});
    api.post("", &organization).await;
    let mut webhooks = Vec::new();
    for name in [SCRIPT, "مرحبا بالعيادة", &long] {
        let endpoint = json!({"url": receiver.url(), "events": ["*"], "name": name});
        let made = api.post("/northside/endpoints", &endpoint).await;
        webhooks.push(made["id"].as_str().unwrap().to_owned());
        let key = json!({"name": name, "mode": "live", "scopes": ["read"]});
        api.post("/northside/api-keys", &key).await;
    }
    let data = json!({"id": SCRIPT, "note": FROM_THE_RIGHT, "long": "x".repeat(10_000)});
    let event = json!({"type": "patient.created", "subject": SCRIPT, "data": data});
    api.post("/northside/events", &event).await;
    receiver.wait_for(webhooks.len()).await;
    let (_, deliveries) = api.get("/v1/organizations/northside/deliveries").await;
    let deliveries: Value = serde_json::from_str(&deliveries).unwrap();
    let delivery = deliveries["data"][0]["id"].as_str().unwrap();

    let in_organization = [
        String::new(),
        "/log".to_owned(),
        "/webhooks".to_owned(),
        format!("/webhooks/{}", webhooks[0]),
        format!("/webhooks/{}", webhooks[2]),
        format!("/webhooks/{}/settings", webhooks[0]),
        format!("/deliveries/{delivery}"),
        "/api-keys".to_owned(),
        "/audit".to_owned(),
        "/find?q=%3Cimg%20src=x%20onerror=alert(1)%3E".to_owned(),
    ];
    let mut pages = in_organization
        .map(|page| format!("/console/o/northside{page}"))
        .to_vec();
    pages.push("/console/organizations".to_owned());
    pages.push("/console/operations".to_owned());
    let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
    check(&scene.browser, &pages);

    // The payload and the answer, which are on the page only when they are asked for.
    let browser = &scene.browser;
    browser.open(&format!("/console/o/northside/deliveries/{delivery}"));
    browser.press("Show");
    browser.sees("That you saw it is recorded.");
    assert!(browser.text().contains("<script>alert(2)</script>"));
}
