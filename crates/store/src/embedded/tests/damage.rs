//! Directories that are not as a clean end leaves them: damaged, half deleted, foreign, in use.

use carehook_core::{Clock, DeliveryState, EventId, Reason, Timestamp};
use carehook_testkit::copy_as_killed;
use rusqlite::Connection;

use super::{EmbeddedScene, run};
use crate::conformance::embedded_fixture::MASTER_KEY;
use crate::conformance::scene::{DAY, HOUR, NOON};
use crate::{
    DeliveryFilter, EmbeddedOptions, EventFilter, MasterKey, OpenError, PageRequest, Store,
};

const PAGE: PageRequest = PageRequest {
    limit: 100,
    after: None,
};

/// Tries to open a directory at noon.
fn open(dir: &std::path::Path, master: [u8; 32]) -> Result<Store, OpenError> {
    let clock = carehook_core::ManualClock::at(NOON);
    let options = EmbeddedOptions::default();
    Store::open_embedded(dir, MasterKey::new(master), &Clock::Manual(clock), options)
}

#[test]
fn another_master_key_is_refused_and_changes_nothing() {
    run(async {
        let scene = EmbeddedScene::new();
        let org = scene.organization("northside").await;
        let accepted = scene.publish(&org, &[]).await;
        let refuses_others = |dir: &std::path::Path| {
            assert!(matches!(open(dir, [8; 32]), Err(OpenError::WrongMasterKey)));
        };
        let mut scene = scene;
        scene.fixture = scene.fixture.damage(refuses_others).await;
        let read = scene.store().event(&org, &accepted.id).await.unwrap();
        assert!(read.is_some());
    });
}

#[test]
fn files_of_a_newer_version_are_refused_by_name() {
    run(async {
        for (file, newest, stays) in [("control.db", 12, 13), ("log-2026-03-10.db", 6, 9)] {
            let scene = EmbeddedScene::new();
            let org = scene.organization("northside").await;
            scene.publish(&org, &[]).await;
            scene.store().close().await;
            let path = scene.fixture.dir().join(file);
            let connection = Connection::open(&path).unwrap();
            connection
                .pragma_update(None, "user_version", stays)
                .unwrap();
            drop(connection);
            let refused = open(scene.fixture.dir(), MASTER_KEY).map(drop).unwrap_err();
            let text = refused.to_string();
            let OpenError::Newer { known, .. } = refused else {
                panic!("{text}");
            };
            assert_eq!(known, newest, "{file}");
            assert!(
                text.contains(file) && text.contains(&stays.to_string()),
                "{text}"
            );
        }
    });
}

#[test]
fn a_directory_in_use_is_refused_until_it_is_closed() {
    run(async {
        let scene = EmbeddedScene::new();
        let dir = scene.fixture.dir();
        let refused = open(dir, MASTER_KEY).map(drop);
        assert!(matches!(refused, Err(OpenError::Locked(_))));
        scene.store().close().await;
        let store = open(dir, MASTER_KEY).unwrap();
        store.close().await;
    });
}

#[test]
fn a_start_that_was_killed_early_is_repeated() {
    run(async {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("control.db"), "").unwrap();
        std::fs::write(dir.path().join("log-2026-03-09.db"), "").unwrap();
        let store = open(dir.path(), MASTER_KEY).unwrap();
        store.close().await;
        let damaged = dir.path().join("log-2026-03-09.db");
        std::fs::write(&damaged, [b'x'; 8_192]).unwrap();
        let refused = open(dir.path(), MASTER_KEY).map(drop);
        let Err(OpenError::Database { path, .. }) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(path, damaged);
    });
}

#[test]
fn an_interrupted_deletion_of_an_endpoint_is_finished_at_open() {
    run(async {
        let scene = EmbeddedScene::new();
        let org = scene.organization("northside").await;
        let (gone, stays) = (scene.endpoint(&org).await, scene.endpoint(&org).await);
        let old = scene.publish(&org, &[gone, stays]).await;
        scene.clock.advance(DAY);
        let new = scene.publish(&org, &[gone]).await;
        let mut scene = scene;
        // The kill came after the control file said so, and before the logs did.
        let half_delete = |dir: &std::path::Path| {
            let control = Connection::open(dir.join("control.db")).unwrap();
            let sql = "UPDATE endpoints SET deleted_at = 1, sealed = NULL WHERE id = ?1";
            assert_eq!(control.execute(sql, [gone.0.to_bytes()]), Ok(1));
        };
        scene.fixture = scene.fixture.damage(half_delete).await;
        for delivery in [old.deliveries[0], new.deliveries[0]] {
            let ended = scene.delivery(&org, delivery).await;
            assert_eq!(ended.state, DeliveryState::Failed);
            assert_eq!(ended.reason, Some(Reason::EndpointDeleted));
        }
        assert_eq!(scene.owed(stays).await, [old.deliveries[1]]);
    });
}

