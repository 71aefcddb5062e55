//! Endpoints: made, listed, changed and deleted by those who may act for an organization.

mod change;
mod checks;
mod headers;

use std::sync::Arc;

use carehook_core::{
    AccountId, Dialect, Endpoint, EndpointId, Mode, Secret, Secrets, Subscription,
};
use carehook_deliver::{Target, TargetError};
use carehook_store::{PageRequest, Refusal, StoreError};

use crate::cursor::{List, Page, PageOf};
use crate::{App, AppError, Faults, OrganizationAccess};
use checks::Checks;

pub use change::{EndpointChange, HeadersChange};
pub use headers::MASKED;

/// An endpoint to make, as a face has read it; values are checked here.
#[derive(Clone, Debug)]
pub struct NewEndpoint {
    /// What people call it.
    pub name: Option<String>,
    /// Where deliveries go.
    pub url: String,
    /// What it wants.
    pub subscriptions: Vec<Subscription>,
    /// The face whose form its deliveries have.
    pub dialect: Dialect,
    /// Live or test.
    pub mode: Mode,
    /// The account that it is limited to.
    pub account: Option<AccountId>,
    /// Whether deliveries are attempted.
    pub active: bool,
    /// The only payload version that it wants.
    pub version: Option<String>,
    /// Its own headers: names and values.
    pub headers: Vec<(String, Secret)>,
    /// Its own deadline of an attempt.
    pub timeout_ms: Option<u64>,
    /// Its own retry schedule, in seconds.
    pub retry_schedule: Option<Vec<u32>>,
}

/// How often a change is tried again when others change the same thing at the same time.
pub(crate) const CHANGE_ATTEMPTS: usize = 5;

impl App {
    /// Makes an endpoint with a new secret.
    pub async fn create_endpoint(
        &self,
        access: &OrganizationAccess,
        new: NewEndpoint,
    ) -> Result<Arc<Endpoint>, AppError> {
        let (endpoint, target) = self.checked_endpoint(access, new)?;
        self.vet(&target).await?;
        let at_most = self.inner().endpoints_per_organization;
        let endpoint = self.store().create_endpoint(endpoint, at_most).await?;
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
        let mut all = self.store().endpoints(access.organization()).to_vec();
        all.sort_unstable_by_key(|endpoint| endpoint.id);
        let rest = all
            .into_iter()
            .filter(|endpoint| after.is_none_or(|place| endpoint.id.0 > place));
        Ok(list.cut(rest, limit, |endpoint| endpoint.id.0))
    }

    /// One endpoint.
    pub fn endpoint(
        &self,
        access: &OrganizationAccess,
        id: EndpointId,
    ) -> Result<Arc<Endpoint>, AppError> {
        let found = self.store().endpoint(access.organization(), id);
        found.ok_or(AppError::NotFound { kind: "endpoint" })
    }

    /// Deletes an endpoint; what it is still owed fails in the same step.
    pub async fn delete_endpoint(
        &self,
        access: &OrganizationAccess,
        id: EndpointId,
    ) -> Result<(), AppError> {
        let organization = access.organization();
        let now = self.now();
        self.store().delete_endpoint(organization, id, now).await?;
        tracing::info!(%organization, endpoint = %id, "endpoint deleted");
        Ok(())
    }

    /// Replaces an endpoint by what `change` makes of it, again when it was changed meanwhile.
    pub(crate) async fn replace_endpoint(
        &self,
        access: &OrganizationAccess,
        id: EndpointId,
        change: impl Fn(&Endpoint) -> Result<Endpoint, AppError>,
    ) -> Result<Arc<Endpoint>, AppError> {
        for _ in 0..CHANGE_ATTEMPTS {
            let current = self.endpoint(access, id)?;
            let changed = change(&current)?;
            match self.store().replace_endpoint(changed).await {
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
            subscriptions,
            dialect,
            mode,
            account,
            active,
            version,
            headers,
            timeout_ms,
            retry_schedule,
        } = new;
        let mut checks = Checks::new(self.store().catalogue());
        checks.name(name.as_deref());
        checks.subscriptions(&subscriptions);
        checks.version(version.as_deref(), &subscriptions);
        let timeout = checks.timeout(timeout_ms);
        let retry_policy = checks.retry_schedule(retry_schedule.as_deref());
        let target = self.target(&url, &mut checks.faults);
        let headers = headers::checked(headers, target.as_ref(), &mut checks.faults);
        let target = checks.faults.finish(target)?;
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
            disabled_reason: None,
            version: version.map(Into::into),
            headers,
            timeout,
            retry_policy,
            secrets: Secrets::first(Secret::symmetric(&random.bytes()), now),
            created_at: now,
            updated_at: now,
            revision: 0,
        };
        Ok((endpoint, target))
    }

    /// Parses a URL and notes what can be said against it without a name server.
    fn target(&self, url: &str, faults: &mut Faults) -> Option<Target> {
        faults.take("/url", self.inner().deliverer.parse_target(url))
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
