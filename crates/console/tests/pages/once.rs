//! A page that is reloaded, and a form that is sent again, repeat nothing.

use carehook_app::{Answer, Page};
use carehook_core::{Mode, Scope};
use http::StatusCode;

use super::world::{Browser, World, token_of};

const NEW_KEY: &str = "/console/o/northside/api-keys/new";
const WEBHOOKS: &str = "/console/o/northside/webhooks";

async fn keys_of(world: &World) -> usize {
    let caller = world.app.caller(Some(super::OPERATOR_KEY), None).await;
    let access = world.app.access(&caller.unwrap(), "northside").unwrap();
    let keys = world.app.list_api_keys(&access, &Page::default()).unwrap();
    keys.items.len()
}

async fn make_key(person: &mut Browser<'_>, token: &str, name: &str) -> super::world::Got {
    let form = [("once", token), ("name", name), ("scope", "read")];
    person.post(NEW_KEY, &form).await
}

#[tokio::test]
async fn a_reload_makes_no_second_key() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let token = operator.token_at(NEW_KEY).await;
    let first = make_key(&mut operator, &token, "Server").await;
    assert!(
        first.html.contains("data-copy=\"pk_live_"),
        "{}",
        first.html
    );
    for _ in 0..2 {
        let again = make_key(&mut operator, &token, "Server").await;
        assert_eq!(again.status, StatusCode::OK);
        assert!(
            again.html.contains(
                "This key was made already. Its secret is shown once; make another key if you \
                 did not copy it."
            ),
            "{}",
            again.html
        );
        assert!(!again.html.contains("pk_live_"), "{}", again.html);
        for way in [NEW_KEY, "/console/o/northside/api-keys"] {
            assert!(again.html.contains(&format!("href=\"{way}\"")), "{way}");
        }
    }
    assert_eq!(keys_of(&world).await, 1);

    let token = operator.token_at(NEW_KEY).await;
    let another = make_key(&mut operator, &token, "Server").await;
    assert!(another.html.contains("data-copy=\"pk_live_"));
    assert_eq!(keys_of(&world).await, 2);
}

#[tokio::test]
async fn a_restart_in_between_repeats_nothing() {
    let world = World::start();
    let (session, token) = {
        let mut operator = world.with_northside().await;
        let token = operator.token_at(NEW_KEY).await;
        make_key(&mut operator, &token, "Server").await;
        (operator.session(), token)
    };
    let world = world.restarted().await;
    let mut operator = world.returning(session);
    let again = make_key(&mut operator, &token, "Server").await;
    assert!(again.html.contains("made already"), "{}", again.html);
    assert_eq!(keys_of(&world).await, 1);
}

#[tokio::test]
async fn a_form_that_was_refused_is_good_once_it_is_mended() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let token = operator.token_at(NEW_KEY).await;
    let refused = make_key(&mut operator, &token, "").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let mended = make_key(&mut operator, &token, "Server").await;
    assert!(
        mended.html.contains("data-copy=\"pk_live_"),
        "{}",
        mended.html
    );

    // Gone back, changed and sent: what was made stands, and nothing is made in silence.
    let changed = make_key(&mut operator, &token, "Another").await;
    assert_eq!(changed.status, StatusCode::CONFLICT);
    assert!(
        changed.html.contains("with other entries"),
        "{}",
        changed.html
    );
    assert_eq!(keys_of(&world).await, 1);
}

#[tokio::test]
async fn a_form_of_an_earlier_session_does_nothing() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let token = operator.token_at(NEW_KEY).await;
    let mut person = world.stranger();
    let link = world.portal_link("northside", &[Scope::Keys]).await;
    person.get(&link).await;
    for token in [&token, "", "x", "a.b.c", &"é".repeat(300)] {
        let got = make_key(&mut person, token, "Server").await;
        assert_eq!(got.status, StatusCode::CONFLICT, "{token}");
        assert!(got.html.contains("before you signed in"), "{}", got.html);
    }
    assert_eq!(keys_of(&world).await, 0);
}

#[tokio::test]
async fn a_reload_makes_no_second_operator_key() {
    let world = World::start();
    let mut operator = world.operator().await;
    let new = "/console/operator-keys/new";
    let token = operator.token_at(new).await;
    let form = [("once", &*token), ("name", "Ops"), ("scope", "read")];
    let first = operator.post(new, &form).await;
    assert!(first.html.contains("Ops is ready"), "{}", first.html);
    let again = operator.post(new, &form).await;
    assert!(again.html.contains("This key was made already"));
    let list = operator.page("/console/operator-keys").await;
    assert_eq!(list.matches("Revoke this key").count(), 1, "{list}");
}

