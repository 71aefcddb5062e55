//! Laws of sessions: found by their text until they are ended, and links that are good for once.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use carehook_core::{
    LastUse, Limits, Mode, OrganizationId, Permission, PortalGrant, RecordId, Scope, Secret,
    Session, SessionHolder, SessionId, SignInLink,
};

use super::Fixture;
use super::scene::{HOUR, Scene};
use crate::{PageRequest, Refusal, StoreError};

/// The text of the session, or of the link, with this number.
pub(crate) fn text_of(kind: &str, number: u16) -> Secret {
    Secret::new(format!("{kind} {number}"))
}

pub(crate) fn portal(of: &OrganizationId) -> SessionHolder {
    SessionHolder::Portal(PortalGrant {
        organization: of.clone(),
        mode: Some(Mode::Test),
        scopes: BTreeSet::from([Scope::Read, Scope::ReadPayload]),
        permissions: Permission::all().take(3).collect(),
        rate_limit: Some(7),
        ends_at: None,
        made_by: None,
        return_url: Some(Secret::new("https://pms.example/?ticket=canary")),
    })
}

pub(super) fn was_not_found<T>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::Refused(Refusal::NotFound("link"))))
}

impl<F: Fixture> Scene<F> {
    pub(super) fn new_session(&self, holder: SessionHolder, number: u16) -> Session {
        let now = self.now();
        Session {
            id: SessionId(RecordId::new(now.0, u64::from(number), 7)),
            expires_at: now.plus(holder.lifetime()),
            holder,
            person: None,
            created_at: now,
            last_use: LastUse::default(),
        }
    }

    pub(crate) async fn session(&self, holder: SessionHolder, number: u16) -> Arc<Session> {
        let new = self.new_session(holder, number);
        let text = text_of("session", number);
        self.store().create_session(new, &text).await.unwrap()
    }

    pub(super) fn with_text(&self, number: u16) -> Option<Session> {
        let text = text_of("session", number);
        let found = self.store().session_with_text(text.expose());
        found.map(|session| (*session).clone())
    }

    pub(crate) async fn link(&self, holder: SessionHolder, number: u16) -> Result<(), StoreError> {
        let ends = holder.organization().is_some();
        let link = SignInLink {
            holder,
            person: None,
            expires_at: ends.then(|| self.now().plus(SignInLink::PORTAL_LIFETIME)),
        };
        let text = text_of("link", number);
        let store = self.store();
        store.create_sign_in_link(link, &text, self.now()).await
    }

    /// Goes through a link; whatever the new session asks for, the link says what it gets.
    pub(crate) async fn enter(&self, link: u16, number: u16) -> Result<Arc<Session>, StoreError> {
        let new = self.new_session(SessionHolder::Operator, number);
        let (link, text) = (text_of("link", link), text_of("session", number));
        let store = self.store();
        store.use_sign_in_link(link.expose(), new, &text).await
    }

    pub(crate) async fn set_password(
        &self,
        link: u16,
        password: &str,
        number: u16,
    ) -> Result<Arc<Session>, StoreError> {
        let new = self.new_session(SessionHolder::Operator, number);
        let (link, text) = (text_of("link", link), text_of("session", number));
        let (store, password) = (self.store(), Secret::new(password));
        store
            .set_operator_password(link.expose(), password, new, &text)
            .await
    }
}

pub(super) async fn a_session_is_found_by_its_text_also_after_a_crash<F: Fixture>() {
    let scene = Scene::<F>::new();
    let northside = scene.organization("northside").await;
    let operators = scene.session(SessionHolder::Operator, 1).await;
    let portals = scene.session(portal(&northside), 2).await;
    let scene = scene.crashed().await;
    assert_eq!(scene.with_text(1), Some((*operators).clone()));
    assert_eq!(scene.with_text(2), Some((*portals).clone()));
    assert_eq!(scene.with_text(3), None);
    let by_id = scene.store().session(portals.id).unwrap();
    assert_eq!(by_id.grant(), portals.grant());
    let scene = scene.reopened().await;
    assert_eq!(scene.with_text(2), Some((*portals).clone()));
}

