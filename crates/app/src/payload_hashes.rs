//! Hashes of payloads: made for those who send by themselves, and checked for those who receive.
//!
//! A hash is the lower-case hex HMAC-SHA256 over `{createdAt}.{payload}`, keyed with the secret
//! that was the newest at `createdAt`; the payload is compact JSON as JavaScript prints it.

use carehook_core::{
    EndpointId, JsonText, PayloadMode, Scope, Secret, Timestamp, sign_text, verify_text,
};
use carehook_store::Report;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::activities::{ActivityId, known_event, rendered};
use crate::{App, AppError, Faults, OrganizationAccess};

/// A payload to make.
#[derive(Clone, Copy)]
pub struct NewPayload<'a> {
    /// The kind of event: the code of an event type.
    pub event_type: &'a str,
    /// The version of the payload's form.
    pub version: &'a str,
    /// What it says.
    pub data: &'a RawValue,
    /// The activity that it retries.
    pub retry_of: Option<&'a str>,
    /// Who sends it.
    pub sender: PayloadSender,
}

/// Who sends a payload that was made here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayloadSender {
    /// We do.
    Carehook,
    /// The caller does, and reports how it came out.
    Caller,
}

/// A payload with its hash.
#[derive(Clone)]
pub struct HashedPayload {
    /// The payload.
    pub payload: JsonText,
    /// Its hash.
    pub hash: PayloadHash,
    /// The activity that it belongs to.
    pub activity: ActivityId,
}

/// A hash and the time that is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayloadHash {
    /// Lower-case hex.
    pub hash: String,
    /// The time that was signed with the payload.
    pub created_at: Timestamp,
}

/// The time in a payload that was made here.
#[derive(Deserialize)]
struct Dated {
    #[serde(rename = "createdAt")]
    created_at: i64,
}

impl App {
    /// Makes a payload with its hash; sends it, or notes that the caller will.
    pub async fn make_payload(
        &self,
        access: &OrganizationAccess,
        endpoint: EndpointId,
        new: NewPayload<'_>,
    ) -> Result<HashedPayload, AppError> {
        access.require(Scope::Manage)?;
        let endpoint = self.endpoint(access, endpoint)?;
        let NewPayload {
            event_type,
            version,
            data,
            retry_of,
            sender,
        } = new;
        let catalogue = self.store().catalogue();
        let mut faults = Faults::default();
        let definition = faults.take("/type", known_event(event_type, &catalogue));
        if definition.is_some_and(|definition| !definition.has_version(version)) {
            faults.add("/version", "is not a version of this event type");
        }
        // Events hold objects; what others send may hold anything.
        let data = match sender {
            PayloadSender::Carehook => JsonText::object(data),
            PayloadSender::Caller => JsonText::value(data),
        };
        let data = faults.take("/data", data);
        let original = ("/original_activity_id", retry_of);
        let retry_of = self
            .original(access, endpoint.id, original, &mut faults)
            .await?;
        let (definition, data) = faults.finish(definition.zip(data))?;
        catalogue.check_open(definition)?;
        if sender == PayloadSender::Carehook && !endpoint.is_served() {
            return Err(AppError::conflict("the endpoint is not active"));
        }
        let organization = access.organization();
        self.check_against_schema(organization, &catalogue, (definition, version), &data)?;
        let event = self.lone_event(&endpoint, definition, (version.into(), data));
        let created_at = event.created_at;
        // Neither the event's id nor a sequence is part of a hashed payload; and it is the
        // caller's own, so all of it is shown.
        let says = (PayloadMode::Full, None);
        let payload = rendered(&endpoint, &event, (0, created_at), says);
        let activity = match sender {
            PayloadSender::Carehook => self.sent_alone(endpoint.id, event, retry_of).await?,
            PayloadSender::Caller => {
                let report = Report {
                    endpoint: endpoint.id,
                    event_type: event.event_type,
                    posted_at: None,
                    payload: payload.clone(),
                    raw_message: JsonText::from_stored("{}".into()),
                    reported_by: (*access.name()).into(),
                    retry_of,
                };
                self.store().report(access.organization(), report).await?
            }
        };
        let hash = PayloadHash::of(endpoint.secrets.current(), &payload, created_at);
        Ok(HashedPayload {
            payload,
            hash,
            activity,
        })
    }

