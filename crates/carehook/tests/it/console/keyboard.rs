//! The console without a mouse.

use super::browser::{Browser, ENTER, ESCAPE, TAB};
use super::scene::{Clinic, PASSWORD, Scene};

/// What can have the focus and is shown, in words that tell the elements apart.
const CONTROLS: &str = "
    const all = document.querySelectorAll('a[href], button, input, select, textarea, summary');
    const shown = [...all].filter(e => e.checkVisibility() && !e.disabled && e.type !== 'hidden');
    // Of choices of which one can be made, Tab reaches the one that is; arrows reach the others.
    return shown.filter(e => e.type !== 'radio' || e.checked).length";

/// Whether the element with the focus is inside the window and has an outline.
const SHOWS_FOCUS: &str = "
    const e = document.activeElement, box = e.getBoundingClientRect();
    const style = getComputedStyle(e);
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
        && box.right > 0 && box.bottom > 0 && box.left < innerWidth && box.top < innerHeight";

/// Notes the element with the focus; a date has several stops, and they are one element.
const NOTE: &str = "
    const e = document.activeElement, before = window.before;
    window.before = e;
    if (e === document.body) return 'end';
    if (e.dataset.reached) return e === before ? 'same' : 'end';
    e.dataset.reached = 'yes';
    return 'new'";

const ARROW_DOWN: char = '\u{e015}';

/// Goes through the whole page with Tab: everything is reached, and shows that it has the focus.
fn walk(browser: &Browser) {
    let controls = browser.run(CONTROLS).as_u64().unwrap();
    let mut reached = 0;
    // From the top, wherever the page itself put the focus.
    browser.run("document.body.tabIndex = -1; document.body.focus()");
    loop {
        browser.keys([TAB]);
        match browser.run(NOTE).as_str().unwrap() {
            "new" => reached += 1,
            "same" => continue,
            _ => break,
        }
        let shows = browser.run(SHOWS_FOCUS);
        assert!(shows == true, "{} hides its focus", browser.focus());
    }
    let here = browser.address();
    assert!(reached >= controls, "{reached} of {controls} at {here}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_signs_in_and_opens_an_organization_with_keys_alone() {
    let scene = Scene::signed_in();
    let browser = &scene.browser;
    scene.make_organization("eastside", "Eastside Clinic");
    scene.make_organization("northside", "Northside Clinic");
    browser.press("Sign out");
    browser.sees("Signed out");

    browser.open("/console/sign-in?next=/console/organizations");
    browser.keys(PASSWORD.chars());
    browser.keys([ENTER]);
    browser.arrives_at("/console/organizations");
    browser.sees_row(&["Eastside Clinic"]);
    // The newest comes first or last; both rows are reached, and the ends are ends.
    browser.keys(['j', 'j', 'j']);
    let last = browser.focus();
    browser.keys(['k']);
    assert_ne!(browser.focus(), last);
    browser.keys(['j', ENTER]);
    let id = if last == "Eastside Clinic" {
        "eastside"
    } else {
        "northside"
    };
    browser.arrives_at(&format!("/console/o/{id}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_search_help_and_skip_the_navigation() {
    let scene = Scene::signed_in();
    let browser = &scene.browser;
    scene.make_organization("northside", "Northside Clinic");
    browser.open("/console/o/northside/webhooks");

    browser.keys(['/']);
    assert_eq!(browser.focus(), "find");
    // In a field, letters are letters.
    browser.keys(['j', '?']);
    assert_eq!(browser.run("return document.activeElement.value"), "j?");

    browser.open("/console/o/northside/webhooks");
    let is_open = || browser.run("return document.getElementById('keys').open") == true;
    browser.keys(['?']);
    assert!(is_open());
    browser.keys([ESCAPE]);
    assert!(!is_open());

    browser.open("/console/o/northside/webhooks");
    browser.keys([TAB]);
    assert_eq!(browser.focus(), "Skip to the content");
    browser.keys([ENTER]);
    assert_eq!(browser.focus(), "content");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_control_is_reached_by_tab_and_shows_its_focus() {
    let scene = Scene::start();
    let browser = &scene.browser;
    browser.open(scene.first_link());
    walk(browser);
    scene.sign_in_first();
    walk(browser);
    scene.make_organization("northside", "Northside Clinic");
    for page in ["organizations", "sessions", "o/northside/webhooks"] {
        browser.open(&format!("/console/{page}"));
        walk(browser);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_control_of_the_main_pages_is_reached_by_tab() {
    let clinic = Clinic::start().await;
    let browser = &clinic.scene.browser;
    let webhook = format!("webhooks/{}/settings", clinic.working);
    let delivery = format!("deliveries/{}", clinic.delivery);
    for page in ["log", &delivery, &webhook, "api-keys/new", "audit"] {
        browser.open(&format!("/console/o/northside/{page}"));
        walk(browser);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn walking_through_choices_changes_nothing_until_a_button_is_pressed() {
    let clinic = Clinic::start().await;
    let browser = &clinic.scene.browser;
    let test = format!("/console/o/northside/webhooks/{}/test", clinic.working);
    for (page, field, button) in [
        ("/console/o/northside/log", "state", "Find"),
        (&test, "sample", "Show"),
        ("/console/o/northside/verify", "language", "Show"),
    ] {
        browser.open(page);
        browser.run(&format!("document.querySelector('[name={field}]').focus()"));
        browser
            .run("window.here = true; addEventListener('submit', () => { window.here = false })");
        let before = browser.run("return document.activeElement.value");
        browser.keys([ARROW_DOWN, ARROW_DOWN]);
        assert_eq!(
            browser.run("return window.here"),
            true,
            "{page} is as it was"
        );
        let has_focus = format!("return document.activeElement.name === '{field}'");
        assert_eq!(browser.run(&has_focus), true, "{page}");
        let chosen = browser.run("return document.activeElement.value");
        assert_ne!(chosen, before, "{page}");
        assert_eq!(browser.address(), page);
        browser.press(button);
        let named = format!(
            "//select[@name='{field}']//option[@selected and @value='{}']",
            chosen.as_str().unwrap()
        );
        assert!(browser.shows(&named), "{page}");
        let asks = format!("return new URL(location).searchParams.get('{field}')");
        assert_eq!(browser.run(&asks), chosen, "{page}");
        assert_eq!(browser.focus(), button, "{page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn escape_closes_the_menu_of_a_phone() {
    let clinic = Clinic::start().await;
    let browser = &clinic.scene.browser;
    browser.has_size(390, 844);
    browser.open("/console/o/northside/audit");
    browser.keys([TAB, TAB, ENTER, TAB]);
    let is_open = || browser.run("return document.querySelector('[data-menu]').open");
    assert_eq!(is_open(), true);
    assert_eq!(browser.focus(), "Overview");
    browser.keys([ESCAPE]);
    assert_eq!(is_open(), false);
    assert_eq!(
        browser.focus(),
        "Menu: Audit",
        "the focus is where it is seen"
    );
}
