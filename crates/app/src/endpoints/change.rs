//! Changes of an endpoint: what a caller leaves out stays as it is.

use std::sync::Arc;

use carehook_core::{
    AccountId, AuditAction, Dialect, Endpoint, EndpointId, Mode, PayloadMode, Scope, Secret,
    Timestamp,
};
use carehook_deliver::Target;
use carehook_store::Refusal;

use super::checks::Checks;
use super::credentials::{CredentialsChange, check_fit};
use super::headers;
use crate::{App, AppError, Change, OrganizationAccess};

/// A change of an endpoint; what is `None` or `Keep` stays.
#[derive(Clone, Debug, Default)]
pub struct EndpointChange {
    /// What people call it.
    pub name: Change<String>,
    /// Where deliveries go.
    pub url: Option<String>,
    /// What it wants, in the words of the API that the change comes through; through the native
    /// one, also in those of its dialect.
    pub events: Option<Vec<String>>,
    /// Cannot be changed; a caller may repeat the present one.
    pub dialect: Option<Dialect>,
    /// Cannot be changed; a caller may repeat the present one.
    pub mode: Option<Mode>,
    /// The account that it is limited to.
    pub account: Change<AccountId>,
    /// Whether deliveries are attempted.
    pub active: Option<bool>,
    /// How much of an event its deliveries say.
    pub payload: Option<PayloadMode>,
    /// The only payload version that it wants.
    pub version: Change<String>,
    /// Its own headers.
    pub headers: HeadersChange,
    /// What its receiver asks for.
    pub credentials: CredentialsChange,
    /// Its own deadline of an attempt.
    pub timeout_ms: Change<u64>,
    /// Its own retry schedule, in seconds.
    pub retry_schedule: Change<Vec<u32>>,
    /// Who is told by mail when a delivery has failed for good.
    pub notification_email: Change<String>,
}

/// What becomes of an endpoint's own headers.
#[derive(Clone, Debug, Default)]
pub enum HeadersChange {
    /// They stay.
    #[default]
    Keep,
    /// All of them go.
    Clear,
    /// Those with a value are set, those without one go, others stay (RFC 7396).
    Merge(Vec<(String, Option<Secret>)>),
}

impl App {
    /// Changes an endpoint; activating it clears the reason for which it was switched off, and
    /// another URL activates one that was switched off because the old one was gone.
    pub async fn change_endpoint(
        &self,
        access: &OrganizationAccess,
        id: EndpointId,
        change: EndpointChange,
    ) -> Result<Arc<Endpoint>, AppError> {
        access.require(Scope::Manage)?;
        let current = self.known_endpoint(access, id)?;
        let target = self.changed_target(access, &current, &change).await?;
        let apply = |current: &Endpoint| {
            let checks = Checks::new(self.store().catalogue());
            self.applied(&change, target.as_ref(), (current, access.face()), checks)
        };
        let endpoint = self
            .replace_endpoint(access, (id, AuditAction::EndpointChanged), apply)
            .await?;
        let organization = access.organization();
        tracing::info!(%organization, endpoint = %id, "endpoint changed");
        Ok(endpoint)
    }

    /// Changes an endpoint by what follows from how it is; refused when somebody else changes it
    /// in the meantime.
    pub async fn edit_endpoint(
        &self,
        access: &OrganizationAccess,
        id: EndpointId,
        change: impl FnOnce(Arc<Endpoint>) -> Result<EndpointChange, AppError>,
    ) -> Result<Arc<Endpoint>, AppError> {
        access.require(Scope::Manage)?;
        let seen = self.known_endpoint(access, id)?;
        let change = change(Arc::clone(&seen))?;
        let target = self.changed_target(access, &seen, &change).await?;
        let apply = |current: &Endpoint| {
            if current.revision != seen.revision {
                return Err(Refusal::Changed("endpoint").into());
            }
            let checks = Checks::new(self.store().catalogue());
            self.applied(&change, target.as_ref(), (current, access.face()), checks)
        };
        let endpoint = self
            .replace_endpoint(access, (id, AuditAction::EndpointChanged), apply)
            .await?;
        let organization = access.organization();
        tracing::info!(%organization, endpoint = %id, "endpoint changed");
        Ok(endpoint)
    }

    /// Checks a change and the new URL in it, if there is one.
    async fn changed_target(
        &self,
        access: &OrganizationAccess,
        current: &Endpoint,
        change: &EndpointChange,
    ) -> Result<Option<Target>, AppError> {
        access.require_readable_endpoint(current, &self.store().catalogue())?;
        let mut checks = Checks::new(self.store().catalogue());
        let url = change.url.as_deref();
        let target = url.and_then(|url| self.target(url, &mut checks.faults));
        // Finds all other faults before a name server is asked.
        let changed = self.applied(change, target.as_ref(), (current, access.face()), checks)?;
        if change.events.is_some() {
            let catalogue = self.store().catalogue();
            access.require_readable(&changed.subscriptions, changed.dialect, &catalogue)?;
        }
        if let Some(target) = &target {
            self.vet(target).await?;
        }
        Ok(target)
    }

