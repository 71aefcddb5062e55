//! Secret keys of subscriptions on the wire, and their history.

use carehook_app::{AppError, EventTypesOf, Faults, Rotation};
use carehook_core::{DatedSecret, RecordId, Secret, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::lenient::moment;
use super::subscription::SubscriptionOut;
use crate::ecg::lists::Paging;

/// Which secret is wanted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct SecretQuery {
    /// The one that was in force at this time; the present one when missing. Also a date, which
    /// is its beginning (UTC), or milliseconds since 1970.
    #[param(example = "2022-08-18T10:03:04.086Z")]
    created_at: Option<String>,
}

impl SecretQuery {
    /// The time that is asked for.
    pub(crate) fn then(&self) -> Result<Option<Timestamp>, AppError> {
        let mut faults = Faults::default();
        let then = self.created_at.as_deref().and_then(moment);
        let then = faults.take_optional("/createdAt", then);
        faults.check()?;
        Ok(then)
    }
}

/// A secret key.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SecretKey, example = json!({"secretKey": "random-string"}))]
pub(crate) struct SecretOut {
    /// The key of the hashes.
    secret_key: String,
}

impl From<Secret> for SecretOut {
    fn from(secret: Secret) -> Self {
        Self {
            secret_key: secret.expose().to_owned(),
        }
    }
}

/// A secret key to use from now on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(as = CreateWebhookSecretHistory, example = json!({"secretKey": "ecg-secret-key"}))]
pub(crate) struct SecretIn {
    /// The key.
    #[schema(value_type = String)]
    secret_key: Option<String>,
}

impl TryFrom<SecretIn> for Rotation {
    type Error = AppError;

    fn try_from(body: SecretIn) -> Result<Self, AppError> {
        let SecretIn { secret_key } = body;
        let mut faults = Faults::default();
        let given = secret_key.filter(|key| !key.is_empty());
        let given = faults.require("/secret", given);
        let secret = Secret::new(faults.finish(given)?);
        Ok(Self {
            secret: Some(secret),
            ..Self::default()
        })
    }
}

/// Which part of the history is wanted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct HistoryQuery {
    /// `ASC` or `DESC`, by creation.
    #[param(pattern = "^(ASC|DESC)$", default = "ASC")]
    order_by: Option<String>,
    /// Leaves out the first so many.
    #[param(value_type = Option<u64>, default = 0)]
    skip: Option<String>,
    /// At most so many.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100, default = 10)]
    take: Option<String>,
    /// `subscription`: shows it with every entry.
    #[param(pattern = "^subscription$")]
    include: Option<String>,
}

impl HistoryQuery {
    /// The part of the list, and whether entries are shown with their subscription.
    pub(crate) fn read(&self) -> Result<(Paging, WithSubscription), AppError> {
        let Self {
            order_by,
            skip,
            take,
            include,
        } = self;
        let mut faults = Faults::default();
        let paging = Paging::read(
            order_by.as_deref(),
            skip.as_deref(),
            take.as_deref(),
            &mut faults,
        );
        let with = match include.as_deref() {
            None | Some("") => WithSubscription::No,
            Some("subscription") => WithSubscription::Yes,
            Some(_) => {
                faults.add(
                    "/include",
                    "must be one of the following values: subscription",
                );
                WithSubscription::No
            }
        };
        faults.check()?;
        Ok((paging, with))
    }
}

/// Whether entries of the history are shown with their subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WithSubscription {
    Yes,
    No,
}

/// A secret key and the time in which it was in force.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookSecretHistory)]
pub(crate) struct HistoryOut {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    id: RecordId,
    /// The key.
    secret_key: String,
    /// Since when new hashes are made with it.
    #[schema(value_type = String, format = "date-time")]
    created_at: Timestamp,
    /// When it was replaced; null for the present one.
    #[schema(value_type = Option<String>, format = "date-time", required = true)]
    replaced_at: Option<Timestamp>,
    /// Until when it also signs in the Standard Webhooks header; null for the present one.
    #[schema(value_type = Option<String>, format = "date-time", required = true)]
    expires_at: Option<Timestamp>,
    /// The subscription.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    subscription: Option<SubscriptionOut>,
}

impl HistoryOut {
    /// The whole history of a subscription, oldest first.
    pub(crate) fn all(view: &EventTypesOf, with: WithSubscription) -> Vec<Self> {
        let endpoint = &view.endpoint;
        let kept = endpoint.secrets.all();
        let mut replaced_at = None;
        let mut all = Vec::with_capacity(kept.len());
        for (place, dated) in (0_u32..).zip(kept) {
            let DatedSecret {
                secret,
                created_at,
                expires_at,
            } = dated;
            let number = endpoint.id.0.number();
            let age = u32::try_from(kept.len()).unwrap_or(u32::MAX) - place;
            all.push(Self {
                id: RecordId::new(created_at.0, number, age),
                secret_key: secret.expose().to_owned(),
                created_at: *created_at,
                replaced_at,
                expires_at: *expires_at,
                subscription: (with == WithSubscription::Yes)
                    .then(|| SubscriptionOut::within(view)),
            });
            replaced_at = Some(*created_at);
        }
        all.reverse();
        all
    }
}