pub(super) async fn an_ended_session_is_not_found_and_ends_once<F: Fixture>() {
    let scene = Scene::<F>::new();
    let ended = scene.session(SessionHolder::Operator, 1).await;
    scene.session(SessionHolder::Operator, 2).await;
    assert!(scene.store().end_session(ended.id).await.unwrap());
    assert!(!scene.store().end_session(ended.id).await.unwrap());
    assert_eq!(scene.with_text(1), None);
    let scene = scene.crashed().await;
    assert_eq!(scene.with_text(1), None);
    assert!(scene.store().session(ended.id).is_none());
    assert!(scene.with_text(2).is_some());
}

pub(super) async fn a_link_is_used_once_even_by_two_at_a_time<F: Fixture>() {
    let scene = Scene::<F>::new();
    let northside = scene.organization("northside").await;
    scene.link(portal(&northside), 1).await.unwrap();
    let known = |number| {
        let text = text_of("link", number);
        let link = scene.store().sign_in_link_with_text(text.expose());
        link.map(|link| link.holder.clone())
    };
    assert_eq!(known(1), Some(portal(&northside)));
    assert_eq!(known(2), None);
    let (first, second) = tokio::join!(scene.enter(1, 1), scene.enter(1, 2));
    assert_eq!(usize::from(first.is_ok()) + usize::from(second.is_ok()), 1);
    let (entered, refused) = match first {
        Ok(entered) => (entered, second),
        Err(_) => (second.unwrap(), first),
    };
    assert!(was_not_found(&refused));
    assert_eq!(entered.holder, portal(&northside), "what the link gives");
    assert!(was_not_found(&scene.enter(1, 3).await));
    assert!(was_not_found(&scene.enter(2, 3).await));
    assert_eq!(known(1), None);
    let scene = scene.crashed().await;
    assert!(was_not_found(&scene.enter(1, 3).await));
    assert!(scene.store().session(entered.id).is_some());
}

pub(super) async fn a_link_that_has_ended_is_never_used<F: Fixture>() {
    let scene = Scene::<F>::new();
    let northside = scene.organization("northside").await;
    scene.link(portal(&northside), 1).await.unwrap();
    scene.clock.advance(Duration::from_secs(59));
    scene.link(portal(&northside), 2).await.unwrap();
    scene.clock.advance(Duration::from_secs(1));
    assert!(was_not_found(&scene.enter(1, 1).await));
    let scene = scene.crashed().await;
    assert!(was_not_found(&scene.enter(1, 1).await));
    scene.enter(2, 2).await.unwrap();
}

pub(super) async fn links_that_wait_are_bounded_until_they_end<F: Fixture>() {
    let scene = Scene::<F>::new();
    let northside = scene.organization("northside").await;
    let southside = scene.organization("southside").await;
    let most = u16::try_from(Limits::PORTAL_LINKS).unwrap();
    for number in 0..most {
        scene.link(portal(&northside), number).await.unwrap();
    }
    let refused = scene.link(portal(&northside), most).await;
    let is_conflict = matches!(refused, Err(StoreError::Refused(Refusal::Conflict(_))));
    assert!(is_conflict, "{refused:?}");
    scene.link(portal(&southside), most).await.unwrap();
    scene.clock.advance(SignInLink::PORTAL_LIFETIME);
    scene.link(portal(&northside), most + 1).await.unwrap();
}

