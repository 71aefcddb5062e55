//! Plain words for how deliveries go: for each way in which an attempt can end one sentence that
//! says whose fault it likely is and what to do next.

mod attempts;

use std::time::Duration;

use carehook_core::{AttemptOutcome, Delivery, DeliveryState, Reason};

pub(crate) use attempts::{Next, attempt_of};

/// Class and word of a state; the class gives it a shape and a colour.
pub(crate) type Standing = (&'static str, &'static str);

/// Where a delivery stands. What the receiver has is delivered, whatever becomes of sending it again.
pub(crate) fn standing(delivery: &Delivery) -> Standing {
    let has_arrived = has_arrived(delivery);
    match delivery.state {
        DeliveryState::Pending if has_arrived => ("delivered", "delivered, being sent again"),
        DeliveryState::Failed | DeliveryState::Cancelled if has_arrived => {
            ("delivered", "delivered, not sent again")
        }
        DeliveryState::Pending if delivery.attempt_count == 0 => ("pending", "pending"),
        DeliveryState::Pending => ("pending", "retrying"),
        DeliveryState::Delivered => ("delivered", "delivered"),
        DeliveryState::Failed => ("failed", "failed"),
        DeliveryState::Cancelled => ("cancelled", "cancelled"),
    }
}

/// Whether the receiver has it, whatever became of sending it again.
pub(crate) fn has_arrived(delivery: &Delivery) -> bool {
    delivery.state == DeliveryState::Delivered || delivery.arrived_at.is_some()
}

/// Why a delivery ended without success, and what can be done about it.
pub(crate) fn ending(reason: Reason) -> &'static str {
    match reason {
        Reason::Exhausted => {
            "All attempts of its retry schedule failed. Retry it when the receiver works again."
        }
        Reason::EndpointGone => {
            "The receiver answered 410 Gone, so the webhook was switched off. If that was a mistake \
             there, activate the webhook and retry."
        }
        Reason::EndpointDeleted => {
            "The webhook was deleted before the event had arrived. Nothing more is sent."
        }
        Reason::Cancelled => "Somebody called it off. It can still be retried.",
        Reason::Unreadable => {
            "What was stored of it can no longer be read, which is the operator's to look into."
        }
        Reason::Erased => "What the event held was erased, so there is nothing to send any more.",
    }
}

/// What is seen of an attempt.
#[derive(Clone, Copy)]
pub(crate) struct Seen<'a> {
    pub(crate) outcome: AttemptOutcome,
    pub(crate) status: Option<u16>,
    /// The recorded text, which is one of a fixed set.
    pub(crate) error: Option<&'a str>,
    pub(crate) duration: Duration,
    /// The receiver, as people call it.
    pub(crate) host: &'a str,
}

impl Seen<'_> {
    /// The result in a word or a number: `503`, `timed out`.
    pub(crate) fn in_short(&self) -> String {
        match (self.status, self.outcome) {
            (Some(status), _) => status.to_string(),
            (None, AttemptOutcome::Delivered) => "delivered".to_owned(),
            (None, AttemptOutcome::Rejected) => "rejected".to_owned(),
            (None, AttemptOutcome::TimedOut) => "timed out".to_owned(),
            (None, AttemptOutcome::Unreachable) => "no answer".to_owned(),
            (None, AttemptOutcome::Blocked) => "not sent".to_owned(),
        }
    }

    /// One sentence or two: what happened, whose fault it likely is, and the next step.
    pub(crate) fn in_words(&self) -> String {
        let host = self.host;
        match self.outcome {
            AttemptOutcome::Delivered => format!("{host} took it."),
            AttemptOutcome::Rejected => rejected(host, self.status),
            AttemptOutcome::TimedOut => timed_out(host, self.duration, self.error),
            AttemptOutcome::Unreachable => unreachable(host, self.error.unwrap_or_default()),
            AttemptOutcome::Blocked => blocked(host, self.error.unwrap_or_default()),
        }
    }
}

/// How long something took, in units that can be read at a glance.
pub(crate) fn time_taken(duration: Duration) -> String {
    match duration.as_millis() {
        0 => "under 1 ms".to_owned(),
        millis @ 1..1000 => format!("{millis} ms"),
        millis @ 1000..60_000 => {
            let tenths = millis / 100;
            format!("{}.{} s", tenths / 10, tenths % 10)
        }
        millis => format!("{} min", millis / 60_000),
    }
}

