//! The journal loses what is past its years, and no other loss of its beginning goes unseen.

use std::path::Path;

use carehook_core::{AuditBook, AuditFault, OrganizationId, Retention};
use rusqlite::Connection;
use tokio::task::JoinSet;

use super::{EmbeddedScene, embedded, run};
use crate::conformance::auditing::note;
use crate::conformance::scene::DAY;
use crate::{AuditFilter, BookReport, DirectoryAudit, PageRequest, RetentionPosition};

/// The row of a trim stands where that of a book would.
const TRIM: &str = "book = -2";

async fn note_many(scene: &EmbeddedScene, org: &OrganizationId, count: usize) {
    let mut notes = JoinSet::new();
    for _ in 0..count {
        let (store, note) = (scene.store().clone(), note(org, scene.now(), "x/1"));
        notes.spawn(async move { store.audit(note).await.unwrap() });
    }
    notes.join_all().await;
}

async fn retain(scene: &EmbeddedScene) {
    let mut at = RetentionPosition::start();
    while let Some(next) = scene.store().retain(scene.now(), at).await.unwrap() {
        at = next;
    }
}

/// An organization that keeps its trail for a year, with three old entries and two newer ones.
async fn aging_scene() -> (EmbeddedScene, OrganizationId) {
    let scene = EmbeddedScene::new();
    let org = scene.organization("northside").await;
    let mut changed = (*scene.store().organization(&org).unwrap()).clone();
    changed.settings.retention = Retention {
        audit_years: 1,
        ..Retention::default()
    };
    scene.store().update_organization(changed).await.unwrap();
    note_many(&scene, &org, 3).await;
    scene.clock.advance(200 * DAY);
    note_many(&scene, &org, 2).await;
    scene.clock.advance(200 * DAY);
    (scene, org)
}

/// The numbers of the journal's entries, newest first; the first one's hash of the entry before.
async fn journal(scene: &EmbeddedScene, org: &OrganizationId) -> (Vec<u64>, Option<String>) {
    let page = PageRequest {
        limit: 100,
        after: None,
    };
    let filter = AuditFilter::default();
    let page = scene.store().list_audit(org, &filter, page).await.unwrap();
    let first = page.items.last();
    let before = first.map(|first| first.previous_hash.to_string());
    let numbers = page.items.iter().map(|record| record.id.number);
    (numbers.collect(), before)
}

async fn newest_hash(scene: &EmbeddedScene, org: &OrganizationId) -> String {
    let page = PageRequest {
        limit: 1,
        after: None,
    };
    let filter = AuditFilter::default();
    let page = scene.store().list_audit(org, &filter, page).await.unwrap();
    page.items[0].hash.to_string()
}

fn verify(dir: &Path) -> BookReport {
    let audit = DirectoryAudit::open(dir).unwrap();
    let books = audit.books().unwrap();
    let journal = books.iter().find(|book| book.book == AuditBook::Journal);
    let key = audit.public_key().unwrap();
    audit.verify(journal.unwrap(), &key).unwrap()
}

fn result(dir: &Path) -> Result<u64, AuditFault> {
    verify(dir).result.map(|head| head.count)
}

#[test]
fn a_journal_loses_what_is_past_its_years_and_goes_on() {
    run(async {
        let (scene, org) = aging_scene().await;
        let (all, _) = journal(&scene, &org).await;
        assert_eq!(all, [5, 4, 3, 2, 1]);
        let dir = scene.fixture.dir().to_owned();
        retain(&scene).await;
        let (left, before_them) = journal(&scene, &org).await;
        assert_eq!(left, [5, 4]);
        let report = verify(&dir);
        assert_eq!((report.trimmed, result(&dir)), (3, Ok(5)));
        let audit = DirectoryAudit::open(&dir).unwrap();
        let trim = audit.trim(&audit.books().unwrap()[0]).unwrap().unwrap();
        assert_eq!(before_them, Some(trim.0.head.hash.to_string()));
        // A second round finds nothing more.
        retain(&scene).await;
        assert_eq!(verify(&dir).trimmed, 3);
        let scene = scene.crashed().await;
        note_many(&scene, &org, 1).await;
        assert_eq!(result(scene.fixture.dir()), Ok(6));
        // All of it may go; what comes then goes on from there.
        let last = newest_hash(&scene, &org).await;
        scene.clock.advance(400 * DAY);
        retain(&scene).await;
        assert_eq!(journal(&scene, &org).await.0, [0; 0]);
        assert_eq!(result(scene.fixture.dir()), Ok(6));
        let scene = scene.crashed().await;
        note_many(&scene, &org, 1).await;
        assert_eq!(journal(&scene, &org).await, (vec![7], Some(last)));
        let dir = scene.fixture.dir().to_owned();
        scene.store().close().await;
        assert_eq!(result(&dir), Ok(7));
    });
}

