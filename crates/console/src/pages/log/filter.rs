//! What is looked for in the delivery log, as it stands in the address.

use std::time::Duration;

use carehook_app::{App, LogFilter, OrganizationAccess, StatusClass};
use carehook_core::{DeliveryState, Mode, Timestamp};
use serde::Deserialize;

use crate::address::part;

/// The query of the log; what is empty is not asked for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct LogQuery {
    pub(super) endpoint: String,
    #[serde(rename = "type")]
    pub(super) event_type: String,
    pub(super) state: String,
    pub(super) status: String,
    /// A time until now, such as `24h`.
    pub(super) range: String,
    pub(super) since: String,
    pub(super) until: String,
    /// An id or a subject, as it is typed.
    pub(super) q: String,
    /// The same in an address, sealed: a subject is a patient.
    pub(super) about: String,
    /// Whether that was sealed elsewhere.
    #[serde(skip)]
    is_unreadable: bool,
    pub(super) cursor: String,
}

/// A choice of a list: what stands in the address, and what people read.
pub(super) type Choice<T = &'static str> = (T, T);

pub(super) const STATES: [Choice; 4] = [
    ("pending", "pending"),
    ("delivered", "delivered"),
    ("failed", "failed"),
    ("cancelled", "cancelled"),
];
pub(super) const STATUSES: [Choice; 5] = [
    ("2xx", "2xx: taken"),
    ("3xx", "3xx: redirection"),
    ("4xx", "4xx: refused"),
    ("5xx", "5xx: receiver failed"),
    ("none", "no answer"),
];
pub(super) const RANGES: [Choice; 4] = [
    ("1h", "last hour"),
    ("24h", "last 24 h"),
    ("7d", "last 7 days"),
    ("30d", "last 30 days"),
];

impl LogQuery {
    /// What the store is asked for, without [`Self::q`].
    ///
    /// # Errors
    /// What cannot be read, in words.
    pub(super) fn filter(&self, mode: Mode, now: Timestamp) -> Result<LogFilter, Vec<String>> {
        let mut faults = Vec::new();
        if self.is_unreadable {
            let text = "What is looked for cannot be read: the address is of another organization.";
            faults.push(text.to_owned());
        }
        let since = read(
            &self.since,
            time,
            "The beginning of the time (such as 2026-03-16T10:00)",
            &mut faults,
        );
        let ago = read(&self.range, range, "The time", &mut faults);
        let ago = ago.map(|ago| Timestamp(now.0.saturating_sub(ago)));
        let filter = LogFilter {
            only: None,
            event: None,
            endpoint: read(
                &self.endpoint,
                |text| text.parse().ok(),
                "The webhook",
                &mut faults,
            ),
            state: read(&self.state, state, "The state", &mut faults),
            status: read(&self.status, status, "The last answer", &mut faults),
            event_type: read(
                &self.event_type,
                |text| text.parse().ok(),
                "The event",
                &mut faults,
            ),
            subject: None,
            mode: Some(mode),
            since: since.max(ago),
            until: read(
                &self.until,
                time,
                "The end of the time (such as 2026-03-16T12:00)",
                &mut faults,
            ),
        };
        if faults.is_empty() {
            Ok(filter)
        } else {
            Err(faults)
        }
    }

    /// Reads what was looked for out of the address, or makes it fit to stand in one.
    pub(super) fn settle(&mut self, app: &App, access: &OrganizationAccess) {
        let typed = self.q.trim();
        if !typed.is_empty() {
            self.about = app.cover_text(access, typed);
        } else if !self.about.is_empty() {
            let text = app.uncover_text(access, &self.about);
            self.is_unreadable = text.is_none();
            self.q = text.unwrap_or_default();
        }
    }

