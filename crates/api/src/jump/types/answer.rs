//! The envelope of an answer that is no list.

use serde::Serialize;
use utoipa::ToSchema;

/// A successful answer.
#[derive(Serialize, ToSchema)]
#[schema(as = Answer)]
pub(crate) struct Answer<T> {
    /// What was asked for.
    data: T,
    /// About the request.
    meta: Meta,
}

/// About the request.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = Meta)]
pub(crate) struct Meta {
    /// Names the request; the header `X-Request-Id` has it too. The envelope writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = true,
        example = "req_0f8e2d7c5b1a4936a7c0d4e9b2f61835")]
    request_id: Option<String>,
}

impl<T> Answer<T> {
    /// Puts data into an answer.
    pub(crate) fn of(data: impl Into<T>) -> Self {
        Self {
            data: data.into(),
            meta: Meta::default(),
        }
    }
}
