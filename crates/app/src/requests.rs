//! Idempotency of requests other than single publishes: done once, answered the same way again.

use std::collections::BTreeSet;
use std::fmt;
use std::future::Future;

use aws_lc_rs::digest;
use bytes::Bytes;
use carehook_core::{ApiKeyId, Limits, OperatorKeyId, OrganizationId, Scope};
use carehook_store::{RequestKey, RequestStart, StoredAnswer};

use crate::{App, AppError, Chain};

/// The `Idempotency-Key` of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(Box<str>);

impl IdempotencyKey {
    /// Takes 1 to 255 printable ASCII characters.
    pub fn parse(text: &str) -> Result<Self, String> {
        let fits = (1..=Limits::IDEMPOTENCY_KEY_BYTES).contains(&text.len());
        if fits && text.bytes().all(|b| matches!(b, b' '..=b'~')) {
            return Ok(Self(text.into()));
        }
        let max = Limits::IDEMPOTENCY_KEY_BYTES;
        Err(format!(
            "an idempotency key has 1 to {max} printable ASCII characters"
        ))
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key of one event of a batch.
    pub(crate) fn of_item(&self, index: usize) -> Box<str> {
        format!("{}/{index}", self.0).into()
    }
}

/// Who repeats a request; keys of different requesters never meet.
#[derive(Clone, Debug)]
pub enum Requester {
    /// The operator, about things that belong to no organization.
    Operator,
    /// The operator, for an organization.
    Organization(OrganizationId),
    /// Whoever has this key of the operator, about what belongs to the organization or to none.
    OperatorKey(OperatorKeyId, Option<OrganizationId>),
    /// Whoever has this key.
    Key(ApiKeyId, OrganizationId),
    /// Whoever has tokens of this subject with these scopes.
    Token {
        /// What the request is about; `None` is what belongs to no organization.
        organization: Option<OrganizationId>,
        /// Who the tokens were made for.
        subject: String,
        /// What they allow: an answer is not given again to a token that allows less.
        scopes: BTreeSet<Scope>,
    },
}

impl Requester {
    /// The organization that the request is about.
    fn organization(&self) -> Option<&OrganizationId> {
        match self {
            Self::Operator => None,
            Self::Organization(organization) | Self::Key(_, organization) => Some(organization),
            Self::OperatorKey(_, organization) | Self::Token { organization, .. } => {
                organization.as_ref()
            }
        }
    }
}

impl fmt::Display for Requester {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operator => f.write_str("operator"),
            Self::Organization(id) => write!(f, "organization {id}"),
            Self::OperatorKey(id, organization) => {
                let organization = organization.as_ref().map_or("*", OrganizationId::as_str);
                write!(f, "operator key {id} of {organization}")
            }
            Self::Key(id, _) => write!(f, "key {id}"),
            Self::Token {
                organization,
                subject,
                scopes,
            } => {
                f.write_str("token")?;
                scopes.iter().try_for_each(|scope| write!(f, " {scope}"))?;
                // The subject may have any characters, so it stands at the end.
                let organization = organization.as_ref().map_or("*", OrganizationId::as_str);
                write!(f, " of {organization} for {subject}")
            }
        }
    }
}

/// A request that its caller may repeat.
#[derive(Clone, Debug)]
pub struct RepeatableRequest {
    key: RequestKey,
    fingerprint: [u8; 32],
}

impl RepeatableRequest {
    /// Names a request by its key; what it asks for is compared when the key comes again.
    pub fn new(requester: &Requester, key: IdempotencyKey, action: &str, body: &[u8]) -> Self {
        let caller = requester.to_string().into();
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(&action.len().to_le_bytes());
        context.update(action.as_bytes());
        context.update(body);
        let mut fingerprint = [0; 32];
        fingerprint.copy_from_slice(context.finish().as_ref());
        Self {
            key: RequestKey {
                caller,
                key: key.0,
                organization: requester.organization().cloned(),
            },
            fingerprint,
        }
    }
}

/// What is kept of the answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// A status; only successes are kept, so that a refused request can be mended and sent again.
    pub status: u16,
    /// What was answered.
    pub body: Bytes,
}

/// How a request that may be repeated was answered.
#[derive(Debug)]
pub enum Once<R> {
    /// By doing it.
    Now(R),
    /// By what was answered before.
    Before(Answer),
}

impl App {
    /// Does `work` unless it was done before under the same key.
    ///
    /// `work` gives the answer for now and what is to be kept of it. Once begun it is done to its
    /// end even when the caller goes away, so that the answer is there when the caller asks again.
    pub async fn once<F, R>(&self, request: RepeatableRequest, work: F) -> Result<Once<R>, AppError>
    where
        F: Future<Output = (R, Answer)> + Send + 'static,
        R: Send + 'static,
    {
        let RepeatableRequest { key, fingerprint } = request;
        let now = self.now();
        let started = self
            .store()
            .start_request(key.clone(), fingerprint, now)
            .await?;
        match started {
            RequestStart::Answered(StoredAnswer { status, body }) => {
                Ok(Once::Before(Answer { status, body }))
            }
            RequestStart::Running => Err(AppError::InProgress),
            RequestStart::New => {
                let app = self.clone();
                let done = self
                    .inner()
                    .tasks
                    .spawn(async move { app.done(key, work).await });
                let response = done.await.map_err(|error| AppError::unfinished(&error))??;
                Ok(Once::Now(response))
            }
        }
    }

    async fn done<F, R>(&self, key: RequestKey, work: F) -> Result<R, AppError>
    where
        F: Future<Output = (R, Answer)> + Send + 'static,
        R: Send + 'static,
    {
        // A task of its own, so that a panic ends as an error and the key is not held for ever.
        let done = self.inner().tasks.spawn(work).await;
        let kept = match &done {
            Ok((_, Answer { status, body })) if (200..300).contains(status) => {
                let (status, body) = (*status, body.clone());
                self.store()
                    .finish_request(key, StoredAnswer { status, body })
                    .await
            }
            _ => self.store().abandon_request(key).await,
        };
        if let Err(error) = kept {
            // The work is done; only a repetition will not find its answer.
            tracing::warn!(error = %Chain(&error), "the answer to a request was not kept");
        }
        let (response, _) = done.map_err(|error| AppError::unfinished(&error))?;
        Ok(response)
    }
}

#[cfg(test)]
mod tests;
