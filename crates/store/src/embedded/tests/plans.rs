//! How `SQLite` runs every statement of the store: by the index that was meant, and never through
//! a whole table.

mod indexes;

use std::collections::BTreeMap;
use std::path::Path;

use carehook_core::{
    DeliveryId, DeliveryState, DisabledReason, EndpointId, EventId, JsonText, OrganizationId,
    ReplayOf, Secret, SessionHolder,
};
use parking_lot::Mutex;
use rusqlite::Connection;
use rusqlite::trace::{TraceEvent, TraceEventCodes};

use indexes::INDEXES;

use super::{EmbeddedScene, run};
use crate::conformance::replaying::everything;
use crate::conformance::scene::{DAY, body};
use crate::conformance::sessions::portal;
use crate::{
    ActivityId, ActivityQuery, AttemptRecord, CountsOf, DeliveryFilter, DirectoryAudit,
    EventFilter, LogFilter, Notify, PageRequest, Report, ReportedOutcome, RequestKey,
    RetentionPosition, StandingQuery, StatusClass, StoredAnswer, TimeSteps,
};

/// Every statement that ran in this process, by its text.
static STATEMENTS: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());

/// Notes the statements of a connection.
pub(in crate::embedded) fn watch(connection: &mut Connection) {
    let note = |event: TraceEvent<'_>| {
        if let TraceEvent::Stmt(statement, _) = event {
            let sql = statement.sql();
            let name = sql
                .lines()
                .next()
                .and_then(|l| l.strip_prefix("-- carehook."));
            // Schemas have a title, statements a name.
            if let Some(name) = name.filter(|name| !name.contains(' ')) {
                let name = name.to_owned();
                STATEMENTS.lock().insert(sql.into_owned(), name);
            }
        }
    };
    let watched = connection.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(note));
    watched.unwrap();
}

/// Read once at the start, or as a whole by intention, or up to the first row, or rare.
const MAY_SCAN: [&str; 27] = [
    "retention.has_pending",
    "erasures.forget_requests",
    "retention.sequences",
    "retention.is_empty",
    "control_writes.delete_organization_endpoints",
    "api_keys.load",
    "operator_keys.load",
    "sessions.load",
    "sessions.load_links",
    "control.load_keys",
    "control.load_organizations",
    "control.load_endpoints",
    "control.load_catalogue",
    "open.forget_running_requests",
    "log_deliveries.any_pending",
    "outbox.any",
    "outbox_reads.first_rows",
    "event_reads.has_deliveries_of",
    "audit_control.organization_number",
    "audit_control.checkpoint_counts",
    "audit_control.checkpoints",
    "audit_control.journals",
    "audit_control.owners",
    "audit_kept.books",
    "added.any",
    "added.last_sequences",
    "delivery_reads.list_with_added",
];

#[test]
fn every_statement_uses_an_index() {
    run(async {
        let scene = work_of_all_kinds().await;
        let statements = STATEMENTS.lock().clone();
        let plans: Vec<_> = (statements.iter())
            .map(|(sql, name)| (name.as_str(), plan(scene.fixture.dir(), name, sql)))
            .collect();
        assert!(plans.len() >= 45, "only {} statements ran", plans.len());
        for (name, plan) in &plans {
            if !MAY_SCAN.contains(name) {
                // What a subquery with a limit gives is bounded.
                let lines = plan
                    .lines()
                    .filter(|line| !line.starts_with("SCAN (subquery"));
                let mut lines =
                    lines.map(|line| (line.contains("SCAN "), line.contains("TEMP B-TREE")));
                let scans = lines.any(|(scans, sorts)| scans || sorts);
                assert!(!scans, "{name}:\n{plan}");
            }
        }
        for (name, index) in INDEXES {
            let of_it = plans.iter().filter(|(other, _)| *other == name);
            let plans: Vec<_> = of_it.map(|(_, plan)| plan).collect();
            assert!(!plans.is_empty(), "{name} did not run");
            for plan in plans {
                assert!(plan.contains(index), "{name}:\n{plan}");
            }
        }
        let lists = plans
            .iter()
            .filter(|(name, _)| *name == "delivery_reads.list");
        for (_, plan) in lists {
            let by_endpoint = plan.contains("deliveries_by_endpoint (endpoint=?");
            let by_event = plan.contains("d USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)");
            assert!(by_endpoint || by_event, "{plan}");
        }
    });
}

