//! Laws of operator keys: found by their text and by nothing else, and of no organization.

use std::collections::BTreeSet;
use std::sync::Arc;

use carehook_core::{
    LastUse, OperatorKey, OperatorKeyId, OperatorKeyText, RecordId, Scope, Secret,
};

use super::Fixture;
use super::api_keys::key_text;
use super::scene::{HOUR, Scene};
use crate::{ListPage, PageRequest, Refusal, StoreError};

fn text(number: u8) -> OperatorKeyText {
    OperatorKeyText::new(&[number; 32])
}

/// What the operator key of a number is found by.
pub(crate) fn operator_key_text(number: u8) -> Secret {
    text(number).secret().clone()
}

const ALL: PageRequest = PageRequest {
    limit: 100,
    after: None,
};

impl<F: Fixture> Scene<F> {
    /// The operator key with [`text`] of the same number.
    fn new_operator_key(&self, number: u8) -> OperatorKey {
        OperatorKey {
            id: OperatorKeyId(RecordId::new(self.now().0, u64::from(number), 7)),
            name: format!("Operator {number}"),
            scopes: BTreeSet::from([Scope::Keys, Scope::ReadPayload, Scope::CatalogueWrite]),
            prefix: text(number).prefix().into(),
            created_at: self.now(),
            expires_at: None,
            revoked_at: None,
            last_use: LastUse::default(),
        }
    }

    async fn create(&self, new: OperatorKey, number: u8, at_most: usize) -> MadeOrNot {
        let text = operator_key_text(number);
        self.store().create_operator_key(new, &text, at_most).await
    }

    pub(crate) async fn operator_key(&self, number: u8) -> Arc<OperatorKey> {
        let new = self.new_operator_key(number);
        self.create(new, number, 100).await.unwrap()
    }

    fn operator_with(&self, number: u8) -> Option<OperatorKey> {
        let found = self
            .store()
            .operator_key_with_text(operator_key_text(number).expose());
        found.map(|key| (*key).clone())
    }

    fn operator_keys(&self, page: PageRequest) -> (Vec<OperatorKey>, Option<RecordId>) {
        let ListPage { items, next } = self.store().list_operator_keys(page);
        (items.iter().map(|key| (**key).clone()).collect(), next)
    }
}

type MadeOrNot = Result<Arc<OperatorKey>, StoreError>;

pub(super) async fn an_operator_key_is_found_by_its_text_also_after_a_crash<F: Fixture>() {
    let scene = Scene::<F>::new();
    let made = scene.operator_key(1).await;
    let ending = OperatorKey {
        expires_at: Some(scene.now()),
        scopes: BTreeSet::new(),
        ..scene.new_operator_key(3)
    };
    let ending = scene.create(ending, 3, 100).await.unwrap();
    let scene = scene.crashed().await;
    assert_eq!(scene.operator_with(1), Some((*made).clone()));
    assert_eq!(scene.operator_with(2), None);
    // Its end is for the caller to judge.
    assert_eq!(scene.operator_with(3), Some((*ending).clone()));
    let scene = scene.reopened().await;
    let (listed, next) = scene.operator_keys(ALL);
    assert_eq!(listed, [(*made).clone(), (*ending).clone()]);
    assert_eq!(next, None);
}

pub(super) async fn a_revoked_operator_key_is_not_found_but_stays_listed<F: Fixture>() {
    let scene = Scene::<F>::new();
    let made = scene.operator_key(1).await;
    let other = scene.operator_key(2).await;
    let revoked_at = scene.now();
    let revoke = || scene.store().revoke_operator_key(made.id, scene.now());
    revoke().await.unwrap();
    assert_eq!(scene.operator_with(1), None);
    assert_eq!(scene.operator_with(2), Some((*other).clone()));
    let was = |scene: &Scene<F>, number| {
        let text = operator_key_text(number);
        let was = scene.store().revoked_operator_key_with_text(text.expose());
        was.map(|key| key.id)
    };
    assert_eq!(
        [1, 2, 3].map(|number| was(&scene, number)),
        [Some(made.id), None, None]
    );
    scene.clock.advance(HOUR);
    let again = revoke().await.unwrap();
    assert_eq!(again.revoked_at, Some(revoked_at), "the first time stays");
    let unknown = OperatorKeyId(RecordId::new(1, 2, 3));
    let unknown = scene.store().revoke_operator_key(unknown, scene.now());
    let not_found = StoreError::Refused(Refusal::NotFound("operator key")).to_string();
    assert_eq!(unknown.await.unwrap_err().to_string(), not_found);
    let scene = scene.crashed().await;
    assert_eq!(scene.operator_with(1), None);
    assert_eq!(was(&scene, 1), Some(made.id));
    let (listed, _) = scene.operator_keys(ALL);
    assert_eq!((listed.len(), listed[0].revoked_at), (2, Some(revoked_at)));
    let found = scene.store().operator_key(made.id);
    assert_eq!(found.as_deref(), listed.first());
    let unknown = OperatorKeyId(RecordId::new(1, 2, 3));
    assert_eq!(scene.store().operator_key(unknown), None);
}