#[test]
fn an_interrupted_deletion_of_an_organization_is_finished_at_open() {
    run(async {
        let scene = EmbeddedScene::new();
        let org = scene.organization("northside").await;
        let endpoint = scene.endpoint(&org).await;
        scene.publish(&org, &[endpoint]).await;
        let mut scene = scene;
        let half_delete = |dir: &std::path::Path| {
            let control = Connection::open(dir.join("control.db")).unwrap();
            let sql = "UPDATE endpoints SET deleted_at = 1, sealed = NULL;
                DELETE FROM data_keys; UPDATE organizations SET deleted_at = 1";
            control.execute_batch(sql).unwrap();
        };
        scene.fixture = scene.fixture.damage(half_delete).await;
        assert!(scene.store().organization(&org).is_none());
        assert!(scene.store().pending_endpoints().await.unwrap().is_empty());
        let log = scene.fixture.dir().join("log-2026-03-10.db");
        let pending = "SELECT count(*) FROM deliveries WHERE state = 0";
        let count = Connection::open(log).unwrap();
        assert_eq!(count.query_row(pending, [], |row| row.get(0)), Ok(0));
    });
}

/// One way in which the row of an event may be broken.
const BREAKAGES: [&str; 7] = [
    "UPDATE events SET sealed = substr(sealed, 1, 20) WHERE number = ?1",
    "UPDATE events SET sealed = zeroblob(length(sealed)) WHERE number = ?1",
    "UPDATE events SET type = CAST(x'ff' AS TEXT) WHERE number = ?1",
    "UPDATE events SET version = x'00' WHERE number = ?1",
    "UPDATE events SET mode = 77 WHERE number = ?1",
    "UPDATE events SET id = x'00' WHERE number = ?1",
    "DELETE FROM events WHERE number = ?1",
];

#[test]
fn a_damaged_event_is_shown_as_unreadable_and_hides_no_other() {
    run(async {
        for breakage in BREAKAGES {
            let scene = EmbeddedScene::new();
            let org = scene.organization("northside").await;
            let endpoint = scene.endpoint(&org).await;
            let before = scene.publish(&org, &[endpoint]).await;
            let bad = scene.publish(&org, &[endpoint]).await;
            let after = scene.publish(&org, &[endpoint]).await;
            let EventId::Made(id) = bad.id else {
                panic!("the store made the id");
            };
            let mut scene = scene;
            let damage = |dir: &std::path::Path| {
                let log = Connection::open(dir.join("log-2026-03-10.db")).unwrap();
                assert_eq!(log.execute(breakage, [id.number().cast_signed()]), Ok(1));
            };
            scene.fixture = scene.fixture.damage(damage).await;
            let now = scene.now();
            let store = scene.store();
            let page = store.page(endpoint, None, now, 10).await.unwrap();
            let readable: Vec<_> = page.deliveries.iter().map(|due| due.id).collect();
            let expected = [before.deliveries[0], after.deliveries[0]];
            assert_eq!(readable, expected, "{breakage}");
            let [(position, attempts)] = page.unreadable[..] else {
                panic!("one is unreadable: {breakage}");
            };
            assert_eq!((position.id, position.due), (bad.deliveries[0], now));
            assert_eq!(attempts, 0);
            assert!(store.event(&org, &bad.id).await.unwrap().is_none());
            let filter = EventFilter::default();
            let listed = store.list_events(&org, &filter, PAGE).await.unwrap();
            assert_eq!(listed.items.len(), 2, "{breakage}");
            let filter = DeliveryFilter::default();
            let listed = store.list_deliveries(&org, &filter, PAGE).await.unwrap();
            assert!(listed.items.len() >= 2, "{breakage}");

            let ids = vec![bad.deliveries[0]];
            store.quarantine(ids, now).await.unwrap();
            assert_eq!(scene.owed(endpoint).await, expected, "{breakage}");
        }
    });
}

#[test]
fn an_event_whose_key_is_gone_is_unreadable() {
    run(async {
        let scene = EmbeddedScene::new();
        let org = scene.organization("northside").await;
        let endpoint = scene.endpoint(&org).await;
        let accepted = scene.publish(&org, &[endpoint]).await;
        let mut scene = scene;
        let damage = |dir: &std::path::Path| {
            let control = Connection::open(dir.join("control.db")).unwrap();
            let shredded = control.execute("DELETE FROM data_keys WHERE day > 0", []);
            assert_eq!(shredded, Ok(1));
        };
        scene.fixture = scene.fixture.damage(damage).await;
        let now = scene.now();
        let page = scene.store().page(endpoint, None, now, 10).await.unwrap();
        assert!(page.deliveries.is_empty());
        assert_eq!(page.unreadable.len(), 1);
        let read = scene.store().event(&org, &accepted.id).await.unwrap();
        assert!(read.unwrap().body.is_gone());
        // A new key is made for what is published now.
        let next = scene.publish(&org, &[endpoint]).await;
        let read = scene.store().event(&org, &next.id).await.unwrap();
        assert!(read.is_some());
    });
}

