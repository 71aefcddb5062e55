//! Endpoints: made, listed, changed and deleted by those who may act for an organization.

mod challenge;
mod change;
mod checks;
mod credentials;
mod deletion;
mod headers;
mod moved;
mod pace;
mod shown;

use std::sync::Arc;

use carehook_core::{
    AccountId, AuditAction, Dialect, Endpoint, EndpointId, Mode, PayloadMode, Scope, Secret,
    Secrets, host_of,
};
use carehook_deliver::{Target, TargetError};
use carehook_store::{PageRequest, Refusal, StoreError};

use crate::audit;
use crate::cursor::{List, Page, PageOf};
use crate::{App, AppError, Faults, OrganizationAccess};
use checks::Checks;
use credentials::{Checker, check_fit};
use shown::shown;

pub(crate) use challenge::not_served;
pub use change::{EndpointChange, HeadersChange};
pub use credentials::{CredentialsChange, NewAuthentication, NewCredentials, NewTls};
pub use headers::MASKED;
pub use pace::Hold;

/// An endpoint to make, as a face has read it; values are checked here.
#[derive(Clone, Debug)]
pub struct NewEndpoint {
    /// What people call it.
    pub name: Option<String>,
    /// Where deliveries go.
    pub url: String,
    /// What it wants, in the words of the API that it is made through; through the native one,
    /// also in those of its dialect.
    pub events: Vec<String>,
    /// The dialect whose form its deliveries have.
    pub dialect: Dialect,
    /// Live or test; the caller's own when nothing is said, and live for those who see both.
    pub mode: Option<Mode>,
    /// The account that it is limited to.
    pub account: Option<AccountId>,
    /// Whether deliveries are attempted.
    pub active: bool,
    /// How much of an event its deliveries say.
    pub payload: PayloadMode,
    /// The only payload version that it wants.
    pub version: Option<String>,
    /// Its own headers: names and values.
    pub headers: Vec<(String, Secret)>,
    /// What its receiver asks for.
    pub credentials: NewCredentials,
    /// Its own deadline of an attempt.
    pub timeout_ms: Option<u64>,
    /// Its own retry schedule, in seconds.
    pub retry_schedule: Option<Vec<u32>>,
    /// Who is told by mail when a delivery has failed for good.
    pub notification_email: Option<String>,
}

const ONLY_IDS: &str = "must be `id_only` or `empty` over plain http, unless the operator allows \
                        more (CAREHOOK_ALLOW_HTTP=full)";
const ONLY_HTTPS: &str = "must be https, because payloads are sent there (Carehook's own API can \
                          choose what is sent; CAREHOOK_ALLOW_HTTP=full allows all over http)";

/// How often a change is tried again when others change the same thing at the same time.
pub(crate) const CHANGE_ATTEMPTS: usize = 5;

impl App {
    /// Whether an endpoint may have a URL over plain http.
    pub fn takes_plain_http(&self) -> bool {
        self.inner().deliverer.takes_plain_http()
    }

    /// Makes an endpoint with a new secret.
    pub async fn create_endpoint(
        &self,
        access: &OrganizationAccess,
        new: NewEndpoint,
    ) -> Result<Arc<Endpoint>, AppError> {
        access.require(Scope::Manage)?;
        let (endpoint, target) = self.checked_endpoint(access, new)?;
        self.vet(&target).await?;
        let at_most = self.inner().endpoints_per_organization;
        let object = audit::endpoint(endpoint.id);
        let entry = access.entry(self, AuditAction::EndpointCreated, object);
        let entry = entry.with("host", host_of(&endpoint.url));
        let store = self.noting_entry(access.organization(), entry);
        let endpoint = store.create_endpoint(endpoint, at_most).await?;
        let organization = access.organization();
        tracing::info!(%organization, endpoint = %endpoint.id, "endpoint created");
        Ok(endpoint)
    }

    /// The endpoints of an organization, oldest first.
    pub fn list_endpoints(
        &self,
        access: &OrganizationAccess,
        page: &Page,
    ) -> Result<PageOf<Arc<Endpoint>>, AppError> {
        let list = List {
            kind: "endpoints",
            owner: access.organization().as_str(),
        };
        let PageRequest { limit, after } = list.request(page)?;
        // Their ids sort by time of creation.
        let rest = self
            .endpoints(access)?
            .into_iter()
            .filter(|endpoint| after.is_none_or(|place| endpoint.id.0 > place));
        Ok(list.cut(rest, limit, |endpoint| endpoint.id.0))
    }

    /// All endpoints of an organization that the caller may see, oldest first.
    pub fn endpoints(&self, access: &OrganizationAccess) -> Result<Vec<Arc<Endpoint>>, AppError> {
        access.require(Scope::Read)?;
        let all = self.store().endpoints(access.organization());
        let seen = all.iter().filter(|e| access.sees(e)).cloned();
        let mut seen: Vec<_> = seen.map(|one| shown(access, one)).collect();
        seen.sort_unstable_by_key(|endpoint| endpoint.id);
        Ok(seen)
    }

    /// One endpoint.
    pub fn endpoint(
        &self,
        access: &OrganizationAccess,
        id: EndpointId,
    ) -> Result<Arc<Endpoint>, AppError> {
        access.require(Scope::Read)?;
        let found = self.known_endpoint(access, id)?;
        Ok(shown(access, found))
    }

