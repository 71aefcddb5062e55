//! Tests: who sees which figures, and what an operator sees first.

use std::time::Duration;

use bytes::Bytes;
use carehook_core::{
    Attempt, AttemptId, AttemptOutcome, DeliveryId, DeliveryState, Dialect, Event, EventBody,
    JsonText, PayloadMode, Secret, Trigger,
};
use carehook_store::{AttemptRecord, DeliveryChange, LogFilter, Meaning, NewEvent, Notify};
use tempfile::TempDir;

use super::*;
use crate::fixture::app_with;
use crate::{
    AppConfig, Caller, FeedItem, NewCredentials, NewEndpoint, NewOrganization, SettingsChange,
};

const OPERATOR_KEY: &str = "key-1";

/// An application with the organizations `northside` and `southside`.
struct Installation {
    app: App,
    operator: Caller,
    _directory: TempDir,
}

impl Installation {
    async fn new() -> Self {
        let (app, directory) = app_with(AppConfig {
            operator_key: Some(Secret::new(OPERATOR_KEY)),
            ..AppConfig::default()
        });
        let operator = app.caller(Some(OPERATOR_KEY), None).await.unwrap();
        for id in ["northside", "southside"] {
            let new = NewOrganization {
                settings: SettingsChange::default(),
                id: Some(id.parse().unwrap()),
                name: id.to_owned(),
            };
            let operator = app.operator(&operator).unwrap();
            app.create_organization(&operator, new).await.unwrap();
        }
        Self {
            app,
            operator,
            _directory: directory,
        }
    }

    fn operator(&self) -> Operator {
        self.app.operator(&self.operator).unwrap()
    }

    fn access(&self, organization: &str) -> OrganizationAccess {
        self.app.access(&self.operator, organization).unwrap()
    }

    async fn endpoint(&self, organization: &str, mode: Mode) -> EndpointId {
        let new = NewEndpoint {
            name: None,
            url: "https://93.184.216.34/hook".to_owned(),
            events: vec!["*".to_owned()],
            dialect: Dialect::Native,
            mode: Some(mode),
            account: None,
            active: true,
            payload: PayloadMode::Full,
            version: None,
            headers: Vec::new(),
            credentials: NewCredentials::default(),
            timeout_ms: None,
            retry_schedule: None,
            notification_email: None,
        };
        let access = self.access(organization);
        let made = self.app.create_endpoint(&access, new);
        made.await.unwrap().id
    }

    async fn publish(&self, organization: &str, mode: Mode, to: EndpointId) -> DeliveryId {
        let now = self.app.now();
        let event = Event {
            id: self.app.store().new_event_id(now),
            organization: organization.parse().unwrap(),
            event_type: "appointment.created".parse().unwrap(),
            version: "v1".into(),
            mode,
            account: None,
            occurred_at: None,
            created_at: now,
            body: EventBody {
                data: JsonText::from_stored(Bytes::from_static(b"{}")),
                previous: None,
                subject: None,
                ordering_key: None,
            },
        };
        let new = NewEvent {
            event,
            to: vec![to],
            idempotency_key: None,
            trigger: Trigger::Schedule,
            retry_of: None,
        };
        let mut accepted = self.app.store().accept(vec![new]).await;
        accepted.remove(0).unwrap().deliveries[0]
    }

    async fn record(&self, organization: &str, delivery: DeliveryId, millis: u64, ok: bool) {
        let outcome = if ok {
            AttemptOutcome::Delivered
        } else {
            AttemptOutcome::Rejected
        };
        let record = AttemptRecord {
            organization: organization.parse().unwrap(),
            delivery,
            attempt: Attempt {
                id: AttemptId::of(delivery, 1),
                number: 1,
                started_at: self.app.now(),
                duration: Duration::from_millis(millis),
                outcome,
                status: Some(if ok { 200 } else { 500 }),
                error: None,
                answer: Bytes::new(),
                trigger: Trigger::Schedule,
            },
            state: if ok {
                DeliveryState::Delivered
            } else {
                DeliveryState::Pending
            },
            reason: None,
            due: (!ok).then(|| self.app.now().plus(Duration::from_mins(30))),
            notify: Notify::Never,
            sent_to: Some(carehook_store::SentTo {
                host: "receiver.example".into(),
                payload: PayloadMode::Full,
            }),
        };
        self.app.store().record(vec![record]).await.unwrap();
    }

