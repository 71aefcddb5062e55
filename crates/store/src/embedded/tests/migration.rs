//! Data directories of earlier versions open, and everything in them works.

use std::path::Path;

use carehook_core::{AttemptId, DeliveryState, Timestamp};
use rusqlite::Connection;

use super::{EmbeddedScene, run};
use crate::{AttemptRecord, Notify, inspect_directory};

/// Puts the log file of the first version in the place of the newest, with the same rows.
fn as_first_version(dir: &Path) {
    let (newest, first) = (dir.join("log-2026-03-10.db"), dir.join("first.db"));
    let log = Connection::open(&first).unwrap();
    log.execute_batch(include_str!("../schema/log_1.sql"))
        .unwrap();
    log.execute("ATTACH ?1 AS newest", [newest.to_str()])
        .unwrap();
    for table in ["events", "deliveries", "attempts", "idempotency"] {
        let columns: String = log
            .query_row(
                "SELECT group_concat(name) FROM pragma_table_info(?1, 'main')",
                [table],
                |row| row.get(0),
            )
            .unwrap();
        let copy = format!("INSERT INTO main.{table} SELECT {columns} FROM newest.{table}");
        log.execute(&copy, []).unwrap();
    }
    log.pragma_update(None, "user_version", 1).unwrap();
    drop(log);
    std::fs::rename(first, newest).unwrap();
    let state = inspect_directory(dir).unwrap();
    let old: Vec<_> = state.files.iter().filter(|f| !f.is_current()).collect();
    assert_eq!((old.len(), old[0].version), (1, 1));
}

#[test]
fn a_log_from_before_there_were_mails_opens_and_learns_to_owe_them() {
    run(async {
        let scene = EmbeddedScene::new();
        let org = scene.organization("northside").await;
        let endpoint = scene.endpoint(&org).await;
        let ended = scene.publish(&org, &[endpoint]).await.deliveries[0];
        let pending = scene.publish(&org, &[endpoint]).await.deliveries[0];
        scene.record(&org, ended, 1, DeliveryState::Failed).await;
        let mut scene = scene;
        scene.fixture = scene.fixture.damage(as_first_version).await;

        assert_eq!(scene.owed(endpoint).await, [pending]);
        assert_eq!(scene.attempts(&org, ended).await.len(), 1);
        let (store, now) = (scene.store(), scene.now());
        let page = store.page(endpoint, None, now, 9).await.unwrap();
        assert_eq!(page.deliveries[0].notify, Notify::OnFailure);
        let far = Timestamp(i64::MAX);
        assert!(store.due_mails(far, 9).await.unwrap().mails.is_empty());
        let failure = AttemptRecord {
            notify: Notify::OnFailure,
            ..scene.result(&org, pending, 1, DeliveryState::Failed)
        };
        store.record(vec![failure]).await.unwrap();
        let mails = store.due_mails(far, 9).await.unwrap().mails;
        assert_eq!(mails[0].about, AttemptId::of(pending, 1));
    });
}
