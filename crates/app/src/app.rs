//! The application: what every use case needs, shared by all of its clones.

use std::sync::Arc;
use std::time::Instant;

use aws_lc_rs::hmac;
use carehook_core::{Clock, Limits, PayloadLinks, RetryPolicy, Secret, Timestamp};
use carehook_deliver::Deliverer;
use carehook_store::Store;
use tokio_util::task::TaskTracker;

use crate::access::KeyDigest;
use crate::audit::Notices;
use crate::covered_text::Covers;
use crate::master_key::NextMasterKey;
use crate::oidc::{OidcConfig, Provider};
use crate::random::Random;
use crate::rate_limits::RateLimiter;
use crate::schemas::Schemas;
use crate::sessions::Passwords;
use crate::tokens::{TokenConfig, TokenVerifier};

/// What an operator can set about the use cases.
#[derive(Clone, Debug)]
pub struct AppConfig {
    /// The key of the operator: all organizations, all rights. Without it every call is refused.
    pub operator_key: Option<Secret>,
    /// Most endpoints of one organization.
    pub endpoints_per_organization: usize,
    /// Under which URL receivers reach this server, for links to payloads.
    pub public_url: String,
    /// Which bearer tokens are accepted.
    pub tokens: TokenConfig,
    /// What a rotation of the master key goes over to.
    pub next_master_key: Option<NextMasterKey>,
    /// The retry schedule of endpoints without one, instead of their dialect's, as the engine has
    /// it.
    pub default_retry_policy: Option<RetryPolicy>,
    /// Who vouches for people that sign in as the operator.
    pub oidc: Option<OidcConfig>,
}

impl Default for AppConfig {
    fn default() -> Self {
        Self {
            operator_key: None,
            endpoints_per_organization: Limits::ENDPOINTS_PER_ORGANIZATION,
            public_url: "http://127.0.0.1:8080".to_owned(),
            tokens: TokenConfig::default(),
            next_master_key: None,
            default_retry_policy: None,
            oidc: None,
        }
    }
}

/// The use cases. Cheap to clone; all clones are the same application.
#[derive(Clone)]
pub struct App(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) store: Store,
    pub(crate) deliverer: Deliverer,
    pub(crate) clock: Clock,
    pub(crate) started: Instant,
    pub(crate) random: Random,
    pub(crate) schemas: Schemas,
    /// Makes the digests by which keys are compared; new in every process.
    pub(crate) digest_key: hmac::Key,
    pub(crate) operator_key: Option<KeyDigest>,
    pub(crate) tokens: TokenVerifier,
    pub(crate) next_master_key: Option<NextMasterKey>,
    pub(crate) default_retry_policy: Option<RetryPolicy>,
    pub(crate) rate_limiter: RateLimiter,
    pub(crate) endpoints_per_organization: usize,
    pub(crate) links: PayloadLinks,
    pub(crate) covers: Covers,
    /// Since when links lead where they lead now, for all that this process knows.
    pub(crate) started_at: Timestamp,
    /// Without a slash at its end.
    pub(crate) public_url: Box<str>,
    pub(crate) passwords: Passwords,
    pub(crate) oidc: Option<Provider>,
    pub(crate) notices: Arc<Notices>,
    /// Work that must end even when its caller goes away.
    pub(crate) tasks: TaskTracker,
}

impl App {
    /// Joins the parts.
    pub fn new(config: AppConfig, store: Store, deliverer: Deliverer, clock: Clock) -> Self {
        let AppConfig {
            operator_key,
            endpoints_per_organization,
            public_url,
            tokens,
            next_master_key,
            default_retry_policy,
            oidc,
        } = config;
        let tasks = TaskTracker::new();
        let random = Random::default();
        let digest_key = hmac::Key::new(hmac::HMAC_SHA256, &random.bytes::<32>());
        let oidc = oidc.map(|oidc| {
            let (deliverer, tasks) = (deliverer.clone(), tasks.clone());
            Provider::new(oidc, &public_url, &random, deliverer, tasks)
        });
        // An empty key is a variable that was set to nothing, not a key that everybody has.
        let operator_key = operator_key
            .filter(|key| !key.expose().is_empty())
            .map(|key| KeyDigest::of(&digest_key, key.expose()));
        Self(Arc::new(Inner {
            notices: Notices::new(store.clone(), clock.clone(), tasks.clone()),
            links: PayloadLinks::new(&store.payload_link_key(), &public_url),
            covers: Covers::new(&store.payload_link_key()),
            started_at: clock.now(),
            public_url: public_url.trim_end_matches('/').into(),
            passwords: Passwords::default(),
            oidc,
            store,
            tokens: TokenVerifier::new(tokens, deliverer.clone(), tasks.clone()),
            deliverer,
            clock,
            started: Instant::now(),
            random,
            schemas: Schemas::default(),
            digest_key,
            rate_limiter: RateLimiter::default(),
            next_master_key,
            default_retry_policy,
            operator_key,
            endpoints_per_organization,
            tasks,
        }))
    }

    /// Whether requests can be served; the reason when they cannot.
    pub fn health(&self) -> Result<(), String> {
        self.store().health()
    }

    /// Waits until work that had to outlive its callers has ended.
    pub async fn drained(&self) {
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }

    pub(crate) fn store(&self) -> &Store {
        &self.0.store
    }

    /// The time by the server's clock, which is what stored times are compared with.
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// Where this server is reached, without a slash at its end.
    pub fn public_url(&self) -> &str {
        &self.0.public_url
    }
}
