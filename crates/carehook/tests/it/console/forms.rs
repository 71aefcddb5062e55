//! What only a browser does with forms: it sends them again, and goes back to them.

use carehook_testkit::Receiver;

use super::browser::Browser;
use super::scene::Scene;

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_after_a_key_was_made_makes_no_second_one() {
    let scene = Scene::signed_in();
    let browser = &scene.browser;
    scene.make_organization("north", "Northside Clinic");
    browser.open("/console/o/north/api-keys/new");
    browser.fill("Name", "Booking server");
    browser.press("Create");
    browser.sees("Booking server is ready");

    browser.reload();
    browser.sees("This key was made already. Its secret is shown once");
    assert!(browser.focus().starts_with("This key was made already."));
    browser.follow("See the keys");
    browser.sees_row(&["Booking server", "active"]);
    assert_eq!(rows(browser), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn going_back_and_pressing_again_makes_no_second_secret() {
    let receiver = Receiver::start().await;
    let scene = Scene::signed_in();
    let browser = &scene.browser;
    scene.make_organization("north", "Northside Clinic");
    browser.open("/console/o/north/webhooks");
    browser.fill("URL", &receiver.url());
    browser.fill("Name", "Booking Sync");
    browser.press("Make it and show its secret");
    browser.sees("Booking Sync is made");
    browser.reload();
    browser.sees("This webhook was made already, and no second one.");
    browser.follow("See the webhooks");
    browser.follow("Booking Sync");

    browser.follow("Secret");
    browser.press("Make a new secret");
    browser.sees("The new secret is below");
    browser.back();
    browser.sees("Seeing a secret leaves an entry");
    browser.press("Make a new secret");
    browser.sees("This new secret was made already, and no second one.");
    browser.follow("See the secrets");
    browser.sees("Seeing a secret leaves an entry");
    assert_eq!(rows(browser), 2);
}

fn rows(browser: &Browser) -> u64 {
    let rows = browser.run("return document.querySelectorAll('main tbody tr').length");
    rows.as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_and_what_was_done_have_the_focus() {
    let scene = Scene::signed_in();
    let browser = &scene.browser;
    scene.make_organization("north", "Northside Clinic");
    browser.open("/console/o/north/api-keys/new");
    browser.fill("Name", "Booking server");
    browser.run("document.getElementById('expires_on').value = '2020-01-01'");
    browser.press("Create");
    browser.sees("No key was made yet");
    assert!(browser.focus().starts_with("No key was made yet"));
    browser.follow("Ends on");
    browser.run("document.getElementById('expires_on').value = ''");
    browser.press("Create");
    browser.sees("Booking server is ready");

    browser.follow("I have stored it");
    browser.follow("Revoke Booking server");
    browser.press("Revoke this key");
    browser.sees("The key is revoked");
    assert!(browser.focus().starts_with("The key is revoked"));
    browser.reload();
    browser.sees_row(&["Booking server", "revoked"]);
    assert!(!browser.text().contains("The key is revoked"));
}
