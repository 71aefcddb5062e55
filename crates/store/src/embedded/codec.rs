//! How rows spell what the domain has: numbers for words, and the plain text of sealed values.

use bytes::{Buf as _, BufMut as _, Bytes};
use carehook_core::{
    AttemptOutcome, CustomHeader, DatedSecret, DeliveryState, Dialect, DisabledReason, Endpoint,
    EndpointId, ErasureCounts, ErasureState, Event, EventBody, EventId, JsonText, Mode,
    OrganizationId, OrganizationSettings, Ownership, PayloadMode, Reason, ReplayCounts,
    ReplayFilter, ReplayState, RetryPolicy, Secret, Secrets, Subscription, Timestamp, Trigger,
    checked_header,
};
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use serde::{Deserialize, Serialize};
use std::time::Duration;

use super::codec_credentials::{AuthenticationRow, TlsRow};
use crate::Notify;

macro_rules! codes {
    ($($module:ident: $type:ty { $($variant:path = $code:literal),+ $(,)? })*) => {$(
        pub(super) mod $module {
            use super::*;

            pub(in crate::embedded) fn code(value: $type) -> i64 {
                match value { $($variant => $code),+ }
            }

            pub(in crate::embedded) fn parse(code: i64) -> Option<$type> {
                match code { $($code => Some($variant),)+ _ => None }
            }
        }
    )*};
}

codes! {
    state: DeliveryState {
        DeliveryState::Pending = 0, DeliveryState::Delivered = 1, DeliveryState::Failed = 2,
        DeliveryState::Cancelled = 3,
    }
    reason: Reason {
        Reason::Exhausted = 1, Reason::EndpointGone = 2, Reason::EndpointDeleted = 3,
        Reason::Cancelled = 4, Reason::Unreadable = 5, Reason::Erased = 6,
    }
    mode: Mode { Mode::Live = 0, Mode::Test = 1 }
    dialect: Dialect {
        Dialect::Native = 0, Dialect::Jump = 1, Dialect::Decoda = 2, Dialect::Mycure = 3,
        Dialect::Ecg = 4,
    }
    outcome: AttemptOutcome {
        AttemptOutcome::Delivered = 0, AttemptOutcome::Rejected = 1, AttemptOutcome::TimedOut = 2,
        AttemptOutcome::Unreachable = 3, AttemptOutcome::Blocked = 4,
    }
    trigger: Trigger {
        Trigger::Schedule = 0, Trigger::Manual = 1, Trigger::Replay = 2, Trigger::Test = 3,
    }
    notify: Notify { Notify::OnFailure = 0, Notify::Never = 1 }
    erasure_state: ErasureState {
        ErasureState::Running = 0, ErasureState::Done = 1, ErasureState::Failed = 2,
    }
    replay_state: ReplayState {
        ReplayState::Running = 0, ReplayState::Done = 1, ReplayState::Stopped = 2,
        ReplayState::Failed = 3,
    }
}

/// A number of attempts; a damaged one must not hide the row that it is in.
pub(super) fn count(stored: i64) -> u32 {
    u32::try_from(stored.max(0)).unwrap_or(u32::MAX)
}

/// The plain text of an event's sealed part: four parts, each with its length; -1 for none.
pub(super) fn encode_body(body: &EventBody) -> Vec<u8> {
    let EventBody {
        data,
        previous,
        subject,
        ordering_key,
    } = body;
    let parts: [Option<&[u8]>; 4] = [
        Some(data.bytes()),
        previous.as_ref().map(|json| &**json.bytes()),
        subject.as_deref().map(str::as_bytes),
        ordering_key.as_deref().map(str::as_bytes),
    ];
    let length = |part: Option<&[u8]>| part.map_or(0, <[u8]>::len);
    let mut out = Vec::with_capacity(16 + parts.iter().copied().map(length).sum::<usize>());
    for part in &parts {
        out.put_i32(part.map_or(-1, |bytes| {
            i32::try_from(bytes.len()).expect("an event is smaller than 2 GiB")
        }));
    }
    for bytes in parts.into_iter().flatten() {
        out.put_slice(bytes);
    }
    out
}

