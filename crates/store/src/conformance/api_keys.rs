//! Laws of API keys: found by their text and by nothing else, and dead as soon as they are revoked.

use std::collections::BTreeSet;
use std::sync::Arc;

use carehook_core::{
    ApiKey, ApiKeyId, ApiKeyText, LastUse, Mode, OrganizationId, Permission, RecordId, Scope,
    Secret, Timestamp,
};

use super::Fixture;
use super::scene::{HOUR, Scene};
use crate::{ListPage, PageRequest, Refusal, StoreError};

fn text(number: u8) -> ApiKeyText {
    ApiKeyText::new(Mode::Test, &[number; 32])
}

/// What the key of a number is found by.
pub(crate) fn key_text(number: u8) -> Secret {
    text(number).secret().clone()
}

/// The key with [`text`] of the same number.
fn new_key(of: &OrganizationId, number: u8, now: Timestamp) -> ApiKey {
    ApiKey {
        id: ApiKeyId(RecordId::new(now.0, u64::from(number), 7)),
        organization: of.clone(),
        name: format!("Key {number}"),
        mode: Mode::Test,
        permissions: Permission::all().take(usize::from(number)).collect(),
        scopes: BTreeSet::from([Scope::Read, Scope::ReadPayload, Scope::CatalogueWrite]),
        prefix: text(number).prefix().into(),
        created_at: now,
        expires_at: None,
        revoked_at: None,
        rate_limit: Some(u32::from(number)),
        last_use: LastUse::default(),
    }
}

impl<F: Fixture> Scene<F> {
    pub(crate) async fn key(&self, of: &OrganizationId, number: u8) -> Arc<ApiKey> {
        let new = new_key(of, number, self.now());
        let text = text(number);
        let made = self.store().create_api_key(new, text.secret(), 100).await;
        made.unwrap()
    }

    fn found(&self, number: u8) -> Option<ApiKey> {
        let text = text(number);
        let found = self.store().api_key_with_text(text.secret().expose());
        found.map(|key| (*key).clone())
    }

    /// The key that was found by a text before it was revoked.
    fn found_revoked(&self, number: u8) -> Option<ApiKeyId> {
        let text = key_text(number);
        let found = self.store().revoked_api_key_with_text(text.expose());
        found.map(|key| key.id)
    }

    fn keys(&self, of: &OrganizationId, page: PageRequest) -> (Vec<ApiKey>, Option<RecordId>) {
        let ListPage { items, next } = self.store().list_api_keys(of, None, page);
        (items.iter().map(|key| (**key).clone()).collect(), next)
    }
}

const ALL: PageRequest = PageRequest {
    limit: 100,
    after: None,
};

pub(super) async fn a_key_is_found_by_its_text_also_after_a_crash<F: Fixture>() {
    let scene = Scene::<F>::new();
    let northside = scene.organization("northside").await;
    let made = scene.key(&northside, 1).await;
    let ending = ApiKey {
        expires_at: Some(scene.now()),
        permissions: BTreeSet::new(),
        scopes: BTreeSet::new(),
        mode: Mode::Live,
        ..new_key(&northside, 3, scene.now())
    };
    let text = text(3);
    let created = scene.store().create_api_key(ending, text.secret(), 100);
    let ending = created.await.unwrap();
    let scene = scene.crashed().await;
    assert_eq!(scene.found(1), Some((*made).clone()));
    assert_eq!(scene.found(2), None);
    // Its end is for the caller to judge.
    assert_eq!(scene.found(3), Some((*ending).clone()));
    let scene = scene.reopened().await;
    assert_eq!(scene.found(1), Some((*made).clone()));
    let (listed, next) = scene.keys(&northside, ALL);
    assert_eq!(listed, [(*made).clone(), (*ending).clone()]);
    assert_eq!(next, None);
}

pub(super) async fn a_revoked_key_is_not_found_but_stays_listed<F: Fixture>() {
    let scene = Scene::<F>::new();
    let northside = scene.organization("northside").await;
    let made = scene.key(&northside, 1).await;
    let other = scene.key(&northside, 2).await;
    let revoked_at = scene.now();
    let revoke = || {
        let revoke = scene.store();
        revoke.revoke_api_key(&northside, made.id, scene.now())
    };
    revoke().await.unwrap();
    assert_eq!(scene.found(1), None);
    assert_eq!(scene.found(2), Some((*other).clone()));
    assert_eq!(scene.found_revoked(1), Some(made.id));
    assert_eq!(scene.found_revoked(2), None);
    scene.clock.advance(HOUR);
    let again = revoke().await.unwrap();
    assert_eq!(again.revoked_at, Some(revoked_at), "the first time stays");
    let scene = scene.crashed().await;
    assert_eq!(scene.found(1), None);
    assert_eq!(scene.found_revoked(1), Some(made.id));
    let stored = scene.store().api_key(&northside, made.id).unwrap();
    assert_eq!(stored.revoked_at, Some(revoked_at));
    assert_eq!(scene.keys(&northside, ALL).0.len(), 2);
}

