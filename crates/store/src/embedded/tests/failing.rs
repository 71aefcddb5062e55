//! Failures of disk, files and thread: what callers are told, and what goes on.

use std::path::Path;

use carehook_core::{DeliveryId, DeliveryState, Reason, RecordId, ReplayOf};
use tokio::task::JoinSet;

use super::super::work::Work;
use super::{EmbeddedScene, embedded, hold, run};
use crate::conformance::replaying::everything;
use crate::conformance::scene::{DAY, body};
use crate::{EmbeddedOptions, NewEvent, ReplayStep, RequestKey, StoreError};

#[test]
fn a_full_queue_is_busy_and_results_are_still_taken() {
    run(async {
        let mut scene = EmbeddedScene::new();
        let options = EmbeddedOptions {
            queued: 4,
            ..EmbeddedOptions::default()
        };
        scene.fixture = scene.fixture.reopen_with(options).await;
        let org = scene.organization("northside").await;
        let endpoint = scene.endpoint(&org).await;
        let delivery = scene.publish(&org, &[endpoint]).await.deliveries[0];
        let held = hold(embedded(&scene));
        let mut waiting = JoinSet::new();
        for _ in 0..4 {
            let (store, new) = (scene.store().clone(), scene.event(&org, &[endpoint]));
            waiting.spawn(async move { store.accept(vec![new]).await.remove(0).is_ok() });
        }
        tokio::task::yield_now().await;
        let refused = scene.accept(scene.event(&org, &[endpoint])).await;
        assert!(matches!(refused, Err(StoreError::Busy { op: "accept" })));
        let now = scene.now();
        let refused = scene.store().cancel_delivery(&org, delivery, now).await;
        assert!(matches!(refused, Err(StoreError::Busy { .. })));
        let result = scene.result(&org, delivery, 1, DeliveryState::Delivered);
        let store = scene.store().clone();
        waiting.spawn(async move { store.record(vec![result]).await.is_ok() });
        tokio::task::yield_now().await;
        drop(held);
        assert_eq!(waiting.join_all().await, [true; 5]);
        assert_eq!(scene.owed(endpoint).await.len(), 4);
        scene.publish(&org, &[endpoint]).await;
    });
}

#[test]
fn a_nearly_full_disk_refuses_publishes_and_records_results() {
    run(async {
        let mut scene = EmbeddedScene::new();
        let org = scene.organization("northside").await;
        let endpoint = scene.endpoint(&org).await;
        let delivery = scene.publish(&org, &[endpoint]).await.deliveries[0];
        let options = EmbeddedOptions {
            reserve_bytes: u64::MAX,
            ..EmbeddedOptions::default()
        };
        scene.fixture = scene.fixture.reopen_with(options).await;
        let batch = vec![scene.event(&org, &[endpoint]), scene.event(&org, &[])];
        let results = scene.store().accept(batch).await;
        assert!(matches!(
            results[..],
            [Err(StoreError::Full), Err(StoreError::Full)]
        ));
        scene
            .record(&org, delivery, 1, DeliveryState::Delivered)
            .await;
        scene.fixture = scene.fixture.reopen_with(EmbeddedOptions::default()).await;
        assert!(scene.owed(endpoint).await.is_empty());
        let next = scene.publish(&org, &[endpoint]).await.deliveries[0];
        assert_eq!(scene.delivery(&org, next).await.sequence, 2);
    });
}

#[test]
fn a_nearly_full_disk_holds_a_replay_up() {
    run(async {
        let mut scene = EmbeddedScene::new();
        let org = scene.organization("northside").await;
        let endpoint = scene.endpoint(&org).await;
        scene.publish(&org, &[]).await;
        let missing = everything(ReplayOf::Missing);
        let made = scene.replay_with(&org, endpoint, missing, 1).await;
        let options = EmbeddedOptions {
            reserve_bytes: u64::MAX,
            ..EmbeddedOptions::default()
        };
        scene.fixture = scene.fixture.reopen_with(options).await;
        assert_eq!(scene.work_off_replay().await, ReplayStep::Wait);
        let counts = scene.stored_replay(&org, made.unwrap()).await.counts;
        assert_eq!((counts.counted, counts.due), (1, 0));
        scene.fixture = scene.fixture.reopen_with(EmbeddedOptions::default()).await;
        scene.work_off_replay().await;
        assert_eq!(scene.owed(endpoint).await.len(), 1);
    });
}

/// Lets the file of today grow by this many pages and no more: from then on `SQLite` answers as on a
/// full disk.
async fn leave_room(scene: &EmbeddedScene, pages: u32) {
    let today = scene.now().day();
    let limited = embedded(scene).shared.change("limit", move |writer| {
        let log = writer.log(today).unwrap();
        let count = |pragma: &str| log.pragma_query_value(None, pragma, |row| row.get::<_, u32>(0));
        let most = count("page_count").unwrap() + pages;
        log.pragma_update(None, "max_page_count", most).unwrap();
        Ok(())
    });
    limited.await.unwrap();
}

