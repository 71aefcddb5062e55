//! TLS settings: the machine's certificate authorities, and profiles for endpoints with their own.
//!
//! The crypto provider is named here, so nothing depends on a default of the process.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use ::aws_lc_rs::digest::{self, SHA256};
use parking_lot::Mutex;
use rustls::client::ClientConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::version::{TLS12, TLS13};
use rustls::{RootCertStore, crypto::CryptoProvider};
use tracing::warn;

use crate::certificates::{PemContents, PemFault, PemTexts};
use crate::error::DeliverError;

/// Number 0 stands for the settings that all targets without a profile share.
static NEXT_PROFILE: AtomicU64 = AtomicU64::new(1);

/// Own certificate authorities and client certificate of an endpoint. Cheap to clone.
///
/// Connections are never shared between profiles, even to the same host.
#[derive(Clone)]
pub struct TlsProfile(Arc<Profile>);

struct Profile {
    number: u64,
    config: Arc<ClientConfig>,
}

/// Why texts are no TLS settings.
#[derive(Debug, thiserror::Error)]
pub enum SharedTlsError {
    /// Because of what they hold.
    #[error("read the certificates")]
    Pem(#[from] PemFault),
    /// Because of us.
    #[error("make TLS settings")]
    Ours(#[from] DeliverError),
}

/// A client certificate with its chain and key, for receivers that ask for one.
pub struct ClientCertificate {
    pub chain: Vec<CertificateDer<'static>>,
    pub key: PrivateKeyDer<'static>,
}

impl TlsProfile {
    pub(crate) fn number(&self) -> u64 {
        self.0.number
    }

    pub(crate) fn config(&self) -> &Arc<ClientConfig> {
        &self.0.config
    }
}

/// The trust that all TLS connections begin with.
pub(crate) struct TlsSettings {
    provider: Arc<CryptoProvider>,
    roots: RootCertStore,
    default: Arc<ClientConfig>,
    /// By the digest of their texts; those that nobody uses any more are dropped.
    shared: Mutex<HashMap<[u8; 32], Weak<Profile>>>,
}

impl TlsSettings {
    pub(crate) fn new(extra_roots: &[CertificateDer<'static>]) -> Result<Self, DeliverError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut roots = native_roots();
        add_roots(&mut roots, extra_roots)?;
        let default = Arc::new(client_config(&provider, roots.clone(), None)?);
        Ok(Self {
            provider,
            roots,
            default,
            shared: Mutex::default(),
        })
    }

    pub(crate) fn profile(
        &self,
        extra_roots: &[CertificateDer<'static>],
        certificate: Option<ClientCertificate>,
    ) -> Result<TlsProfile, DeliverError> {
        let mut roots = self.roots.clone();
        add_roots(&mut roots, extra_roots)?;
        let config = Arc::new(client_config(&self.provider, roots, certificate)?);
        Ok(TlsProfile(Arc::new(Profile {
            number: NEXT_PROFILE.fetch_add(1, Ordering::Relaxed),
            config,
        })))
    }

    pub(crate) fn read_pem(&self, texts: PemTexts<'_>) -> Result<PemContents, PemFault> {
        texts.read(&self.provider)
    }

    /// The settings that these texts stand for; made when nobody has them.
    pub(crate) fn shared(&self, texts: PemTexts<'_>) -> Result<TlsProfile, SharedTlsError> {
        let name = digest(texts);
        let mut shared = self.shared.lock();
        if let Some(known) = shared.get(&name).and_then(Weak::upgrade) {
            return Ok(TlsProfile(known));
        }
        let PemContents {
            client,
            authorities,
        } = self.read_pem(texts)?;
        let roots: Vec<_> = authorities.into_iter().map(|(root, _)| root).collect();
        let profile = self.profile(&roots, client.map(|(certificate, _)| certificate))?;
        shared.retain(|_, profile| profile.strong_count() > 0);
        shared.insert(name, Arc::downgrade(&profile.0));
        Ok(profile)
    }

    /// The settings for a target with this profile.
    pub(crate) fn config(
        &self,
        profile: Option<&TlsProfile>,
    ) -> Result<Arc<ClientConfig>, DeliverError> {
        match profile {
            Some(profile) => Ok(Arc::clone(profile.config())),
            // Without any authority every receiver would look untrusted, and be charged for it.
            None if self.roots.is_empty() => Err(DeliverError::NoRoots),
            None => Ok(Arc::clone(&self.default)),
        }
    }
}

/// Each text with its length before it, so that no two of them look like others.
fn digest(texts: PemTexts<'_>) -> [u8; 32] {
    let PemTexts {
        client,
        authorities,
    } = texts;
    let (certificate, key) = client.unzip();
    let mut context = digest::Context::new(&SHA256);
    for text in [certificate, key, authorities] {
        let length = text.map_or(u64::MAX, |text| text.len() as u64);
        context.update(&length.to_be_bytes());
        context.update(text.unwrap_or_default().as_bytes());
    }
    let digest = context.finish();
    digest.as_ref().try_into().expect("SHA-256 has 32 bytes")
}

fn native_roots() -> RootCertStore {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (added, ignored) = roots.add_parsable_certificates(found.certs);
    if added == 0 || !found.errors.is_empty() {
        let errors = found.errors.len();
        warn!(
            added,
            ignored, errors, "not all certificate authorities of the system were read"
        );
    }
    roots
}

fn add_roots(
    roots: &mut RootCertStore,
    extra: &[CertificateDer<'static>],
) -> Result<(), DeliverError> {
    extra
        .iter()
        .try_for_each(|root| roots.add(root.clone()))
        .map_err(DeliverError::Tls)
}

fn client_config(
    provider: &Arc<CryptoProvider>,
    roots: RootCertStore,
    certificate: Option<ClientCertificate>,
) -> Result<ClientConfig, DeliverError> {
    let builder = ClientConfig::builder_with_provider(Arc::clone(provider))
        .with_protocol_versions(&[&TLS13, &TLS12])
        .map_err(DeliverError::Tls)?
        .with_root_certificates(roots);
    let mut config = match certificate {
        Some(ClientCertificate { chain, key }) => builder
            .with_client_auth_cert(chain, key)
            .map_err(DeliverError::Tls)?,
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}