pub(super) async fn a_key_belongs_to_one_organization_and_ends_with_it<F: Fixture>() {
    let scene = Scene::<F>::new();
    let northside = scene.organization("northside").await;
    let southside = scene.organization("southside").await;
    let key = scene.key(&northside, 1).await;
    let others = scene.key(&southside, 2).await;
    assert!(scene.store().api_key(&southside, key.id).is_none());
    assert_eq!(scene.keys(&southside, ALL).0, [(*others).clone()]);
    let revoked = scene
        .store()
        .revoke_api_key(&southside, key.id, scene.now());
    let not_found = StoreError::Refused(Refusal::NotFound("key")).to_string();
    assert_eq!(revoked.await.unwrap_err().to_string(), not_found);

    let deleted = scene.store().delete_organization(&northside, scene.now());
    deleted.await.unwrap();
    assert_eq!(scene.found(1), None);
    let scene = scene.crashed().await;
    assert_eq!(scene.found(1), None);
    assert_eq!(scene.found(2), Some((*others).clone()));
    let northside = scene.organization("northside").await;
    assert_eq!(scene.keys(&northside, ALL).0, []);
    let nobody = "nobody".parse().unwrap();
    let created = scene
        .store()
        .create_api_key(new_key(&nobody, 3, scene.now()), text(3).secret(), 100)
        .await;
    assert!(matches!(
        created,
        Err(StoreError::Refused(Refusal::NotFound("organization")))
    ));
}

pub(super) async fn only_keys_that_are_not_revoked_count_for_the_limit<F: Fixture>() {
    let scene = Scene::<F>::new();
    let northside = scene.organization("northside").await;
    let first = scene.key(&northside, 1).await;
    let second = async || {
        let new = new_key(&northside, 2, scene.now());
        scene.store().create_api_key(new, text(2).secret(), 1).await
    };
    let full = second().await;
    assert!(matches!(
        full,
        Err(StoreError::Refused(Refusal::Conflict(_)))
    ));
    assert_eq!(scene.found(2), None);
    let revoked = scene
        .store()
        .revoke_api_key(&northside, first.id, scene.now());
    revoked.await.unwrap();
    second().await.unwrap();
    assert!(scene.found(2).is_some());
}

pub(super) async fn pages_of_keys_join_without_gaps<F: Fixture>() {
    let scene = Scene::<F>::new();
    let northside = scene.organization("northside").await;
    for number in 1..=5 {
        scene.key(&northside, number).await;
    }
    let (all, _) = scene.keys(&northside, ALL);
    let mut joined = Vec::new();
    let mut after = None;
    loop {
        let (page, next) = scene.keys(&northside, PageRequest { limit: 2, after });
        joined.extend(page);
        if next.is_none() {
            break;
        }
        after = next;
    }
    assert_eq!(joined, all);
    let of_mode = |mode| {
        let page = scene.store().list_api_keys(&northside, Some(mode), ALL);
        page.items.len()
    };
    assert_eq!((of_mode(Mode::Live), of_mode(Mode::Test)), (0, 5));
    assert_eq!(all.len(), 5);
}

pub(super) async fn uses_of_keys_are_kept_when_asked_and_at_the_end<F: Fixture>() {
    let scene = Scene::<F>::new();
    let northside = scene.organization("northside").await;
    scene.key(&northside, 1).await;
    scene.key(&northside, 2).await;
    let used = |scene: &Scene<F>, number| {
        let key = scene.found(number).unwrap();
        key.last_use.note(scene.now());
        scene.now()
    };
    let first = used(&scene, 1);
    scene.store().keep_key_uses().await.unwrap();
    scene.clock.advance(HOUR);
    // The other copy of the key sees it, the disk does not.
    let second = used(&scene, 1);
    assert_eq!(scene.found(1).unwrap().last_use.at(), Some(second));
    let scene = scene.crashed().await;
    assert_eq!(scene.found(1).unwrap().last_use.at(), Some(first));
    assert_eq!(scene.found(2).unwrap().last_use.at(), None);

    let third = used(&scene, 2);
    let revoked = scene.found(1).unwrap();
    let revoke = scene
        .store()
        .revoke_api_key(&northside, revoked.id, scene.now());
    // A use that was noted just before the end of the key is kept as well.
    revoked.last_use.note(scene.now());
    revoke.await.unwrap();
    let scene = scene.reopened().await;
    assert_eq!(scene.found(2).unwrap().last_use.at(), Some(third));
    let listed = scene.keys(&northside, ALL).0;
    assert_eq!(listed[0].last_use.at(), Some(third));
}
