//! A certificate authority that lives as long as a test.

use std::sync::atomic::{AtomicU32, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Authorities with the same name would be taken for each other.
static NUMBER: AtomicU32 = AtomicU32::new(1);

/// Signs the certificates of receivers and clients.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// A certificate chain with its key.
pub struct Identity {
    pub chain: Vec<CertificateDer<'static>>,
    pub key: PrivateKeyDer<'static>,
}

impl Clone for Identity {
    fn clone(&self) -> Self {
        Self {
            chain: self.chain.clone(),
            key: self.key.clone_key(),
        }
    }
}

impl Identity {
    /// Certificates and key as text, for programs that read files.
    pub fn pem(&self) -> String {
        let chain = self.chain.iter().map(|der| pem("CERTIFICATE", der));
        let key = pem("PRIVATE KEY", self.key.secret_der());
        chain.chain([key]).collect()
    }
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}

impl Authority {
    pub fn new() -> Self {
        let mut params = params(&[]);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("Carehook test authority {number}");
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let issuer =
            CertifiedIssuer::self_signed(params, new_key()).expect("the parameters are valid");
        Self { issuer }
    }

    /// What has to be trusted to trust everything that is issued.
    pub fn certificate(&self) -> CertificateDer<'static> {
        self.issuer.der().clone()
    }

    /// The same as text, for programs that read files.
    pub fn pem(&self) -> String {
        pem("CERTIFICATE", self.issuer.der())
    }

    /// Issues a certificate for these names or addresses, as a server or a client.
    pub fn issue(&self, names: &[&str]) -> Identity {
        self.sign(params(names))
    }

    /// Issues a certificate whose time is over.
    pub fn issue_expired(&self, names: &[&str]) -> Identity {
        let mut params = params(names);
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
        self.sign(params)
    }

    /// Issues a certificate that ends before it begins.
    pub fn issue_backwards(&self, names: &[&str]) -> Identity {
        let mut params = params(names);
        params.not_before = date_time_ymd(2040, 1, 1);
        params.not_after = date_time_ymd(2039, 1, 1);
        self.sign(params)
    }

    fn sign(&self, mut params: CertificateParams) -> Identity {
        params.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ServerAuth,
            ExtendedKeyUsagePurpose::ClientAuth,
        ];
        let key = new_key();
        let certificate = params
            .signed_by(&key, &self.issuer)
            .expect("the parameters are valid");
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("rcgen writes valid keys");
        Identity {
            chain: vec![certificate.der().clone()],
            key,
        }
    }
}

/// DER in the armour of RFC 7468.
fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut lines = vec![format!("-----BEGIN {label}-----")];
    let line = |line: &[u8]| String::from_utf8_lossy(line).into_owned();
    lines.extend(text.as_bytes().chunks(64).map(line));
    lines.push(format!("-----END {label}-----\n"));
    lines.join("\n")
}

fn params(names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    CertificateParams::new(names).expect("tests use valid names")
}

fn new_key() -> KeyPair {
    KeyPair::generate().expect("the provider makes keys")
}