pub(super) async fn the_first_password_is_set_once_through_the_newest_link<F: Fixture>() {
    let scene = Scene::<F>::new();
    let northside = scene.organization("northside").await;
    for number in 1..=2 {
        let made = scene.link(SessionHolder::Operator, number).await;
        made.unwrap();
    }
    scene.link(portal(&northside), 3).await.unwrap();
    // A new link takes the place of the one before, and a portal link is for something else.
    for wrong in [1, 3] {
        assert!(was_not_found(&scene.set_password(wrong, "hash", 1).await));
    }
    assert_eq!(scene.store().operator_password(), None);
    scene.clock.advance(HOUR * 24 * 30);
    let scene = scene.crashed().await;
    let session = scene.set_password(2, "hash", 1).await.unwrap();
    assert_eq!(session.holder, SessionHolder::Operator);
    assert!(was_not_found(&scene.set_password(2, "other", 2).await));
    let again = scene.link(SessionHolder::Operator, 4).await;
    let is_conflict = matches!(again, Err(StoreError::Refused(Refusal::Conflict(_))));
    assert!(is_conflict, "{again:?}");
    let scene = scene.crashed().await;
    assert_eq!(scene.store().operator_password(), Some(Secret::new("hash")));
    assert!(scene.with_text(1).is_some());
    assert!(scene.with_text(2).is_none());
}

pub(super) async fn a_new_password_ends_the_operators_other_sessions<F: Fixture>() {
    let scene = Scene::<F>::new();
    let northside = scene.organization("northside").await;
    scene.link(SessionHolder::Operator, 1).await.unwrap();
    let keep = scene.set_password(1, "first", 1).await.unwrap().id;
    scene.session(SessionHolder::Operator, 2).await;
    scene.session(portal(&northside), 3).await;
    let change = |old: &str, new: &str| {
        let (store, old, new) = (scene.store().clone(), Secret::new(old), Secret::new(new));
        async move { store.change_operator_password(&old, new, keep).await }
    };
    let refused = change("wrong", "second").await;
    let is_changed = matches!(refused, Err(StoreError::Refused(Refusal::Changed(_))));
    assert!(is_changed, "{refused:?}");
    assert!(scene.with_text(2).is_some());
    change("first", "second").await.unwrap();
    assert!(change("first", "third").await.is_err());
    let scene = scene.crashed().await;
    assert!(scene.with_text(1).is_some());
    assert!(scene.with_text(2).is_none());
    assert!(scene.with_text(3).is_some());
    let password = scene.store().operator_password();
    assert_eq!(password, Some(Secret::new("second")));
}

pub(super) async fn a_forgotten_password_is_set_anew_through_a_link_that_ends<F: Fixture>() {
    let scene = Scene::<F>::new();
    let northside = scene.organization("northside").await;
    scene.link(SessionHolder::Operator, 1).await.unwrap();
    scene.set_password(1, "forgotten", 1).await.unwrap();
    scene.session(SessionHolder::Operator, 2).await;
    scene.session(portal(&northside), 3).await;
    let ending = SignInLink {
        holder: SessionHolder::Operator,
        person: None,
        expires_at: Some(scene.now().plus(HOUR)),
    };
    for number in [4, 5] {
        let (store, text) = (scene.store(), text_of("link", number));
        let made = store.create_sign_in_link(ending.clone(), &text, scene.now());
        made.await.unwrap();
    }
    assert!(was_not_found(&scene.set_password(4, "new", 6).await));
    scene.set_password(5, "new", 6).await.unwrap();
    assert!(was_not_found(&scene.set_password(5, "newer", 7).await));
    let there = |scene: &Scene<F>| [1, 2, 3, 6].map(|number| scene.with_text(number).is_some());
    assert_eq!(there(&scene), [false, false, true, true]);
    let scene = scene.crashed().await;
    assert_eq!(there(&scene), [false, false, true, true]);
    assert_eq!(scene.store().operator_password(), Some(Secret::new("new")));
}

