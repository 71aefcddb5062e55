//! The main pages with something on them: what axe-core finds there, that they fit a phone, and
//! their pictures for the documentation.

use std::fs;
use std::path::PathBuf;

use super::accessibility::check;
use super::scene::Clinic;

/// Where `cargo xtask screenshots` wants the pictures; without it they are taken and dropped.
const PICTURES: &str = "CAREHOOK_SCREENSHOTS";
/// They are downloaded with the repository.
const LARGEST: usize = 200 * 1024;

/// The pages of the organization, by the name of their picture.
fn pages(clinic: &Clinic) -> Vec<(&'static str, String)> {
    let in_organization = [
        ("overview", "?range=1h".to_owned()),
        ("webhooks", "/webhooks".to_owned()),
        ("webhook", format!("/webhooks/{}", clinic.working)),
        ("log", "/log".to_owned()),
        ("delivery", format!("/deliveries/{}", clinic.delivery)),
        ("keys", "/api-keys".to_owned()),
        ("catalogue", "/event-types".to_owned()),
        ("privacy", "/audit".to_owned()),
    ];
    let pages = in_organization.map(|(name, page)| (name, format!("/console/o/northside{page}")));
    let operator = ("operations", "/console/operations?range=1h".to_owned());
    pages.into_iter().chain([operator]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_serious_on_the_main_pages() {
    let clinic = Clinic::start().await;
    let pages = pages(&clinic);
    let pages: Vec<&str> = pages.iter().map(|(_, page)| page.as_str()).collect();
    check(&clinic.scene.browser, &pages);
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_serious_on_the_pages_behind_them() {
    let clinic = Clinic::start().await;
    let webhook = format!("webhooks/{}", clinic.working);
    let pages: Vec<String> = [
        "webhooks/new".to_owned(),
        format!("{webhook}/settings"),
        format!("{webhook}/secret"),
        format!("{webhook}/test"),
        format!("{webhook}/replay"),
        "api-keys/new".to_owned(),
        "event-types/patient.created".to_owned(),
        "erasures".to_owned(),
        "find?q=nothing".to_owned(),
    ]
    .map(|page| format!("/console/o/northside/{page}"))
    .to_vec();
    let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
    check(&clinic.scene.browser, &pages);
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_of_the_main_pages_are_small() {
    let clinic = Clinic::start().await;
    let browser = &clinic.scene.browser;
    let folder = std::env::var_os(PICTURES).map(PathBuf::from);
    let picture = |name: &str, page: &str| {
        browser.open(page);
        browser.run("return document.fonts.ready.then(() => true)");
        let png = browser.picture();
        assert!(png.len() < LARGEST, "{name}: {} bytes", png.len());
        if let Some(folder) = &folder {
            fs::write(folder.join(format!("{name}.png")), png).unwrap();
        }
    };
    for (name, page) in pages(&clinic) {
        picture(name, &page);
        if ["overview", "delivery"].contains(&name) {
            browser.prefers("dark");
            picture(&format!("{name}-dark"), &page);
            browser.prefers("light");
        }
        if name == "log" {
            browser.has_size(390, 844);
            picture("log-phone", &page);
            browser.has_size(1280, 800);
        }
    }
}
