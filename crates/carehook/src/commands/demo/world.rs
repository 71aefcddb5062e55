//! The parts of the demo: a server, its receivers, and a client of its API.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use carehook_app::TokenConfig;
use carehook_core::{Dialect, SampleEvent, Secret};
use carehook_deliver::PlainHttp;
use carehook_store::MasterKey;
use serde_json::json;
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_util::task::TaskTracker;

use super::endpoints::Makers;
use super::journal::Journal;
use super::publisher;
use super::receiver::{Arrival, Receiver};
use crate::client::{Call, Client};
use crate::config::{DataConfig, ServerConfig, new_operator_key, random_bytes};
use crate::server::Server;
use crate::telemetry::Metrics;

const ORGANIZATION: &str = "demo-clinic";
const LOOPBACK: &str = "127.0.0.0/8";
/// Arrivals that may wait to be printed.
const ARRIVALS: usize = 64;
const POLL: Duration = Duration::from_millis(20);

pub(super) struct World {
    server: Server,
    client: Client,
    operator_key: Secret,
    receivers: Vec<Receiver>,
    arrivals: mpsc::Receiver<Arrival>,
    // Last, so that the directory goes when nobody uses it.
    directory: TempDir,
}

impl World {
    /// Starts server and receivers, and makes an organization with an endpoint for each of them.
    pub(super) async fn start() -> anyhow::Result<Self> {
        let directory = tempfile::Builder::new()
            .prefix("carehook-demo-")
            .tempdir()
            .context("make a temporary directory")?;
        let operator_key = new_operator_key();
        let config = ServerConfig {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            data: DataConfig {
                directory: directory.path().join("data"),
                master_key: MasterKey::new(*random_bytes()),
                next_master_key: None,
            },
            operator_key: operator_key.clone(),
            tokens: TokenConfig::default(),
            allow_targets: vec![LOOPBACK.parse().context("read the loopback network")?],
            allow_http: PlainHttp::Everything,
            retry_policy: None,
            public_url: None,
            trusted_proxies: Vec::new(),
            frame_ancestors: Vec::new(),
            oidc: None,
            mail: None,
            shown: Vec::new(),
        };
        let server = Server::start(config, Metrics::install()?).await?;
        let base = format!("http://{}", server.address());
        let base = base.parse().context("read the server's own address")?;
        let client = Client::new(base, operator_key.clone())?;
        let (sender, arrivals) = mpsc::channel(ARRIVALS);
        let mut receivers = Vec::new();
        let tasks = TaskTracker::new();
        for dialect in Dialect::ALL {
            receivers.push(Receiver::start(dialect, sender.clone(), &tasks).await?);
        }
        let world = Self {
            server,
            client,
            operator_key,
            receivers,
            arrivals,
            directory,
        };
        world.set_up().await?;
        Ok(world)
    }

    async fn set_up(&self) -> anyhow::Result<()> {
        let organization = json!({"id": ORGANIZATION, "name": "Demo Clinic"});
        let call = Call::post(&["organizations"]).json(&organization);
        self.client
            .send(call)
            .await
            .context("make an organization")?;
        let makers = Makers::new(&self.client, ORGANIZATION).await?;
        for receiver in &self.receivers {
            let secret = makers.make(receiver.dialect, &receiver.url).await?;
            receiver.trust(secret);
        }
        Ok(())
    }

    /// Adds an endpoint whose receiver is off, so that the console has something to explain.
    pub(super) async fn add_one_that_is_off(&self) -> anyhow::Result<()> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("find a free port")?;
        let off = listener.local_addr().context("read a free port")?;
        drop(listener);
        let endpoint = json!({
            "url": format!("http://{off}/webhooks"),
            "events": ["patient.*"],
            "name": "Lab system (switched off)",
        });
        let call = Call::post(&["organizations", ORGANIZATION, "endpoints"]).json(&endpoint);
        let made = self.client.send(call).await;
        made.context("make an endpoint without a receiver")?;
        Ok(())
    }

    /// Where a person can look at all this, and how to get in.
    pub(super) async fn way_in(&self) -> anyhow::Result<String> {
        let base = format!("http://{}", self.server.address());
        Ok(match self.server.first_visit().await? {
            Some(path) => format!(
                "\nWatch the deliveries in the console; choose any password, this link works once:\n  \
                 {base}{}\n",
                path.expose()
            ),
            None => format!("\nWatch the deliveries in the console:\n  {base}/console\n"),
        })
    }

    pub(super) async fn publish(
        &self,
        sample: &SampleEvent,
        journal: &mut Journal,
    ) -> anyhow::Result<()> {
        let at = Instant::now();
        let accepted = publisher::publish(&self.client, ORGANIZATION, sample).await?;
        let event_type = sample.event_type.to_string();
        journal.published(accepted.id, event_type, accepted.deliveries, at);
        Ok(())
    }

    pub(super) async fn next_arrival(&mut self) -> anyhow::Result<Arrival> {
        self.arrivals
            .recv()
            .await
            .context("the receivers have ended")
    }

    /// Waits until the API shows every delivery as delivered.
    pub(super) async fn wait_until_recorded(&self, journal: &Journal) -> anyhow::Result<()> {
        while publisher::delivered(&self.client, ORGANIZATION).await? < journal.expected() {
            sleep(POLL).await;
        }
        Ok(())
    }

    /// Says what is missing, with what the API knows about it.
    pub(super) async fn explain(&self, journal: &Journal, bound: Duration) -> String {
        let reason = publisher::last_error(&self.client, ORGANIZATION).await;
        format!(
            "{} of {} deliveries were verified within {} s; missing: {}; last error: {}",
            journal.verified(),
            journal.expected(),
            bound.as_secs(),
            journal.missing().join(", "),
            reason.unwrap_or_else(|| "none is recorded".to_owned()),
        )
    }

    pub(super) async fn stop(self) {
        self.server.stop().await;
        drop(self.directory);
    }
}

impl fmt::Display for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let base = format!("http://{}", self.server.address());
        writeln!(
            f,
            "Carehook demo: synthetic events, a real server, real receivers.\n"
        )?;
        writeln!(f, "  API            {base}/v1")?;
        writeln!(f, "  key            {}", self.operator_key.expose())?;
        writeln!(f, "  console        {base}/console")?;
        writeln!(f, "  documentation  {base}/docs")?;
        for receiver in &self.receivers {
            writeln!(f, "  receiver       {}", receiver.url)?;
        }
        writeln!(
            f,
            "  data           {} (goes when the demo ends)",
            self.directory.path().display()
        )
    }
}