pub(super) async fn sessions_and_links_end_with_their_organization<F: Fixture>() {
    let scene = Scene::<F>::new();
    let northside = scene.organization("northside").await;
    let southside = scene.organization("southside").await;
    scene.session(portal(&northside), 1).await;
    scene.session(portal(&southside), 2).await;
    scene.session(SessionHolder::Operator, 3).await;
    scene.link(portal(&northside), 1).await.unwrap();
    scene.link(portal(&southside), 2).await.unwrap();
    let deleted = scene.store().delete_organization(&northside, scene.now());
    deleted.await.unwrap();
    let ends = |scene: &Scene<F>| {
        let living = [1, 2, 3].map(|number| scene.with_text(number).is_some());
        assert_eq!(living, [false, true, true]);
    };
    ends(&scene);
    assert!(was_not_found(&scene.enter(1, 4).await));
    let nobody = scene.new_session(portal(&northside), 5);
    let text = text_of("session", 5);
    let refused = scene.store().create_session(nobody, &text).await;
    let is_unknown = matches!(
        refused,
        Err(StoreError::Refused(Refusal::NotFound("organization")))
    );
    assert!(is_unknown, "{refused:?}");
    // Another one of the same name has nothing of it.
    scene.organization("northside").await;
    let scene = scene.crashed().await;
    ends(&scene);
    assert!(was_not_found(&scene.enter(1, 4).await));
    scene.enter(2, 4).await.unwrap();
}

pub(super) async fn a_session_too_many_ends_the_oldest<F: Fixture>() {
    let scene = Scene::<F>::new();
    let northside = scene.organization("northside").await;
    let most = u16::try_from(Limits::SESSIONS).unwrap();
    scene.session(portal(&northside), most + 1).await;
    for number in 0..most {
        scene.session(SessionHolder::Operator, number).await;
    }
    assert!(scene.with_text(0).is_some());
    scene.session(SessionHolder::Operator, most).await;
    assert!(scene.with_text(0).is_none());
    let scene = scene.crashed().await;
    assert!(scene.with_text(0).is_none());
    assert!(scene.with_text(1).is_some());
    assert!(scene.with_text(most + 1).is_some());
    // What has ended by itself makes room and is forgotten.
    scene.clock.advance(Session::OPERATOR_LIFETIME);
    scene.session(SessionHolder::Operator, most + 2).await;
    let scene = scene.crashed().await;
    let living = (0..=most + 2).filter(|number| scene.with_text(*number).is_some());
    assert_eq!(living.collect::<Vec<_>>(), [most + 2]);
}

pub(super) async fn sessions_are_listed_newest_first_while_they_are_valid<F: Fixture>() {
    let scene = Scene::<F>::new();
    let northside = scene.organization("northside").await;
    let mut made = Vec::new();
    for number in 1..=3 {
        scene.clock.advance(Duration::from_mins(20));
        made.push(scene.session(portal(&northside), number).await.id);
    }
    let idle = scene.session(SessionHolder::Operator, 4).await;
    let list = |of: Option<&OrganizationId>, limit, after| {
        let page = PageRequest { limit, after };
        let found = scene.store().list_sessions(of, scene.now(), page);
        let ids: Vec<_> = found.items.iter().map(|session| session.id).collect();
        (ids, found.next)
    };
    let (page, next) = list(None, 2, None);
    assert_eq!(page, [idle.id, made[2]]);
    let (page, next) = list(None, 2, next);
    assert_eq!((page, next), (vec![made[1], made[0]], None));
    assert_eq!(list(Some(&northside), 9, None).0.len(), 3);
    scene.clock.advance(Session::OPERATOR_IDLE);
    assert_eq!(list(None, 9, None).0, [made[2], made[1], made[0]]);
}

pub(super) async fn uses_of_sessions_are_kept_when_asked_and_at_the_end<F: Fixture>() {
    let scene = Scene::<F>::new();
    let session = scene.session(SessionHolder::Operator, 1).await;
    let first = scene.now().plus(Duration::from_mins(1));
    session.last_use.note(first);
    scene.store().keep_key_uses().await.unwrap();
    let later = scene.now().plus(Duration::from_mins(2));
    session.last_use.note(later);
    let used = |scene: &Scene<F>| scene.with_text(1).unwrap().last_use.at();
    assert_eq!(used(&scene), Some(later));
    let scene = scene.crashed().await;
    assert_eq!(used(&scene), Some(first), "a crash forgets the uses since");
    scene
        .store()
        .session(session.id)
        .unwrap()
        .last_use
        .note(later);
    let scene = scene.reopened().await;
    assert_eq!(used(&scene), Some(later));
}