#[test]
fn a_long_journal_goes_bit_by_bit() {
    run(async {
        let (scene, org) = aging_scene().await;
        note_many(&scene, &org, 2_100).await;
        scene.clock.advance(400 * DAY);
        note_many(&scene, &org, 1).await;
        retain(&scene).await;
        let report = verify(scene.fixture.dir());
        assert_eq!(report.trimmed, 2_105);
        assert_eq!(report.result.unwrap().count, 2_106);
    });
}

#[test]
fn a_beginning_that_no_trim_covers_is_missing() {
    run(async {
        let drop_trim = format!("DELETE FROM audit_checkpoints WHERE {TRIM}");
        // One that was not signed for it: made up, or a checkpoint in the place of a trim.
        let longer = format!(
            "UPDATE audit_checkpoints SET count = 4,
            hash = (SELECT hash FROM audit_journal WHERE number = 4) WHERE {TRIM}"
        );
        let borrowed = "INSERT OR REPLACE INTO audit_checkpoints
            SELECT organization, -2, count, hash, at, signature FROM audit_checkpoints
            WHERE book = -1";
        let first = "DELETE FROM audit_journal WHERE number = 4";
        let all = "DELETE FROM audit_journal";
        let flip = "UPDATE audit_journal SET hash = zeroblob(32) WHERE number = 5";
        let last = "DELETE FROM audit_journal WHERE number = 5";
        for (changes, found) in [
            (vec![first], AuditFault::Missing(4)),
            (vec![&drop_trim], AuditFault::Missing(1)),
            (vec![&longer, first], AuditFault::Signature(4)),
            (vec![borrowed, all], AuditFault::Signature(5)),
            (vec![all], AuditFault::TailDropped(4, 5)),
            // And what is found in a journal that was never trimmed.
            (vec![flip], AuditFault::Changed(5)),
            (vec![last], AuditFault::TailDropped(5, 5)),
            (
                vec![
                    "UPDATE audit_journal SET number = -1 WHERE number = 4",
                    "UPDATE audit_journal SET number = 4 WHERE number = 5",
                    "UPDATE audit_journal SET number = 5 WHERE number = -1",
                ],
                AuditFault::Changed(4),
            ),
        ] {
            let (scene, _) = aging_scene().await;
            retain(&scene).await;
            let dir = scene.fixture.dir().to_owned();
            scene.store().close().await;
            assert_eq!(result(&dir), Ok(5));
            let control = Connection::open(dir.join("control.db")).unwrap();
            for sql in &changes {
                assert!(control.execute(sql, []).unwrap() > 0, "{sql}");
            }
            assert_eq!(result(&dir), Err(found), "{changes:?}");
        }
    });
}

#[test]
fn a_journal_that_was_changed_is_not_trimmed() {
    run(async {
        for (sql, found) in [
            ("DELETE FROM audit_journal WHERE number = 1", 1),
            ("UPDATE audit_journal SET entry = x'00' WHERE number = 1", 1),
        ] {
            let (scene, _) = aging_scene().await;
            let change = embedded(&scene).shared.change("change", move |writer| {
                assert_eq!(writer.control.execute(sql, []).unwrap(), 1);
                Ok(())
            });
            change.await.unwrap();
            let dir = scene.fixture.dir().to_owned();
            let before = result(&dir);
            assert!(
                before == Err(AuditFault::Missing(found))
                    || before == Err(AuditFault::Changed(found))
            );
            retain(&scene).await;
            assert_eq!((verify(&dir).trimmed, result(&dir)), (0, before), "{sql}");
        }
    });
}
