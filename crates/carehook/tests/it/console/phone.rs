//! The console on a phone: the navigation is behind a menu, and the page begins near the top.

use serde_json::json;

use super::accessibility::check_here;
use super::browser::{Browser, ENTER, TAB};
use super::scene::Clinic;

/// The lower edge of the heading.
const HEADING: &str = "return document.querySelector('h1').getBoundingClientRect().bottom";
const WIDTH: &str = "return document.documentElement.scrollWidth";
/// What reaches beyond the window, for whoever has to find the cause.
const BEYOND: &str = "
    return [...document.querySelectorAll('body *')].filter(e => {
        return e.getBoundingClientRect().right > innerWidth && !e.closest('.scroll');
    }).map(e => e.outerHTML.slice(0, 120))";
/// The entries of the navigation that are shown and inside the window's width.
const ENTRIES: &str = "
    return [...document.querySelectorAll('nav[aria-label=Main] a')].filter(e => {
        const box = e.getBoundingClientRect();
        return e.checkVisibility() && box.left >= 0 && box.right <= innerWidth;
    }).map(e => e.innerText)";

fn entries(browser: &Browser) -> Vec<String> {
    serde_json::from_value(browser.run(ENTRIES)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_menu_of_a_phone_is_opened_with_keys_and_has_every_page() {
    let clinic = Clinic::start().await;
    let browser = &clinic.scene.browser;
    browser.open("/console/o/northside/audit");
    let all = entries(browser);
    assert!(all.len() == 11, "{all:?}");
    browser.has_size(390, 844);
    browser.open("/console/o/northside/audit");
    assert_eq!(entries(browser), [""; 0]);
    // Past the link that skips the navigation: the menu says where the page is.
    browser.keys([TAB, TAB]);
    assert_eq!(browser.focus(), "Menu: Audit");
    assert!(!browser.text().contains("Sign out"));
    browser.keys([ENTER]);
    assert_eq!(entries(browser), all);
    assert!(browser.text().contains("Sign out"));
    check_here(browser);
    browser.follow("Operations");
    browser.sees("The server stores and sends.");
    assert_eq!(entries(browser), [""; 0], "the next page has it closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_begins_near_the_top_of_a_phone() {
    let clinic = Clinic::start().await;
    let browser = &clinic.scene.browser;
    browser.has_size(390, 844);
    for page in [
        "o/northside",
        "o/northside/log",
        "o/northside/erasures",
        "operations",
        "sessions",
    ] {
        for mode in ["live", "test"] {
            browser.open(&format!("/console/{page}?mode={mode}"));
            let heading = browser.run(HEADING).as_f64().unwrap();
            assert!(heading <= 160.0, "{page} {mode}: {heading}");
            assert_eq!(browser.run(WIDTH), 390, "{page}: {}", browser.run(BEYOND));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_name_makes_no_page_wider_than_its_window() {
    let clinic = Clinic::start().await;
    let browser = &clinic.scene.browser;
    let named = json!({
        "name": "Long name ".repeat(20).trim(), "url": "http://127.0.0.1:9999/hook", "events": ["*"],
    });
    let api = clinic.scene.server.api();
    let made = api.post("/northside/endpoints", &named).await;
    let webhook = made["id"].as_str().unwrap();
    for width in [390, 1280] {
        browser.has_size(width, 844);
        let own = format!("webhooks/{webhook}");
        for page in ["", "webhooks", &own, "log", "event-types"] {
            browser.open(&format!("/console/o/northside/{page}"));
            assert_eq!(browser.run(WIDTH), width, "{page}: {}", browser.run(BEYOND));
        }
    }
}
