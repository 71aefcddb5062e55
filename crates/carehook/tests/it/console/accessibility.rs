//! What axe-core finds on the main pages, in light and in dark.

use std::fmt::Write as _;

use serde_json::Value;

use super::browser::Browser;
use super::scene::Scene;

const AXE: &str = include_str!("../../assets/vendor/axe-core/axe.min.js");

/// Runs the rules of WCAG 2.2 A and AA and the best practices; gives what is serious or critical.
fn findings(browser: &Browser) -> Vec<String> {
    let found = browser.run(&format!(
        "{AXE}; return axe.run(document, {{resultTypes: ['violations'], preload: false}})
            .then(result => result.violations)"
    ));
    let violations = found.as_array().unwrap().iter();
    let bad =
        violations.filter(|one| matches!(one["impact"].as_str(), Some("serious" | "critical")));
    bad.map(described).collect()
}

fn described(violation: &Value) -> String {
    let mut text = format!("{}: {}", violation["id"], violation["help"]);
    for node in violation["nodes"].as_array().unwrap() {
        let summary = node["failureSummary"].as_str().unwrap_or_default();
        let _ = write!(text, "\n    {}\n      {summary}", node["html"]);
    }
    text
}

/// Looks at pages in both colours; what is wrong on any of them is told at once.
#[track_caller]
fn check(browser: &Browser, pages: &[&str]) {
    let mut wrong = String::new();
    for page in pages {
        for colours in ["light", "dark"] {
            browser.prefers(colours);
            browser.open(page);
            for finding in findings(browser) {
                let _ = writeln!(wrong, "{page} ({colours}) {finding}");
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_serious_before_anything_is_there() {
    let scene = Scene::start();
    check(&scene.browser, &["/console/sign-in", scene.first_link()]);
    scene.sign_in_first();
    check(
        &scene.browser,
        &[
            "/console/organizations",
            "/console/sessions",
            "/console/nowhere",
        ],
    );
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
    let found = findings(&scene.browser);
    assert!(
        found.iter().any(|one| one.contains("\"label\"")),
        "{found:?}"
    );
}
