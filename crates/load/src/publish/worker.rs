//! One connection of a publisher, and what all of them share.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::Result;
use serde::Serialize;
use tokio::time::{sleep, sleep_until};

use super::Arguments;
use super::batch;
use super::journal::Journal;
use super::outcome::{Outcome, acknowledged};
use super::plan::{Plan, Slice};
use crate::connection::{Answer, Connection};
use crate::quantiles::{Quantiles, Samples};
use crate::wall::now_micros;

/// Before the same request is sent again.
const PAUSE: Duration = Duration::from_millis(10);

pub(super) struct Shared {
    arguments: Arguments,
    pub(super) plan: Plan,
    journal: RefCell<Option<Journal>>,
    acknowledged: Cell<u64>,
    duplicates: Cell<u64>,
    retries: Cell<u64>,
    unreachable: Cell<u64>,
    statuses: RefCell<BTreeMap<u16, u64>>,
    refusal: RefCell<Option<String>>,
    delays: RefCell<Samples>,
    started_at: u64,
    first_ack_at: Cell<u64>,
    last_ack_at: Cell<u64>,
}

/// What a publisher tells at the end.
#[derive(Serialize)]
pub(super) struct PublishReport {
    submitted: u64,
    acknowledged: u64,
    /// Requests that were acknowledged as known already.
    duplicates: u64,
    retries: u64,
    unreachable: u64,
    /// Answers other than 202.
    statuses: BTreeMap<u16, u64>,
    /// The first refusal, in the server's words.
    refusal: Option<String>,
    seconds: f64,
    started_at: u64,
    first_ack_at: u64,
    last_ack_at: u64,
    acknowledgement: Option<Quantiles>,
    cpu_ns: u64,
}

impl Shared {
    pub(super) fn new(arguments: Arguments, plan: Plan) -> Result<Self> {
        let journal = arguments.journal.as_deref().map(Journal::create);
        Ok(Self {
            journal: RefCell::new(journal.transpose()?),
            arguments,
            plan,
            acknowledged: Cell::default(),
            duplicates: Cell::default(),
            retries: Cell::default(),
            unreachable: Cell::default(),
            statuses: RefCell::default(),
            refusal: RefCell::default(),
            delays: RefCell::default(),
            started_at: now_micros(),
            first_ack_at: Cell::default(),
            last_ack_at: Cell::default(),
        })
    }

    pub(super) fn report(&self, cpu_ns: u64) -> Result<PublishReport> {
        if let Some(journal) = &mut *self.journal.borrow_mut() {
            journal.flush()?;
        }
        Ok(PublishReport {
            submitted: self.plan.given_out(),
            acknowledged: self.acknowledged.get(),
            duplicates: self.duplicates.get(),
            retries: self.retries.get(),
            unreachable: self.unreachable.get(),
            statuses: self.statuses.borrow().clone(),
            refusal: self.refusal.borrow().clone(),
            seconds: self.plan.started().elapsed().as_secs_f64(),
            started_at: self.started_at,
            first_ack_at: self.first_ack_at.get(),
            last_ack_at: self.last_ack_at.get(),
            acknowledgement: self.delays.borrow().quantiles(),
            cpu_ns,
        })
    }

    fn note(&self, slice: Slice, answer: &Answer, taken: Duration) -> Result<()> {
        self.acknowledged.set(self.acknowledged.get() + slice.count);
        let micros = u64::try_from(taken.as_micros()).unwrap_or(u64::MAX);
        self.delays.borrow_mut().add(micros);
        let now = now_micros();
        if self.first_ack_at.get() == 0 {
            self.first_ack_at.set(now);
        }
        self.last_ack_at.set(now);
        let Some(journal) = &mut *self.journal.borrow_mut() else {
            return Ok(());
        };
        let batch = self.arguments.batch;
        let organization = self
            .arguments
            .target
            .organization(slice.first / batch.max(1));
        let events = acknowledged(&answer.body, batch)?;
        for (number, event) in (slice.first..).zip(&events) {
            let known = u64::from(event.duplicate);
            self.duplicates.set(self.duplicates.get() + known);
            journal.add(number, &organization, event)?;
        }
        Ok(())
    }

    fn note_refusal(&self, answer: &Answer) {
        *self.statuses.borrow_mut().entry(answer.status).or_default() += 1;
        let mut refusal = self.refusal.borrow_mut();
        refusal.get_or_insert_with(|| {
            let text = String::from_utf8_lossy(&answer.body);
            text.chars().take(400).collect()
        });
    }
}

pub(super) struct Worker {
    shared: Rc<Shared>,
    connection: Connection,
}

impl Worker {
    pub(super) fn new(shared: Rc<Shared>) -> Self {
        let connection = Connection::to(shared.arguments.target.server);
        Self { shared, connection }
    }

    /// Publishes until nothing is left.
    pub(super) async fn run(mut self) -> Result<()> {
        let batch = self.shared.arguments.batch.max(1);
        while let Some(slice) = self.shared.plan.next(batch, Instant::now()) {
            let at = happened(slice).await;
            let request = batch::request(&self.shared.arguments, slice, at);
            self.publish(slice, &request).await?;
        }
        Ok(())
    }

    async fn publish(&mut self, slice: Slice, request: &[u8]) -> Result<()> {
        let start = Instant::now();
        loop {
            match self.connection.send(request).await {
                Ok(answer) => match Outcome::of(&answer) {
                    Outcome::Acknowledged => {
                        return self.shared.note(slice, &answer, start.elapsed());
                    }
                    Outcome::Later if self.shared.arguments.retry => {
                        self.shared.note_refusal(&answer);
                    }
                    Outcome::Later | Outcome::Refused => {
                        self.shared.note_refusal(&answer);
                        return Ok(());
                    }
                },
                Err(_) if self.shared.arguments.retry => {
                    self.shared
                        .unreachable
                        .set(self.shared.unreachable.get() + 1);
                }
                Err(error) => return Err(error),
            }
            self.shared.retries.set(self.shared.retries.get() + 1);
            sleep(PAUSE).await;
        }
    }
}

/// Waits until the events of a slice happen, and says when that was.
///
/// When the connection was busy at that time, the events have waited: then it is the time at which
/// they were due, and their delay shows the wait.
async fn happened(slice: Slice) -> u64 {
    let Some(due) = slice.due else {
        return now_micros();
    };
    let late = due.elapsed();
    if late.is_zero() {
        sleep_until(due.into()).await;
        return now_micros();
    }
    let late = u64::try_from(late.as_micros()).unwrap_or(u64::MAX);
    now_micros().saturating_sub(late)
}
