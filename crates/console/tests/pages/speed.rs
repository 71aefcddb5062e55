//! What a page costs when much is stored: not more than when little is.

#[path = "../../../app/examples/figures/filling.rs"]
mod filling;

use std::time::{Duration, Instant};

use super::world::{Browser, World};

/// The measured part of the budget is in `cargo xtask bench`: 100 ms with a million deliveries in a
/// release build. This is for a build without optimization beside other tests.
const BUDGET: Duration = Duration::from_millis(700);
/// Of a page before it is compressed.
const BYTES: usize = 400_000;

const PAGES: &[&str] = &[
    "",
    "?range=1h",
    "?range=7d",
    "?range=30d",
    "/log",
    "/log?state=failed",
    "/log?subject=nobody",
    "/webhooks",
    "/audit",
    "/event-types",
    "/api-keys",
];

#[tokio::test]
async fn pages_stay_quick_and_small_with_20_000_deliveries() {
    let world = World::start();
    let mut operator = world.operator().await;
    let filled = filling::fill(&world.app, &world.store, &world.clock, 20_000);
    filled.await.unwrap();
    world.store.keep_statistics().await.unwrap();
    // Sixty hours have passed meanwhile.
    let form = [("password", super::world::PASSWORD), ("next", "/console")];
    operator.post("/console/sign-in", &form).await;
    for page in PAGES {
        check(&mut operator, &format!("/console/o/northside{page}")).await;
    }
    check(&mut operator, "/console/operations").await;
    check(&mut operator, "/console/organizations").await;
}

/// The quickest of three, since other tests run beside.
async fn check(operator: &mut Browser<'_>, page: &str) {
    let mut quickest = Duration::MAX;
    for _ in 0..3 {
        let begun = Instant::now();
        let html = operator.page(page).await;
        quickest = quickest.min(begun.elapsed());
        assert!(html.len() < BYTES, "{page} has {} bytes", html.len());
    }
    assert!(quickest < BUDGET, "{page} took {quickest:?}");
}
