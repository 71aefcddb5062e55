//! How many bytes a page costs a browser that comes for the first time.

use super::scene::Scene;

/// The budget of a first page without charts: 60 KiB.
const BUDGET: u64 = 60 * 1024;

/// The page and all files that it brought, as they came over the wire, with their headers.
const TRANSFERRED: &str = "
    const entries = ['navigation', 'resource'].flatMap(kind => performance.getEntriesByType(kind));
    return entries.map(entry => [entry.name, entry.transferSize])";

#[tokio::test(flavor = "multi_thread")]
async fn the_first_page_costs_at_most_60_kib() {
    let scene = Scene::signed_in();
    let browser = &scene.browser;
    browser.forget_files();
    browser.open("/console/organizations");
    browser.sees("Organizations");
    let entries = browser.run(TRANSFERRED);
    let sizes: Vec<u64> = entries
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry[1].as_u64().unwrap())
        .collect();
    // The page, its style, its script, htmx.
    assert!(sizes.len() >= 4, "{entries}");
    assert!(!sizes.contains(&0), "not transferred: {entries}");
    let all: u64 = sizes.iter().sum();
    assert!(all <= BUDGET, "{all} B: {entries}");
}
