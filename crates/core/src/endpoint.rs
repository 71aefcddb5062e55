//! Endpoints: receivers, with what they subscribe to and how they are served.

use std::borrow::Cow;
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};

use crate::secret::Secrets;
use crate::{
    AccountId, Authentication, Dialect, EndpointId, EndpointTls, Event, EventType, Limits, Mode,
    OrganizationId, Ownership, PayloadMode, RetryPolicy, Secret, Subscription, Timestamp,
};

/// Why Carehook itself stopped delivering to an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisabledReason {
    /// The receiver answered 410.
    Gone,
}

impl DisabledReason {
    /// The word used in bodies and columns.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gone => "gone",
        }
    }
}

/// A header that every delivery to an endpoint carries; its value is a secret.
#[derive(Clone)]
pub struct CustomHeader {
    /// Its name.
    pub name: HeaderName,
    /// Its value, checked by [`checked_header`].
    pub value: Secret,
}

/// A receiver.
#[derive(Clone)]
pub struct Endpoint {
    /// Its id.
    pub id: EndpointId,
    /// Whose it is.
    pub organization: OrganizationId,
    /// What people call it.
    pub name: Option<String>,
    /// Where deliveries go; without user and password.
    pub url: String,
    /// What it wants.
    pub subscriptions: Vec<Subscription>,
    /// The API face it was made through: fixes body, headers and success rule.
    pub dialect: Dialect,
    /// Live or test.
    pub mode: Mode,
    /// The account that it is limited to.
    pub account: Option<AccountId>,
    /// Whether deliveries are attempted; while not, they are kept.
    pub active: bool,
    /// When it was switched on or off last.
    pub active_changed_at: Option<Timestamp>,
    /// Whether it was put away: it gets no new deliveries, and those it is owed wait.
    pub archived: bool,
    /// When it was put away or taken out again last.
    pub archived_changed_at: Option<Timestamp>,
    /// Whether its owner has answered for it; while that is pending it gets no deliveries.
    pub ownership: Ownership,
    /// Why Carehook switched it off.
    pub disabled_reason: Option<DisabledReason>,
    /// How much of an event its deliveries say.
    pub payload: PayloadMode,
    /// The only payload version that it wants.
    pub version: Option<Box<str>>,
    /// Its own headers.
    pub headers: Vec<CustomHeader>,
    /// What the `Authorization` header of its deliveries has, unless its own headers say that.
    pub authentication: Option<Authentication>,
    /// Its own TLS settings.
    pub tls: Option<EndpointTls>,
    /// Its own deadline of an attempt.
    pub timeout: Option<Duration>,
    /// Its own retry schedule.
    pub retry_policy: Option<RetryPolicy>,
    /// Who is told by mail when a delivery has failed for good.
    pub notification_email: Option<String>,
    /// What its deliveries are signed with.
    pub secrets: Secrets,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: Option<Box<str>>,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Who last changed it.
    pub updated_by: Option<Box<str>>,
    /// Grows with every change; a change names the revision that it started from.
    pub revision: u64,
}

impl Endpoint {
    /// Whether this event is owed to this endpoint.
    pub fn wants(&self, event: &Event) -> bool {
        let of = (event.mode, event.account.as_ref());
        self.wants_such(of, &event.version, &event.event_type)
    }

    /// Whether an event of this mode, account, version and type is owed to this endpoint.
    pub fn wants_such(
        &self,
        (mode, account): (Mode, Option<&AccountId>),
        version: &str,
        event_type: &EventType,
    ) -> bool {
        !self.archived
            && self.mode == mode
            && (self.account.is_none() || self.account.as_ref() == account)
            && self.version.as_deref().is_none_or(|v| v == version)
            && self
                .subscriptions
                .iter()
                .any(|s| s.pattern.matches(event_type))
    }

    /// Whether deliveries are attempted at all.
    pub fn is_served(&self) -> bool {
        self.active && !self.archived && !self.ownership.is_pending()
    }

    /// Whether it is to be asked for the ownership challenge: one that is switched off gets nothing,
    /// not even that.
    pub fn awaits_challenge(&self) -> bool {
        self.active && !self.archived && self.ownership.is_pending()
    }

