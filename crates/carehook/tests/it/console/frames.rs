//! The portal inside a page of the vendor's, and where browsers keep no cookie and no clipboard.

use carehook_testkit::{Answer, Receiver};
use serde_json::json;

use super::browser::Browser;
use super::scene::Scene;
use crate::server::{Folder, Server};

/// The clipboard is refused, and so is the old way to it.
const NO_COPYING: &str = "Object.defineProperty(navigator, 'clipboard', { value: undefined }); \
                          Document.prototype.execCommand = () => false;";

/// A page of another site with a portal link in a frame, which may not write to the clipboard.
async fn framed() -> (Scene, Receiver) {
    let vendor = Receiver::start().await;
    let origin = format!("http://localhost:{}", vendor.address().port());
    let folder = Folder::Own(tempfile::tempdir().unwrap());
    let ancestors = [("CAREHOOK_FRAME_ANCESTORS", origin.as_str())];
    let server = Server::start_in(folder, &["--dev"], &ancestors);
    let api = server.api();
    let clinic = json!({"id": "northside", "name": "Northside Clinic"});
    api.post("", &clinic).await;
    let rights = json!({"person": "dr.k@clinic.example", "rights": ["read", "manage"]});
    let link = api.post("/northside/portal-sessions", &rights).await;
    let link = link["url"].as_str().unwrap();
    let page =
        format!("<!doctype html><title>PMS</title><iframe src=\"{link}\" width=1200 height=900>");
    vendor.set_default(
        Answer::status(200)
            .header("content-type", "text/html")
            .body(page),
    );
    let browser = Browser::at(server.url());
    browser.open(&origin);
    browser.enter_frame();
    (Scene { browser, server }, vendor)
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_frame_of_another_site_one_is_signed_in_and_copies_and_chooses_colours() {
    let (scene, _vendor) = framed().await;
    let browser = &scene.browser;
    assert!(browser.shows("//p[normalize-space(.)='Signed in as dr.k@clinic.example']"));
    browser.follow("Webhooks");
    browser.press("Copy the command");
    assert!(browser.shows("//button[normalize-space(.)='Copied']"));
    let told = "return document.querySelector('p.unseen[role=status]').textContent";
    assert_eq!(browser.run(told), "Copied");
    browser.fill("Search: event id, delivery id, subject or URL", "\u{e009}v");
    let pasted = browser.run("return document.getElementById('find').value");
    assert!(pasted.as_str().unwrap().starts_with("curl "), "{pasted}");

    browser.run("document.getElementById('theme').value = 'dark'");
    browser.press("Set the colours");
    assert!(browser.shows("/html[@data-theme='dark']"));
    // The vendor's page was told nothing by the refusal; the browser has noted it.
    browser.leave_frame();
    let _refused = browser.complaints();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_copied_is_marked_and_says_so() {
    let scene = Scene::signed_in();
    let browser = &scene.browser;
    scene.make_organization("north", "Northside Clinic");
    browser.run(NO_COPYING);
    browser.press("Copy the command");
    let failed = "Could not copy: it is selected, press Ctrl+C";
    assert!(browser.shows(&format!("//button[normalize-space(.)='{failed}']")));
    let marked = browser.run(
        "const field = document.activeElement;
        return field.value ? field.value.slice(field.selectionStart, field.selectionEnd)
            : getSelection().toString()",
    );
    assert!(marked.as_str().unwrap().starts_with("curl "), "{marked}");
}

#[tokio::test(flavor = "multi_thread")]
async fn over_plain_http_from_elsewhere_the_link_stays_good() {
    let scene = Scene::start();
    let link = scene.first_link();
    // The browser finds this name at the machine itself, and thinks that it is somewhere else.
    let elsewhere = link.replace("127.0.0.1", "clinic.example");
    scene.browser.open(&elsewhere);
    scene.browser.sees("Nobody can sign in at this address");
    scene.browser.sees("CAREHOOK_PUBLIC_URL");
    scene.sign_in_first();
}