    /// So many attempts, each of a delivery of its own.
    async fn attempts(&self, organization: &str, to: EndpointId, how: (usize, u64, bool)) {
        let (times, millis, ok) = how;
        for _ in 0..times {
            let delivery = self.publish(organization, Mode::Live, to).await;
            self.record(organization, delivery, millis, ok).await;
        }
    }
}

#[tokio::test]
async fn charts_add_up_in_every_span() {
    let here = Installation::new().await;
    let endpoint = here.endpoint("northside", Mode::Live).await;
    here.attempts("northside", endpoint, (3, 100, true)).await;
    here.attempts("northside", endpoint, (1, 900, false)).await;
    let access = here.access("northside");
    for (span, steps) in [
        (Span::Hour, 60),
        (Span::Day, 288),
        (Span::Week, 168),
        (Span::Month, 30),
    ] {
        for chart in [
            here.app.organization_chart(&access, None, span).await,
            here.app.endpoint_chart(&access, endpoint, span).await,
            here.app.overall_chart(&here.operator(), span).await,
        ] {
            let chart = chart.unwrap();
            assert_eq!(chart.counts.len(), steps);
            assert_eq!((chart.total.delivered, chart.total.retried), (3, 1));
            assert_eq!(chart.counts.last(), Some(&chart.total), "all of it is now");
            let starts: Vec<_> = chart.steps.starts().collect();
            assert!(starts.last().is_some_and(|last| *last <= here.app.now()));
            let median = chart.total.durations.percentile(50).unwrap().as_millis();
            assert!((94..=106).contains(&median), "{median}");
        }
    }
}

#[tokio::test]
async fn figures_stay_with_their_organization_and_mode() {
    let here = Installation::new().await;
    let live = here.endpoint("northside", Mode::Live).await;
    let test = here.endpoint("northside", Mode::Test).await;
    here.attempts("northside", live, (2, 10, true)).await;
    here.publish("northside", Mode::Test, test).await;
    let (ours, theirs) = (here.access("northside"), here.access("southside"));
    let refused = here.app.endpoint_chart(&theirs, live, Span::Hour).await;
    assert!(matches!(refused, Err(AppError::NotFound { .. })));
    let refused = here.app.endpoint_backlog(&theirs, live).await;
    assert!(matches!(refused, Err(AppError::NotFound { .. })));
    let none = here.app.organization_chart(&theirs, None, Span::Hour).await;
    assert_eq!(none.unwrap().total, Counts::default());
    for (mode, delivered, waiting, endpoints) in [
        (None, 2, 1, 2),
        (Some(Mode::Live), 2, 0, 1),
        (Some(Mode::Test), 0, 1, 1),
    ] {
        let chart = here.app.organization_chart(&ours, mode, Span::Day).await;
        assert_eq!(chart.unwrap().total.delivered, delivered);
        let backlog = here.app.organization_backlog(&ours, mode).await.unwrap();
        assert_eq!(backlog.pending.number, waiting);
        let health = here.app.endpoint_health(&ours, mode).await.unwrap();
        assert_eq!(health.len(), endpoints);
    }
}

#[tokio::test]
async fn the_health_of_an_endpoint_is_seen_at_a_glance() {
    let here = Installation::new().await;
    let endpoint = here.endpoint("northside", Mode::Live).await;
    here.attempts("northside", endpoint, (3, 10, true)).await;
    here.attempts("northside", endpoint, (1, 10, false)).await;
    let access = here.access("northside");
    let health = here.app.endpoint_health(&access, None).await.unwrap();
    let [health] = &health[..] else {
        panic!("there is one endpoint");
    };
    assert_eq!(health.endpoint.id, endpoint);
    assert_eq!(health.day.total.success_rate(), Some(0.75));
    assert_eq!(health.day.counts.len(), 24);
    assert_eq!(health.last.unwrap().meaning, Meaning::Retried);
    assert_eq!(health.backlog.in_an_hour, 1);
    assert_eq!(health.backlog.oldest, Some(here.app.now()));
}