pub(super) async fn operator_keys_belong_to_no_organization<F: Fixture>() {
    let scene = Scene::<F>::new();
    let northside = scene.organization("northside").await;
    let key = scene.key(&northside, 1).await;
    let operators = scene.operator_key(1).await;
    let store = scene.store();
    let finds_key = |text: &Secret| store.api_key_with_text(text.expose()).map(|key| key.id);
    let finds_operator = |text: &Secret| {
        store
            .operator_key_with_text(text.expose())
            .map(|key| key.id)
    };
    assert_eq!(finds_key(&key_text(1)), Some(key.id));
    assert_eq!(finds_key(&operator_key_text(1)), None);
    assert_eq!(finds_operator(&operator_key_text(1)), Some(operators.id));
    assert_eq!(finds_operator(&key_text(1)), None);
    assert_eq!(store.list_api_keys(&northside, None, ALL).items, [key]);
    assert_eq!(scene.operator_keys(ALL).0, [(*operators).clone()]);
    let deleted = store.delete_organization(&northside, scene.now());
    deleted.await.unwrap();
    let scene = scene.crashed().await;
    assert_eq!(scene.operator_with(1), Some((*operators).clone()));
}

pub(super) async fn operator_keys_that_are_revoked_do_not_count_for_the_limit<F: Fixture>() {
    let scene = Scene::<F>::new();
    let first = scene.operator_key(1).await;
    let second = async || scene.create(scene.new_operator_key(2), 2, 1).await;
    let full = second().await;
    assert!(matches!(
        full,
        Err(StoreError::Refused(Refusal::Conflict(_)))
    ));
    assert_eq!(scene.operator_with(2), None);
    let revoked = scene.store().revoke_operator_key(first.id, scene.now());
    revoked.await.unwrap();
    second().await.unwrap();
    assert!(scene.operator_with(2).is_some());
}

pub(super) async fn pages_of_operator_keys_join_without_gaps<F: Fixture>() {
    let scene = Scene::<F>::new();
    for number in 1..=5 {
        scene.operator_key(number).await;
    }
    let (all, _) = scene.operator_keys(ALL);
    let mut joined = Vec::new();
    let mut after = None;
    loop {
        let (page, next) = scene.operator_keys(PageRequest { limit: 2, after });
        joined.extend(page);
        if next.is_none() {
            break;
        }
        after = next;
    }
    assert_eq!(joined, all);
    assert_eq!(all.len(), 5);
}

pub(super) async fn uses_of_operator_keys_are_kept_when_asked_and_at_the_end<F: Fixture>() {
    let scene = Scene::<F>::new();
    let key = scene.operator_key(1).await;
    let first = scene.now();
    key.last_use.note(first);
    scene.store().keep_key_uses().await.unwrap();
    scene.clock.advance(HOUR);
    let second = scene.now();
    key.last_use.note(second);
    // Whoever has the key sees it, the disk does not.
    let seen = |scene: &Scene<F>| scene.operator_with(1).unwrap().last_use.at();
    assert_eq!(seen(&scene), Some(second));
    let scene = scene.crashed().await;
    assert_eq!(seen(&scene), Some(first));
    let third = scene.now();
    scene.operator_with(1).unwrap().last_use.note(third);
    let scene = scene.reopened().await;
    assert_eq!(seen(&scene), Some(third));
}
