//! One attempt from end to end: render, sign, post, judge.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use carehook_core::{
    Attempt, AttemptId, Clock, DeliveryState, EndpointEffect, Envelope, Finding, Message,
    PayloadLinks, RetryAfter, Timestamp, Trigger, Verdict, host_of, judge, signed_headers,
};
use carehook_deliver::{
    BLOCKED, DeliverError, Deliverer, Exchange, ExchangeResult, Outbound, Target,
};
use carehook_store::{AttemptRecord, DueDelivery, Notify, SentTo, Store};

use crate::receivers::Receiver;
use crate::scheduler::Effect;

/// What attempts share.
pub(crate) struct Sender {
    pub(crate) store: Store,
    pub(crate) deliverer: Deliverer,
    pub(crate) clock: Clock,
    pub(crate) links: PayloadLinks,
}

/// How an attempt came out.
pub(crate) enum Report {
    /// It is to be recorded.
    Ended {
        delivery: DueDelivery,
        record: Box<AttemptRecord>,
        effect: EndpointEffect,
    },
    /// It came to nothing: the receiver is not charged.
    Nothing {
        delivery: DueDelivery,
        effect: Effect,
    },
}

impl Sender {
    /// Makes one attempt.
    pub(crate) async fn attempt(
        &self,
        receiver: Arc<Receiver>,
        delivery: DueDelivery,
        chance: f64,
    ) -> Report {
        let started_at = self.clock.now();
        let seen = match &receiver.target {
            Ok(target) => self.post((&receiver, target), &delivery, started_at).await,
            Err(reason) => Ok((Some(Seen::blocked(reason)), Duration::ZERO)),
        };
        let (seen, duration) = match seen {
            Ok(seen) => seen,
            Err(error) => {
                tracing::warn!(
                    endpoint = %delivery.endpoint,
                    error = %chain(&error),
                    "an attempt failed on our side and is not charged"
                );
                let effect = Effect::OurFault;
                return Report::Nothing { delivery, effect };
            }
        };
        let Some(seen) = seen else {
            let effect = Effect::None;
            return Report::Nothing { delivery, effect };
        };
        let now = self.clock.now();
        let verdict = judge(
            seen.finding,
            receiver.endpoint.dialect,
            delivery.failed_in_round,
            &receiver.retry_policy,
            now,
            chance,
        );
        let record = record(&receiver, &delivery, (started_at, duration), seen, verdict);
        Report::Ended {
            delivery,
            record: Box::new(record),
            effect: verdict.effect,
        }
    }

    async fn post(
        &self,
        (receiver, target): (&Receiver, &Target),
        delivery: &DueDelivery,
        started_at: Timestamp,
    ) -> Result<(Option<Seen>, Duration), DeliverError> {
        let (endpoint, event) = (&receiver.endpoint, &delivery.event);
        let sent_at = endpoint.sent_at(event, (delivery.attempt_count + 1, started_at));
        let place = (delivery.sequence, sent_at);
        let link = self.links.of_attempt(endpoint, event, place);
        let body = endpoint.dialect.render_body(&Message {
            event,
            name: &endpoint.wire_name(&event.event_type),
            sequence: delivery.sequence,
            sent_at,
            payload: endpoint.payload,
            link: link.as_deref(),
        });
        let envelope = Envelope {
            event_id: &event.id.to_string(),
            body: &body,
            sent_at,
            wall: self.clock.wall(),
        };
        let headers = signed_headers(&receiver.headers, &envelope, &receiver.signers);
        let request = Outbound {
            target,
            headers,
            body,
            timeout: endpoint.attempt_timeout(),
        };
        // Asked directly before the first byte: what was switched off meanwhile gets nothing.
        let still_wanted = || {
            self.store
                .any_endpoint(endpoint.id)
                .is_some_and(|current| current.is_served())
        };
        let Exchange {
            result,
            duration,
            bytes_left,
        } = self.deliverer.send(request, still_wanted).await?;
        let seen = Seen::of(result).map(|seen| Seen { bytes_left, ..seen });
        Ok((seen, duration))
    }
}

/// What was seen of the receiver.
struct Seen {
    finding: Finding,
    status: Option<u16>,
    error: Option<String>,
    answer: Bytes,
    /// Whether the event may have left this machine.
    bytes_left: bool,
}

impl Seen {
    /// Nothing was sent, because something forbids it.
    fn blocked(reason: &str) -> Self {
        Self {
            finding: Finding::Blocked,
            status: None,
            error: Some(reason.to_owned()),
            answer: Bytes::new(),
            bytes_left: false,
        }
    }

    /// `None` when the attempt was called off before anything was sent.
    fn of(result: ExchangeResult) -> Option<Self> {
        let without_answer = |finding, error: String| Self {
            finding,
            status: None,
            error: Some(error),
            answer: Bytes::new(),
            bytes_left: false,
        };
        Some(match result {
            ExchangeResult::Answered {
                status,
                retry_after,
                body,
            } => Self {
                finding: Finding::Answered {
                    status,
                    retry_after: retry_after.map(asked),
                },
                status: Some(status),
                error: None,
                answer: body,
                bytes_left: true,
            },
            ExchangeResult::TimedOut { phase } => {
                without_answer(Finding::TimedOut, phase.to_string())
            }
            ExchangeResult::Unreachable { reason } => {
                without_answer(Finding::Unreachable, reason.into_owned())
            }
            ExchangeResult::Blocked => Self::blocked(BLOCKED),
            ExchangeResult::Withdrawn => return None,
        })
    }
}

fn asked(retry_after: carehook_deliver::RetryAfter) -> RetryAfter {
    match retry_after {
        carehook_deliver::RetryAfter::After(delay) => RetryAfter::Delay(delay),
        carehook_deliver::RetryAfter::At(seconds) => {
            RetryAfter::Date(Timestamp(seconds.saturating_mul(1000)))
        }
    }
}

fn record(
    receiver: &Receiver,
    delivery: &DueDelivery,
    (started_at, duration): (Timestamp, Duration),
    seen: Seen,
    verdict: Verdict,
) -> AttemptRecord {
    let number = delivery.attempt_count + 1;
    let rejected = seen
        .status
        .filter(|_| verdict.state != DeliveryState::Delivered)
        .map(|status| format!("the receiver answered {status}"));
    AttemptRecord {
        organization: receiver.endpoint.organization.clone(),
        delivery: delivery.id,
        attempt: Attempt {
            id: AttemptId::of(delivery.id, number),
            number,
            started_at,
            duration,
            outcome: verdict.outcome,
            status: seen.status,
            error: seen.error.or(rejected),
            answer: seen.answer,
            trigger: match delivery.trigger {
                Trigger::Test if delivery.attempt_count > 0 => Trigger::Schedule,
                trigger => trigger,
            },
        },
        state: verdict.state,
        reason: verdict.reason,
        due: verdict.due,
        notify: match receiver.endpoint.notification_email {
            Some(_) => delivery.notify,
            None => Notify::Never,
        },
        sent_to: seen.bytes_left.then(|| SentTo {
            host: host_of(&receiver.endpoint.url).into(),
            payload: receiver.endpoint.payload,
        }),
    }
}

/// An error with all its causes, for the log.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}
