//! The trail of a directory is verified from outside, and no change of its files goes unseen.

use std::path::Path;

use carehook_core::{
    AuditBook, AuditFault, CheckpointKey, CheckpointPublicKey, DeliveryState, OrganizationId,
};
use carehook_testkit::copy_as_killed;
use rusqlite::Connection;

use super::{EmbeddedScene, embedded, run};
use crate::conformance::erasing::SUBJECT;
use crate::conformance::scene::{DAY, HOUR};
use crate::{BookReport, DirectoryAudit};

const LOG: &str = "log-2026-03-10.db";
const CONTROL: &str = "control.db";

/// An organization with five entries in its journal and five disclosures, all of them signed when
/// the store is closed.
pub(super) async fn told_scene() -> (EmbeddedScene, OrganizationId) {
    let scene = EmbeddedScene::new();
    let org = scene.organization("northside").await;
    let to = scene.endpoint(&org).await;
    for round in 0..5 {
        let mut new = scene.event(&org, &[to]);
        new.event.body.subject = Some(format!("canary-subject-{round}").into());
        let delivery = scene.accept(new).await.unwrap().deliveries[0];
        scene
            .record(&org, delivery, 1, DeliveryState::Delivered)
            .await;
        scene.note(&org, &format!("endpoint/{round}")).await;
    }
    (scene, org)
}

fn verify_with(dir: &Path, key: Option<CheckpointPublicKey>) -> Vec<BookReport> {
    let audit = DirectoryAudit::open(dir).unwrap();
    let key = key.or(audit.public_key()).unwrap();
    let books = audit.books().unwrap();
    let reports = books.iter().map(|book| audit.verify(book, &key).unwrap());
    reports.collect()
}

pub(super) fn verify(dir: &Path) -> Vec<(AuditBook, Result<u64, AuditFault>)> {
    let reports = verify_with(dir, None).into_iter();
    reports
        .map(|report| (report.book, report.result.map(|head| head.count)))
        .collect()
}

pub(super) fn change(dir: &Path, file: &str, sql: &str) {
    let file = Connection::open(dir.join(file)).unwrap();
    assert!(file.execute(sql, []).unwrap() > 0, "{sql}");
}

/// What verification says of one book after a change of the closed directory.
async fn after_change(book: AuditBook, changes: &[&str]) -> Result<u64, AuditFault> {
    let (scene, _) = told_scene().await;
    let dir = scene.fixture.dir().to_owned();
    let disclosures = AuditBook::Disclosures(scene.now().day());
    let is_journal = book == AuditBook::Journal;
    scene.store().close().await;
    assert_eq!(
        verify(&dir),
        [(AuditBook::Journal, Ok(5)), (disclosures, Ok(5))]
    );
    for sql in changes {
        change(&dir, if is_journal { CONTROL } else { LOG }, sql);
    }
    let mut found = verify(&dir);
    let place = found.iter().position(|(of, _)| *of == book).unwrap();
    let result = found.remove(place).1;
    assert_eq!(found.len(), 1, "the other book is whole");
    assert_eq!(found[0].1, Ok(5));
    result
}

fn today() -> AuditBook {
    AuditBook::Disclosures(crate::conformance::scene::NOON.day())
}

#[test]
fn a_flipped_byte_is_found() {
    run(async {
        let flip = "UPDATE audit_journal SET entry = CAST(replace(CAST(entry AS TEXT),
            'endpoint/2', 'endpoint/3') AS BLOB) WHERE number = 3";
        let hash = "UPDATE audit_journal SET hash = zeroblob(32) WHERE number = 2";
        let (journal, log) = (AuditBook::Journal, today());
        assert_eq!(
            after_change(journal, &[flip]).await,
            Err(AuditFault::Changed(3))
        );
        assert_eq!(
            after_change(journal, &[hash]).await,
            Err(AuditFault::Changed(2))
        );
        // Everything that a disclosure says, wherever it stands.
        for sql in [
            "UPDATE attempts SET host = 'evil.example' WHERE disclosure = 3",
            "UPDATE attempts SET started_at = started_at + 1 WHERE disclosure = 3",
            "UPDATE attempts SET outcome = outcome + 1 WHERE disclosure = 3",
            "UPDATE attempts SET status = 201 WHERE disclosure = 3",
            "UPDATE attempts SET status = NULL WHERE disclosure = 3",
            "UPDATE attempts SET host = NULL WHERE disclosure = 3",
            "UPDATE attempts SET host = 'receiver.example empty' WHERE disclosure = 3",
            "UPDATE attempts SET host = 'receiver.example' WHERE disclosure = 3",
            "UPDATE attempts SET hash = x'00' WHERE disclosure = 3",
            "UPDATE deliveries SET event = 1 WHERE number = 3",
            "UPDATE deliveries SET endpoint = 7 WHERE number = 3",
            "UPDATE events SET subject = zeroblob(16) WHERE number = 3",
            "UPDATE events SET subject = NULL WHERE number = 3",
            "UPDATE events SET type = 'patient.created' WHERE number = 3",
            "UPDATE events SET id = 'other' WHERE number = 3",
            "DELETE FROM events WHERE number = 3",
            "DELETE FROM deliveries WHERE number = 3",
        ] {
            let found = after_change(log, &[sql]).await;
            assert_eq!(found, Err(AuditFault::Changed(3)), "{sql}");
        }
    });
}