fn plan(dir: &Path, name: &str, sql: &str) -> String {
    let in_control = [
        "api_key",
        "operator_key",
        "key_uses",
        "session",
        "audit_control",
        "control",
        "requests",
        "open.master",
        "open.insert",
        "open.forget",
        "erasures",
        "replays.running",
        "replays.create",
        "replays.one",
        "replays.list",
        "replays.open",
        "replays.stop",
        "replays.fail",
        "replays.runs",
        "replays.count",
        "replays.close",
        "retention.shred",
        "retention.keep",
        "retention.sequences",
        "retention.numbers",
        "rotation",
    ];
    let file = if name.starts_with("audit_kept") {
        "audit.db"
    } else if name.starts_with("statistics") {
        "statistics.db"
    } else if in_control.iter().any(|topic| name.starts_with(topic)) {
        "control.db"
    } else {
        "log-2026-03-10.db"
    };
    let file = Connection::open(dir.join(file)).unwrap();
    let mut statement = file.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let mut rows = statement.raw_query();
    let mut lines = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        lines.push(row.get::<_, String>(3).unwrap());
    }
    lines.join("\n")
}

async fn sessions(scene: &EmbeddedScene, org: &OrganizationId) {
    scene.link(SessionHolder::Operator, 1).await.unwrap();
    let own = scene.set_password(1, "hash", 1).await.unwrap();
    let (old, new) = (Secret::new("hash"), Secret::new("other"));
    let store = scene.store();
    let changed = store.change_operator_password(&old, new, own.id).await;
    changed.unwrap();
    own.last_use.note(scene.now().plus(DAY));
    scene.link(portal(org), 2).await.unwrap();
    let session = scene.enter(2, 2).await.unwrap();
    assert!(store.end_session(session.id).await.unwrap());
}

/// Makes the store run every statement that it has.
async fn work_of_all_kinds() -> EmbeddedScene {
    let scene = EmbeddedScene::new();
    let org = scene.organization("northside").await;
    let (a, b) = (scene.endpoint(&org).await, scene.endpoint(&org).await);
    let store = scene.store();
    let key = scene.key(&org, 1).await;
    store
        .revoke_api_key(&org, key.id, scene.now())
        .await
        .unwrap();
    let key = scene.operator_key(1).await;
    key.last_use.note(scene.now());
    let revoked = store.revoke_operator_key(key.id, scene.now()).await;
    assert!(revoked.unwrap().revoked_at.is_some());
    sessions(&scene, &org).await;
    let now = scene.now();
    let mut deliveries = Vec::new();
    for number in 0..4 {
        let mut new = scene.event(&org, &[a, b]);
        new.idempotency_key = Some(format!("{}", number / 2).into());
        deliveries.extend(scene.accept(new).await.unwrap().deliveries);
    }
    let mut given = scene.event(&org, &[a]);
    given.event.id = EventId::Given("order-1".into());
    given.event.body = body("{\"n\":1}");
    scene.accept(given).await.unwrap();
    let (ended, retried) = (deliveries[0], deliveries[1]);
    scene.record(&org, ended, 1, DeliveryState::Delivered).await;
    scene.record(&org, ended, 2, DeliveryState::Failed).await;
    store.cancel_delivery(&org, retried, now).await.unwrap();
    store
        .retry_delivery(&org, retried, Notify::OnFailure, now)
        .await
        .unwrap();
    mails(&scene, &org, &deliveries[4..6]).await;
    scene.clock.advance(DAY);
    scene.publish(&org, &[a]).await;
    scene.owed(a).await;
    all_lists(&scene, &org, (a, deliveries[3])).await;
    requests(&scene).await;
    activities(&scene, &org, (a, deliveries[2])).await;
    replays(&scene, &org, a).await;

    scene.create_erasure(&org, 1).await;
    scene.work_off_erasures().await;
    let mut at = RetentionPosition::start();
    while let Some(next) = store.retain(now.plus(DAY * 400), at).await.unwrap() {
        at = next;
    }
    let mut renamed = (*store.organization(&org).unwrap()).clone();
    renamed.name = "Renamed".to_owned();
    store.update_organization(renamed).await.unwrap();
    let catalogue = store.catalogue();
    let same = (*catalogue).clone();
    store.replace_catalogue(&catalogue, same).await.unwrap();
    let never = "never.published".parse().unwrap();
    assert!(!store.has_deliveries_of(&never).await.unwrap());
    audit(&scene, &org).await;
    figures(&scene, &org, a).await;
    let gone = DisabledReason::Gone;
    store.disable_endpoint(b, gone, now).await.unwrap();
    let scene = scene.reopened().await;
    scene.store().pending_endpoints().await.unwrap();
    scene.store().delete_endpoint(&org, a, now).await.unwrap();
    scene.store().delete_organization(&org, now).await.unwrap();
    scene.reopened().await
}