    fn applied(
        &self,
        change: &EndpointChange,
        target: Option<&Target>,
        (current, face): (&Endpoint, Dialect),
        mut checks: Checks,
    ) -> Result<Endpoint, AppError> {
        let EndpointChange {
            name,
            url: _,
            events,
            dialect,
            mode,
            account,
            active,
            payload,
            version,
            headers,
            credentials,
            timeout_ms,
            retry_schedule,
            notification_email,
        } = change;
        check_fixed("/dialect", *dialect, current.dialect, &mut checks);
        check_fixed("/mode", *mode, current.mode, &mut checks);
        let mut new = current.clone();
        name.when_changed(|name| {
            checks.name(name.map(String::as_str));
            new.name = name.cloned();
        });
        if let Some(events) = events {
            new.subscriptions = checks.subscriptions(events, face, current.dialect);
        }
        version.when_changed(|version| {
            checks.version(version.map(String::as_str), &new.subscriptions);
            new.version = version.map(|version| version.as_str().into());
        });
        account.when_changed(|account| new.account = account.cloned());
        timeout_ms.when_changed(|millis| new.timeout = checks.timeout(millis.copied()));
        retry_schedule.when_changed(|seconds| {
            new.retry_policy = checks.retry_schedule(seconds.map(Vec::as_slice));
        });
        notification_email.when_changed(|address| {
            checks.notification_email(address.map(String::as_str));
            new.notification_email = address.cloned();
        });
        // What was gone is another place now; not every dialect has a word to switch it on by.
        let moved = target.is_some_and(|target| target.url() != current.url);
        let revived = (moved && current.disabled_reason.is_some()).then_some(true);
        set_active(&mut new, active.or(revived), self.now());
        if let Some(target) = target {
            self.check_move((current, target), change, &mut checks.faults);
            self.set_ownership(&mut new, (&current.url, target));
        }
        set_target(&mut new, target, headers, &mut checks);
        self.set_payload(&mut new, *payload, (target, face), &mut checks);
        self.credentials()
            .apply(credentials, &mut new, &mut checks.faults);
        let now_has = (new.authentication.as_ref(), new.tls.as_ref());
        check_fit(now_has, (&new.url, &new.headers), &mut checks.faults);
        new.updated_at = self.now();
        checks.finish(Some(()), &new.subscriptions, &current.subscriptions)?;
        Ok(new)
    }
}

impl App {
    /// Sets how much is sent. What is neither set nor sent elsewhere is not looked at: the operator
    /// may have narrowed what is allowed since then, and the rest can still be changed.
    fn set_payload(
        &self,
        endpoint: &mut Endpoint,
        payload: Option<PayloadMode>,
        (target, face): (Option<&Target>, Dialect),
        checks: &mut Checks,
    ) {
        endpoint.payload = payload.unwrap_or(endpoint.payload);
        let deliverer = &self.inner().deliverer;
        let present = match target {
            None if payload.is_some() => deliverer.parse_target(&endpoint.url).ok(),
            _ => None,
        };
        let target = target.or(present.as_ref());
        self.check_payload((endpoint.payload, target), face, &mut checks.faults);
    }
}

fn set_active(endpoint: &mut Endpoint, active: Option<bool>, now: Timestamp) {
    if active.is_some_and(|active| active != endpoint.active) {
        endpoint.active = !endpoint.active;
        endpoint.active_changed_at = Some(now);
    }
    if active == Some(true) {
        endpoint.disabled_reason = None;
    }
}

/// Headers go with the URL, whose user name and password are one of them.
fn set_target(
    endpoint: &mut Endpoint,
    target: Option<&Target>,
    headers: &HeadersChange,
    checks: &mut Checks,
) {
    if let Some(target) = target {
        target.url().clone_into(&mut endpoint.url);
    }
    let kept = std::mem::take(&mut endpoint.headers);
    let (kept, changes) = match headers {
        HeadersChange::Keep => (kept, &[][..]),
        HeadersChange::Clear => (Vec::new(), &[][..]),
        HeadersChange::Merge(changes) => (kept, changes.as_slice()),
    };
    endpoint.headers = headers::merged(&kept, changes, target, &mut checks.faults);
}

fn check_fixed<T: PartialEq + Copy>(
    pointer: &str,
    wanted: Option<T>,
    current: T,
    checks: &mut Checks,
) {
    if wanted.is_some_and(|wanted| wanted != current) {
        let reason = "cannot be changed; make another endpoint instead";
        checks.faults.add(pointer, reason);
    }
}
