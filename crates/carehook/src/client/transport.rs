//! The connection to the server: HTTP/1.1 or HTTP/2, with TLS by rustls.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::response::Parts;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::{ClientConfig, RootCertStore};
use tokio::time::timeout;
use url::Url;

use super::{ClientError, DEADLINE};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// No page of the API is larger: 100 records of 256 KiB.
const MAX_ANSWER_BYTES: usize = 32 * 1024 * 1024;

#[derive(Clone)]
pub(super) struct Transport(
    hyper_util::client::legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
);

impl Transport {
    pub(super) fn new(base: &Url) -> Result<Self, ClientError> {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
        tcp.set_nodelay(true);
        let connector = hyper_rustls::HttpsConnectorBuilder::new()
            .with_tls_config(tls(base)?)
            .https_or_http()
            .enable_http1()
            .enable_http2()
            .wrap_connector(tcp);
        let client = hyper_util::client::legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .build(connector);
        Ok(Self(client))
    }

    pub(super) async fn send(
        &self,
        request: http::Request<Bytes>,
        base: &Url,
    ) -> Result<(Parts, Bytes), ClientError> {
        let unreachable = |source| ClientError::Unreachable {
            url: base.to_string(),
            source,
        };
        let exchange = async {
            let response = self.0.request(request.map(Full::new)).await?;
            let (parts, body) = response.into_parts();
            let body = Limited::new(body, MAX_ANSWER_BYTES).collect().await?;
            Ok::<_, Box<dyn Error + Send + Sync>>((parts, body.to_bytes()))
        };
        match timeout(DEADLINE, exchange).await {
            Ok(result) => result.map_err(unreachable),
            Err(elapsed) => Err(unreachable(elapsed.into())),
        }
    }
}

/// The certificate authorities of this machine, which a plain `http` server does not need.
fn tls(base: &Url) -> Result<ClientConfig, ClientError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| ClientError::Setup(error.into()))?;
    let mut roots = RootCertStore::empty();
    if base.scheme() == "https" {
        let found = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(found.certs);
        if roots.is_empty() {
            let reason = "no certificate authority found on this machine (package ca-certificates)";
            return Err(ClientError::Setup(reason.into()));
        }
    }
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
