//! People who see one mode only: nothing of it stands, or happens, under the name of the other.

use carehook_app::NewApiKey;
use carehook_core::{Mode, Scope};
use http::StatusCode;

use super::world::{OPERATOR_KEY, World};

/// Who was let in by a key of this mode.
async fn link_by_key_of(world: &World, mode: Mode) -> String {
    let caller = world.app.caller(Some(OPERATOR_KEY), None).await.unwrap();
    let access = world.app.access(&caller, "northside").unwrap();
    let new = NewApiKey {
        name: "Portal".to_owned(),
        mode,
        permissions: None,
        scopes: Some([Scope::Read, Scope::Manage, Scope::Keys].into()),
        expires_at: None,
        rate_limit: None,
    };
    let key = world.app.create_api_key(&access, new).await.unwrap();
    let rights = [Scope::Manage];
    world
        .portal_link_by(key.text.expose(), "northside", &rights)
        .await
}

#[tokio::test]
async fn a_person_of_one_mode_finds_nothing_at_the_addresses_of_the_other() {
    for (own, other) in [(Mode::Live, Mode::Test), (Mode::Test, Mode::Live)] {
        let world = World::start();
        drop(world.with_northside().await);
        let webhook = world.webhook("northside", own, "Booking Sync").await;
        let mut person = world.stranger();
        person.get(&link_by_key_of(&world, own).await).await;
        let other = other.as_str();
        for page in ["", "/webhooks", "/log", "/keys", "/event-types"] {
            let at = format!("/console/o/northside{page}?mode={other}");
            let got = person.get(&at).await;
            assert_eq!(got.status, StatusCode::NOT_FOUND, "{at}");
            assert!(!got.html.contains("Booking Sync"), "{at}");
        }
        let at = format!("/console/o/northside/webhooks/{webhook}/active?mode={other}");
        let got = person.post(&at, &[("active", "false")]).await;
        assert_eq!(got.status, StatusCode::NOT_FOUND);
        let endpoints = world.store.endpoints(&"northside".parse().unwrap());
        assert!(endpoints.iter().all(|endpoint| endpoint.active));
    }
}

#[tokio::test]
async fn a_person_of_one_mode_is_offered_no_other_and_gets_there_by_the_plain_address() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    world.webhook("northside", Mode::Test, "Trial Sync").await;
    let mut person = world.stranger();
    let link = link_by_key_of(&world, Mode::Test).await;
    let entered = person.get(&link).await;
    let home = person.get(entered.leads_to()).await;
    assert!(person.page(home.leads_to()).await.contains("Test mode"));
    let list = person.page("/console/o/northside/webhooks").await;
    assert!(list.contains("Trial Sync"), "{list}");
    assert!(list.contains("Test mode"), "{list}");
    assert!(!list.contains("mode=live"), "{list}");
    assert!(!list.contains("aria-label=\"Mode\""), "{list}");
    let both = operator.page("/console/o/northside/webhooks").await;
    assert!(both.contains("aria-label=\"Mode\""), "{both}");
}