    /// The hash of an activity's payload.
    ///
    /// # Errors
    /// [`AppError::Conflict`] when there is none: nothing was posted, the payload or the secret of
    /// that time is gone, or what was posted of the payload cannot be made again for sure.
    pub async fn activity_hash(
        &self,
        access: &OrganizationAccess,
        endpoint: EndpointId,
        id: ActivityId,
    ) -> Result<PayloadHash, AppError> {
        access.require(Scope::Read)?;
        let activity = self.found(access, endpoint, id).await?;
        let none = || AppError::conflict("the activity has no payload that could be hashed");
        let payload = activity.payload.as_ref().ok_or_else(none)?;
        if !activity.is_report {
            let posted_at = activity.posted_at.ok_or_else(none)?;
            let endpoint = &activity.endpoint;
            let since = (endpoint.updated_at, self.inner().started_at);
            if !is_made_as_then(endpoint.payload, posted_at, since) {
                let reason = "the subscription gets a part of the payload, and which one, or where \
                              its link leads, may have changed since then";
                return Err(AppError::conflict(reason));
            }
        }
        let dated = serde_json::from_slice::<Dated>(payload.bytes());
        let created_at = dated.map_or(activity.created_at, |dated| Timestamp(dated.created_at));
        let secret = activity.endpoint.secrets.current_at(created_at);
        let forgotten = || AppError::conflict("no secret is known of the time of the activity");
        let secret = secret.ok_or_else(forgotten)?;
        // What another sender reported may be spelled in any way.
        Ok(PayloadHash::of(secret, &payload.respelled(), created_at))
    }

    /// Whether a hash belongs to a payload, in constant time.
    ///
    /// An object is spelled as bodies are, whatever spelling it came in; a text is taken for the
    /// bytes that were received.
    pub fn is_hash_of(
        &self,
        access: &OrganizationAccess,
        endpoint: EndpointId,
        (payload, given): (&RawValue, &PayloadHash),
    ) -> Result<bool, AppError> {
        access.require(Scope::Read)?;
        let endpoint = self.endpoint(access, endpoint)?;
        let payload =
            signed_text(payload).map_err(|reason| AppError::invalid("/payload", reason))?;
        let secret = endpoint.secrets.current_at(given.created_at);
        let prefix = prefix(given.created_at);
        Ok(secret.is_some_and(|secret| verify_text(secret, &prefix, &payload, &given.hash)))
    }
}

impl PayloadHash {
    fn of(secret: &Secret, payload: &JsonText, created_at: Timestamp) -> Self {
        Self {
            hash: sign_text(secret, &prefix(created_at), payload.bytes()),
            created_at,
        }
    }
}

/// Whether a body that is made now is the one that was posted, as far as it follows from the
/// endpoint, changed last at the first time of `since`, and from where links lead, which is known
/// from the second on. A whole payload follows from neither.
fn is_made_as_then(
    payload: PayloadMode,
    posted_at: Timestamp,
    (changed_at, started_at): (Timestamp, Timestamp),
) -> bool {
    let unchanged = posted_at >= changed_at;
    match payload {
        PayloadMode::Full => true,
        PayloadMode::Thin | PayloadMode::IdOnly => unchanged && posted_at >= started_at,
        PayloadMode::Empty => unchanged,
    }
}

fn prefix(created_at: Timestamp) -> String {
    format!("{}.", created_at.0)
}

/// The bytes of a payload that are signed: of an object as it is sent, or those of a text.
fn signed_text(payload: &RawValue) -> Result<Vec<u8>, String> {
    if payload.get().starts_with('"') {
        let text: Result<String, _> = serde_json::from_str(payload.get());
        return text
            .map(String::into_bytes)
            .map_err(|error| error.to_string());
    }
    let object = JsonText::object(payload).map_err(|error| error.to_string())?;
    Ok(object.respelled().bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_have_been_made_otherwise_has_no_hash() {
        let known = |mode, posted, changed, started| {
            is_made_as_then(
                mode,
                Timestamp(posted),
                (Timestamp(changed), Timestamp(started)),
            )
        };
        for mode in [PayloadMode::Thin, PayloadMode::IdOnly] {
            assert!(known(mode, 5, 5, 5));
            assert!(!known(mode, 5, 6, 5), "the endpoint was changed");
            assert!(
                !known(mode, 5, 5, 6),
                "another start may have had another URL"
            );
        }
        assert!(known(PayloadMode::Empty, 5, 5, 6), "there is no link in it");
        assert!(!known(PayloadMode::Empty, 5, 6, 5));
        assert!(known(PayloadMode::Full, 5, 6, 6));
    }
}