fn rejected(host: &str, status: Option<u16>) -> String {
    let Some(status) = status else {
        return format!("{host} did not accept it. Its log says why.");
    };
    match status {
        200..=299 => format!(
            "{host} answered {status}, but only 200 counts as taken for webhooks of this kind. \
             The receiver has to answer 200."
        ),
        300..=399 => format!(
            "{host} points to another address ({status}); redirections are never followed. Put the \
             new address into the webhook."
        ),
        401 | 403 | 407 => format!(
            "{host} did not let it in ({status}). Likely the webhook's secret, credentials or \
             headers are not those that the receiver expects: compare them."
        ),
        404 | 405 => format!(
            "Nothing at {host} takes deliveries at this address ({status}). Likely the webhook's \
             URL is wrong or the receiver's route is missing: compare the two."
        ),
        408 => format!(
            "{host} waited too long for the request (408). Likely it is overloaded; it is retried."
        ),
        410 => format!(
            "{host} says that this receiver is gone for good (410), so the webhook was switched off. \
             If that is wrong, correct the receiver and activate the webhook."
        ),
        413 => format!(
            "The payload is larger than {host} takes (413). Let the receiver take larger bodies, or \
             let the webhook send less of an event."
        ),
        415 => {
            format!("{host} does not take JSON (415). The receiver has to accept application/json.")
        }
        429 => format!(
            "{host} gets more than it takes at the moment (429). It is left alone for as long as it \
             asked for; nothing has to be done."
        ),
        400..=499 => format!(
            "{host} read the request and refused it ({status}). Likely the receiver does not expect \
             this event or its form: its answer and its log say why. Correct it there, then retry."
        ),
        502..=504 => format!(
            "{host}, or a proxy in front of it, is not working at the moment ({status}). Whoever runs \
             the receiver has to look; it is retried."
        ),
        500..=599 => format!(
            "{host} failed while it worked on it ({status}). It is the receiver's fault: its log says \
             why. It is retried."
        ),
        _ => {
            format!("{host} answered {status}, which HTTP does not know. The receiver is at fault.")
        }
    }
}

fn timed_out(host: &str, after: Duration, phase: Option<&str>) -> String {
    let after = time_taken(after);
    match phase {
        Some("connecting") => format!(
            "No connection to {host} within {after}. Likely a firewall drops it, or the receiver is \
             down."
        ),
        Some("the TLS handshake") => format!(
            "{host} took the connection and did not finish the TLS handshake within {after}. Likely \
             it is overloaded."
        ),
        _ => format!(
            "No answer from {host} within {after}; the connection was open. The receiver should \
             answer first and work afterwards."
        ),
    }
}

/// For each text of `carehook_deliver`, by what can be done.
fn unreachable(host: &str, error: &str) -> String {
    match error {
        "the host name does not resolve to an address" => format!(
            "The name {host} was not found. Likely it is misspelt in the webhook's URL, or its DNS \
             entry is gone."
        ),
        "the receiver refused the connection" => format!(
            "{host} refused the connection: nothing listens there. Likely the receiver is down, or \
             the port in the URL is wrong."
        ),
        "there is no route to the receiver" => format!(
            "No network leads to {host}. Likely the receiver's machine is off, or its address is not \
             public."
        ),
        "the receiver reset the connection"
        | "the receiver closed the connection before it answered"
        | "the connection broke before the answer" => format!(
            "The connection to {host} broke before it answered. Likely the receiver or a proxy in \
             front of it was restarted or crashed; it is retried."
        ),
        "the connection could not be opened" => {
            format!("No connection to {host} could be opened. Look whether the receiver runs.")
        }
        "the head of the answer is too large" | "the answer is not valid HTTP" => format!(
            "What {host} answered is not acceptable as HTTP. Likely another service listens there, \
             or the receiver has a fault."
        ),
        other => encrypted(host, other),
    }
}

fn encrypted(host: &str, error: &str) -> String {
    if let Some(rest) = error.strip_prefix("the receiver's certificate has expired") {
        return format!(
            "The certificate of {host} has expired{rest}. The receiver has to renew it; until then \
             nothing is sent, and it is retried."
        );
    }
    match error {
        "the receiver's certificate is not valid yet" => format!(
            "The certificate of {host} is not valid yet. Likely a clock is wrong, there or here."
        ),
        "the receiver's certificate is for another host name" => format!(
            "The certificate at this address is not for {host}. The receiver needs one with this \
             name, or the webhook another URL."
        ),
        "the receiver's certificate is not signed by a trusted authority, or its chain is incomplete" =>
        {
            format!(
                "The certificate of {host} is not signed by an authority that is trusted here, or \
                 its intermediate certificate is missing. The receiver has to send the whole chain."
            )
        }
        "the receiver's certificate is revoked" => {
            format!("The certificate of {host} is revoked. The receiver needs a new one.")
        }
        "the receiver's certificate is not valid" | "the receiver presented no certificate" => {
            format!("{host} shows no valid certificate. The receiver has to install one.")
        }
        "the receiver closed the connection during the TLS handshake"
        | "the receiver refused the TLS handshake"
        | "the receiver broke off the TLS connection"
        | "the TLS handshake failed" => format!(
            "{host} broke off the TLS handshake. Likely it wants a client certificate that the \
             webhook does not have, or its own setup has a fault."
        ),
        "the receiver offers no TLS version or cipher that we accept" => {
            format!("{host} offers only outdated encryption. The receiver needs TLS 1.2 or newer.")
        }
        "the receiver does not speak TLS on this port" => format!(
            "{host} does not speak TLS on this port. Likely the port in the webhook's URL is wrong."
        ),
        "" => format!("{host} could not be reached."),
        other => format!("{host} could not be reached: {other}."),
    }
}

fn blocked(host: &str, error: &str) -> String {
    match error {
        "" | "the target's address is not allowed" => format!(
            "Nothing was sent: {host} leads to an address that is not public, which is not allowed \
             here. Use a public address, or ask the operator to allow it."
        ),
        "the endpoint's own TLS settings cannot be used" => format!(
            "Nothing was sent to {host}: the webhook's own certificates cannot be used. Put them in \
             again."
        ),
        other => format!(
            "Nothing was sent: {other}. Correct the webhook's URL, or ask the operator to allow it."
        ),
    }
}

#[cfg(test)]
mod tests;
