//! Laws of going over to another master key: everything stays readable, by one key alone.

use carehook_core::DeliveryState;

use super::Fixture;
use super::api_keys::key_text;
use super::operator_keys::operator_key_text;
use super::scene::{DAY, Scene};
use crate::{MasterKey, Refusal, StoreError};

pub(super) async fn nothing_is_lost_while_the_master_key_is_rotated<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    let key = scene.key(&org, 1).await;
    let operators = scene.operator_key(1).await;
    let old = scene.publish(&org, &[endpoint]).await;
    scene
        .record(&org, old.deliveries[0], 1, DeliveryState::Pending)
        .await;
    scene.clock.advance(DAY);
    let store = scene.store();
    // Three keys by now, and a fourth one that is made for the day that begins.
    let (rotated, accepted) = tokio::join!(
        store.rotate_master(MasterKey::new([9; 32])),
        scene.accept(scene.event(&org, &[endpoint]))
    );
    assert!((2..=3).contains(&rotated.unwrap()));
    let accepted = accepted.unwrap();
    let same = store.rotate_master(MasterKey::new([9; 32])).await;
    let refused = matches!(same, Err(StoreError::Refused(Refusal::Conflict(_))));
    assert!(refused, "{same:?}");
    for id in [&old.id, &accepted.id] {
        let read = store.event(&org, id).await.unwrap();
        assert!(!read.unwrap().body.is_gone());
    }
    let answer = &scene.attempts(&org, old.deliveries[0]).await[0].answer;
    assert_eq!(&answer[..], b"answer 1");
    assert!(store.endpoint(&org, endpoint).is_some());
    let found = store.api_key_with_text(key_text(1).expose());
    assert_eq!(found.map(|found| found.id), Some(key.id));
    let found = store.operator_key_with_text(operator_key_text(1).expose());
    assert_eq!(found.map(|found| found.id), Some(operators.id));
    // An organization that is made now has a key that the new master key wraps.
    let other = scene.organization("southside").await;
    let new = scene.publish(&other, &[]).await;
    assert!(store.event(&other, &new.id).await.unwrap().is_some());
}
