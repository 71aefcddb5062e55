//! A store that is opened on a trail that was cut signs nothing over the evidence.

use std::path::Path;

use carehook_core::{AuditBook, AuditFault, Register, RegisterFault};
use carehook_testkit::copy_as_killed;

use super::audit::{change, told_scene, verify};
use super::{EmbeddedScene, run};
use crate::DirectoryAudit;

const LOG: &str = "log-2026-03-10.db";
const CONTROL: &str = "control.db";

/// A trail of five signed entries in each of two books, changed while the store was closed.
async fn changed(file: &str, changes: &[&str]) -> EmbeddedScene {
    let (mut scene, _) = told_scene().await;
    let damage = |dir: &Path| {
        for sql in changes {
            change(dir, file, sql);
        }
    };
    scene.fixture = scene.fixture.damage(damage).await;
    scene
}

/// As many further entries in both books.
async fn go_on(scene: &EmbeddedScene, entries: u64) {
    let org = "northside".parse().unwrap();
    let to = scene.store().endpoints(&org)[0].id;
    for round in 0..entries {
        scene.note(&org, &format!("later/{round}")).await;
        let delivery = scene.publish(&org, &[to]).await.deliveries[0];
        scene
            .record(&org, delivery, 1, carehook_core::DeliveryState::Delivered)
            .await;
    }
}

#[test]
fn a_cut_journal_is_not_signed_anew() {
    run(async {
        let cut = "DELETE FROM audit_journal WHERE number > 3";
        let scene = changed(CONTROL, &[cut]).await;
        scene.store().sign_audit().await.unwrap();
        assert_eq!(scene.store().broken_audit_books(), 1);
        go_on(&scene, 4).await;
        scene.store().sign_audit().await.unwrap();
        let dir = scene.fixture.dir().to_owned();
        assert_eq!(verify(&dir)[0].1, Err(AuditFault::Rewritten(5)));
        // Nor at its end, nor by the next one.
        let scene = scene.reopened().await;
        go_on(&scene, 1).await;
        scene.store().close().await;
        assert_eq!(
            verify(&dir)[0],
            (AuditBook::Journal, Err(AuditFault::Rewritten(5)))
        );
        assert_eq!(verify(&dir)[1].1, Ok(10), "the other book goes on");
    });
}

#[test]
fn a_cut_book_of_disclosures_is_not_signed_anew() {
    run(async {
        let cut = "DELETE FROM attempts WHERE disclosure > 3";
        let scene = changed(LOG, &[cut]).await;
        go_on(&scene, 4).await;
        scene.store().sign_audit().await.unwrap();
        assert_eq!(scene.store().broken_audit_books(), 1);
        let dir = scene.fixture.dir().to_owned();
        scene.store().close().await;
        assert_eq!(verify(&dir)[0].1, Ok(9));
        assert_eq!(verify(&dir)[1].1, Err(AuditFault::Rewritten(5)));
    });
}

#[test]
fn a_checkpoint_that_was_changed_to_fit_a_cut_book_is_not_replaced() {
    run(async {
        let changes = [
            "DELETE FROM audit_journal WHERE number > 3",
            "UPDATE audit_checkpoints SET count = 3,
                hash = (SELECT hash FROM audit_journal WHERE number = 3) WHERE book = -1",
        ];
        let scene = changed(CONTROL, &changes).await;
        go_on(&scene, 4).await;
        let dir = scene.fixture.dir().to_owned();
        scene.store().close().await;
        assert_eq!(verify(&dir)[0].1, Err(AuditFault::Signature(3)));
    });
}

#[test]
fn a_journal_that_is_gone_as_a_whole_is_noticed_when_the_store_opens() {
    run(async {
        let scene = changed(CONTROL, &["DELETE FROM audit_journal"]).await;
        // What signs has looked at everything that was signed before.
        scene.store().sign_audit().await.unwrap();
        assert_eq!(scene.store().broken_audit_books(), 1);
        let dir = scene.fixture.dir().to_owned();
        scene.store().close().await;
        assert_eq!(verify(&dir)[0].1, Err(AuditFault::TailDropped(1, 5)));
    });
}

#[test]
fn whole_books_are_signed_as_before() {
    run(async {
        let (scene, _) = told_scene().await;
        let scene = scene.reopened().await;
        go_on(&scene, 2).await;
        let scene = scene.crashed().await;
        scene.store().sign_audit().await.unwrap();
        assert_eq!(scene.store().broken_audit_books(), 0);
        let found: Vec<_> = verify(scene.fixture.dir())
            .into_iter()
            .map(|(_, r)| r)
            .collect();
        assert_eq!(found, [Ok(7), Ok(7)]);
    });
}

/// What is said of the books that there are, with statements from elsewhere.
fn stated(dir: &Path, elsewhere: &[Register]) -> Result<(), RegisterFault> {
    let audit = DirectoryAudit::open(dir).unwrap();
    audit.verify_register(&audit.public_key().unwrap(), elsewhere)
}

