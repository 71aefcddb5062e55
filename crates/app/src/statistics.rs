//! Figures for people: how deliveries go, what is waiting, and what an operator looks at first.

mod ahead;
mod overview;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use carehook_core::{Endpoint, EndpointId, Mode, Scope};
use carehook_store::{Backlog, Counts, CountsOf, LastEnded, TimeSteps};

use crate::{App, AppError, Operator, OrganizationAccess};

pub use ahead::Ahead;
pub use overview::{EndpointLoad, NodeFacts, OrganizationLoad, Overview, TroubledEndpoints};

/// What is counted of one endpoint's backlog on one day, at most; of all endpoints ten times that.
const COUNTED: usize = 10_000;
/// Hours of a sparkline.
const HOURS: u32 = 24;

/// How far back a chart goes, until now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Span {
    /// An hour, by the minute.
    Hour,
    /// 24 hours, by five minutes.
    #[default]
    Day,
    /// Seven days, by the hour.
    Week,
    /// 30 days, by the UTC day.
    Month,
}

impl Span {
    /// Minutes of a step, and how many steps there are.
    fn steps(self) -> (u32, u32) {
        match self {
            Self::Hour => (1, 60),
            Self::Day => (5, 288),
            Self::Week => (60, 168),
            Self::Month => (1_440, 30),
        }
    }
}

/// What was counted over a time.
#[derive(Clone, Debug)]
pub struct Chart {
    /// The steps; the last one holds the present and is not over yet.
    pub steps: TimeSteps,
    /// What was counted in each of them.
    pub counts: Vec<Counts>,
    /// Their sum.
    pub total: Counts,
}

impl Chart {
    fn new(steps: TimeSteps, counts: Vec<Counts>) -> Self {
        let total = sum(&counts);
        Self {
            steps,
            counts,
            total,
        }
    }
}

fn sum(counts: &[Counts]) -> Counts {
    let mut total = Counts::default();
    for step in counts {
        total.add(step);
    }
    total
}

/// How one endpoint is, at a glance.
#[derive(Clone)]
pub struct EndpointHealth {
    /// The endpoint.
    pub endpoint: Arc<Endpoint>,
    /// What was counted in the hour that is running and in the 23 before it, by the hour.
    pub day: Chart,
    /// Its last attempt, if there was one.
    pub last: Option<LastEnded>,
    /// What is waiting for it.
    pub backlog: Backlog,
}

impl App {
    /// How the deliveries of an organization went.
    pub async fn organization_chart(
        &self,
        access: &OrganizationAccess,
        mode: Option<Mode>,
        span: Span,
    ) -> Result<Chart, AppError> {
        access.require(Scope::Read)?;
        let mode = access.only_mode(mode)?;
        let of = CountsOf::Organization(access.organization().clone(), mode);
        self.chart(&of, span).await
    }

    /// How the deliveries of an endpoint went.
    pub async fn endpoint_chart(
        &self,
        access: &OrganizationAccess,
        endpoint: EndpointId,
        span: Span,
    ) -> Result<Chart, AppError> {
        access.require(Scope::Read)?;
        self.known_endpoint(access, endpoint)?;
        let of = CountsOf::Endpoint(access.organization().clone(), endpoint);
        self.chart(&of, span).await
    }

    /// How the deliveries of all organizations went.
    pub async fn overall_chart(&self, _operator: &Operator, span: Span) -> Result<Chart, AppError> {
        self.chart(&CountsOf::Everything, span).await
    }

    async fn chart(&self, of: &CountsOf, span: Span) -> Result<Chart, AppError> {
        let (minutes, count) = span.steps();
        let steps = TimeSteps::until(self.now(), minutes, count);
        let counts = self.store().counts(of, steps).await?;
        Ok(Chart::new(steps, counts))
    }

    /// How each endpoint of an organization is, oldest first.
    pub async fn endpoint_health(
        &self,
        access: &OrganizationAccess,
        mode: Option<Mode>,
    ) -> Result<Vec<EndpointHealth>, AppError> {
        access.require(Scope::Read)?;
        let mode = access.only_mode(mode)?;
        let (organization, now) = (access.organization(), self.now());
        let steps = TimeSteps::until(now, 60, HOURS);
        let counted = self.store().endpoint_counts(organization, steps);
        let waiting = self.store().backlogs(Some(organization), (now, COUNTED));
        let (counted, waiting) = (counted.await?, waiting.await?);
        let mut backlogs: HashMap<EndpointId, Backlog> = (waiting.into_iter())
            .map(|waiting| (waiting.endpoint, waiting.backlog))
            .collect();
        let health = counted.into_iter().filter_map(|counted| {
            let endpoint = self.endpoint(access, counted.endpoint).ok()?;
            let wanted = mode.is_none_or(|mode| mode == endpoint.mode);
            wanted.then(|| EndpointHealth {
                backlog: backlogs.remove(&endpoint.id).unwrap_or_default(),
                endpoint,
                day: Chart::new(steps, counted.steps),
                last: counted.last,
            })
        });
        Ok(health.collect())
    }

    /// What is waiting for an endpoint.
    pub async fn endpoint_backlog(
        &self,
        access: &OrganizationAccess,
        endpoint: EndpointId,
    ) -> Result<Backlog, AppError> {
        access.require(Scope::Read)?;
        self.known_endpoint(access, endpoint)?;
        let organization = access.organization();
        let bound = (self.now(), COUNTED);
        Ok(self.store().backlog(organization, endpoint, bound).await?)
    }

    /// What is waiting for all endpoints of an organization.
    pub async fn organization_backlog(
        &self,
        access: &OrganizationAccess,
        mode: Option<Mode>,
    ) -> Result<Backlog, AppError> {
        access.require(Scope::Read)?;
        let mode = access.only_mode(mode)?;
        let of = Some(access.organization());
        let waiting = self.store().backlogs(of, (self.now(), COUNTED)).await?;
        let mut all = Backlog::default();
        for waiting in waiting {
            let endpoint = self.known_endpoint(access, waiting.endpoint);
            if endpoint.is_ok_and(|endpoint| mode.is_none_or(|mode| mode == endpoint.mode)) {
                all.add(&waiting.backlog);
            }
        }
        Ok(all)
    }
}