#[test]
fn a_damaged_answer_leaves_its_attempt_readable() {
    run(async {
        let scene = EmbeddedScene::new();
        let org = scene.organization("northside").await;
        let endpoint = scene.endpoint(&org).await;
        let delivery = scene.publish(&org, &[endpoint]).await.deliveries[0];
        scene
            .record(&org, delivery, 1, DeliveryState::Pending)
            .await;
        let mut scene = scene;
        let damage = |dir: &std::path::Path| {
            let log = Connection::open(dir.join("log-2026-03-10.db")).unwrap();
            let sql = "UPDATE attempts SET answer = zeroblob(40)";
            assert_eq!(log.execute(sql, []), Ok(1));
        };
        scene.fixture = scene.fixture.damage(damage).await;
        let attempts = scene.attempts(&org, delivery).await;
        assert_eq!(attempts.len(), 1);
        assert_eq!(attempts[0].status, Some(500));
        assert!(attempts[0].answer.is_empty());
    });
}

#[test]
fn a_clock_that_was_set_back_opens_no_older_file() {
    run(async {
        let scene = EmbeddedScene::new();
        let org = scene.organization("northside").await;
        let endpoint = scene.endpoint(&org).await;
        scene.clock.advance(3 * DAY);
        let mut first = scene.event(&org, &[endpoint]);
        first.idempotency_key = Some("a".into());
        let repeated = first.clone();
        let first = scene.accept(first).await.unwrap();
        // The machine starts again with a clock that is two days behind.
        let behind = carehook_core::ManualClock::at(NOON.plus(DAY));
        let mut scene = scene;
        scene.fixture = scene.fixture.with_clock(behind.clone());
        scene.clock = behind;
        let scene = scene.reopened().await;
        assert_eq!(scene.store().newest_time(), first.created_at);
        let again = scene.accept(repeated).await.unwrap();
        assert!(again.duplicate);
        let second = scene.publish(&org, &[endpoint]).await;
        assert!(second.created_at >= first.created_at);
        let read = scene.store().event(&org, &second.id).await.unwrap();
        assert!(read.is_some());
        let filter = EventFilter {
            since: Some(first.created_at),
            until: Some(first.created_at.plus(HOUR)),
            ..EventFilter::default()
        };
        let listed = scene.store().list_events(&org, &filter, PAGE).await;
        let ids: Vec<_> = listed.unwrap().items.into_iter().map(|e| e.id).collect();
        assert_eq!(ids, [second.id, first.id]);
        let delivery = scene.delivery(&org, second.deliveries[0]).await;
        assert_eq!(delivery.sequence, 2);
        assert_eq!(
            Timestamp(delivery.id.0.millis()).day(),
            first.created_at.day()
        );
        let files = std::fs::read_dir(scene.fixture.dir()).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        let of_older_days = |name: &String| name.starts_with("log-2026-03-11");
        assert_eq!(names.filter(of_older_days).count(), 0);
    });
}

/// Publishes events one after the other; the write-ahead log after each, and what was acknowledged.
async fn published(scene: &EmbeddedScene, count: usize) -> Vec<(u64, crate::Accepted)> {
    let org = scene.organization("northside").await;
    let to = [scene.endpoint(&org).await, scene.endpoint(&org).await];
    let mut made = Vec::new();
    for number in 0..count {
        let mut new = scene.event(&org, &to);
        new.idempotency_key = Some(format!("key {number}").into());
        let accepted = scene.accept(new).await.unwrap();
        let wal = scene.fixture.dir().join("log-2026-03-10.db-wal");
        made.push((std::fs::metadata(wal).unwrap().len(), accepted));
    }
    made
}

#[test]
fn a_torn_log_gives_whole_events_up_to_the_tear() {
    run(async {
        let scene = EmbeddedScene::new();
        let made = published(&scene, 12).await;
        let org = "northside".parse().unwrap();
        let last = made[made.len() - 1].0;
        // A power cut may take the end of the log, wherever it was synced last, or leave rubbish.
        for (tear, rubbish) in (0..40).map(|n| (last * n / 39, n % 2 == 0)) {
            let copy = tempfile::tempdir().unwrap();
            copy_as_killed(scene.fixture.dir(), copy.path()).unwrap();
            let wal = copy.path().join("log-2026-03-10.db-wal");
            let mut bytes = std::fs::read(&wal).unwrap();
            let at = usize::try_from(tear).unwrap();
            if rubbish {
                bytes[at..].fill(0x5a);
            } else {
                bytes.truncate(at);
            }
            std::fs::write(&wal, bytes).unwrap();
            let store = open(copy.path(), MASTER_KEY).unwrap();
            for (end, accepted) in &made {
                let event = store.event(&org, &accepted.id).await.unwrap();
                assert_eq!(event.is_some(), *end <= tear, "{end} of {tear}");
                for delivery in &accepted.deliveries {
                    let found = store.delivery(&org, *delivery).await.unwrap();
                    assert_eq!(found.is_some(), event.is_some());
                }
            }
            let whole = made.iter().filter(|(end, _)| *end <= tear).count();
            let found = store.list_events(&org, &EventFilter::default(), PAGE).await;
            assert_eq!(found.unwrap().items.len(), whole);
            let pending = store.pending_endpoints().await.unwrap();
            assert_eq!(pending.len(), if whole == 0 { 0 } else { 2 });
            store.close().await;
        }
    });
}