#[test]
fn removed_checkpoints_are_missed_also_after_the_next_start() {
    run(async {
        for changes in [
            // A cut journal, a whole one, and everything of a day.
            &[
                "DELETE FROM audit_checkpoints WHERE book = -1",
                "DELETE FROM audit_journal WHERE number > 3",
            ][..],
            &[
                "DELETE FROM audit_checkpoints WHERE organization = 1",
                "DELETE FROM audit_journal",
            ],
            &["DELETE FROM audit_checkpoints"],
            &["UPDATE audit_checkpoints SET count = count - 1"],
        ] {
            let (scene, _) = told_scene().await;
            let dir = scene.fixture.dir().to_owned();
            scene.store().close().await;
            assert_eq!(stated(&dir, &[]), Ok(()));
            for sql in changes {
                change(&dir, CONTROL, sql);
            }
            let found = stated(&dir, &[]);
            let missed = matches!(found, Err(RegisterFault::Differs { stated: 2, .. }));
            assert!(missed, "{changes:?}: {found:?}");
            let scene = scene.reopened().await;
            scene.organization("later").await;
            let org = "later".parse().unwrap();
            scene.note(&org, "more").await;
            scene.store().sign_audit().await.unwrap();
            assert!(scene.store().broken_audit_books() >= 1, "{changes:?}");
            scene.store().close().await;
            let found = stated(&dir, &[]);
            assert!(
                matches!(found, Err(RegisterFault::Differs { stated: 2, .. })),
                "{found:?}"
            );
        }
    });
}

#[test]
fn a_checkpoint_that_is_removed_beside_the_running_store_is_missed() {
    run(async {
        let (scene, org) = told_scene().await;
        scene.store().sign_audit().await.unwrap();
        let dir = scene.fixture.dir().to_owned();
        change(
            &dir,
            CONTROL,
            "DELETE FROM audit_checkpoints WHERE book = -1",
        );
        scene.note(&org, "more").await;
        scene.store().sign_audit().await.unwrap();
        assert_eq!(scene.store().broken_audit_books(), 1);
        assert!(stated(&dir, &[]).is_err());
    });
}

#[test]
fn a_register_that_is_gone_or_of_an_earlier_time_is_missed() {
    run(async {
        let (scene, org) = told_scene().await;
        scene.store().sign_audit().await.unwrap();
        let dir = scene.fixture.dir().to_owned();
        let (copy, mut scene) = (tempfile::tempdir().unwrap(), scene);
        copy_as_killed(&dir, copy.path()).unwrap();
        scene.note(&org, "more").await;
        let gone = |dir: &Path| change(dir, CONTROL, "DELETE FROM audit_register");
        scene.fixture = scene.fixture.damage(gone).await;
        scene.note(&org, "and more").await;
        scene.store().close().await;
        assert_eq!(stated(&dir, &[]), Err(RegisterFault::Gone));
        // As if nothing had been stated yet: the copy knows better.
        let sql = "INSERT INTO audit_register VALUES (1, 0, 0, 0, 0, x'', x'')";
        change(&dir, CONTROL, sql);
        let found = stated(&dir, &[]);
        assert!(
            matches!(found, Err(RegisterFault::Older { number: 0, .. })),
            "{found:?}"
        );
        // All files of an earlier time fit together; only what was kept elsewhere tells.
        assert_eq!(stated(copy.path(), &[]), Ok(()));
        let newest = DirectoryAudit::open(&dir)
            .unwrap()
            .copied_register()
            .unwrap();
        let found = stated(copy.path(), std::slice::from_ref(&newest));
        assert!(
            matches!(found, Err(RegisterFault::Older { .. })),
            "{found:?}"
        );
    });
}

#[test]
fn what_was_kept_elsewhere_shows_what_the_directory_does_not() {
    run(async {
        let (scene, org) = told_scene().await;
        let dir = scene.fixture.dir().to_owned();
        scene.store().sign_audit().await.unwrap();
        let audit = DirectoryAudit::open(&dir).unwrap();
        let key = audit.public_key().unwrap();
        let book = audit.books().unwrap().remove(0);
        let kept = audit.checkpoint(&book).unwrap().clone();
        scene.note(&org, "later").await;
        let verify = |elsewhere| audit.verify_with(&book, &key, elsewhere).unwrap().result;
        let kept = std::slice::from_ref(&kept);
        assert_eq!(verify(kept).map(|head| head.count), Ok(6));
        scene.store().close().await;
        drop(audit);
        for sql in [
            "DELETE FROM audit_journal WHERE number > 3",
            "DELETE FROM audit_checkpoints",
        ] {
            change(&dir, CONTROL, sql);
        }
        let audit = DirectoryAudit::open(&dir).unwrap();
        let verify = |elsewhere| audit.verify_with(&book, &key, elsewhere).unwrap().result;
        assert_eq!(verify(&[]).map(|head| head.count), Ok(3));
        assert_eq!(verify(kept), Err(AuditFault::TailDropped(4, 5)));
        let mut forged = kept.to_vec();
        forged[0].head.count = 3;
        assert!(verify(&forged).is_ok(), "what was not signed says nothing");
    });
}
