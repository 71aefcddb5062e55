//! Webhook subscriptions on the wire.

use carehook_app::{AppError, EventTypesOf, Faults, NewCredentials, NewEndpoint};
use carehook_core::{
    Dialect, Endpoint, EndpointId, EventType, EventTypeDefinition, EventTypeId, Mode, PayloadMode,
    Timestamp,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::info::{ActiveInfo, ArchiveInfo, AuditInfo};
use crate::ecg::lists::Paging;

/// A subscription to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(as = CreateWebhookSubscription, example = json!({
    "postUri": "https://clinic.example.com/webhooks",
    "events": ["vitals.observations.created"],
    "version": "v1",
    "isDevelopment": false,
}))]
pub(crate) struct SubscriptionIn {
    /// Where payloads are posted; https.
    #[schema(value_type = String, format = "uri", max_length = 2048)]
    post_uri: Option<String>,
    /// Codes or ids of events; without any, nothing is posted yet.
    #[schema(max_items = 256)]
    events: Option<Vec<String>>,
    /// The only payload version that is wanted; all when missing.
    version: Option<String>,
    /// Whether it is for test events.
    #[schema(value_type = bool)]
    is_development: Option<bool>,
}

impl TryFrom<SubscriptionIn> for NewEndpoint {
    type Error = AppError;

    fn try_from(body: SubscriptionIn) -> Result<Self, AppError> {
        let SubscriptionIn {
            post_uri,
            events,
            version,
            is_development,
        } = body;
        let mut faults = Faults::default();
        let url = faults.require("/url", post_uri);
        let is_development = faults.require("/mode", is_development);
        let (url, is_development) = faults.finish(url.zip(is_development))?;
        Ok(Self {
            name: None,
            url,
            events: events.unwrap_or_default(),
            dialect: Dialect::Ecg,
            mode: Some(mode(is_development)),
            account: None,
            active: true,
            version,
            payload: PayloadMode::Full,
            headers: Vec::new(),
            credentials: NewCredentials::default(),
            timeout_ms: None,
            retry_schedule: None,
            notification_email: None,
        })
    }
}

/// The mode of the events that a subscription gets.
pub(super) fn mode(is_development: bool) -> Mode {
    if is_development {
        Mode::Test
    } else {
        Mode::Live
    }
}

/// A webhook subscription.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookSubscription)]
pub(crate) struct SubscriptionOut {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    pub(super) id: EndpointId,
    /// Whose it is.
    pub(super) organization_id: String,
    /// Where payloads are posted.
    #[schema(format = "uri")]
    pub(super) post_uri: String,
    /// The only payload version that is wanted; null when all are.
    #[schema(required = true)]
    pub(super) version: Option<String>,
    /// The key of the hashes; not where the subscription is a part of something else, and not for
    /// those who may not see payloads.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub(super) secret_key: Option<String>,
    /// What is wanted.
    pub(super) events: Vec<EventRef>,
    /// Whether it is for test events.
    pub(super) is_development: bool,
    /// Who made and changed it.
    pub(super) audit_info: AuditInfo,
    /// Whether payloads are posted.
    pub(super) active_info: ActiveInfo,
    /// Whether it was put away.
    pub(super) archive_info: ArchiveInfo,
}

impl SubscriptionOut {
    /// As a part of something else: without its secret.
    pub(super) fn within(view: &EventTypesOf) -> Self {
        Self {
            secret_key: None,
            ..view.clone().into()
        }
    }
}

/// An event that is subscribed to.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SubscribedEvent)]
pub(crate) struct EventRef {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    pub(super) id: EventTypeId,
    /// Its name for people.
    pub(super) name: String,
    /// Its code.
    pub(super) code: String,
    /// The version of its payloads: the subscription's; when that has none, and so gets every
    /// version, the newest one.
    pub(super) version: String,
}

impl EventRef {
    pub(super) fn of(
        code: &EventType,
        definition: Option<&EventTypeDefinition>,
        version: Option<&str>,
    ) -> Self {
        let name = definition.map(|definition| definition.name.clone());
        let newest = definition.map_or(
            EventTypeDefinition::FIRST_VERSION,
            EventTypeDefinition::newest_version,
        );
        Self {
            id: EventTypeId::of(code),
            name: name.unwrap_or_else(|| EventTypeDefinition::default_name(code)),
            code: code.to_string(),
            version: version.unwrap_or(newest).to_owned(),
        }
    }
}

impl From<EventTypesOf> for SubscriptionOut {
    fn from(view: EventTypesOf) -> Self {
        let EventTypesOf {
            endpoint,
            event_types,
            shows_secret,
        } = view;
        let Endpoint {
            id,
            organization,
            name: _,
            url,
            subscriptions: _,
            dialect: _,
            mode,
            account: _,
            active,
            active_changed_at,
            archived,
            archived_changed_at,
            ownership: _,
            disabled_reason: _,
            // Set through the native API.
            payload: _,
            version,
            headers: _,
            authentication: _,
            tls: _,
            timeout: _,
            retry_policy: _,
            notification_email: _,
            secrets,
            created_at,
            created_by,
            updated_at,
            updated_by,
            revision: _,
        } = endpoint.as_ref();
        let only = version.as_deref();
        let event = |(code, definition): &(EventType, Option<EventTypeDefinition>)| {
            EventRef::of(code, definition.as_ref(), only)
        };
        Self {
            id: *id,
            organization_id: organization.to_string(),
            post_uri: url.clone(),
            version: version.as_deref().map(str::to_owned),
            secret_key: shows_secret.then(|| secrets.current().expose().to_owned()),
            events: event_types.iter().map(event).collect(),
            is_development: *mode == Mode::Test,
            audit_info: audit(
                (*created_at, created_by.as_deref()),
                (*updated_at, updated_by.as_deref()),
            ),
            active_info: ActiveInfo {
                active: *active,
                active_status_changed_at: *active_changed_at,
            },
            archive_info: ArchiveInfo {
                archived: *archived,
                archived_status_changed_at: *archived_changed_at,
            },
        }
    }
}

pub(super) fn audit(
    (created_at, created_by): (Timestamp, Option<&str>),
    (updated_at, updated_by): (Timestamp, Option<&str>),
) -> AuditInfo {
    let name = |by: Option<&str>| by.map(str::to_owned);
    AuditInfo {
        created_at,
        created_by: name(created_by),
        updated_at,
        updated_by: name(updated_by).or_else(|| name(created_by)),
    }
}

/// Which subscriptions are wanted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SubscriptionsQuery {
    /// Those that want this payload version.
    #[param(example = "v1")]
    pub(crate) version: Option<String>,
    /// Those that want this event: its id or its code.
    #[serde(rename = "eventId")]
    #[param(rename = "eventId")]
    pub(crate) event_id: Option<String>,
    /// `ASC` or `DESC`, by creation.
    #[param(pattern = "^(ASC|DESC)$", default = "ASC")]
    order_by: Option<String>,
    /// Leaves out the first so many.
    #[param(value_type = Option<u64>, default = 0)]
    skip: Option<String>,
    /// At most so many.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100, default = 10)]
    take: Option<String>,
}

impl SubscriptionsQuery {
    /// The part of the list that is wanted.
    pub(crate) fn paging(&self) -> Result<Paging, AppError> {
        let mut faults = Faults::default();
        let [order_by, skip, take] = [&self.order_by, &self.skip, &self.take];
        let paging = Paging::read(
            order_by.as_deref(),
            skip.as_deref(),
            take.as_deref(),
            &mut faults,
        );
        faults.check()?;
        Ok(paging)
    }
}
