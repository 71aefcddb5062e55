//! An activity with its retries: as a list of all of them, or as a tree.

use std::collections::HashMap;

use carehook_app::{ActivityId, ActivityView, AppError, EventTypesOf, RetryChain};
use carehook_core::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use super::activity::{ActivityOut, ActivityPart};
use super::subscription::{EventRef, SubscriptionOut};

/// How the retries of an activity are shown.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChainQuery {
    /// `flat`: a list of all retries; `nested`: a tree.
    #[param(value_type = String, pattern = "^(flat|nested)$")]
    mode: Option<String>,
}

/// A list of all, or a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Flat,
    Nested,
}

impl TryFrom<ChainQuery> for Shape {
    type Error = AppError;

    fn try_from(query: ChainQuery) -> Result<Self, AppError> {
        let ChainQuery { mode } = query;
        match mode.as_deref() {
            Some("flat") => Ok(Self::Flat),
            Some("nested") => Ok(Self::Nested),
            Some(_) | None => {
                let reason = "must be one of the following values: flat, nested";
                Err(AppError::invalid("/query_mode", reason))
            }
        }
    }
}

/// A webhook activity with its retries.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookActivityChain)]
pub(crate) struct ChainOut {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    id: ActivityId,
    /// 1 for the activity that was asked for, 2 for its retries, and so on.
    level: u32,
    /// 0: posted by this server; 1: reported by another sender.
    #[serde(rename = "type")]
    kind: u8,
    /// When it was posted; null before.
    #[schema(value_type = Option<String>, format = "date-time", required = true)]
    posted_at: Option<Timestamp>,
    /// What was posted; null for those who may not see payloads.
    #[schema(value_type = Option<Object>, required = true)]
    payload: Option<Box<RawValue>>,
    /// The subscription; with the activity that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    subscription: Option<SubscriptionOut>,
    /// The event.
    #[schema(required = true)]
    event: Option<EventRef>,
    /// The activity that it retries.
    #[serde(rename = "retryingFromPostId")]
    #[schema(value_type = Option<String>, format = "uuid", required = true)]
    retrying_from_post_id: Option<ActivityId>,
    /// When the next try is due.
    #[serde(rename = "nextRetryAt")]
    #[schema(value_type = Option<String>, format = "date-time", required = true)]
    next_retry_at: Option<Timestamp>,
    /// What the receiver answered.
    #[serde(rename = "rawResponse")]
    #[schema(value_type = serde_json::Value, required = true)]
    raw_response: Option<Box<RawValue>>,
    /// What went wrong.
    #[schema(required = true)]
    error: Option<String>,
    /// Whether the receiver took it; null while that is not known.
    #[schema(required = true)]
    success: Option<bool>,
    /// The retries: all of them in a list, or those of this one in a tree.
    #[serde(rename = "childPostHistory")]
    #[schema(no_recursion)]
    child_post_history: Vec<ChainOut>,
}

impl ChainOut {
    /// Puts a chain into a shape; `subscription` describes its endpoint.
    pub(crate) fn of(chain: RetryChain, subscription: &EventTypesOf, shape: Shape) -> Self {
        // Whether it is cut, a header tells.
        let RetryChain {
            root,
            retries,
            is_cut: _,
        } = chain;
        let mut root = Self::entry(root, (subscription, &ActivityPart::ALL), 1);
        let mut levels = HashMap::from([(root.id, 1)]);
        // Nearest first, so that the level of an original is always known.
        let mut entries: Vec<Self> = Vec::with_capacity(retries.len());
        for view in retries {
            let above = view.retry_of.and_then(|id| levels.get(&id)).copied();
            let level = above.unwrap_or(1) + 1;
            levels.insert(view.id, level);
            entries.push(Self::entry(
                view,
                (subscription, &[ActivityPart::Event]),
                level,
            ));
        }
        match shape {
            Shape::Flat => root.child_post_history = entries,
            Shape::Nested => root.adopt(entries),
        }
        root
    }

    fn entry(view: ActivityView, with: (&EventTypesOf, &[ActivityPart]), level: u32) -> Self {
        let (subscription, parts) = with;
        let ActivityOut {
            id,
            kind,
            posted_at,
            http_status_code: _,
            payload,
            raw_message: _,
            subscription,
            event,
            retrying_from_post_id,
            next_retry_at,
            raw_response,
            error,
            success,
            audit_info: _,
        } = ActivityOut::of(view, subscription, parts);
        Self {
            id,
            level,
            kind,
            posted_at,
            payload,
            subscription,
            event,
            retrying_from_post_id,
            next_retry_at,
            raw_response,
            error,
            success,
            child_post_history: Vec::new(),
        }
    }

    /// Hangs every entry below its original, the farthest first.
    fn adopt(&mut self, mut entries: Vec<Self>) {
        while let Some(entry) = entries.pop() {
            let mut above = entries.iter_mut().rev();
            let original = above.find(|one| Some(one.id) == entry.retrying_from_post_id);
            let siblings = &mut original.unwrap_or(self).child_post_history;
            siblings.insert(0, entry);
        }
    }
}