/// Two failures, the second of a delivery that had ended with its endpoint.
async fn mails(scene: &EmbeddedScene, org: &OrganizationId, deliveries: &[DeliveryId]) {
    let store = scene.store();
    for delivery in deliveries {
        let failure = |number| AttemptRecord {
            notify: Notify::OnFailure,
            ..scene.result(org, *delivery, number, DeliveryState::Failed)
        };
        store.record(vec![failure(1), failure(2)]).await.unwrap();
    }
    let page = store.due_mails(scene.now().plus(DAY), 1).await.unwrap();
    let about = page.mails[0].about;
    store.delay_mail(about, scene.now()).await.unwrap();
    store.end_mail(about).await.unwrap();
}

/// A replay with something of everything, one that is stopped, and what follows from them.
async fn replays(scene: &EmbeddedScene, org: &OrganizationId, endpoint: EndpointId) {
    let (store, now) = (scene.store(), scene.now());
    let event = scene.publish(org, &[]).await.id;
    scene.clock.advance(DAY);
    let all = everything(ReplayOf::All);
    let id = scene.replay_with(org, endpoint, all.clone(), 1).await;
    scene.work_off_replay().await;
    for due in scene.owed(endpoint).await {
        let number = scene.delivery(org, due).await.attempt_count + 1;
        let delivered = DeliveryState::Delivered;
        scene.record(org, due, number, delivered).await;
        store
            .retry_delivery(org, due, Notify::Never, now)
            .await
            .unwrap();
        scene.record(org, due, number + 1, delivered).await;
    }
    let filter = DeliveryFilter {
        event: Some(event),
        ..DeliveryFilter::default()
    };
    let page = PageRequest {
        limit: 2,
        after: None,
    };
    let listed = store.list_deliveries(org, &filter, page).await.unwrap();
    assert_eq!(listed.items.len(), 1);
    scene.work_off_replay().await;
    let done = scene.stored_replay(org, id.unwrap()).await;
    assert!(done.completed_at.is_some());
    let id = scene.replay_with(org, endpoint, all.clone(), 2).await;
    let id = id.unwrap();
    assert!(store.stop_replay(org, id).await.is_ok());
    let id = scene.replay_with(org, endpoint, all, 3).await.unwrap();
    store.fail_replay(id).await.unwrap();
    let listed = store.list_replays(org, endpoint, page).await.unwrap();
    assert!(listed.next.is_some());
}

async fn activities(
    scene: &EmbeddedScene,
    org: &OrganizationId,
    (endpoint, delivery): (EndpointId, DeliveryId),
) {
    let (store, now) = (scene.store(), scene.now());
    let json = || JsonText::from_stored("{}".into());
    scene.record(org, delivery, 1, DeliveryState::Failed).await;
    let attempt = ActivityId::of_attempt(delivery, 1);
    store.retry_attempt(org, attempt, now).await.unwrap();
    let report = Report {
        endpoint,
        event_type: "patient.created".parse().unwrap(),
        posted_at: None,
        payload: json(),
        raw_message: json(),
        reported_by: "me".into(),
        retry_of: Some(attempt),
    };
    let id = store.report(org, report).await.unwrap();
    let outcome = ReportedOutcome {
        success: true,
        status: None,
        error: None,
        answer: None,
        at: now,
        reported_by: "me".into(),
    };
    let completed = store.complete_report(org, endpoint, id, outcome).await;
    completed.unwrap();
    let query = ActivityQuery {
        take: 10,
        ..ActivityQuery::default()
    };
    let listed = store.list_activities(org, endpoint, &query).await.unwrap();
    assert!(listed.total >= 2);
    let chain = store.retries_of(org, endpoint, attempt, 10).await.unwrap();
    assert!(
        chain.len() >= 2,
        "the attempt that was asked for, and the report"
    );
}

