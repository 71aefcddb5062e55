//! After an erasure no file holds what was erased, neither in plain text nor sealed.

use std::collections::HashSet;
use std::path::Path;

use bytes::Bytes;
use carehook_core::DeliveryState;
use rusqlite::Connection;

use super::sealing::{canary, files_with};
use super::{EmbeddedScene, embedded, run};
use crate::conformance::erasing::SUBJECT;
use crate::conformance::scene::{DAY, body};
use crate::{ErasurePosition, ErasureStep, Notify, RetentionPosition};

/// The sealed values of a log file that are about the subject: payloads and answers.
fn sealed_about(dir: &Path, file: &str) -> Vec<Vec<u8>> {
    let log = Connection::open(dir.join(file)).unwrap();
    let sql = "SELECT sealed FROM events WHERE subject IS NOT NULL
        UNION ALL SELECT answer FROM attempts WHERE delivery IN (SELECT d.number
            FROM deliveries d JOIN events e ON e.number = d.event WHERE e.subject IS NOT NULL)";
    let mut statement = log.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

/// How many of these values, or parts of them, any file holds.
fn held(dir: &Path, sealed: &[Vec<u8>]) -> usize {
    let parts = |value: &Vec<u8>| {
        let (half, end) = (value.len() / 2, value.len() - 16);
        [0, half.min(end), end].map(|at| value[at..at + 16].to_vec())
    };
    let wanted: HashSet<Vec<u8>> = sealed.iter().flat_map(parts).collect();
    let mut found = HashSet::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let windows = bytes.windows(16).filter(|window| wanted.contains(*window));
        found.extend(windows.map(<[u8]>::to_vec));
    }
    let is_held = |value: &&Vec<u8>| parts(value).iter().any(|part| found.contains(part));
    sealed.iter().filter(is_held).count()
}

/// Publishes over two days, one event in four about the subject, with payloads of many sizes.
async fn publish_a_lot(scene: &EmbeddedScene) {
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    for day in 0..2 {
        for number in 0..200_usize {
            let mut new = scene.event(&org, &[endpoint]);
            let filler = "x".repeat(number * number % 9_000);
            let text = format!("{{\"x\":\"{}\",\"y\":\"{filler}\"}}", canary("data"));
            new.event.body = body(&text);
            if number % 4 == 1 {
                new.event.body.subject = Some(SUBJECT.into());
                new.idempotency_key = Some(format!("{}-{number}", canary("key")).into());
            }
            let delivery = scene.accept(new).await.unwrap().deliveries[0];
            if number % 3 > 0 {
                let mut result = scene.result(&org, delivery, 1, DeliveryState::Failed);
                result.attempt.answer = Bytes::from(format!("{}{filler}", canary("answer")));
                result.notify = Notify::OnFailure;
                scene.store().record(vec![result]).await.unwrap();
            }
        }
        if day == 0 {
            scene.clock.advance(DAY);
        }
    }
}

const LOGS: [&str; 2] = ["log-2026-03-10.db", "log-2026-03-11.db"];

#[test]
fn after_an_erasure_no_file_holds_what_was_erased_sealed_or_not() {
    run(async {
        let scene = EmbeddedScene::new();
        publish_a_lot(&scene).await;
        let dir = scene.fixture.dir().to_owned();
        let sealed: Vec<_> = LOGS
            .iter()
            .flat_map(|log| sealed_about(&dir, log))
            .collect();
        assert!(sealed.len() > 150, "{}", sealed.len());
        assert_eq!(held(&dir, &sealed), sealed.len(), "all are found");
        assert!(!files_with(&dir, canary("key").as_bytes()).is_empty());
        let org = "northside".parse().unwrap();
        scene.create_erasure(&org, 1).await;
        scene.work_off_erasures().await;
        assert_eq!(held(&dir, &sealed), 0);
        assert!(files_with(&dir, canary("key").as_bytes()).is_empty());
        assert!(files_with(&dir, SUBJECT.as_bytes()).is_empty());
        // What is about others is still there and can be read.
        let page = crate::PageRequest {
            limit: 400,
            after: None,
        };
        let filter = crate::EventFilter::default();
        let listed = scene.store().list_events(&org, &filter, page).await;
        let gone = |event: &&carehook_core::Event| event.body.is_gone();
        let listed = listed.unwrap().items;
        assert_eq!(listed.len(), 400);
        assert_eq!(listed.iter().filter(gone).count(), 100);
    });
}

#[test]
fn an_erasure_waits_for_a_reader_and_holds_nobody_up() {
    run(async {
        let scene = EmbeddedScene::new();
        publish_a_lot(&scene).await;
        let org = "northside".parse().unwrap();
        scene.create_erasure(&org, 1).await;
        let reader = Connection::open(scene.fixture.dir().join(LOGS[1])).unwrap();
        let snapshot = reader.unchecked_transaction().unwrap();
        let count: i64 = snapshot
            .query_row("SELECT count(*) FROM events", [], |row| row.get(0))
            .unwrap();
        assert_eq!(count, 200);
        let job = scene.store().running_erasure().await.unwrap().unwrap();
        let mut at = ErasurePosition::start();
        let begun = std::time::Instant::now();
        loop {
            match scene.store().erase(&job, at).await.unwrap() {
                ErasureStep::On(next) => at = next,
                ErasureStep::Wait => break,
                ErasureStep::Ended => panic!("the old pages are still read"),
            }
        }
        assert!(begun.elapsed().as_secs() < 5, "the writer did not wait");
        snapshot.finish().unwrap();
        let ended = scene.store().erase(&job, at).await.unwrap();
        assert_eq!(ended, ErasureStep::Ended);
    });
}

#[test]
fn a_shredded_day_has_no_key_on_any_page() {
    run(async {
        let scene = EmbeddedScene::new();
        let org = scene.organization("northside").await;
        scene.publish(&org, &[]).await;
        let dir = scene.fixture.dir().to_owned();
        let day = scene.now().day();
        let key: Vec<u8> = Connection::open(dir.join("control.db"))
            .unwrap()
            .query_row(
                "SELECT wrapped FROM data_keys WHERE day = ?1",
                [day],
                |row| row.get(0),
            )
            .unwrap();
        assert!(!files_with(&dir, &key).is_empty());
        scene.clock.advance(DAY * 31);
        let mut at = RetentionPosition::start();
        while let Some(next) = scene.store().retain(scene.now(), at).await.unwrap() {
            at = next;
        }
        assert!(files_with(&dir, &key).is_empty());
        assert!(!embedded(&scene).shared.keys.has(1, day));
    });
}

#[test]
fn a_log_file_that_nobody_needs_is_removed() {
    run(async {
        let scene = EmbeddedScene::new();
        let org = scene.organization("northside").await;
        scene.publish(&org, &[]).await;
        scene.clock.advance(DAY * 366);
        let file = scene.fixture.dir().join(LOGS[0]);
        let retain = async || {
            let mut at = RetentionPosition::start();
            while let Some(next) = scene.store().retain(scene.now(), at).await.unwrap() {
                at = next;
            }
        };
        retain().await;
        assert!(file.exists(), "it is the newest");
        scene.publish(&org, &[]).await;
        retain().await;
        assert!(!file.exists());
        let left = std::fs::read_dir(scene.fixture.dir()).unwrap();
        let names = left.map(|entry| entry.unwrap().file_name());
        let of_it = names.filter(|name| name.to_str().unwrap().starts_with("log-2026-03-10"));
        assert_eq!(of_it.count(), 0);
        let scene = scene.reopened().await;
        scene.publish(&org, &[]).await;
    });
}