#[test]
fn a_dropped_tail_is_found() {
    run(async {
        let found = after_change(
            AuditBook::Journal,
            &["DELETE FROM audit_journal WHERE number > 3"],
        )
        .await;
        assert_eq!(found, Err(AuditFault::TailDropped(4, 5)));
        let found = after_change(today(), &["DELETE FROM attempts WHERE disclosure > 4"]).await;
        assert_eq!(found, Err(AuditFault::TailDropped(5, 5)));
        let found = after_change(today(), &["DELETE FROM attempts"]).await;
        assert_eq!(found, Err(AuditFault::TailDropped(1, 5)));
        // As if it had never been chained.
        let found = after_change(
            today(),
            &["UPDATE attempts SET disclosure = NULL WHERE disclosure = 5"],
        )
        .await;
        assert_eq!(found, Err(AuditFault::TailDropped(5, 5)));
    });
}

#[test]
fn swapped_entries_are_found() {
    run(async {
        let found = after_change(
            AuditBook::Journal,
            &[
                "UPDATE audit_journal SET number = -1 WHERE number = 2",
                "UPDATE audit_journal SET number = 2 WHERE number = 3",
                "UPDATE audit_journal SET number = 3 WHERE number = -1",
            ],
        )
        .await;
        assert_eq!(found, Err(AuditFault::Changed(2)));
        let swap = "UPDATE attempts SET disclosure = 7 - disclosure WHERE disclosure IN (3, 4)";
        let found = after_change(today(), &[swap]).await;
        assert_eq!(found, Err(AuditFault::Changed(3)));
    });
}

#[test]
fn an_entry_removed_in_the_middle_is_found() {
    run(async {
        let remove = "DELETE FROM audit_journal WHERE number = 3";
        let renumber = "UPDATE audit_journal SET number = number - 1 WHERE number > 3";
        let found = after_change(AuditBook::Journal, &[remove]).await;
        assert_eq!(found, Err(AuditFault::Missing(3)));
        let found = after_change(AuditBook::Journal, &[remove, renumber]).await;
        assert_eq!(found, Err(AuditFault::Changed(3)));
        let remove = "DELETE FROM attempts WHERE disclosure = 3";
        let renumber = "UPDATE attempts SET disclosure = disclosure - 1 WHERE disclosure > 3";
        let found = after_change(today(), &[remove]).await;
        assert_eq!(found, Err(AuditFault::Missing(3)));
        let found = after_change(today(), &[remove, renumber]).await;
        assert_eq!(found, Err(AuditFault::Changed(3)));
    });
}

#[test]
fn a_removed_file_and_a_forged_checkpoint_are_found() {
    run(async {
        let (scene, _) = told_scene().await;
        let dir = scene.fixture.dir().to_owned();
        scene.store().close().await;
        let sql = "UPDATE audit_checkpoints SET count = 4 WHERE book >= 0";
        change(&dir, CONTROL, sql);
        assert_eq!(verify(&dir)[1].1, Err(AuditFault::Rewritten(4)));
        let sql = "UPDATE audit_checkpoints SET count = 5, at = at + 1 WHERE book >= 0";
        change(&dir, CONTROL, sql);
        assert_eq!(verify(&dir)[1].1, Err(AuditFault::Signature(5)));
        let sql = "UPDATE audit_checkpoints SET at = at - 1 WHERE book >= 0";
        change(&dir, CONTROL, sql);
        assert_eq!(verify(&dir)[1].1, Ok(5));
        std::fs::remove_file(dir.join(LOG)).unwrap();
        assert_eq!(verify(&dir)[1].1, Err(AuditFault::TailDropped(1, 5)));
    });
}

#[test]
fn a_key_that_was_noted_elsewhere_unmasks_a_forger() {
    run(async {
        let (scene, _) = told_scene().await;
        let dir = scene.fixture.dir().to_owned();
        let noted = scene.store().audit_public_key();
        scene.store().close().await;
        assert!(
            verify_with(&dir, Some(noted))
                .iter()
                .all(|r| r.result.is_ok())
        );
        let other = CheckpointKey::from_seed(&[1; 32]).public();
        let found = verify_with(&dir, Some(other));
        assert_eq!(found[0].result, Err(AuditFault::Signature(5)));
    });
}

