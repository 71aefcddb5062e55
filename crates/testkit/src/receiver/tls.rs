//! How a receiver speaks TLS.

use std::sync::Arc;

use rustls::RootCertStore;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::server::{ServerConfig, WebPkiClientVerifier};
use rustls::version::{TLS12, TLS13};
use tokio_rustls::TlsAcceptor;

use crate::authority::Identity;

/// TLS 1.2 and 1.3 with HTTP/2 and HTTP/1.1, unless narrowed.
pub struct TlsSetup {
    identity: Identity,
    versions: Vec<&'static rustls::SupportedProtocolVersion>,
    protocols: Vec<Vec<u8>>,
    client_authority: Option<CertificateDer<'static>>,
}

impl TlsSetup {
    pub fn new(identity: Identity) -> Self {
        Self {
            identity,
            versions: vec![&TLS12, &TLS13],
            protocols: vec![b"h2".to_vec(), b"http/1.1".to_vec()],
            client_authority: None,
        }
    }

    #[must_use]
    pub fn only_http1(mut self) -> Self {
        self.protocols = vec![b"http/1.1".to_vec()];
        self
    }

    #[must_use]
    pub fn only_tls12(mut self) -> Self {
        self.versions = vec![&TLS12];
        self
    }

    #[must_use]
    pub fn only_tls13(mut self) -> Self {
        self.versions = vec![&TLS13];
        self
    }

    /// Demands a client certificate that this authority has signed.
    #[must_use]
    pub fn demands_client_of(mut self, authority: CertificateDer<'static>) -> Self {
        self.client_authority = Some(authority);
        self
    }

    pub(super) fn acceptor(self) -> TlsAcceptor {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&self.versions)
            .expect("the provider has ciphers for both versions");
        let builder = match self.client_authority {
            None => builder.with_no_client_auth(),
            Some(authority) => {
                let mut roots = RootCertStore::empty();
                roots.add(authority).expect("test authorities are valid");
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                        .build()
                        .expect("there is a root");
                builder.with_client_cert_verifier(verifier)
            }
        };
        let Identity { chain, key } = self.identity;
        let mut config = builder
            .with_single_cert(chain, key)
            .expect("test certificates match their keys");
        config.alpn_protocols = self.protocols;
        TlsAcceptor::from(Arc::new(config))
    }
}
