//! The deliverer: what the other crates hold and call.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use rustls::pki_types::CertificateDer;
use tokio::time::{Instant, sleep};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;
use url::Url;

use crate::certificates::{PemContents, PemFault, PemTexts};
use crate::config::DeliverConfig;
use crate::dial::Dialer;
use crate::error::{DeliverError, Failure, TargetError};
use crate::exchange::{Exchange, Exchanger, Outbound};
use crate::fetch::{self, FetchError, FetchLimits, FetchRequest, Fetched};
use crate::policy::ADDRESS_REFUSED;
use crate::pool::Pool;
use crate::target::Target;
use crate::tls::{ClientCertificate, SharedTlsError, TlsProfile};

/// How often idle connections are looked through, at least.
const SWEEP_INTERVAL: Duration = Duration::from_secs(5);

/// Makes attempts on pooled connections. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Deliverer {
    inner: Arc<Inner>,
}

struct Inner {
    exchanger: Arc<Exchanger>,
    tasks: TaskTracker,
    sweep_interval: Duration,
    sweeping: AtomicBool,
    /// Ends the sweeper with the last clone.
    stop: DropGuard,
}

impl Deliverer {
    pub fn new(config: DeliverConfig) -> Result<Self, DeliverError> {
        let tasks = TaskTracker::new();
        let exchanger = Exchanger {
            dialer: Dialer::new(&config, tasks.clone())?,
            pool: Pool::new(&config),
            user_agent: config.user_agent,
        };
        Ok(Self {
            inner: Arc::new(Inner {
                exchanger: Arc::new(exchanger),
                tasks,
                sweep_interval: SWEEP_INTERVAL.min(config.pool_idle_timeout),
                sweeping: AtomicBool::new(false),
                stop: CancellationToken::new().drop_guard(),
            }),
        })
    }

    /// Parses a URL and vets what can be vetted without a name server: scheme, port, name, and an
    /// address written in any spelling.
    pub fn parse_target(&self, url: &str) -> Result<Target, TargetError> {
        Target::parse(url, &self.inner.exchanger.dialer.policy)
    }

    /// Whether targets over plain http are taken at all.
    pub fn takes_plain_http(&self) -> bool {
        self.inner.exchanger.dialer.policy.takes_plain_http()
    }

    /// Whether data of patients may go to a target: not over plain http, unless that was allowed.
    pub fn may_carry_data(&self, target: &Target) -> bool {
        let policy = &self.inner.exchanger.dialer.policy;
        policy.may_carry_data(target.origin().scheme)
    }

    /// Also resolves the name and vets all of its addresses, as each new connection will again.
    pub async fn vet(&self, target: &Target) -> Result<(), TargetError> {
        match self.inner.exchanger.dialer.vetted_addresses(target).await {
            Ok(_) => Ok(()),
            Err(Failure::Blocked) => Err(TargetError::Refused {
                reason: ADDRESS_REFUSED,
            }),
            Err(Failure::Ours(error)) => Err(TargetError::Fault(error)),
            Err(Failure::Unreachable(_) | Failure::TimedOut) => Err(TargetError::Unresolvable),
        }
    }

    /// Makes the TLS settings of an endpoint that has its own authorities or client certificate.
    pub fn tls_profile(
        &self,
        extra_roots: &[CertificateDer<'static>],
        certificate: Option<ClientCertificate>,
    ) -> Result<TlsProfile, DeliverError> {
        self.inner
            .exchanger
            .dialer
            .tls
            .profile(extra_roots, certificate)
    }

    /// Reads certificates and keys, and says which of them cannot be used.
    pub fn read_pem(&self, texts: PemTexts<'_>) -> Result<PemContents, PemFault> {
        self.inner.exchanger.dialer.tls.read_pem(texts)
    }

    /// The TLS settings that these texts stand for: the same ones for the same texts, so that
    /// endpoints with equal settings share their connections. They end with their last clone.
    pub fn shared_tls_profile(&self, texts: PemTexts<'_>) -> Result<TlsProfile, SharedTlsError> {
        self.inner.exchanger.dialer.tls.shared(texts)
    }

    /// Makes one attempt under one deadline.
    ///
    /// `go_ahead` is asked when the connection is ready, directly before the first byte of the
    /// request is written; with false nothing is sent. It is asked a second time only when a kept
    /// connection turned out to be gone before anything was written.
    ///
    /// # Errors
    ///
    /// Every error is a fault of ours that the receiver must not be charged for; no byte of the
    /// request has left.
    pub async fn send<F>(
        &self,
        request: Outbound<'_>,
        go_ahead: F,
    ) -> Result<Exchange, DeliverError>
    where
        F: Fn() -> bool + Send,
    {
        if self.inner.exchanger.pool.is_stopped() {
            return Err(DeliverError::Stopped);
        }
        self.start_sweeping();
        self.inner.exchanger.run(request, go_ahead).await
    }

    /// Gets a document from a place that the operator has configured, on a connection of its own.
    ///
    /// The address policy does not apply, so no URL that a caller sent may come here.
    pub async fn fetch(&self, url: &Url, limits: FetchLimits) -> Result<Bytes, FetchError> {
        let fetched = self.fetch_with(url, FetchRequest::default(), limits).await;
        fetched.map(|Fetched { body, .. }| body)
    }

    /// The same with a form or a proof of who asks.
    pub async fn fetch_with(
        &self,
        url: &Url,
        request: FetchRequest,
        limits: FetchLimits,
    ) -> Result<Fetched, FetchError> {
        let exchanger = &self.inner.exchanger;
        let (tls, agent) = (&exchanger.dialer.tls, &exchanger.user_agent);
        fetch::fetch(url, request, limits, tls, agent).await
    }

    /// Refuses new attempts, closes idle connections, and waits for those in use to end.
    ///
    /// Attempts in flight go on under their deadlines.
    pub async fn shutdown(&self) {
        self.inner.exchanger.pool.stop();
        self.inner.stop.token().cancel();
        self.inner.tasks.close();
        self.inner.tasks.wait().await;
    }

    /// Starts the sweeper with the first attempt, which is certain to run inside a runtime.
    fn start_sweeping(&self) {
        if self.inner.sweeping.load(Ordering::Relaxed)
            || self.inner.sweeping.swap(true, Ordering::Relaxed)
        {
            return;
        }
        let exchanger = Arc::clone(&self.inner.exchanger);
        let stop = self.inner.stop.token().clone();
        let interval = self.inner.sweep_interval;
        self.inner.tasks.spawn(async move {
            while stop.run_until_cancelled(sleep(interval)).await.is_some() {
                exchanger.pool.sweep(Instant::now());
            }
        });
    }
}