#[test]
fn a_full_file_refuses_publishes_alone_and_takes_them_when_there_is_room() {
    run(async {
        let scene = EmbeddedScene::new();
        let org = scene.organization("northside").await;
        let endpoint = scene.endpoint(&org).await;
        let delivery = scene.publish(&org, &[endpoint]).await.deliveries[0];
        leave_room(&scene, 0).await;
        let mut large = scene.event(&org, &[endpoint]);
        large.event.body = body(&format!("{{\"x\":\"{}\"}}", "x".repeat(100_000)));
        // Both are in one group; the result fits into the pages that there are.
        let held = hold(embedded(&scene));
        let result = scene.result(&org, delivery, 1, DeliveryState::Delivered);
        let release = async { drop(held) };
        let (refused, recorded, ()) = tokio::join!(
            scene.accept(large.clone()),
            scene.store().record(vec![result]),
            release
        );
        assert!(matches!(refused, Err(StoreError::Full)), "{refused:?}");
        assert!(recorded.is_ok(), "{recorded:?}");
        assert_eq!(scene.store().health(), Ok(()));
        leave_room(&scene, 1_000).await;
        let accepted = scene.accept(large).await.unwrap();
        assert!(!accepted.duplicate);
        let next = scene.delivery(&org, accepted.deliveries[0]).await;
        assert_eq!(next.sequence, 2);
        assert_eq!(scene.owed(endpoint).await, accepted.deliveries);
    });
}

#[test]
fn a_file_that_cannot_be_opened_makes_publishes_busy_until_it_can() {
    run(async {
        let scene = EmbeddedScene::new();
        let org = scene.organization("northside").await;
        let endpoint = scene.endpoint(&org).await;
        let old = scene.publish(&org, &[endpoint]).await.deliveries[0];
        scene.clock.advance(DAY);
        let in_the_way = scene.fixture.dir().join("log-2026-03-11.db");
        std::fs::create_dir(&in_the_way).unwrap();
        let held = hold(embedded(&scene));
        let result = scene.result(&org, old, 1, DeliveryState::Delivered);
        let release = async { drop(held) };
        let (refused, recorded, ()) = tokio::join!(
            scene.accept(scene.event(&org, &[endpoint])),
            scene.store().record(vec![result]),
            release
        );
        assert!(
            matches!(refused, Err(StoreError::Busy { .. })),
            "{refused:?}"
        );
        assert!(recorded.is_ok(), "{recorded:?}");
        std::fs::remove_dir(&in_the_way).unwrap();
        scene.publish(&org, &[endpoint]).await;
        assert_eq!(scene.store().health(), Ok(()));
    });
}