    /// What it is subscribed to, in its own words; each name once.
    pub fn subscription_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::with_capacity(self.subscriptions.len());
        for subscription in &self.subscriptions {
            // Entries of one name stand together.
            if names.last() != Some(&&*subscription.name) {
                names.push(&subscription.name);
            }
        }
        names
    }

    /// What deliveries to it call an event type: the name that it subscribed by, else the name in
    /// its dialect.
    pub fn wire_name<'a>(&'a self, event_type: &'a EventType) -> Cow<'a, str> {
        if self.dialect == Dialect::Native {
            // Its names are the codes: nothing to look for on the hot path.
            return Cow::Borrowed(event_type.as_str());
        }
        let named = self
            .subscriptions
            .iter()
            .find(|subscription| subscription.names(event_type));
        match named {
            Some(subscription) => Cow::Borrowed(&subscription.name),
            None => Cow::Owned(self.dialect.own_name(event_type)),
        }
    }

    /// The deadline of one attempt.
    pub fn attempt_timeout(&self) -> Duration {
        self.timeout.unwrap_or(Limits::TIMEOUT_DEFAULT)
    }
}

/// Why a custom header is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderRefusal {
    /// Not a header name (RFC 9110, 5.1).
    #[error("is not a header name")]
    Name,
    /// A header that Carehook or the transport sets, or that a proxy or cloud would obey.
    #[error("cannot be set by an endpoint")]
    Reserved,
    /// Control characters, not ASCII, or too long.
    #[error(
        "must be 1 to {} printable ASCII characters",
        Limits::HEADER_VALUE_BYTES
    )]
    Value,
}

const RESERVED: [&str; 18] = [
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "te",
    "trailer",
    "upgrade",
    "expect",
    "forwarded",
    "via",
    "cookie",
    "content-type",
    "content-encoding",
    "metadata-flavor",
    "metadata",
    "keep-alive",
    "user-agent",
    "http2-settings",
];

const RESERVED_PREFIXES: [&str; 7] = [
    "proxy-",
    "x-forwarded-",
    "webhook-",
    "x-webhook-",
    "x-aws-",
    "x-goog-",
    "x-google-",
];

/// Checks a custom header against smuggling and against what Carehook sets itself.
pub fn checked_header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), HeaderRefusal> {
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| HeaderRefusal::Name)?;
    let reserved = RESERVED.contains(&name.as_str())
        || RESERVED_PREFIXES
            .iter()
            .any(|prefix| name.as_str().starts_with(prefix));
    if reserved {
        return Err(HeaderRefusal::Reserved);
    }
    let printable = value.bytes().all(|b| matches!(b, b' '..=b'~'));
    let trimmed = value.trim_matches(' ') == value && !value.is_empty();
    if !printable || !trimmed || value.len() > Limits::HEADER_VALUE_BYTES {
        return Err(HeaderRefusal::Value);
    }
    let mut value = HeaderValue::from_str(value).map_err(|_| HeaderRefusal::Value)?;
    value.set_sensitive(true);
    Ok((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_that_could_smuggle_or_mislead_are_refused() {
        let check = |name, value| checked_header(name, value).err();
        assert_eq!(check("Authorization", "Bearer x"), None);
        assert_eq!(check("X-Tenant", "a b"), None);
        for name in [
            "Host",
            "content-length",
            "Transfer-Encoding",
            "connection",
            "TE",
            "trailer",
            "upgrade",
            "expect",
            "proxy-authorization",
            "forwarded",
            "x-forwarded-for",
            "via",
            "cookie",
            "content-type",
            "content-encoding",
            "webhook-id",
            "x-webhook-signature",
            "metadata-flavor",
            "x-aws-ec2-metadata-token",
            "x-goog-iam",
            "x-google-x",
        ] {
            assert_eq!(check(name, "x"), Some(HeaderRefusal::Reserved), "{name}");
        }
        for name in ["", "a b", "a:b", "a\r\nb", "ü"] {
            assert_eq!(check(name, "x"), Some(HeaderRefusal::Name), "{name}");
        }
        for value in [
            "",
            " x",
            "x ",
            "a\r\nb: c",
            "a\nb",
            "\0",
            "ü",
            &"x".repeat(1025),
        ] {
            assert_eq!(check("x-a", value), Some(HeaderRefusal::Value), "{value:?}");
        }
    }
}