#[test]
fn the_trail_is_verified_beside_a_running_store_and_from_a_copy() {
    run(async {
        let (scene, org) = told_scene().await;
        let dir = scene.fixture.dir().to_owned();
        let fine = |dir: &Path| verify(dir).into_iter().all(|(_, result)| result == Ok(5));
        assert!(fine(&dir));
        scene.store().sign_audit().await.unwrap();
        assert!(fine(&dir));
        let copy = tempfile::tempdir().unwrap();
        copy_as_killed(&dir, copy.path()).unwrap();
        assert!(fine(copy.path()));
        // It goes on beside the running store.
        scene.note(&org, "more").await;
        assert_eq!(verify(&dir)[0].1, Ok(6));
        let signed = verify_with(&dir, None)[0].checkpoint.clone().unwrap();
        assert_eq!(signed.head.count, 5);
    });
}

#[test]
fn books_are_signed_every_hour_and_after_a_kill() {
    run(async {
        let (scene, org) = told_scene().await;
        let signed = |dir: &Path| -> Vec<u64> {
            let reports = verify_with(dir, None).into_iter();
            reports
                .map(|report| report.checkpoint.map_or(0, |signed| signed.head.count))
                .collect()
        };
        assert_eq!(signed(scene.fixture.dir()), [0, 0]);
        scene.clock.advance(HOUR);
        scene.note(&org, "an hour later").await;
        // The next change runs after the signing that followed this one.
        scene.store().sign_audit().await.unwrap();
        assert_eq!(signed(scene.fixture.dir()), [6, 5]);
        scene.note(&org, "unsigned").await;
        let scene = scene.crashed().await;
        scene.store().close().await;
        assert_eq!(signed(scene.fixture.dir()), [7, 5]);
    });
}

#[test]
fn the_books_of_many_organizations_are_found_again_after_a_kill() {
    run(async {
        let scene = EmbeddedScene::new();
        for name in ["one", "two", "three"] {
            let org = scene.organization(name).await;
            for entry in 0..3 {
                scene.note(&org, &format!("entry {entry}")).await;
            }
        }
        let scene = scene.crashed().await;
        scene.store().close().await;
        let reports = verify_with(scene.fixture.dir(), None).into_iter();
        let signed = reports.map(|report| report.checkpoint.map_or(0, |signed| signed.head.count));
        assert_eq!(signed.collect::<Vec<_>>(), [3, 3, 3]);
    });
}

#[test]
fn an_erasure_breaks_no_chain() {
    run(async {
        let (scene, org) = told_scene().await;
        let to = scene.store().endpoints(&org)[0].id;
        let about = scene.event_about(SUBJECT, &org, &[to]);
        let delivery = scene.accept(about).await.unwrap().deliveries[0];
        scene
            .record(&org, delivery, 1, DeliveryState::Delivered)
            .await;
        let hashes = async || -> Vec<_> {
            let records = scene.trail(&org).await.into_iter();
            records.map(|record| record.hash).collect()
        };
        let before = hashes().await;
        scene.create_erasure(&org, 1).await;
        assert!(scene.work_off_erasures().await > 0);
        // What says that it ended comes on top.
        let after = hashes().await;
        let kept = after.iter().filter(|hash| before.contains(hash));
        assert_eq!(
            (kept.count(), after.len()),
            (before.len(), before.len() + 1)
        );
        scene.store().close().await;
        let disclosures = AuditBook::Disclosures(scene.now().day());
        assert_eq!(
            verify(scene.fixture.dir()),
            [(AuditBook::Journal, Ok(6)), (disclosures, Ok(6))]
        );
    });
}

#[test]
fn kept_disclosures_outlive_their_file() {
    run(async {
        let (scene, org) = told_scene().await;
        let day = scene.now().day();
        let before = scene.trail(&org).await;
        scene.store().keep_disclosures(1, day).await.unwrap();
        scene.store().keep_disclosures(1, day).await.unwrap();
        let all = |scene: &EmbeddedScene| verify(scene.fixture.dir());
        assert_eq!(all(&scene)[1].1, Ok(5));
        // Rows that were kept may go one by one, and the book goes on in the log file.
        let delete = embedded(&scene).shared.change("delete", move |writer| {
            let log = writer.log(day).unwrap();
            let sql = "DELETE FROM attempts WHERE delivery IN (2, 5)";
            assert_eq!(log.execute(sql, []).unwrap(), 2);
            Ok(())
        });
        delete.await.unwrap();
        let scene = scene.crashed().await;
        let records = scene.trail(&org).await;
        assert_eq!(records.len(), before.len());
        assert_eq!(records[0].hash, before[0].hash);
        let to = scene.store().endpoints(&org)[0].id;
        let delivery = scene.publish(&org, &[to]).await.deliveries[0];
        scene
            .record(&org, delivery, 1, DeliveryState::Delivered)
            .await;
        assert_eq!(scene.trail(&org).await.len(), before.len() + 1);
        let scene = scene.reopened().await;
        assert_eq!(all(&scene)[1].1, Ok(6));
        scene.store().keep_disclosures(1, day).await.unwrap();
        let dir = scene.fixture.dir().to_owned();
        scene.store().close().await;
        std::fs::remove_file(dir.join(LOG)).unwrap();
        assert_eq!(verify(&dir)[1].1, Ok(6));
        let sql = "UPDATE disclosures SET hash = zeroblob(32) WHERE number = 2";
        change(&dir, "audit.db", sql);
        assert_eq!(verify(&dir)[1].1, Err(AuditFault::Changed(2)));
    });
}

