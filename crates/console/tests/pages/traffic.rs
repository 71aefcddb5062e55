//! Deliveries for pages to show: webhooks, events, and attempts as the engine records them.

use std::time::Duration;

use bytes::Bytes;
use carehook_app::{LogFilter, NewCredentials, NewEndpoint, OrganizationAccess, Page, Publication};
use carehook_core::{
    Attempt, AttemptId, AttemptOutcome, DeliveryId, DeliveryState, Dialect, EndpointId, EventId,
    Mode, PayloadMode, Reason, Trigger,
};
use carehook_store::{AttemptRecord, Notify, SentTo};
use serde_json::value::RawValue;

use super::world::{OPERATOR_KEY, World};

/// What text of strangers may look like.
pub(crate) const HOSTILE: &str = "<img src=x onerror=alert(1)>مرحبا 🏥 \"'&";

/// An event as a test wants it.
#[derive(Clone, Copy)]
pub(crate) struct Happening<'a> {
    pub(crate) organization: &'a str,
    pub(crate) mode: Mode,
    pub(crate) event_type: &'a str,
    pub(crate) subject: Option<&'a str>,
    pub(crate) data: &'a str,
}

/// An appointment of Northside.
pub(crate) const APPOINTMENT: Happening<'_> = Happening {
    organization: "northside",
    mode: Mode::Live,
    event_type: "appointment.created",
    subject: None,
    data: r#"{"id":"a-1","note":"payload-of-the-test"}"#,
};

/// How an attempt ended.
#[derive(Clone, Copy)]
pub(crate) struct Ended<'a> {
    pub(crate) outcome: AttemptOutcome,
    pub(crate) status: Option<u16>,
    pub(crate) error: Option<&'a str>,
    pub(crate) answer: &'a [u8],
    pub(crate) state: DeliveryState,
    pub(crate) reason: Option<Reason>,
}

pub(crate) const TAKEN: Ended<'_> = Ended {
    outcome: AttemptOutcome::Delivered,
    status: Some(200),
    error: None,
    answer: b"",
    state: DeliveryState::Delivered,
    reason: None,
};
pub(crate) const UNAVAILABLE: Ended<'_> = Ended {
    outcome: AttemptOutcome::Rejected,
    status: Some(503),
    error: Some("the receiver answered 503"),
    answer: b"Service Unavailable",
    state: DeliveryState::Pending,
    reason: None,
};
pub(crate) const GIVEN_UP: Ended<'_> = Ended {
    outcome: AttemptOutcome::Unreachable,
    status: None,
    error: Some("the receiver refused the connection"),
    answer: b"",
    state: DeliveryState::Failed,
    reason: Some(Reason::Exhausted),
};

impl World {
    pub(crate) async fn access(&self, organization: &str) -> OrganizationAccess {
        let caller = self.app.caller(Some(OPERATOR_KEY), None).await.unwrap();
        self.app.access(&caller, organization).unwrap()
    }

    /// A webhook that wants everything.
    pub(crate) async fn webhook(&self, organization: &str, mode: Mode, name: &str) -> EndpointId {
        let new = NewEndpoint {
            name: Some(name.to_owned()),
            url: "https://93.184.216.34/hooks/carehook".to_owned(),
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
        let access = self.access(organization).await;
        self.app.create_endpoint(&access, new).await.unwrap().id
    }

    /// Publishes an event; its id and its deliveries.
    pub(crate) async fn happens(&self, what: Happening<'_>) -> (EventId, Vec<DeliveryId>) {
        let access = self.access(what.organization).await;
        let data: Box<RawValue> = RawValue::from_string(what.data.to_owned()).unwrap();
        let publication = Publication {
            event_type: what.event_type.into(),
            data: &data,
            previous: None,
            id: None,
            version: None,
            mode: Some(what.mode),
            account: None,
            subject: what.subject.map(Into::into),
            ordering_key: None,
            occurred_at: None,
        };
        let published = self.app.publish(&access, publication, None).await.unwrap();
        let filter = LogFilter {
            event: Some(published.id.clone()),
            ..LogFilter::default()
        };
        let page = Page::default();
        let found = self.app.find_deliveries(&access, &filter, &page);
        let found = found.await.unwrap().items;
        let ids = found.iter().map(|one| one.delivery.id).collect();
        (published.id, ids)
    }

    /// Records the `number`-th attempt of a delivery.
    pub(crate) async fn attempt(&self, delivery: DeliveryId, number: u32, ended: Ended<'_>) {
        let now = self.app.now();
        let pending = ended.state == DeliveryState::Pending;
        let record = AttemptRecord {
            organization: "northside".parse().unwrap(),
            delivery,
            attempt: Attempt {
                id: AttemptId::of(delivery, number),
                number,
                started_at: now,
                duration: Duration::from_millis(210),
                outcome: ended.outcome,
                status: ended.status,
                error: ended.error.map(str::to_owned),
                answer: Bytes::copy_from_slice(ended.answer),
                trigger: Trigger::Schedule,
            },
            state: ended.state,
            reason: ended.reason,
            due: pending.then(|| now.plus(Duration::from_mins(9))),
            notify: Notify::Never,
            sent_to: Some(SentTo {
                host: "93.184.216.34".into(),
                payload: PayloadMode::Full,
            }),
        };
        self.store.record(vec![record]).await.unwrap();
    }

    /// An event of Northside's only webhook, and the attempts that were made for it.
    pub(crate) async fn delivery(&self, what: Happening<'_>, ended: &[Ended<'_>]) -> DeliveryId {
        let (_, deliveries) = self.happens(what).await;
        let id = deliveries[0];
        for (number, ended) in (1..).zip(ended) {
            self.attempt(id, number, *ended).await;
        }
        id
    }
}
