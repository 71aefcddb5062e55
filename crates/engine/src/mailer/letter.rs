//! What a mail about a failure says: which event did not arrive where, and why; no payload.

use std::time::{Duration, SystemTime};

use carehook_core::Timestamp;
use carehook_store::Failure;
use lettre::Message;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use url::Url;

use super::server::MailSender;

/// A mail that is ready to be sent.
pub(super) fn letter(
    failure: &Failure,
    (from, to): (&MailSender, Mailbox),
    wall: Timestamp,
) -> Result<Message, lettre::error::Error> {
    let facts = Facts::of(failure);
    // The same on every try, so that a mail that was sent twice can be recognised.
    let id = format!("<{}@{}>", failure.attempt.id, from.0.email.domain());
    let parts = MultiPart::alternative_plain_html(facts.text(), facts.html());
    Message::builder()
        .from(from.0.clone())
        .to(to)
        .subject(facts.subject())
        .date(system_time(wall))
        .message_id(Some(id))
        // Keeps holiday notices and the like from answering (RFC 3834, 5).
        .raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        ))
        .multipart(parts)
}

/// When an attempt was over.
pub(super) fn ended_at(failure: &Failure) -> Timestamp {
    failure.attempt.started_at.plus(failure.attempt.duration)
}

/// What is told, as names and values in the order in which they are told.
struct Facts {
    event_type: String,
    rows: Vec<(&'static str, String)>,
}

const OPENING: &str = "A webhook delivery has failed for good: the receiver did not take it, \
    and it will not be tried again by itself.";
const CLOSING: &str = "Repair the receiver, then send the event again from Carehook. \
    This message holds nothing of what the event is about.";

impl Facts {
    fn of(failure: &Failure) -> Self {
        let Failure {
            endpoint,
            delivery,
            attempt,
        } = failure;
        let event_type = one_line(&endpoint.wire_name(&delivery.event_type));
        let status = match attempt.status {
            Some(status) => status.to_string(),
            None => "none: the receiver did not answer".to_owned(),
        };
        let error = attempt.error.as_deref().unwrap_or("none");
        let rows = vec![
            ("Event type", event_type.clone()),
            ("Event", one_line(&delivery.event_id.to_string())),
            ("Delivery", delivery.id.to_string()),
            ("Endpoint", shown_url(&endpoint.url)),
            ("Attempts", attempt.number.to_string()),
            ("Last status", status),
            ("Last error", one_line(error)),
            ("Time", in_words(ended_at(failure))),
        ];
        Self { event_type, rows }
    }

    fn subject(&self) -> String {
        format!("Webhook delivery failed: {}", self.event_type)
    }

    fn text(&self) -> String {
        let mut text = format!("{OPENING}\n\n");
        for (name, value) in &self.rows {
            let name = format!("{name}:");
            text.extend([&format!("{name:<13}"), value, "\n"]);
        }
        text.extend(["\n", CLOSING, "\n"]);
        text
    }

    fn html(&self) -> String {
        let mut rows = String::new();
        for (name, value) in &self.rows {
            let (name, value) = (escaped(name), escaped(value));
            rows.extend([
                "<tr><th align=\"left\">",
                &name,
                "</th><td>",
                &value,
                "</td></tr>\n",
            ]);
        }
        let title = escaped(&self.subject());
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">\
             <title>{title}</title></head>\n<body>\n<p>{}</p>\n<table cellpadding=\"4\">\n\
             {rows}</table>\n<p>{}</p>\n</body>\n</html>\n",
            escaped(OPENING),
            escaped(CLOSING),
        )
    }
}

/// The URL without what may be secret: user, password, query, fragment.
fn shown_url(url: &str) -> String {
    let Ok(mut url) = Url::parse(url) else {
        return "not shown".to_owned();
    };
    let hidden = url.set_username("").and_then(|()| url.set_password(None));
    if hidden.is_err() {
        return "not shown".to_owned();
    }
    url.set_query(None);
    url.set_fragment(None);
    url.to_string()
}

/// A line break would end a header or forge a line.
fn one_line(text: &str) -> String {
    let shown = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().map(shown).collect()
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// RFC 3339 for programs, and words for people.
fn in_words(time: Timestamp) -> String {
    match jiff::Timestamp::from_millisecond(time.0) {
        Ok(at) => format!("{time} ({})", at.strftime("%A, %-d %B %Y, %H:%M:%S UTC")),
        Err(_) => time.to_string(),
    }
}

fn system_time(time: Timestamp) -> SystemTime {
    let millis = u64::try_from(time.0).unwrap_or(0);
    SystemTime::UNIX_EPOCH + Duration::from_millis(millis)
}

#[cfg(test)]
mod tests;
