//! After a rotation the files open with the new master key, and nothing in them with the old one.

use std::path::Path;

use carehook_core::{Clock, DeliveryState, Secret, SessionHolder};
use carehook_testkit::copy_as_killed;
use rusqlite::Connection;

use super::sealing::files_with;
use super::{EmbeddedScene, run};
use crate::conformance::api_keys::key_text;
use crate::conformance::embedded_fixture::MASTER_KEY;
use crate::conformance::operator_keys::operator_key_text;
use crate::conformance::sessions::{portal, text_of};
use crate::{EmbeddedOptions, MasterKey, OpenError, Store};

const NEW: [u8; 32] = [9; 32];

fn open(dir: &Path, scene: &EmbeddedScene, key: [u8; 32]) -> Result<Store, OpenError> {
    let clock = Clock::Manual(scene.clock.clone());
    Store::open_embedded(dir, MasterKey::new(key), &clock, EmbeddedOptions::default())
}

/// What the files hold that the old master key opens.
fn sealed_by_the_old_key(dir: &Path) -> Vec<Vec<u8>> {
    let control = Connection::open(dir.join("control.db")).unwrap();
    let sql = "SELECT wrapped FROM data_keys UNION ALL
        SELECT value FROM meta WHERE name IN ('master_check', 'api_key_digest_key')";
    let mut statement = control.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

#[test]
fn the_new_key_opens_everything_and_the_old_one_nothing() {
    run(async {
        let scene = EmbeddedScene::new();
        let org = scene.organization("northside").await;
        let endpoint = scene.endpoint(&org).await;
        let key = scene.key(&org, 1).await;
        scene.link(SessionHolder::Operator, 1).await.unwrap();
        scene.set_password(1, "hash", 1).await.unwrap();
        scene.session(portal(&org), 2).await;
        let operators = scene.operator_key(1).await;
        let accepted = scene.publish(&org, &[endpoint]).await;
        let delivery = accepted.deliveries[0];
        scene
            .record(&org, delivery, 1, DeliveryState::Pending)
            .await;
        let dir = scene.fixture.dir().to_owned();
        let before = sealed_by_the_old_key(&dir);
        assert!(before.len() >= 4);
        // A kill before the commit leaves the old key, one after it the new key.
        let (early, late) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        copy_as_killed(&dir, early.path()).unwrap();
        let rotated = scene.store().rotate_master(MasterKey::new(NEW)).await;
        assert_eq!(rotated.unwrap(), before.len() - 2);
        copy_as_killed(&dir, late.path()).unwrap();
        for sealed in &before {
            assert!(files_with(&dir, sealed).is_empty());
        }
        for (copy, right, wrong) in [(&early, MASTER_KEY, NEW), (&late, NEW, MASTER_KEY)] {
            let refused = open(copy.path(), &scene, wrong).err();
            assert!(matches!(refused, Some(OpenError::WrongMasterKey)));
            let store = open(copy.path(), &scene, right).unwrap();
            let read = store.event(&org, &accepted.id).await.unwrap();
            assert!(!read.unwrap().body.is_gone());
            let (_, attempts) = store.delivery(&org, delivery).await.unwrap().unwrap();
            assert_eq!(&attempts[0].answer[..], b"answer 1");
            assert!(store.endpoint(&org, endpoint).is_some());
            let found = store.api_key_with_text(key_text(1).expose()).unwrap();
            assert_eq!(found.id, key.id);
            let text = operator_key_text(1);
            let found = store.operator_key_with_text(text.expose()).unwrap();
            assert_eq!(found.id, operators.id);
            let portals = store.session_with_text(text_of("session", 2).expose());
            assert_eq!(portals.unwrap().holder, portal(&org));
            assert_eq!(store.operator_password(), Some(Secret::new("hash")));
            store.close().await;
        }
    });
}