#[test]
fn a_crash_between_the_commits_of_two_files_breaks_no_chain() {
    run(async {
        let scene = EmbeddedScene::new();
        let org = scene.organization("northside").await;
        let to = scene.endpoint(&org).await;
        let old = scene.publish(&org, &[to]).await.deliveries[0];
        scene.clock.advance(DAY);
        let new = scene.publish(&org, &[to]).await.deliveries[0];
        let before = tempfile::tempdir().unwrap();
        copy_as_killed(scene.fixture.dir(), before.path()).unwrap();
        let results = [old, new].map(|of| scene.result(&org, of, 1, DeliveryState::Pending));
        scene.store().record(results.to_vec()).await.unwrap();
        let after = scene.fixture.dir();
        // The first file with what was committed, the second one without.
        for file in [LOG, "log-2026-03-10.db-wal"] {
            std::fs::copy(after.join(file), before.path().join(file)).unwrap();
        }
        let counts: Vec<_> = verify(before.path()).into_iter().map(|(_, r)| r).collect();
        assert_eq!(counts, [Ok(1)]);
        let counts: Vec<_> = verify(after).into_iter().map(|(_, r)| r).collect();
        assert_eq!(counts, [Ok(1), Ok(1)]);
    });
}

#[test]
fn no_file_of_the_trail_names_a_subject() {
    run(async {
        let (scene, org) = told_scene().await;
        let day = scene.now().day();
        let mut seen = crate::conformance::auditing::note(&org, scene.now(), "event/1");
        seen.subject = Some("canary-subject-1".into());
        scene.store().audit(seen).await.unwrap();
        scene.store().keep_disclosures(1, day).await.unwrap();
        let scene = scene.reopened().await;
        let mut looked_at = 0;
        for entry in std::fs::read_dir(scene.fixture.dir()).unwrap() {
            let path = entry.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            let found = bytes.windows(14).any(|window| window == b"canary-subject");
            assert!(!found, "{}", path.display());
            looked_at += usize::from(bytes.windows(8).any(|window| window == b"receiver"));
        }
        assert_eq!(
            looked_at, 2,
            "the log file and the long-lived one name the host"
        );
    });
}

#[test]
fn what_cannot_be_disclosed_is_counted() {
    run(async {
        let scene = EmbeddedScene::new();
        let org = scene.organization("northside").await;
        let to = scene.endpoint(&org).await;
        let mut deliveries = Vec::new();
        for _ in 0..3 {
            deliveries.push(scene.publish(&org, &[to]).await.deliveries[0]);
        }
        let today = scene.now().day();
        let delete = embedded(&scene).shared.change("delete", move |writer| {
            let log = writer.log(today).unwrap();
            for sql in [
                "DELETE FROM events WHERE number = 1",
                "DELETE FROM deliveries WHERE number = 2",
            ] {
                assert_eq!(log.execute(sql, []).unwrap(), 1);
            }
            Ok(())
        });
        delete.await.unwrap();
        let missing = || scene.store().missing_disclosures();
        let mut nothing_sent = scene.result(&org, deliveries[0], 1, DeliveryState::Pending);
        nothing_sent.sent_to = None;
        scene.store().record(vec![nothing_sent]).await.unwrap();
        assert_eq!(missing(), 0);
        for (delivery, attempt, expected) in [
            (deliveries[2], 1, 0),
            // What was recorded before is no news.
            (deliveries[2], 1, 0),
            (deliveries[0], 2, 1),
            (deliveries[0], 2, 1),
            (deliveries[1], 1, 2),
        ] {
            scene
                .record(&org, delivery, attempt, DeliveryState::Pending)
                .await;
            assert_eq!(missing(), expected, "{delivery}, {attempt}");
        }
        // The others are whole.
        scene.store().close().await;
        assert_eq!(
            verify(scene.fixture.dir()),
            [(AuditBook::Disclosures(today), Ok(1))]
        );
    });
}
