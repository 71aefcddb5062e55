//! How many bytes a page costs a browser that comes for the first time.

use super::scene::Clinic;

/// The budget of a first page without charts: 60 KiB.
const BUDGET: u64 = 60 * 1024;

/// The page and all files that it brought, as they came over the wire, with their headers.
const TRANSFERRED: &str = "
    const entries = ['navigation', 'resource'].flatMap(kind => performance.getEntriesByType(kind));
    return entries.map(entry => [entry.name, entry.transferSize])";

#[tokio::test(flavor = "multi_thread")]
async fn a_first_page_costs_at_most_60_kib() {
    let clinic = Clinic::start().await;
    let browser = &clinic.scene.browser;
    // The last one has charts, and fits all the same.
    for page in [
        "organizations",
        "o/northside/webhooks",
        "o/northside/log",
        "o/northside",
    ] {
        browser.forget_files();
        browser.open(&format!("/console/{page}"));
        let entries = browser.run(TRANSFERRED);
        let entries = entries.as_array().unwrap();
        let sizes = entries.iter().map(|entry| entry[1].as_u64().unwrap());
        let sizes: Vec<u64> = sizes.collect();
        // The page, its style, its script, htmx.
        assert!(sizes.len() >= 4, "{entries:?}");
        assert!(!sizes.contains(&0), "not transferred: {entries:?}");
        let all: u64 = sizes.iter().sum();
        assert!(all <= BUDGET, "{page}: {all} B: {entries:?}");
    }
}