#[tokio::test]
async fn what_is_typed_finds_deliveries_of_the_organization_alone() {
    let here = Installation::new().await;
    let endpoint = here.endpoint("northside", Mode::Live).await;
    here.attempts("northside", endpoint, (3, 10, true)).await;
    let delivery = here.publish("northside", Mode::Live, endpoint).await;
    let (ours, theirs) = (here.access("northside"), here.access("southside"));
    let event = here.app.delivery(&ours, delivery).await.unwrap().0.event_id;
    for (typed, expected) in [
        (String::new(), 4),
        (delivery.to_string(), 1),
        (format!(" {event} "), 1),
        (endpoint.to_string(), 4),
        ("patient/1".to_owned(), 0),
    ] {
        let nothing = LogFilter::default();
        let filter = here.app.log_filter_of_text(&ours, &typed, nothing.clone());
        let filter = filter.await.unwrap();
        let page = crate::Page::default();
        let found = here.app.find_deliveries(&ours, &filter, &page).await;
        assert_eq!(found.unwrap().items.len(), expected, "{typed}");
        let counted = here.app.count_deliveries(&ours, &filter).await.unwrap();
        assert_eq!(counted.number, expected as u64, "{typed}");
        let filter = here.app.log_filter_of_text(&theirs, &typed, nothing);
        let filter = filter.await.unwrap();
        let found = here.app.find_deliveries(&theirs, &filter, &page).await;
        assert!(found.unwrap().items.is_empty(), "{typed}");
    }
    let foreign = LogFilter {
        endpoint: Some(endpoint),
        ..LogFilter::default()
    };
    let refused = here.app.count_deliveries(&theirs, &foreign).await;
    assert!(matches!(refused, Err(AppError::NotFound { .. })));
}

#[tokio::test]
async fn an_operator_sees_what_needs_attention_first() {
    let here = Installation::new().await;
    let good = here.endpoint("northside", Mode::Live).await;
    let slow = here.endpoint("northside", Mode::Live).await;
    let bad = here.endpoint("southside", Mode::Live).await;
    let new = here.endpoint("southside", Mode::Live).await;
    here.attempts("northside", good, (5, 10, true)).await;
    here.attempts("northside", slow, (4, 5_000, true)).await;
    here.attempts("southside", bad, (4, 50, false)).await;
    here.attempts("southside", new, (2, 50, false)).await;
    let troubled = here.app.troubled_endpoints(&here.operator(), 2).await;
    let troubled = troubled.unwrap();
    let ids =
        |loads: &[EndpointLoad]| -> Vec<_> { loads.iter().map(|load| load.endpoint.id).collect() };
    assert_eq!(ids(&troubled.slowest), [slow, bad]);
    assert_eq!(ids(&troubled.failing), [bad, new]);
    // The number of an organization is that of its endpoints in the list.
    assert!(troubled.failing.iter().all(EndpointLoad::is_failing));
    let overview = here.app.overview(&here.operator(), 10).await.unwrap();
    assert_eq!(overview.troubled, 1);
    let load = &overview.organizations[0];
    assert_eq!(load.organization.id.as_str(), "southside");
    assert_eq!((load.failing, load.endpoints), (2, 2));
    assert_eq!(overview.ahead.backlog.pending.number, 6);
    let node = here.app.node(&here.operator()).await.unwrap();
    assert!(node.store_problem.is_none() && node.disk.used > 0);
}

#[tokio::test]
async fn a_feed_tells_of_its_organization_and_mode_alone() {
    let here = Installation::new().await;
    let ours = here.endpoint("northside", Mode::Live).await;
    let tests = here.endpoint("northside", Mode::Test).await;
    let theirs = here.endpoint("southside", Mode::Live).await;
    let access = here.access("northside");
    let mut feed = here
        .app
        .watch_deliveries(&access, Some(Mode::Live))
        .unwrap();
    here.publish("southside", Mode::Live, theirs).await;
    here.publish("northside", Mode::Test, tests).await;
    let delivery = here.publish("northside", Mode::Live, ours).await;
    here.record("northside", delivery, 10, true).await;
    let attempted = DeliveryChange::Attempted(Meaning::Delivered);
    for expected in [DeliveryChange::Made, attempted] {
        let Some(FeedItem::News(news)) = feed.next().await else {
            panic!("nothing was missed");
        };
        let told: Vec<_> = news.iter().map(|news| (news.delivery, news.what)).collect();
        assert_eq!(told, [(delivery, expected)]);
    }
}
