//! Laws of the people behind sessions: what they are called, and who has let them in.

use carehook_core::{GrantMaker, PortalGrant, Session, SessionHolder, SignInLink};

use super::Fixture;
use super::scene::Scene;
use super::sessions::{portal, text_of, was_not_found};
use crate::{Refusal, StoreError};

pub(super) async fn a_session_keeps_what_its_person_is_called<F: Fixture>() {
    let scene = Scene::<F>::new();
    let northside = scene.organization("northside").await;
    let named = |holder, number, name: &str| Session {
        person: Some(name.parse().unwrap()),
        ..scene.new_session(holder, number)
    };
    let operators = named(SessionHolder::Operator, 1, "admin@vendor.example");
    let text = text_of("session", 1);
    scene
        .store()
        .create_session(operators, &text)
        .await
        .unwrap();
    let link = SignInLink {
        holder: portal(&northside),
        person: Some("dr.k@clinic.example".parse().unwrap()),
        expires_at: Some(scene.now().plus(SignInLink::PORTAL_LIFETIME)),
    };
    let text = text_of("link", 1);
    let made = scene.store().create_sign_in_link(link, &text, scene.now());
    made.await.unwrap();
    let scene = scene.crashed().await;
    // Like what is given, the name is the link's.
    let text = text_of("session", 2);
    let other = Session {
        person: Some("somebody else".parse().unwrap()),
        ..scene.new_session(SessionHolder::Operator, 2)
    };
    let link = text_of("link", 1);
    let entered = scene.store().use_sign_in_link(link.expose(), other, &text);
    entered.await.unwrap();
    let names = |scene: &Scene<F>| {
        [1, 2].map(|number| scene.with_text(number).unwrap().person.unwrap().to_string())
    };
    let expected = ["admin@vendor.example", "dr.k@clinic.example"];
    assert_eq!(names(&scene), expected);
    assert_eq!(names(&scene.crashed().await), expected);
}

pub(super) async fn what_a_key_has_let_in_ends_when_it_is_revoked<F: Fixture>() {
    let scene = Scene::<F>::new();
    let northside = scene.organization("northside").await;
    let (revoked, kept) = (
        scene.key(&northside, 1).await,
        scene.key(&northside, 2).await,
    );
    let operators = scene.operator_key(3).await;
    let by = |made_by| match portal(&northside) {
        SessionHolder::Portal(grant) => SessionHolder::Portal(PortalGrant { made_by, ..grant }),
        SessionHolder::Operator => unreachable!("a portal has a grant"),
    };
    let makers = [
        Some(GrantMaker::Key(revoked.id)),
        Some(GrantMaker::Key(kept.id)),
        Some(GrantMaker::OperatorKey(operators.id)),
        None,
    ];
    for (number, maker) in (0..).zip(makers) {
        scene.session(by(maker), number).await;
        scene.link(by(maker), number).await.unwrap();
    }
    let living = |scene: &Scene<F>| {
        [0, 1, 2, 3].map(|number| {
            let text = text_of("link", number);
            let link = scene.store().sign_in_link_with_text(text.expose());
            assert_eq!(link.is_some(), scene.with_text(number).is_some());
            link.is_some()
        })
    };
    let scene = scene.crashed().await;
    assert_eq!(living(&scene), [true; 4]);
    let done = scene
        .store()
        .revoke_api_key(&northside, revoked.id, scene.now());
    done.await.unwrap();
    assert_eq!(living(&scene), [false, true, true, true]);
    assert!(was_not_found(&scene.enter(0, 9).await));
    let late = scene.link(by(makers[0]), 8).await;
    let is_refused = matches!(late, Err(StoreError::Refused(Refusal::NotFound("key"))));
    assert!(is_refused, "{late:?}");
    let done = scene.store().revoke_operator_key(operators.id, scene.now());
    done.await.unwrap();
    assert_eq!(living(&scene), [false, true, false, true]);
    let scene = scene.crashed().await;
    assert_eq!(living(&scene), [false, true, false, true]);
}
