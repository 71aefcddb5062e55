//! Whoever came through a key's link goes with the key.

use carehook_core::Mode;

use super::*;
use crate::{MadeApiKey, NewApiKey};

/// A key that may make links.
async fn key(
    console: &Console,
    access: &OrganizationAccess,
    ends: Option<Timestamp>,
) -> MadeApiKey {
    let new = NewApiKey {
        name: "the vendor's portal".to_owned(),
        mode: Mode::Live,
        permissions: None,
        scopes: Some(BTreeSet::from([Scope::Read, Scope::Keys])),
        expires_at: ends,
        rate_limit: None,
    };
    console.app.create_api_key(access, new).await.unwrap()
}

/// A link that somebody with this key has made.
async fn link_by(console: &Console, key: &MadeApiKey) -> Result<MadePortalLink, AppError> {
    let app = &console.app;
    let caller = app.caller(Some(key.text.expose()), None).await?;
    let access = app.access(&caller, "northside")?;
    let new = NewPortalLink {
        person: None,
        rights: None,
        return_url: None,
    };
    app.make_portal_link(&access, new).await
}

#[tokio::test]
async fn the_next_request_is_refused_when_the_key_behind_the_link_is_revoked() {
    let console = Console::start();
    let (app, own) = (&console.app, console.first_visit().await);
    let operator = console.person(&own).unwrap();
    let access = console.access_to_northside(&operator).await;
    let key = key(&console, &access, None).await;
    let link = link_by(&console, &key).await.unwrap();
    let unused = link_by(&console, &key).await.unwrap();
    let entered = app.enter_portal(link.text.expose(), None).await.unwrap();
    let others = console.portal_link(&operator, &[]).await;
    let others = app.enter_portal(others.text.expose(), None).await.unwrap();
    let person = console.person(&entered).unwrap();

    app.revoke_api_key(&access, key.key.id).await.unwrap();
    assert!(is_out(&console.person(&entered)));
    assert!(
        !app.is_signed_in(&person),
        "what goes on by itself ends too"
    );
    assert!(is_gone(&app.enter_portal(unused.text.expose(), None).await));
    assert!(is_out(&link_by(&console, &key).await));
    console.person(&others).unwrap();
    console.person(&own).unwrap();
    let seen = app.list_sessions(&operator, &Page::default()).unwrap();
    assert_eq!(seen.items.len(), 2);
}

#[tokio::test]
async fn a_session_ends_when_the_key_behind_its_link_does() {
    let console = Console::start();
    let (app, own) = (&console.app, console.first_visit().await);
    let operator = console.person(&own).unwrap();
    let access = console.access_to_northside(&operator).await;
    let end = app.now().plus(Duration::from_mins(30));
    let key = key(&console, &access, Some(end)).await;
    let link = link_by(&console, &key).await.unwrap();
    let entered = app.enter_portal(link.text.expose(), None).await.unwrap();
    console.clock().advance(Duration::from_mins(29));
    let unused = link_by(&console, &key).await.unwrap();
    console.person(&entered).unwrap();
    console.clock().advance(Duration::from_mins(1));
    assert!(is_out(&console.person(&entered)));
    let late = app.enter_portal(unused.text.expose(), None).await;
    assert!(is_gone(&late));
}
