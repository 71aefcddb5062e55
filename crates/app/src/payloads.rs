//! Whole payloads, fetched by receivers whose deliveries carry only a link to them.
//!
//! A link tells which payload is meant and proves that it was given away here; the caller's own key
//! is what gives the right to see it. What is not there any more is told only to those who might
//! have seen it.

use bytes::Bytes;
use carehook_core::{
    Endpoint, Event, Message, PayloadClaim, PayloadLinkError, PayloadMode, Scope, Timestamp,
};

use crate::{App, AppError, Caller, OrganizationAccess};

const UNKNOWN: AppError = AppError::NotFound { kind: "payload" };

impl App {
    /// The body that the attempt would have had which carried this link, if its endpoint got whole
    /// payloads: in the form of the endpoint's dialect.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for what was not made here, and in the same words for those who have
    /// nothing to do with the organization, the mode or the endpoint; [`AppError::Forbidden`]
    /// without the right to see payloads; [`AppError::Gone`] when the link has expired, the
    /// endpoint was deleted or gets no payloads any more, or the payload is no longer kept.
    pub async fn fetch_payload(&self, caller: &Caller, token: &str) -> Result<Bytes, AppError> {
        let now = self.now();
        let claim = match self.inner().links.read(token, now) {
            Ok(claim) => claim,
            Err(PayloadLinkError::Unknown) => return Err(UNKNOWN),
            Err(PayloadLinkError::Expired) => return Err(gone("the link has expired")),
        };
        let organization = claim.organization.as_str();
        let access = match self.access(caller, organization) {
            Err(AppError::NotFound { .. }) => return Err(UNKNOWN),
            access => access?,
        };
        let (endpoint, event) = self.claimed(access, &claim, now).await?;
        let body = endpoint.dialect.render_body(&Message {
            event: &event,
            name: &endpoint.wire_name(&event.event_type),
            sequence: claim.sequence,
            sent_at: claim.sent_at,
            payload: PayloadMode::Full,
            link: None,
        });
        Ok(body)
    }

    /// The endpoint and the event of a link, when the caller may see them.
    async fn claimed(
        &self,
        access: OrganizationAccess,
        claim: &PayloadClaim,
        now: Timestamp,
    ) -> Result<(std::sync::Arc<Endpoint>, Event), AppError> {
        let endpoint = self.store().endpoint(&claim.organization, claim.endpoint);
        let Some(endpoint) = endpoint else {
            return Err(gone("the endpoint was deleted"));
        };
        if !access.sees(&endpoint) {
            return Err(UNKNOWN);
        }
        // What the API of the endpoint's dialect shows its callers, a link shows them too.
        let access = access.through(endpoint.dialect);
        if !access.sees_payloads() {
            access.require(Scope::ReadPayload)?;
        }
        if endpoint.payload == PayloadMode::Empty {
            return Err(gone("the endpoint gets no payloads any more"));
        }
        let event = self
            .store()
            .event(&claim.organization, &claim.event)
            .await?;
        let event = event.filter(|event| access.sees_mode(event.mode));
        let days = self.payload_days(&access);
        let kept = |event: &Event| !event.body.is_gone() && now < event.created_at.plus(days);
        let event = event.filter(kept);
        let event = event.ok_or_else(|| gone("the payload is no longer kept"))?;
        access.require_readable_event(&event.event_type, endpoint.dialect)?;
        self.audit_fetch(&access, endpoint.id, &event).await?;
        tracing::info!(
            organization = %claim.organization,
            endpoint = %endpoint.id,
            event = %event.id,
            actor = access.actor(),
            "payload fetched through a link"
        );
        Ok((endpoint, event))
    }

    /// How long payloads of the organization are kept.
    fn payload_days(&self, access: &OrganizationAccess) -> std::time::Duration {
        let organization = self.store().organization(access.organization());
        let retention = organization.map(|organization| organization.settings.retention);
        let days = retention.unwrap_or_default().payload_days;
        std::time::Duration::from_hours(24 * u64::from(days))
    }
}

fn gone(reason: &'static str) -> AppError {
    AppError::Gone { reason }
}