/// Reads what [`encode_body`] wrote.
pub(super) fn decode_body(mut plain: Bytes) -> Option<EventBody> {
    let mut lengths = [0i32; 4];
    for length in &mut lengths {
        *length = plain.try_get_i32().ok()?;
    }
    let mut take = |length: i32| -> Option<Option<Bytes>> {
        match usize::try_from(length) {
            Err(_) => Some(None),
            Ok(length) if length <= plain.len() => Some(Some(plain.split_to(length))),
            Ok(_) => None,
        }
    };
    let [data, previous, subject, ordering_key] = lengths;
    let text = |bytes: Bytes| {
        String::from_utf8(bytes.into())
            .ok()
            .map(String::into_boxed_str)
    };
    let (data, previous) = (take(data)??, take(previous)?);
    let (subject, ordering_key) = (take(subject)?, take(ordering_key)?);
    Some(EventBody {
        data: JsonText::from_stored(data),
        previous: previous.map(JsonText::from_stored),
        subject: subject.map(text).map_or(Some(None), |t| t.map(Some))?,
        ordering_key: ordering_key.map(text).map_or(Some(None), |t| t.map(Some))?,
    })
}

/// What an idempotency key stands for: everything that the publisher said, but the id.
pub(super) fn fingerprint(event: &Event, body: &[u8]) -> [u8; 32] {
    let Event {
        id: _,
        organization: _,
        event_type,
        version,
        mode,
        account,
        occurred_at,
        created_at: _,
        body: _,
    } = event;
    let account = account.as_ref().map(carehook_core::AccountId::as_str);
    let head = serde_json::json!([
        event_type.as_str(),
        version,
        mode.as_str(),
        account,
        occurred_at.map(|t| t.0)
    ])
    .to_string();
    let mut context = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
    context.update(&(head.len() as u64).to_be_bytes());
    context.update(head.as_bytes());
    context.update(body);
    let mut out = [0u8; 32];
    out.copy_from_slice(context.finish().as_ref());
    out
}

/// An event id in a column: 16 bytes when Carehook made it, text when the publisher gave it.
pub(super) enum EventIdColumn<'a> {
    Made([u8; 16]),
    Given(&'a str),
}

impl<'a> From<&'a EventId> for EventIdColumn<'a> {
    fn from(id: &'a EventId) -> Self {
        match id {
            EventId::Made(id) => Self::Made(id.to_bytes()),
            EventId::Given(text) => Self::Given(text),
        }
    }
}

