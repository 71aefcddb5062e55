//! What axe-core finds on the main pages, in light and in dark, and whether they fit a narrow screen.

use std::fmt::Write as _;

use serde_json::Value;

use super::browser::Browser;
use super::scene::Scene;

const AXE: &str = include_str!("../../assets/vendor/axe-core/axe.min.js");

/// The rules of WCAG 2.2 A and AA, and the best practices.
const EVERYTHING: &str =
    "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']";

/// Runs rules, by tags or names; gives what is serious or critical.
fn findings(browser: &Browser, rules: &str) -> Vec<String> {
    let found = browser.run(&format!(
        "{AXE}; return axe.run(document,
            {{runOnly: {rules}, resultTypes: ['violations'], preload: false}})
            .then(result => result.violations)"
    ));
    let violations = found.as_array().unwrap().iter();
    let bad =
        violations.filter(|one| matches!(one["impact"].as_str(), Some("serious" | "critical")));
    bad.map(described).collect()
}

fn described(violation: &Value) -> String {
    let mut text = format!("{}: {}", violation["id"], violation["help"]);
    for node in violation["nodes"].as_array().unwrap().iter().take(3) {
        let summary = node["failureSummary"].as_str().unwrap_or_default();
        let _ = write!(text, "\n    {}\n      {summary}", node["html"]);
    }
    text
}

/// Looks at pages in both colours and on a narrow screen; what is wrong on any is told at once.
#[track_caller]
pub(super) fn check(browser: &Browser, pages: &[&str]) {
    let mut wrong = String::new();
    for page in pages {
        browser.open(page);
        let status =
            browser.run("return performance.getEntriesByType('navigation')[0].responseStatus");
        assert_eq!(status, 200, "{page}");
        let mut found = findings(browser, EVERYTHING);
        // The same elements with other colours.
        browser.prefers("dark");
        found.extend(findings(browser, "['color-contrast']"));
        browser.prefers("light");
        found.extend(too_wide(browser));
        for finding in found {
            let _ = writeln!(wrong, "{page} {finding}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Looks at a page as it stands, such as with a menu open.
#[track_caller]
pub(super) fn check_here(browser: &Browser) {
    let found = findings(browser, EVERYTHING);
    assert!(found.is_empty(), "{found:#?}");
}

/// WCAG 1.4.10: at a width of 320 px nobody has to scroll to the side; code and tables of data may.
fn too_wide(browser: &Browser) -> Option<String> {
    browser.has_size(320, 640);
    let widest = browser.run(
        "const root = document.documentElement;
        if (root.scrollWidth <= root.clientWidth) return '';
        const scrolls = e => e !== document.body && (getComputedStyle(e).overflowX !== 'visible'
            || (e.parentElement && scrolls(e.parentElement)));
        const wide = [...document.querySelectorAll('body *')].filter(e =>
            e.getBoundingClientRect().right > root.clientWidth + 1 && !scrolls(e));
        return wide.slice(0, 3).map(e => e.outerHTML.slice(0, 200)).join('\\n')",
    );
    browser.has_size(1280, 800);
    let widest = widest.as_str().unwrap();
    (!widest.is_empty()).then(|| format!("is wider than 320 px:\n{widest}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_serious_before_anything_is_there() {
    let scene = Scene::start();
    check(&scene.browser, &["/console/sign-in", scene.first_link()]);
    scene.sign_in_first();
    check(
        &scene.browser,
        &["/console/organizations", "/console/sessions"],
    );
    scene.browser.open("/console/nowhere");
    assert_eq!(findings(&scene.browser, EVERYTHING), Vec::<String>::new());
    scene.make_organization("northside", "Northside Clinic");
    check(&scene.browser, &["/console/o/northside/webhooks"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_serious_fault_is_found() {
    let scene = Scene::start();
    scene.browser.open("/console/sign-in");
    scene
        .browser
        .run("document.body.append(document.createElement('input'))");
    let found = findings(&scene.browser, EVERYTHING);
    assert!(
        found.iter().any(|one| one.contains("\"label\"")),
        "{found:?}"
    );
}