    fn fields(&self) -> [(&'static str, &str); 8] {
        [
            ("endpoint", &self.endpoint),
            ("type", &self.event_type),
            ("state", &self.state),
            ("status", &self.status),
            ("range", &self.range),
            ("since", &self.since),
            ("until", &self.until),
            ("about", &self.about),
        ]
    }

    /// Whether less than everything is asked for.
    pub(super) fn is_narrow(&self) -> bool {
        self.fields()
            .iter()
            .any(|(_, value)| !value.trim().is_empty())
    }

    /// A page of the log with the same filters, such as `log` or `log/export`, and with more.
    pub(super) fn address(&self, page: &str, more: &[(&str, &str)]) -> String {
        let fields = self.fields().into_iter().chain(more.iter().copied());
        let set = fields.filter(|(_, value)| !value.trim().is_empty());
        let pairs: Vec<String> = set
            .map(|(name, value)| format!("{name}={}", part(value.trim())))
            .collect();
        if pairs.is_empty() {
            page.to_owned()
        } else {
            format!("{page}?{}", pairs.join("&"))
        }
    }
}

/// Reads a field that may be empty.
fn read<T>(
    text: &str,
    reader: impl Fn(&str) -> Option<T>,
    what: &str,
    faults: &mut Vec<String>,
) -> Option<T> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let found = reader(text);
    if found.is_none() {
        faults.push(format!("{what} cannot be read: {text}"));
    }
    found
}

fn state(text: &str) -> Option<DeliveryState> {
    match text {
        "pending" => Some(DeliveryState::Pending),
        "delivered" => Some(DeliveryState::Delivered),
        "failed" => Some(DeliveryState::Failed),
        "cancelled" => Some(DeliveryState::Cancelled),
        _ => None,
    }
}

fn status(text: &str) -> Option<StatusClass> {
    match text {
        "2xx" => Some(StatusClass::Success),
        "3xx" => Some(StatusClass::Redirection),
        "4xx" => Some(StatusClass::ClientError),
        "5xx" => Some(StatusClass::ServerError),
        "none" => Some(StatusClass::NoAnswer),
        _ => None,
    }
}

/// Milliseconds of a time until now.
fn range(text: &str) -> Option<i64> {
    let hours = match text {
        "1h" => 1,
        "24h" => 24,
        "7d" => 7 * 24,
        "30d" => 30 * 24,
        _ => return None,
    };
    i64::try_from(Duration::from_hours(hours).as_millis()).ok()
}

/// A day, a minute or a second in UTC, as fields of forms write them, or a complete RFC 3339 time.
fn time(text: &str) -> Option<Timestamp> {
    ["", "Z", ":00Z", "T00:00:00Z"]
        .into_iter()
        .find_map(|rest| format!("{text}{rest}").parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_773_656_465_000);

    fn query(text: &str) -> LogQuery {
        let uri = format!("http://x/?{text}").parse().unwrap();
        axum::extract::Query::try_from_uri(&uri).unwrap().0
    }

    #[test]
    fn an_address_is_read_and_written_back() {
        let text = "type=appointment.created&state=failed&status=5xx&range=24h&about=c2VhbGVk";
        let read = query(&format!("{text}&endpoint=&cursor=abc"));
        assert!(read.is_narrow() && !query("cursor=abc&mode=test").is_narrow());
        assert_eq!(read.address("log", &[]), format!("log?{text}"));
        assert_eq!(
            query("").address("log", &[("cursor", "b c")]),
            "log?cursor=b%20c"
        );
        let filter = read.filter(Mode::Live, NOW).unwrap();
        assert_eq!(filter.since, Some(Timestamp(NOW.0 - 86_400_000)));
        assert_eq!(filter.state, Some(DeliveryState::Failed));
        assert_eq!(filter.status, Some(StatusClass::ServerError));
        assert_eq!(filter.mode, Some(Mode::Live));
    }

    #[test]
    fn times_are_read_as_fields_write_them() {
        for text in [
            "2026-03-16",
            "2026-03-16T00:00",
            "2026-03-16T00:00:00",
            "2026-03-16T01:00:00+01:00",
        ] {
            assert_eq!(time(text), Some(Timestamp(1_773_619_200_000)), "{text}");
        }
        assert_eq!(time("yesterday"), None);
    }

    #[test]
    fn what_cannot_be_read_is_said_and_not_left_out() {
        let unread =
            query("endpoint=x&type=A!&state=lost&status=6xx&range=9y&since=now&until=then");
        let faults = unread.filter(Mode::Live, NOW).unwrap_err();
        assert_eq!(faults.len(), 7, "{faults:?}");
    }
}