/// Counts, keeps and reads.
async fn figures(scene: &EmbeddedScene, org: &OrganizationId, endpoint: EndpointId) {
    let (store, now) = (scene.store(), scene.now());
    store.keep_statistics().await.unwrap();
    let steps = TimeSteps::until(now, 60, 24);
    let of_it = CountsOf::Endpoint(org.clone(), endpoint);
    store.counts(&of_it, steps).await.unwrap();
    store.endpoint_counts(org, steps).await.unwrap();
    store.busy_endpoints(now, 10).await.unwrap();
    store.backlogs(None, (now, 10)).await.unwrap();
    let page = |after| PageRequest { limit: 1, after };
    let everything = LogFilter {
        until: Some(now),
        ..LogFilter::default()
    };
    let found = store.find_deliveries(org, &everything, page(None), 1_000);
    let after = found.await.unwrap().next;
    assert!(after.is_some());
    let found = store.find_deliveries(org, &everything, page(after), 1_000);
    found.await.unwrap();
    let given = LogFilter {
        event: Some(EventId::Given("order-1".into())),
        ..LogFilter::default()
    };
    store
        .find_deliveries(org, &given, page(None), 1_000)
        .await
        .unwrap();
    let answered = LogFilter {
        status: Some(StatusClass::ServerError),
        ..LogFilter::default()
    };
    store
        .count_deliveries(org, &answered, 10, 1_000)
        .await
        .unwrap();
}

/// Writes, signs, keeps, lists and verifies the audit trail.
async fn audit(scene: &EmbeddedScene, org: &OrganizationId) {
    let store = scene.store();
    scene.note(org, "endpoint/1").await;
    scene.trail(org).await;
    store.sign_audit().await.unwrap();
    let day = scene.now().day();
    store.keep_disclosures(1, day).await.unwrap();
    scene.trail(org).await;
    let audit = DirectoryAudit::open(scene.fixture.dir()).unwrap();
    for book in audit.books().unwrap() {
        let key = store.audit_public_key();
        assert!(audit.verify(&book, &key).unwrap().result.is_ok());
    }
}

async fn requests(scene: &EmbeddedScene) {
    let key = |name: &str| RequestKey {
        caller: "me".into(),
        key: name.into(),
        organization: None,
    };
    let (store, now) = (scene.store(), scene.now());
    let answer = StoredAnswer {
        status: 201,
        body: "{}".into(),
    };
    store.start_request(key("a"), [0; 32], now).await.unwrap();
    store.finish_request(key("a"), answer).await.unwrap();
    store.start_request(key("b"), [0; 32], now).await.unwrap();
    store.abandon_request(key("b")).await.unwrap();
}

/// Lists with every filter alone and with all together, each from its start and from a place.
async fn all_lists(
    scene: &EmbeddedScene,
    org: &OrganizationId,
    (endpoint, place): (EndpointId, DeliveryId),
) {
    let (store, now) = (scene.store(), scene.now());
    let given = EventId::Given("order-1".into());
    let kind = "appointment.created".parse().unwrap();
    for filters in [0, 1, 2, 4, 8, 16, 32, 62, 63, 64, 127] {
        for after in [None, Some(place.0)] {
            let page = PageRequest { limit: 2, after };
            let with = |bit: u32| filters & bit != 0;
            let events = EventFilter {
                event_type: with(1).then_some(&kind).cloned(),
                mode: with(2).then_some(carehook_core::Mode::Live),
                since: with(4).then_some(now),
                until: with(8).then_some(now),
            };
            store.list_events(org, &events, page).await.unwrap();
            let deliveries = DeliveryFilter {
                endpoint: with(1).then_some(endpoint),
                event: with(2).then_some(&given).cloned(),
                state: with(4).then_some(DeliveryState::Pending),
                event_type: with(8).then_some(&kind).cloned(),
                since: with(16).then_some(now),
                until: with(32).then_some(now),
                mode: with(64).then_some(carehook_core::Mode::Live),
            };
            store.list_deliveries(org, &deliveries, page).await.unwrap();
        }
    }
    let event = store.event(org, &given).await.unwrap();
    assert!(event.is_some());
    store.delivery(org, place).await.unwrap();
    let query = StandingQuery {
        take: 2,
        payload_bytes: 1 << 20,
        ..StandingQuery::default()
    };
    store.list_standings(org, endpoint, &query).await.unwrap();
}
