//! The server as its operator sees it: what waits and fails, how it goes, and how it is set up.

mod amounts;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use carehook_app::{
    App, AppError, Chart, EndpointLoad, NodeFacts, Operator, OrganizationLoad, TroubledEndpoints,
};
use carehook_core::{Endpoint, Mode, OrganizationId, Timestamp};

use amounts::{bytes, long};

use crate::address;
use crate::chart::{Asked, History, Range, Waits};
use crate::failure::Failure;
use crate::figures::{bounded, grouped, of_things, shortened, success_rate};
use crate::moment::Moment;
use crate::page::{Page, Section, shown};
use crate::router::{ConfigurationRow, Console};
use crate::visitor::OperatorVisitor;
use crate::words::time_taken;

/// Organizations that are named, at most.
const ORGANIZATIONS: usize = 50;
/// Endpoints that are named in each list, at most.
const ENDPOINTS: usize = 20;
/// Letters of a name.
const LETTERS: usize = 60;

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/console/operations", get(show))
}

#[derive(Template)]
#[template(path = "pages/operations.html")]
struct Operations<'a> {
    page: Page,
    range: Range,
    node: Node,
    numbers: Numbers,
    /// Organizations for which something waits or fails.
    troubled: usize,
    organizations: Vec<OrganizationRow>,
    slowest: Vec<EndpointRow>,
    failing: Vec<EndpointRow>,
    history: History,
    waits: Waits,
    configuration: &'a [ConfigurationRow],
}

struct Numbers {
    waiting: String,
    oldest: Option<Moment>,
    delivered: String,
    attempts: String,
    rate: Option<String>,
    in_flight: String,
}

struct OrganizationRow {
    name: String,
    address: String,
    waiting: String,
    oldest: Option<Moment>,
    endpoints: usize,
    failing: usize,
}

struct EndpointRow {
    name: String,
    address: String,
    organization: String,
    overview: String,
    is_test: bool,
    attempts: String,
    failed: String,
    rate: String,
    p95: String,
    is_failing: bool,
}

/// This process and its disk.
struct Node {
    /// Why nothing can be stored, if so.
    problem: Option<String>,
    version: &'static str,
    started_at: Moment,
    uptime: String,
    in_flight: String,
    unrecorded: String,
    queued: String,
    used: String,
    free: String,
    log_files: usize,
}

/// What the use cases say.
struct Seen {
    overview: carehook_app::Overview,
    troubled: TroubledEndpoints,
    chart: Chart,
    node: NodeFacts,
}

async fn show(
    State(console): State<Console>,
    OperatorVisitor { visitor, operator }: OperatorVisitor,
    asked: Asked,
) -> Result<Response, Failure> {
    let seen = look(console.app(), &operator, asked).await;
    let (seen, range) = seen.map_err(|error| Failure::of(error, &visitor))?;
    let Seen {
        overview,
        troubled,
        chart,
        node,
    } = seen;
    let to = |query: &str| format!("/console/operations{query}");
    Ok(shown(&Operations {
        page: Page::of(&visitor, Section::Operations, "Operations"),
        range,
        numbers: Numbers {
            waiting: bounded(overview.ahead.backlog.pending),
            oldest: overview.ahead.backlog.oldest.map(Moment),
            delivered: grouped(chart.total.delivered),
            attempts: of_things(chart.total.attempts(), "attempt", "attempts"),
            rate: success_rate(&chart.total),
            in_flight: grouped(node.engine.in_flight.into()),
        },
        node: node_of(node),
        troubled: overview.troubled,
        organizations: overview.organizations.iter().map(organization).collect(),
        slowest: troubled.slowest.iter().map(endpoint).collect(),
        failing: troubled.failing.iter().map(endpoint).collect(),
        history: History::of(&chart, range, to),
        waits: Waits::of(&overview.ahead),
        configuration: console.configuration(),
    }))
}

async fn look(app: &App, operator: &Operator, asked: Asked) -> Result<(Seen, Range), AppError> {
    let range = asked.of_what_began(first_organization(app, operator)?, app.now());
    let seen = Seen {
        overview: app.overview(operator, ORGANIZATIONS).await?,
        troubled: app.troubled_endpoints(operator, ENDPOINTS).await?,
        chart: app.overall_chart(operator, range.span()).await?,
        node: app.node(operator).await?,
    };
    Ok((seen, range))
}

/// When the first organization was made, where there are few; many were not made in an hour.
fn first_organization(app: &App, operator: &Operator) -> Result<Timestamp, AppError> {
    let all = app.list_organizations(operator, &carehook_app::Page::default())?;
    let first = all.items.iter().map(|one| one.created_at).min();
    let is_known = all.next_cursor.is_none();
    Ok(first.filter(|_| is_known).unwrap_or(Timestamp(0)))
}

fn overview_of(organization: &OrganizationId, mode: Mode) -> String {
    address::in_organization(organization, mode, "")
}

fn organization(load: &OrganizationLoad) -> OrganizationRow {
    let OrganizationLoad {
        organization,
        backlog,
        endpoints,
        failing,
    } = load;
    OrganizationRow {
        name: shortened(&organization.name, LETTERS),
        address: overview_of(&organization.id, Mode::Live),
        waiting: bounded(backlog.pending),
        oldest: backlog.oldest.map(Moment),
        endpoints: *endpoints,
        failing: *failing,
    }
}

fn endpoint(load: &EndpointLoad) -> EndpointRow {
    let EndpointLoad { endpoint, counts } = load;
    let Endpoint {
        id,
        organization,
        mode,
        ..
    } = &**endpoint;
    let name = endpoint.name.as_deref().unwrap_or(&endpoint.url);
    let p95 = counts.durations.percentile(95);
    EndpointRow {
        name: shortened(name, LETTERS),
        address: address::in_organization(organization, *mode, &format!("webhooks/{id}")),
        organization: organization.to_string(),
        overview: overview_of(organization, *mode),
        is_test: *mode == Mode::Test,
        attempts: grouped(counts.attempts()),
        failed: grouped(counts.retried + counts.failed),
        rate: success_rate(counts).unwrap_or_default(),
        p95: p95.map(time_taken).unwrap_or_default(),
        is_failing: load.is_failing(),
    }
}

fn node_of(facts: NodeFacts) -> Node {
    let NodeFacts {
        version,
        started_at,
        uptime,
        engine,
        disk,
        store_problem,
    } = facts;
    let queued = u64::try_from(disk.queued).unwrap_or(u64::MAX);
    Node {
        problem: store_problem,
        version,
        started_at: Moment(started_at),
        uptime: long(uptime),
        in_flight: grouped(engine.in_flight.into()),
        unrecorded: grouped(engine.unrecorded.into()),
        queued: grouped(queued),
        used: bytes(disk.used),
        free: bytes(disk.free),
        log_files: disk.log_files,
    }
}
