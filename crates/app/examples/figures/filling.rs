//! Fills a store: three days of deliveries to twenty endpoints, most of them delivered.

use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use carehook_app::{App, NewCredentials, NewEndpoint, NewOrganization, SettingsChange};
use carehook_core::{
    Attempt, AttemptId, AttemptOutcome, DeliveryId, DeliveryState, Dialect, EndpointId, Event,
    EventBody, JsonText, ManualClock, Mode, PayloadMode, Reason, Trigger,
};
use carehook_store::{AttemptRecord, NewEvent, Notify, Store};

use crate::OPERATOR_KEY;

/// Whose deliveries they are.
pub(crate) const ORGANIZATION: &str = "northside";
const ENDPOINTS: usize = 20;
/// Deliveries that are accepted together.
const BATCH: usize = 1_000;
/// Over which they are spread.
const SPAN: Duration = Duration::from_hours(60);

/// Makes so many deliveries, each with its event and an attempt.
pub(crate) async fn fill(
    app: &App,
    store: &Store,
    clock: &ManualClock,
    wanted: usize,
) -> Result<(), Box<dyn Error>> {
    let endpoints = endpoints(app).await?;
    let batches = u32::try_from(wanted.div_ceil(BATCH))?.max(1);
    for batch in 0..batches {
        let events = endpoints.iter().cycle().take(BATCH);
        let events = events.map(|to| event(store, clock, *to));
        let mut made = Vec::with_capacity(BATCH);
        for accepted in store.accept(events.collect::<Result<_, _>>()?).await {
            made.extend(accepted?.deliveries);
        }
        let mut records = Vec::with_capacity(BATCH);
        for (place, delivery) in made.into_iter().enumerate() {
            records.push(result(clock, delivery, place + batch as usize)?);
        }
        store.record(records).await?;
        clock.advance(SPAN / batches);
    }
    Ok(())
}

async fn endpoints(app: &App) -> Result<Vec<EndpointId>, Box<dyn Error>> {
    let caller = app.caller(Some(OPERATOR_KEY), None).await?;
    let new = NewOrganization {
        settings: SettingsChange::default(),
        id: Some(ORGANIZATION.parse()?),
        name: ORGANIZATION.to_owned(),
    };
    app.create_organization(&app.operator(&caller)?, new)
        .await?;
    let access = app.access(&caller, ORGANIZATION)?;
    let mut endpoints = Vec::with_capacity(ENDPOINTS);
    for _ in 0..ENDPOINTS {
        let new = NewEndpoint {
            name: None,
            // Nothing is ever sent to it.
            url: "https://93.184.216.34/hook".to_owned(),
            events: vec!["*".to_owned()],
            dialect: Dialect::Native,
            mode: None,
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
        endpoints.push(app.create_endpoint(&access, new).await?.id);
    }
    Ok(endpoints)
}

fn event(store: &Store, clock: &ManualClock, to: EndpointId) -> Result<NewEvent, Box<dyn Error>> {
    let now = clock.now();
    let data = format!("{{\"text\":\"{}\"}}", "x".repeat(560));
    Ok(NewEvent {
        event: Event {
            id: store.new_event_id(now),
            organization: ORGANIZATION.parse()?,
            event_type: "appointment.created".parse()?,
            version: "v1".into(),
            mode: Mode::Live,
            account: None,
            occurred_at: None,
            created_at: now,
            body: EventBody {
                data: JsonText::from_stored(data.into()),
                previous: None,
                subject: Some("patient/7".into()),
                ordering_key: None,
            },
        },
        to: vec![to],
        idempotency_key: None,
        trigger: Trigger::Schedule,
        retry_of: None,
    })
}

/// Two of a hundred wait for a retry, one of a thousand has failed, the others are delivered.
fn result(
    clock: &ManualClock,
    delivery: DeliveryId,
    place: usize,
) -> Result<AttemptRecord, Box<dyn Error>> {
    let (state, outcome, status) = match place % 1_000 {
        0 => (DeliveryState::Failed, AttemptOutcome::Rejected, 404),
        1..=20 => (DeliveryState::Pending, AttemptOutcome::Rejected, 503),
        _ => (DeliveryState::Delivered, AttemptOutcome::Delivered, 200),
    };
    let failed = outcome != AttemptOutcome::Delivered;
    Ok(AttemptRecord {
        organization: ORGANIZATION.parse()?,
        delivery,
        attempt: Attempt {
            id: AttemptId::of(delivery, 1),
            number: 1,
            started_at: clock.now(),
            duration: Duration::from_millis(20 + (place % 300) as u64),
            outcome,
            status: Some(status),
            error: failed.then(|| "The receiver answered with an error.".to_owned()),
            answer: Bytes::from_static(b"{}"),
            trigger: Trigger::Schedule,
        },
        state,
        reason: (state == DeliveryState::Failed).then_some(Reason::Exhausted),
        due: (state == DeliveryState::Pending).then(|| clock.now().plus(SPAN)),
        notify: Notify::Never,
        sent_to: Some(carehook_store::SentTo {
            host: "receiver.example".into(),
            payload: PayloadMode::Full,
        }),
    })
}
