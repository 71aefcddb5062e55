//! What attempts need of an endpoint, made ready once and kept until the endpoint changes.

use std::collections::HashMap;
use std::sync::Arc;

use carehook_core::{Endpoint, EndpointId, EndpointTls, RetryPolicy, Signers, checked_header};
use carehook_deliver::{BLOCKED, Deliverer, PemTexts, Target};
use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::attempt::chain;

/// What the customer reads of an attempt that would have shown data to everybody on the way.
const DATA_OVER_HTTP: &str = "over plain http only payloads `id_only` and `empty` are sent \
                              unless CAREHOOK_ALLOW_HTTP is full";

/// What the customer reads when certificates were taken once and cannot be used now.
const TLS_UNUSABLE: &str = "the endpoint's own TLS settings cannot be used";

/// An endpoint made ready for attempts.
pub(crate) struct Receiver {
    pub(crate) endpoint: Arc<Endpoint>,
    /// Why nothing may be sent there, although it was allowed when the endpoint was made.
    pub(crate) target: Result<Target, &'static str>,
    pub(crate) headers: HeaderMap,
    pub(crate) signers: Signers,
    pub(crate) retry_policy: RetryPolicy,
}

/// All receivers that are in use.
#[derive(Default)]
pub(crate) struct Receivers {
    ready: HashMap<EndpointId, Arc<Receiver>>,
}

impl Receivers {
    pub(crate) fn forget(&mut self, id: EndpointId) {
        self.ready.remove(&id);
    }

    /// The receiver of an endpoint, made ready when it is needed first.
    pub(crate) fn get(
        &mut self,
        id: EndpointId,
        make: impl FnOnce() -> Option<Receiver>,
    ) -> Option<Arc<Receiver>> {
        if let Some(receiver) = self.ready.get(&id) {
            return Some(Arc::clone(receiver));
        }
        let receiver = Arc::new(make()?);
        self.ready.insert(id, Arc::clone(&receiver));
        Some(receiver)
    }
}

impl Receiver {
    /// Makes an endpoint ready; `None` when its secrets cannot be used.
    pub(crate) fn new(
        endpoint: Arc<Endpoint>,
        deliverer: &Deliverer,
        default_policy: Option<&RetryPolicy>,
    ) -> Option<Self> {
        let signers = match Signers::new(&endpoint.secrets, endpoint.dialect) {
            Ok(signers) => signers,
            Err(error) => {
                tracing::error!(endpoint = %endpoint.id, %error, "an endpoint's secret is unusable");
                return None;
            }
        };
        let mut headers = HeaderMap::with_capacity(endpoint.headers.len() + 8);
        for header in &endpoint.headers {
            let checked = checked_header(header.name.as_str(), header.value.expose());
            if let Ok((name, value)) = checked {
                headers.insert(name, value);
            }
        }
        if let Some(authentication) = &endpoint.authentication {
            headers.insert(AUTHORIZATION, authentication.header());
        }
        let own = endpoint.retry_policy.as_ref();
        let retry_policy = own
            .or(default_policy)
            .cloned()
            .unwrap_or_else(|| endpoint.dialect.default_retry_policy());
        Some(Self {
            target: target(&endpoint, deliverer),
            headers,
            signers,
            retry_policy,
            endpoint,
        })
    }
}

/// What the configuration allows may have been narrowed since the endpoint was made.
fn target(endpoint: &Endpoint, deliverer: &Deliverer) -> Result<Target, &'static str> {
    let target = deliverer.parse_target(&endpoint.url).map_err(|_| BLOCKED)?;
    if endpoint.payload.shows_data() && !deliverer.may_carry_data(&target) {
        return Err(DATA_OVER_HTTP);
    }
    let Some(EndpointTls {
        client,
        authorities,
    }) = &endpoint.tls
    else {
        return Ok(target);
    };
    let client = client.as_ref();
    let texts = PemTexts {
        client: client.map(|client| (&*client.chain, client.key.expose())),
        authorities: authorities.as_ref().map(|all| &*all.certificates),
    };
    match deliverer.shared_tls_profile(texts) {
        Ok(profile) => Ok(target.with_tls(&profile)),
        Err(error) => {
            tracing::error!(endpoint = %endpoint.id, error = %chain(&error), "TLS settings are unusable");
            Err(TLS_UNUSABLE)
        }
    }
}