/// Overwrites all pages but the first, which holds the schema.
fn overwrite_pages(path: &Path) {
    let mut bytes = std::fs::read(path).unwrap();
    bytes[4_096..].fill(0xff);
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn a_broken_file_poisons_the_store_which_says_why() {
    run(async {
        let scene = EmbeddedScene::new();
        let org = scene.organization("northside").await;
        let endpoint = scene.endpoint(&org).await;
        let delivery = scene.publish(&org, &[endpoint]).await.deliveries[0];
        let scene = scene.reopened().await;
        // The writer has looked into its files when it has answered.
        scene.organization("other").await;
        overwrite_pages(&scene.fixture.dir().join("log-2026-03-10.db"));
        let refused = scene.accept(scene.event(&org, &[endpoint])).await;
        assert!(
            matches!(&refused, Err(StoreError::Unknown { op: "commit", .. })),
            "{refused:?}"
        );
        let reason = scene.store().failed().await;
        assert!(reason.contains("malformed"), "{reason}");
        assert_eq!(scene.store().health(), Err(reason.clone()));

        let store = scene.store();
        let says_why = |error: StoreError| {
            assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
            assert!(error.to_string().contains("malformed"), "{error}");
        };
        let again = scene.accept(scene.event(&org, &[endpoint])).await;
        says_why(again.unwrap_err());
        let result = scene.result(&org, delivery, 1, DeliveryState::Delivered);
        says_why(store.record(vec![result]).await.unwrap_err());
        let now = scene.now();
        says_why(
            store
                .delete_endpoint(&org, endpoint, now)
                .await
                .unwrap_err(),
        );
        let key = RequestKey {
            caller: "me".into(),
            key: "a".into(),
            organization: None,
        };
        says_why(store.start_request(key, [0; 32], now).await.unwrap_err());
        assert!(store.endpoint(&org, endpoint).is_some(), "reads go on");
    });
}

#[test]
fn a_panicking_thread_leaves_nobody_waiting() {
    run(async {
        let scene = EmbeddedScene::new();
        let org = scene.organization("northside").await;
        let endpoint = scene.endpoint(&org).await;
        scene.publish(&org, &[endpoint]).await;
        let held = hold(embedded(&scene));
        let queue = &embedded(&scene).shared.queue;
        let bug = Work::Change(Box::new(|_| panic!("a bug")));
        assert_eq!(queue.push(bug, 2 << 20), Ok(()));
        let mut waiting = JoinSet::new();
        for _ in 0..3 {
            let (store, new) = (scene.store().clone(), scene.event(&org, &[endpoint]));
            waiting.spawn(async move { store.accept(vec![new]).await.remove(0) });
        }
        tokio::task::yield_now().await;
        drop(held);
        for answer in waiting.join_all().await {
            assert!(
                matches!(answer, Err(StoreError::Unknown { .. })),
                "{answer:?}"
            );
        }
        let reason = scene.store().failed().await;
        assert!(reason.contains("panicked"), "{reason}");
        let later = scene.accept(scene.event(&org, &[endpoint])).await;
        assert!(matches!(later, Err(StoreError::Corrupt { .. })));
        assert_eq!(scene.reopened().await.owed(endpoint).await.len(), 1);
    });
}

#[test]
fn one_bad_record_does_not_take_its_group_along() {
    run(async {
        let scene = EmbeddedScene::new();
        let org = scene.organization("northside").await;
        let endpoint = scene.endpoint(&org).await;
        let with_key = |key: &str| NewEvent {
            idempotency_key: Some(key.into()),
            ..scene.event(&org, &[endpoint])
        };
        scene.accept(with_key("bad")).await.unwrap();
        // The key's row leads to no event any more.
        let log = scene.fixture.dir().join("log-2026-03-10.db");
        let file = rusqlite::Connection::open(log).unwrap();
        file.execute("UPDATE idempotency SET event = 99", [])
            .unwrap();
        drop(file);
        let held = hold(embedded(&scene));
        let mut waiting = JoinSet::new();
        for key in ["a", "bad", "b"] {
            let (store, new) = (scene.store().clone(), with_key(key));
            waiting.spawn(async move { (key, store.accept(vec![new]).await.remove(0)) });
        }
        tokio::task::yield_now().await;
        drop(held);
        for (key, answer) in waiting.join_all().await {
            assert_eq!(answer.is_ok(), key != "bad", "{key}: {answer:?}");
        }
        assert_eq!(scene.store().health(), Ok(()));
        let now = scene.now();
        let page = scene.store().page(endpoint, None, now, 10).await.unwrap();
        let sequences: Vec<_> = page.deliveries.iter().map(|due| due.sequence).collect();
        assert_eq!(sequences, [1, 2, 3], "the failed group left no gap");
    });
}

#[test]
fn a_result_of_a_day_without_a_file_makes_none() {
    run(async {
        let scene = EmbeddedScene::new();
        let org = scene.organization("northside").await;
        let far = scene.now().plus(100 * DAY);
        let absent = DeliveryId(RecordId::new(far.0, 1, 0));
        scene
            .record(&org, absent, 1, DeliveryState::Delivered)
            .await;
        scene.store().quarantine(vec![absent], far).await.unwrap();
        let files = std::fs::read_dir(scene.fixture.dir()).unwrap();
        let names = files.map(|file| file.unwrap().file_name());
        let logs = names.filter(|name| name.to_string_lossy().starts_with("log-"));
        assert_eq!(logs.count(), 0);
    });
}

#[test]
fn a_closed_store_refuses_as_busy() {
    run(async {
        let scene = EmbeddedScene::new();
        let org = scene.organization("northside").await;
        let endpoint = scene.endpoint(&org).await;
        let delivery = scene.publish(&org, &[endpoint]).await.deliveries[0];
        scene.store().close().await;
        scene.store().close().await;
        let refused = scene.accept(scene.event(&org, &[endpoint])).await;
        assert!(matches!(refused, Err(StoreError::Busy { .. })));
        let result = scene.result(&org, delivery, 1, DeliveryState::Delivered);
        let refused = scene.store().record(vec![result]).await;
        assert!(matches!(refused, Err(StoreError::Busy { .. })));
        assert_eq!(scene.store().health(), Ok(()));
    });
}

#[test]
fn a_deletion_that_a_file_refuses_is_finished_when_it_can_be() {
    run(async {
        let scene = EmbeddedScene::new();
        let org = scene.organization("northside").await;
        let endpoint = scene.endpoint(&org).await;
        let delivery = scene.publish(&org, &[endpoint]).await.deliveries[0];
        let mut scene = scene;
        let out_of_reach = |dir: &Path| {
            assert!(!dir.join("log-2026-03-10.db-wal").exists());
        };
        scene.fixture = scene.fixture.damage(out_of_reach).await;
        let (log, aside) = {
            let dir = scene.fixture.dir();
            (dir.join("log-2026-03-10.db"), dir.join("aside"))
        };
        std::fs::rename(&log, &aside).unwrap();
        std::fs::create_dir(&log).unwrap();
        let now = scene.now();
        let deleted = scene.store().delete_endpoint(&org, endpoint, now).await;
        assert!(deleted.is_ok(), "the control file says so: {deleted:?}");
        assert!(scene.owed(endpoint).await.is_empty());
        std::fs::remove_dir(&log).unwrap();
        std::fs::rename(&aside, &log).unwrap();
        scene.organization("next").await;
        let ended = scene.delivery(&org, delivery).await;
        assert_eq!(ended.state, DeliveryState::Failed);
        assert_eq!(ended.reason, Some(Reason::EndpointDeleted));
        assert_eq!(scene.store().health(), Ok(()));
    });
}
