//! A store that is opened on a trail that was cut signs nothing over the evidence.

use carehook_core::{AuditBook, AuditFault};

use super::audit::{change, told_scene, verify};
use super::{EmbeddedScene, run};

const LOG: &str = "log-2026-03-10.db";
const CONTROL: &str = "control.db";

/// A trail of five signed entries in each of two books, changed while the store was closed.
async fn changed(file: &str, changes: &[&str]) -> EmbeddedScene {
    let (mut scene, _) = told_scene().await;
    let damage = |dir: &std::path::Path| {
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