impl ToSql for EventIdColumn<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Made(bytes) => ValueRef::Blob(bytes),
            Self::Given(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

/// Reads what [`EventIdColumn`] wrote.
pub(super) fn parse_event_id(value: ValueRef<'_>) -> Option<EventId> {
    match value {
        ValueRef::Blob(bytes) => {
            let bytes: [u8; 16] = bytes.try_into().ok()?;
            Some(EventId::Made(carehook_core::RecordId::from_bytes(bytes)))
        }
        ValueRef::Text(text) => Some(EventId::Given(std::str::from_utf8(text).ok()?.into())),
        _ => None,
    }
}

/// The plain text of an endpoint's sealed row.
#[derive(Serialize, Deserialize)]
struct EndpointRow {
    name: Option<String>,
    url: String,
    subscriptions: Vec<(String, carehook_core::Pattern)>,
    dialect: Dialect,
    mode: Mode,
    account: Option<String>,
    active: bool,
    #[serde(default)]
    active_changed_at: Option<i64>,
    #[serde(default)]
    archived: bool,
    #[serde(default)]
    archived_changed_at: Option<i64>,
    #[serde(default)]
    ownership: Ownership,
    disabled_reason: Option<DisabledReason>,
    #[serde(default)]
    payload: PayloadMode,
    version: Option<String>,
    headers: Vec<(String, String)>,
    #[serde(default)]
    authentication: Option<AuthenticationRow>,
    #[serde(default)]
    tls: Option<TlsRow>,
    timeout_ms: Option<u64>,
    retry_seconds: Option<Vec<u32>>,
    #[serde(default)]
    notification_email: Option<String>,
    secrets: Vec<SecretRow>,
    created_at: i64,
    #[serde(default)]
    created_by: Option<String>,
    updated_at: i64,
    #[serde(default)]
    updated_by: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct SecretRow {
    secret: String,
    created_at: i64,
    expires_at: Option<i64>,
}

pub(super) fn encode_endpoint(endpoint: &Endpoint) -> Vec<u8> {
    let Endpoint {
        id: _,
        organization: _,
        name,
        url,
        subscriptions,
        dialect,
        mode,
        account,
        active,
        active_changed_at,
        archived,
        archived_changed_at,
        ownership,
        disabled_reason,
        payload,
        version,
        headers,
        authentication,
        tls,
        timeout,
        retry_policy,
        notification_email,
        secrets,
        created_at,
        created_by,
        updated_at,
        updated_by,
        revision: _,
    } = endpoint.clone();
    let row = EndpointRow {
        name,
        url,
        subscriptions: subscriptions
            .into_iter()
            .map(|s| (s.name.into(), s.pattern))
            .collect(),
        dialect,
        mode,
        account: account.map(|a| a.to_string()),
        active,
        active_changed_at: active_changed_at.map(|t| t.0),
        archived,
        archived_changed_at: archived_changed_at.map(|t| t.0),
        ownership,
        disabled_reason,
        payload,
        version: version.map(Into::into),
        headers: headers
            .iter()
            .map(|h| (h.name.to_string(), h.value.expose().to_owned()))
            .collect(),
        authentication: authentication.map(Into::into),
        tls: tls.map(Into::into),
        timeout_ms: timeout.map(|t| u64::try_from(t.as_millis()).unwrap_or(u64::MAX)),
        retry_seconds: retry_policy.map(|p| p.seconds().to_vec()),
        notification_email,
        secrets: secrets.all().iter().map(secret_row).collect(),
        created_at: created_at.0,
        created_by: created_by.map(Into::into),
        updated_at: updated_at.0,
        updated_by: updated_by.map(Into::into),
    };
    serde_json::to_vec(&row).expect("an endpoint has a JSON form")
}

fn secret_row(dated: &DatedSecret) -> SecretRow {
    SecretRow {
        secret: dated.secret.expose().to_owned(),
        created_at: dated.created_at.0,
        expires_at: dated.expires_at.map(|t| t.0),
    }
}

/// Reads what [`encode_endpoint`] wrote.
pub(super) fn decode_endpoint(
    (id, organization, revision): (EndpointId, OrganizationId, u64),
    plain: &[u8],
) -> Option<Endpoint> {
    let row: EndpointRow = serde_json::from_slice(plain).ok()?;
    // What a newer version no longer allows is left out: it must not keep the store from opening.
    let header = |(name, value): (String, String)| match checked_header(&name, &value) {
        Ok((name, _)) => Some(CustomHeader {
            name,
            value: Secret::new(value),
        }),
        Err(refusal) => {
            tracing::warn!(endpoint = %id, name, %refusal, "a stored header is left out");
            None
        }
    };
    let secret = |row: SecretRow| DatedSecret {
        secret: Secret::new(row.secret),
        created_at: Timestamp(row.created_at),
        expires_at: row.expires_at.map(Timestamp),
    };
    Some(Endpoint {
        id,
        organization,
        name: row.name,
        url: row.url,
        subscriptions: row
            .subscriptions
            .into_iter()
            .map(|(name, pattern)| Subscription {
                name: name.into(),
                pattern,
            })
            .collect(),
        dialect: row.dialect,
        mode: row.mode,
        account: row.account.map(|a| a.parse()).transpose().ok()?,
        active: row.active,
        active_changed_at: row.active_changed_at.map(Timestamp),
        archived: row.archived,
        archived_changed_at: row.archived_changed_at.map(Timestamp),
        ownership: row.ownership,
        disabled_reason: row.disabled_reason,
        payload: row.payload,
        version: row.version.map(Into::into),
        headers: row.headers.into_iter().filter_map(header).collect(),
        authentication: row.authentication.map(Into::into),
        tls: row.tls.map(Into::into),
        timeout: row.timeout_ms.map(Duration::from_millis),
        retry_policy: row
            .retry_seconds
            .and_then(|s| RetryPolicy::try_new(&s).ok()),
        notification_email: row.notification_email,
        secrets: Secrets::from_stored(row.secrets.into_iter().map(secret).collect())?,
        created_at: Timestamp(row.created_at),
        created_by: row.created_by.map(Into::into),
        updated_at: Timestamp(row.updated_at),
        updated_by: row.updated_by.map(Into::into),
        revision,
    })
}

/// The settings of an organization as they are stored; nothing in them is secret.
pub(super) fn settings_to_text(settings: OrganizationSettings) -> String {
    serde_json::to_string(&settings).expect("numbers and words have a JSON form")
}

pub(super) fn settings_of_text(text: &str) -> Option<OrganizationSettings> {
    serde_json::from_str(text).ok()
}

/// What an erasure has counted.
pub(super) fn counts_to_text(counts: &ErasureCounts) -> String {
    serde_json::to_string(counts).expect("numbers have a JSON form")
}

/// Damaged counts must not keep a job from being finished.
pub(super) fn counts_of_text(text: &str) -> ErasureCounts {
    serde_json::from_str(text).unwrap_or_default()
}

/// What a replay is about; nothing in it is secret.
pub(super) fn replay_filter_to_text(filter: &ReplayFilter) -> String {
    serde_json::to_string(filter).expect("names and numbers have a JSON form")
}

pub(super) fn replay_filter_of_text(text: &str) -> Option<ReplayFilter> {
    serde_json::from_str(text).ok()
}

/// What a replay has counted.
pub(super) fn replay_counts_to_text(counts: &ReplayCounts) -> String {
    serde_json::to_string(counts).expect("numbers have a JSON form")
}

/// Damaged counts must not keep a job from being finished.
pub(super) fn replay_counts_of_text(text: &str) -> ReplayCounts {
    serde_json::from_str(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::scene;

    #[test]
    fn a_stored_header_that_is_no_longer_allowed_is_left_out() {
        let organization: OrganizationId = "northside".parse().unwrap();
        let mut endpoint = scene::endpoint(&organization, scene::NOON);
        for name in ["x-old", "x-kept"] {
            let (name, _) = checked_header(name, "v").unwrap();
            let value = Secret::new("v");
            endpoint.headers.push(CustomHeader { name, value });
        }
        let stored = String::from_utf8(encode_endpoint(&endpoint)).unwrap();
        let stored = stored.replace("x-old", "host");
        let decoded = decode_endpoint((endpoint.id, organization, 1), stored.as_bytes()).unwrap();
        let names: Vec<_> = decoded.headers.iter().map(|h| h.name.as_str()).collect();
        assert_eq!(names, ["x-kept"]);
        assert_eq!(decoded.url, endpoint.url);
    }

    #[test]
    fn a_damaged_body_is_no_body() {
        let body = EventBody {
            subject: Some("patient/1".into()),
            ..scene::body("{\"a\":1}")
        };
        let stored = encode_body(&body);
        assert!(decode_body(Bytes::from(stored.clone())) == Some(body));
        for length in 0..stored.len() {
            let cut = Bytes::copy_from_slice(&stored[..length]);
            assert!(decode_body(cut).is_none(), "{length} bytes");
        }
        let mut long = stored;
        long[0] = 0x7f;
        assert!(decode_body(Bytes::from(long)).is_none());
    }
}