#[tokio::test]
async fn a_reload_makes_no_second_webhook_and_no_second_secret() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let token = operator
        .token_at(&format!("{WEBHOOKS}/new?mode=test"))
        .await;
    let url = "https://93.184.216.34/hooks/carehook";
    let form = [("once", &*token), ("url", url), ("which", "all")];
    let address = format!("{WEBHOOKS}?mode=test");
    let first = operator.post(&address, &form).await;
    assert!(first.html.contains("data-copy=\"whsec_"), "{}", first.html);
    let again = operator.post(&address, &form).await;
    assert!(again.html.contains("This webhook was made already"));
    assert!(!again.html.contains("whsec_"), "{}", again.html);
    // The address stays in its mode, and so does the page.
    assert!(again.html.contains("Test mode"), "{}", again.html);
    assert!(again.html.contains(&format!("href=\"{address}\"")));

    let caller = world.app.caller(Some(super::OPERATOR_KEY), None).await;
    let access = world.app.access(&caller.unwrap(), "northside").unwrap();
    let health = world.app.endpoint_health(&access, None).await.unwrap();
    assert_eq!(health.len(), 1);
    let id = health[0].endpoint.id;

    let secret = format!("{WEBHOOKS}/{id}/secret?mode=test");
    let token = operator.token_at(&secret).await;
    let rotate = format!("{WEBHOOKS}/{id}/secret/rotate?mode=test");
    let form = [("once", &*token), ("grace_seconds", "86400"), ("own", "")];
    let first = operator.post(&rotate, &form).await;
    assert_eq!(first.html.matches("data-copy=\"whsec_").count(), 2);
    let again = operator.post(&rotate, &form).await;
    assert!(again.html.contains("This new secret was made already"));
    assert!(!again.html.contains("whsec_"), "{}", again.html);
    let now = world.app.now();
    let endpoint = world.app.endpoint(&access, id).unwrap();
    assert_eq!(endpoint.secrets.in_force(now).count(), 2);
}

#[tokio::test]
async fn a_form_that_leads_on_leads_to_the_same_place_again() {
    let world = World::start();
    let mut operator = world.operator().await;
    let list = "/console/organizations";
    let token = operator.token_at(list).await;
    let form = [("once", &*token), ("name", "Northside")];
    let first = operator.post(list, &form).await.leads_to().to_owned();
    assert!(first.starts_with("/console/o/"), "{first}");
    assert_eq!(operator.post(list, &form).await.leads_to(), first);
    let page = operator.page(list).await;
    assert_eq!(page.matches("data-href=\"/console/o/").count(), 1);
}

#[tokio::test]
async fn each_showing_of_a_form_has_a_text_of_its_own() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let first = operator.page(NEW_KEY).await;
    let second = operator.page(NEW_KEY).await;
    assert_ne!(token_of(&first), token_of(&second));
}

#[tokio::test]
async fn a_replay_that_is_asked_for_again_is_the_same_one() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let id = world.webhook("northside", Mode::Live, "Booking Sync").await;
    let replay = format!("{WEBHOOKS}/{id}/replay");
    let token = operator.token_at(&replay).await;
    let form = [("once", &*token), ("state", "all"), ("types", "")];
    let first = operator.post(&replay, &form).await.leads_to().to_owned();
    assert!(first.starts_with(&format!("{replay}/")), "{first}");
    assert_eq!(operator.post(&replay, &form).await.leads_to(), first);
}

#[tokio::test]
async fn what_has_begun_and_not_ended_is_not_begun_again() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let token = operator.token_at(NEW_KEY).await;
    let session = operator.session().unwrap();
    let person = world.app.person(&session, None).unwrap();
    let body = format!("once={token}&name=Server&scope=read");
    let request = (world.app)
        .form_request(&person, &token, NEW_KEY, body.as_bytes())
        .unwrap();
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let first = world.app.once(request, async move {
        begun.send(()).unwrap();
        std::future::pending::<((), Answer)>().await
    });
    let second = async {
        has_begun.await.unwrap();
        make_key(&mut operator, &token, "Server").await
    };
    let got = tokio::select! {
        _ = first => panic!("it cannot have ended"),
        got = second => got,
    };
    assert_eq!(got.status, StatusCode::CONFLICT);
    assert!(got.html.contains("This was sent already"), "{}", got.html);
    assert!(got.html.contains("Look whether it is done"), "{}", got.html);
    assert_eq!(keys_of(&world).await, 0);
}
