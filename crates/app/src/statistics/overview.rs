//! What an operator looks at: organizations, slow and failing endpoints, and this node.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use carehook_core::{Endpoint, Organization, OrganizationId, Timestamp};
use carehook_store::{Backlog, Counts, DiskUse, EndpointBacklog, EndpointCounts, EngineLoad};

use super::{Ahead, COUNTED};
use crate::{App, AppError, Operator};

/// Hours of endpoints that are looked at, at most.
const LOOKED_AT: usize = 20_000;
/// Fewer attempts say nothing about how slow an endpoint is.
const ENOUGH: u64 = 3;
/// An endpoint that delivers less than this part is failing.
const FAILING: f64 = 0.5;

/// All organizations for which something waits or fails.
#[derive(Clone, Debug)]
pub struct Overview {
    /// How many organizations there are that something waits or fails for.
    pub troubled: usize,
    /// Those with the most that waits, then those with the most failing endpoints.
    pub organizations: Vec<OrganizationLoad>,
    /// What waits for all of them, by when it goes.
    pub ahead: Ahead,
}

/// What waits for an organization.
#[derive(Clone, Debug)]
pub struct OrganizationLoad {
    /// The organization.
    pub organization: Arc<Organization>,
    /// What waits for its endpoints.
    pub backlog: Backlog,
    /// How many endpoints it has.
    pub endpoints: usize,
    /// How many of them delivered less than half of their attempts in the last hour or two.
    pub failing: usize,
}

/// Endpoints to look at, of all organizations, by what was counted in the last hour or two.
#[derive(Clone)]
pub struct TroubledEndpoints {
    /// Those that take longest, by the 95th percentile.
    pub slowest: Vec<EndpointLoad>,
    /// Those with the most attempts that failed.
    pub failing: Vec<EndpointLoad>,
}

/// What was counted of an endpoint.
#[derive(Clone)]
pub struct EndpointLoad {
    /// The endpoint, which knows its organization.
    pub endpoint: Arc<Endpoint>,
    /// What was counted.
    pub counts: Counts,
}

impl EndpointLoad {
    /// Whether it delivered less than half of its attempts; so it is counted as failing.
    pub fn is_failing(&self) -> bool {
        is_failing(&self.counts)
    }
}

/// The process and its disk.
#[derive(Clone, Debug)]
pub struct NodeFacts {
    /// The version of this program.
    pub version: &'static str,
    /// When it started.
    pub started_at: Timestamp,
    /// How long ago that is.
    pub uptime: Duration,
    /// Its requests in flight, and what is not recorded of them.
    pub engine: EngineLoad,
    /// How much room its files take.
    pub disk: DiskUse,
    /// Why nothing can be stored any more, if so.
    pub store_problem: Option<String>,
}

impl App {
    /// The organizations for which something waits or fails; at most so many are named.
    pub async fn overview(
        &self,
        _operator: &Operator,
        at_most: usize,
    ) -> Result<Overview, AppError> {
        let mut loads: HashMap<OrganizationId, (Backlog, usize)> = HashMap::new();
        let mut waiting = Vec::new();
        for EndpointBacklog {
            organization,
            endpoint,
            backlog,
        } in self.store().backlogs(None, (self.now(), COUNTED)).await?
        {
            // Nothing waits for one that was deleted just now.
            if let Some(endpoint) = self.store().any_endpoint(endpoint) {
                waiting.push((endpoint, backlog));
                loads.entry(organization).or_default().0.add(&backlog);
            }
        }
        for counted in self.recently_counted().await? {
            let counts = counted.steps.first();
            if counts.is_some_and(is_failing) {
                loads.entry(counted.organization).or_default().1 += 1;
            }
        }
        let mut organizations: Vec<_> = (loads.into_iter())
            .filter_map(|(id, (backlog, failing))| {
                Some(OrganizationLoad {
                    organization: self.store().organization(&id)?,
                    backlog,
                    endpoints: self.store().endpoints(&id).len(),
                    failing,
                })
            })
            .collect();
        organizations.sort_by_cached_key(|load| {
            let waiting = Reverse((load.backlog.pending.number, load.failing));
            (waiting, load.organization.id.clone())
        });
        let troubled = organizations.len();
        organizations.truncate(at_most);
        Ok(Overview {
            troubled,
            organizations,
            ahead: self.ahead(
                waiting
                    .iter()
                    .map(|(endpoint, backlog)| (&**endpoint, backlog)),
            ),
        })
    }

    /// The slowest endpoints and those that fail most; at most so many of each.
    pub async fn troubled_endpoints(
        &self,
        _operator: &Operator,
        at_most: usize,
    ) -> Result<TroubledEndpoints, AppError> {
        let counted = self.recently_counted().await?.into_iter();
        let loads: Vec<EndpointLoad> = counted
            .filter_map(|counted| {
                Some(EndpointLoad {
                    endpoint: self.store().any_endpoint(counted.endpoint)?,
                    counts: counted.steps.into_iter().next()?,
                })
            })
            .collect();
        let slowness = |load: &EndpointLoad| load.counts.durations.percentile(95);
        let enough = |load: &EndpointLoad| load.counts.attempts() >= ENOUGH;
        let failures = |load: &EndpointLoad| Some(failed(&load.counts)).filter(|n| *n > 0);
        Ok(TroubledEndpoints {
            slowest: most(&loads, at_most, |load| {
                slowness(load).filter(|_| enough(load))
            }),
            failing: most(&loads, at_most, failures),
        })
    }

    /// The process and its disk.
    pub async fn node(&self, _operator: &Operator) -> Result<NodeFacts, AppError> {
        let disk = self.store().disk_use().await?;
        let uptime = self.inner().started.elapsed();
        let millis = i64::try_from(uptime.as_millis()).unwrap_or(i64::MAX);
        Ok(NodeFacts {
            version: env!("CARGO_PKG_VERSION"),
            started_at: Timestamp(self.now().0.saturating_sub(millis)),
            uptime,
            engine: self.store().engine_load(),
            disk,
            store_problem: self.health().err(),
        })
    }

    /// What was counted of every endpoint in the hour that is running and in the one before.
    async fn recently_counted(&self) -> Result<Vec<EndpointCounts>, AppError> {
        let an_hour_ago = Timestamp(self.now().0 - 3_600_000);
        Ok(self.store().busy_endpoints(an_hour_ago, LOOKED_AT).await?)
    }
}

fn failed(counts: &Counts) -> u64 {
    counts.retried + counts.failed
}

fn is_failing(counts: &Counts) -> bool {
    counts.success_rate().is_some_and(|rate| rate < FAILING)
}

/// Those with the most of something, the most first; those without it are left out.
fn most<N: Ord + Copy>(
    loads: &[EndpointLoad],
    at_most: usize,
    of: impl Fn(&EndpointLoad) -> Option<N>,
) -> Vec<EndpointLoad> {
    let with = loads.iter().filter_map(|load| Some((of(load)?, load)));
    let mut ranked: Vec<_> = with.collect();
    ranked.sort_by_key(|(much, load)| (Reverse(*much), load.endpoint.id));
    let first = ranked.into_iter().take(at_most);
    first.map(|(_, load)| load.clone()).collect()
}
