//! A running server: parts are joined here, started in order, and stopped in the reverse order.
//!
//! **Start.** The listener is bound first, so that a taken port costs nothing. Then the data is
//! opened, the clock is put no earlier than what is stored, the engine starts to deliver, and only
//! then are connections accepted.
//!
//! **Stop.** No new connections; requests and attempts in flight are finished side by side; then the
//! store is closed. All of it takes at most [`GRACE`]; what is cut off is in the store and goes on
//! after the next start.

mod connections;
mod data;
mod limits;
mod signals;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use carehook_api::Operations;
use carehook_app::{App, AppConfig, NextMasterKey};
use carehook_console::{ConfigurationRow, ConsoleConfig};
use carehook_core::{Clock, Secret};
use carehook_deliver::{DeliverConfig, Deliverer};
use carehook_engine::{Engine, EngineConfig};
use carehook_store::Store;
use metrics::{counter, describe_counter, describe_gauge, gauge};
use tokio::net::TcpListener;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use crate::config::{ServerConfig, Shown};
use crate::telemetry::Metrics;
use connections::Connections;

pub(crate) use data::{OpenDataError, open_store};
pub(crate) use limits::raise_file_limit;
pub(crate) use signals::Signals;

/// Anything but 0 is a fault: the log says which.
const UNDISCLOSED: &str = "carehook_disclosures_missing_total";
/// Anything but 0 is a fault: `carehook audit verify` says more.
const BROKEN_BOOKS: &str = "carehook_audit_books_broken";
/// How long a stop may take: supervisors commonly wait 30 seconds before they kill.
const GRACE: Duration = Duration::from_secs(25);
/// What the store may need of it in the end.
const CLOSING: Duration = Duration::from_secs(3);

/// A server at work.
pub(crate) struct Server {
    address: SocketAddr,
    store: Store,
    engine: Arc<Engine>,
    app: App,
    connections: Connections,
    upkeep: (CancellationToken, TaskTracker),
}

impl Server {
    /// Starts everything; when this returns, the server answers.
    pub(crate) async fn start(config: ServerConfig, metrics: Metrics) -> anyhow::Result<Self> {
        let ServerConfig {
            listen,
            data,
            operator_key,
            tokens,
            allow_targets,
            allow_http,
            retry_policy,
            public_url,
            trusted_proxies,
            frame_ancestors,
            oidc,
            mail,
            shown,
        } = config;
        let listener = TcpListener::bind(listen)
            .await
            .with_context(|| format!("listen on {listen}"))?;
        let address = listener.local_addr().context("ask for the own address")?;
        let (store, clock) = open_store(&data, Clock::system())?;
        let reached_at = reached_at(public_url.as_ref(), address);
        let deliverer = Deliverer::new(DeliverConfig {
            allow_targets,
            plain_http: allow_http,
            public_host: public_url
                .as_ref()
                .and_then(|url| url.host_str().map(str::to_owned)),
            ..DeliverConfig::default()
        })
        .context("prepare for deliveries")?;
        let engine = Arc::new(Engine::start(
            store.clone(),
            deliverer.clone(),
            clock.clone(),
            EngineConfig {
                default_retry_policy: retry_policy.clone(),
                public_url: reached_at.clone(),
                mail,
                ..EngineConfig::default()
            },
        ));
        let app = App::new(
            AppConfig {
                operator_key: Some(operator_key),
                public_url: reached_at,
                tokens,
                oidc,
                next_master_key: data
                    .next_master_key
                    .map(|source| NextMasterKey::new(move || source.read())),
                default_retry_policy: retry_policy,
                ..AppConfig::default()
            },
            store.clone(),
            deliverer,
            clock,
        );
        let console = ConsoleConfig {
            frame_ancestors,
            configuration: shown.into_iter().map(configuration_row).collect(),
        };
        let pages = carehook_console::router(app.clone(), &console)
            .context("allow the console in frames")?;
        let router = carehook_api::router(app.clone(), operations(&metrics, &engine, &store));
        let router = router.merge(pages);
        Ok(Self {
            address,
            store,
            engine,
            app,
            connections: Connections::accept(listener, router, trusted_proxies),
            upkeep: start_upkeep(metrics),
        })
    }

    /// Where it listens; the port is the real one.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The path at which the operator sets the first password, once; `None` when there is one.
    pub(crate) async fn first_visit(&self) -> anyhow::Result<Option<Secret>> {
        let link = self.app.first_visit_link().await;
        let link = link.context("make the link of the first visit")?;
        let path = |link: Secret| format!("/console/welcome?link={}", link.expose());
        Ok(link.map(|link| Secret::new(path(link))))
    }

    /// Waits until the store can no longer write, or a part that runs by itself has panicked, and
    /// says why.
    pub(crate) async fn failed(&self) -> String {
        tokio::select! {
            reason = self.store.failed() => format!("the store cannot write any more: {reason}"),
            reason = self.engine.failed() => reason,
        }
    }

    /// Finishes what is in flight and closes the store.
    pub(crate) async fn stop(self) {
        let end = Instant::now() + GRACE;
        let in_flight = GRACE.saturating_sub(CLOSING);
        tokio::join!(
            self.connections.stop(in_flight),
            self.engine.stop(in_flight),
        );
        let (stop, tasks) = self.upkeep;
        stop.cancel();
        let rest = async {
            self.app.drained().await;
            tasks.wait().await;
            self.store.close().await;
        };
        if timeout_at(end, rest).await.is_err() {
            tracing::warn!("the store was not closed in time; the next start recovers it");
        }
    }
}

/// Where links to this server lead; a password, which a public URL could hold, is left out.
fn reached_at(public_url: Option<&Url>, listens_on: SocketAddr) -> String {
    let Some(mut url) = public_url.cloned() else {
        return format!("http://{listens_on}");
    };
    let unchanged = "a URL with a host can be without a user name";
    url.set_username("").expect(unchanged);
    url.set_password(None).expect(unchanged);
    url.set_query(None);
    url.set_fragment(None);
    url.into()
}

/// A setting as the console shows it.
fn configuration_row(shown: Shown) -> ConfigurationRow {
    let Shown {
        name,
        value,
        origin,
        variable: _,
    } = shown;
    ConfigurationRow {
        name: name.to_owned(),
        value,
        origin,
    }
}

fn operations(metrics: &Metrics, engine: &Arc<Engine>, store: &Store) -> Operations {
    let (metrics, engine, store) = (metrics.clone(), Arc::clone(engine), store.clone());
    describe_counter!(
        UNDISCLOSED,
        "Attempts that sent something and are missing in the audit trail"
    );
    describe_gauge!(
        BROKEN_BOOKS,
        "Books of the audit trail that do not go on from where they were signed"
    );
    Operations::new(
        move || {
            let broken = u32::try_from(store.broken_audit_books()).unwrap_or(u32::MAX);
            gauge!(BROKEN_BOOKS).set(f64::from(broken));
            counter!(UNDISCLOSED).absolute(store.missing_disclosures());
            metrics.render()
        },
        move || {
            let problem = engine.health().err();
            problem
                .map(|reason| format!("engine: {reason}"))
                .into_iter()
                .collect()
        },
    )
}

fn start_upkeep(metrics: Metrics) -> (CancellationToken, TaskTracker) {
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    tasks.spawn(metrics.keep(stop.clone()));
    tasks.close();
    (stop, tasks)
}