    /// One endpoint, for what needs another right than to see it.
    pub(crate) fn known_endpoint(
        &self,
        access: &OrganizationAccess,
        id: EndpointId,
    ) -> Result<Arc<Endpoint>, AppError> {
        let found = self.store().endpoint(access.organization(), id);
        let seen = found.filter(|endpoint| access.sees(endpoint));
        seen.ok_or(AppError::NotFound { kind: "endpoint" })
    }

    /// One endpoint that the caller's permissions reach, for who changes it or sees its secrets.
    pub(crate) fn changeable_endpoint(
        &self,
        access: &OrganizationAccess,
        id: EndpointId,
    ) -> Result<Arc<Endpoint>, AppError> {
        let endpoint = self.known_endpoint(access, id)?;
        access.require_readable_endpoint(&endpoint, &self.store().catalogue())?;
        Ok(endpoint)
    }

    /// Replaces an endpoint by what `change` makes of it, again when it was changed meanwhile.
    pub(crate) async fn replace_endpoint(
        &self,
        access: &OrganizationAccess,
        (id, action): (EndpointId, AuditAction),
        change: impl Fn(&Endpoint) -> Result<Endpoint, AppError>,
    ) -> Result<Arc<Endpoint>, AppError> {
        for _ in 0..CHANGE_ATTEMPTS {
            let current = self.changeable_endpoint(access, id)?;
            let mut changed = change(&current)?;
            changed.updated_by = Some((*access.name()).into());
            let mut entry = access.entry(self, action, audit::endpoint(id));
            if action == AuditAction::EndpointChanged {
                entry = entry.with("fields", audit::changed_fields(&current, &changed));
                entry = audit::with_changes(entry, audit::switches(&current, &changed));
            }
            if changed.url != current.url {
                entry = entry.with("host", host_of(&changed.url));
            }
            let store = self.noting_entry(access.organization(), entry);
            match store.replace_endpoint(changed).await {
                Err(StoreError::Refused(Refusal::Changed(_))) => {}
                result => return Ok(result?),
            }
        }
        Err(Refusal::Changed("endpoint").into())
    }

    /// Everything about a new endpoint that can be checked without a name server.
    fn checked_endpoint(
        &self,
        access: &OrganizationAccess,
        new: NewEndpoint,
    ) -> Result<(Endpoint, Target), AppError> {
        let NewEndpoint {
            name,
            url,
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
        } = new;
        let mut checks = Checks::new(self.store().catalogue());
        let mode = checks.faults.take("/mode", access.mode_for(mode));
        checks.name(name.as_deref());
        let subscriptions = checks.subscriptions(&events, access.face(), dialect);
        checks.version(version.as_deref(), &subscriptions);
        let timeout = checks.timeout(timeout_ms);
        let retry_policy = checks.retry_schedule(retry_schedule.as_deref());
        checks.notification_email(notification_email.as_deref());
        let target = self.target(&url, &mut checks.faults);
        self.check_payload(
            (payload, target.as_ref()),
            access.face(),
            &mut checks.faults,
        );
        let headers = headers::checked(headers, target.as_ref(), &mut checks.faults);
        let (authentication, tls) = self.credentials().made(&credentials, &mut checks.faults);
        let url = target.as_ref().map_or("", Target::url);
        let given = (authentication.as_ref(), tls.as_ref());
        check_fit(given, (url, &headers), &mut checks.faults);
        let (target, mode) = checks.finish(target.zip(mode), &subscriptions, &[])?;
        access.require_readable(&subscriptions, dialect, &self.store().catalogue())?;
        let now = self.now();
        let random = &self.inner().random;
        let endpoint = Endpoint {
            id: EndpointId(random.record_id(now)),
            organization: access.organization().clone(),
            name,
            url: target.url().to_owned(),
            subscriptions,
            dialect,
            mode,
            account,
            active,
            active_changed_at: Some(now),
            archived: false,
            archived_changed_at: None,
            ownership: self.ownership_at_new_host(access.organization()),
            disabled_reason: None,
            payload,
            version: version.map(Into::into),
            headers,
            authentication,
            tls,
            timeout,
            retry_policy,
            notification_email,
            secrets: Secrets::first(self.new_secret(dialect), now),
            created_at: now,
            created_by: Some((*access.name()).into()),
            updated_at: now,
            updated_by: None,
            revision: 0,
        };
        Ok((endpoint, target))
    }

    fn credentials(&self) -> Checker<'_> {
        Checker {
            deliverer: &self.inner().deliverer,
            now: self.now(),
        }
    }

    /// Parses a URL and notes what can be said against it without a name server.
    fn target(&self, url: &str, faults: &mut Faults) -> Option<Target> {
        faults.take("/url", self.inner().deliverer.parse_target(url))
    }

    /// Data of patients must not go over plain http. A dialect's API has no word for how much of a
    /// payload is sent, so there it is the URL that is wrong.
    fn check_payload(
        &self,
        (payload, target): (PayloadMode, Option<&Target>),
        face: Dialect,
        faults: &mut Faults,
    ) {
        let may_carry = |target| self.inner().deliverer.may_carry_data(target);
        if !payload.shows_data() || target.is_none_or(may_carry) {
            return;
        }
        if face == Dialect::Native {
            faults.add("/payload", ONLY_IDS);
        } else {
            faults.add("/url", ONLY_HTTPS);
        }
    }

    /// Resolves the host and checks all of its addresses.
    async fn vet(&self, target: &Target) -> Result<(), AppError> {
        match self.inner().deliverer.vet(target).await {
            Ok(()) => Ok(()),
            Err(TargetError::Fault(error)) => Err(error.into()),
            Err(refused) => Err(AppError::invalid("/url", refused)),
        }
    }
}
