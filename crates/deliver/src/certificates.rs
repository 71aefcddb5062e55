//! Certificates and keys as people give them: PEM, read and checked before they are used.

use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{InconsistentKeys, RootCertStore};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::tls::ClientCertificate;

/// Most certificates in one text.
const MAX_CERTIFICATES: usize = 20;

/// What a certificate says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateInfo {
    /// Whom it is for, as a distinguished name (RFC 4514).
    pub subject: String,
    /// When its time is over, in seconds since 1970.
    pub not_after: i64,
}

/// Which of the texts is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PemField {
    /// The client certificate.
    Certificate,
    /// Its key.
    Key,
    /// The certificate authorities.
    Authorities,
}

/// Why certificates or a key cannot be used; the text repeats nothing of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct PemFault {
    /// Where.
    pub field: PemField,
    /// What is wrong.
    pub reason: &'static str,
}

/// The texts of an endpoint's own TLS settings.
#[derive(Clone, Copy)]
pub struct PemTexts<'a> {
    /// A client certificate with its chain, and its key.
    pub client: Option<(&'a str, &'a str)>,
    /// Certificate authorities beside those of the machine.
    pub authorities: Option<&'a str>,
}

/// What the texts hold.
pub struct PemContents {
    /// The client certificate with its key.
    pub client: Option<(ClientCertificate, CertificateInfo)>,
    /// The authorities.
    pub authorities: Vec<(CertificateDer<'static>, CertificateInfo)>,
}

impl PemTexts<'_> {
    /// Reads the texts: every certificate must be one, the key must be that of the first.
    pub(crate) fn read(self, provider: &CryptoProvider) -> Result<PemContents, PemFault> {
        let client = self
            .client
            .map(|texts| client(texts, provider))
            .transpose()?;
        let authorities = self.authorities.map(authorities).transpose()?;
        Ok(PemContents {
            client,
            authorities: authorities.unwrap_or_default(),
        })
    }
}

impl PemContents {
    /// Refuses what is no longer good at `now`, in seconds since 1970.
    pub fn check_time(&self, now: i64) -> Result<(), PemFault> {
        let own = self
            .client
            .iter()
            .map(|(_, info)| (PemField::Certificate, info));
        let others = self.authorities.iter();
        let others = others.map(|(_, info)| (PemField::Authorities, info));
        match own.chain(others).find(|(_, info)| info.not_after < now) {
            None => Ok(()),
            Some((field, _)) => Err(fault(field, "has a certificate that has expired")),
        }
    }
}

fn client(
    (chain, key): (&str, &str),
    provider: &CryptoProvider,
) -> Result<(ClientCertificate, CertificateInfo), PemFault> {
    let field = PemField::Certificate;
    let chain = certificates(chain, field)?;
    let first = chain.first().ok_or(fault(field, NONE))?;
    let info = info(first, field)?;
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(|_| {
        let reason = "is not a private key as PEM (PKCS #8, PKCS #1 or SEC 1, not encrypted)";
        fault(PemField::Key, reason)
    })?;
    match CertifiedKey::from_der(chain.clone(), key.clone_key(), provider) {
        Ok(_) => Ok((ClientCertificate { chain, key }, info)),
        Err(rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => {
            Err(fault(PemField::Key, "is not the key of the certificate"))
        }
        Err(rustls::Error::InvalidCertificate(_)) => {
            Err(fault(field, "has a certificate that cannot be used"))
        }
        Err(_) => Err(fault(PemField::Key, "is not a key of a supported kind")),
    }
}

fn authorities(text: &str) -> Result<Vec<(CertificateDer<'static>, CertificateInfo)>, PemFault> {
    let field = PemField::Authorities;
    let mut all = Vec::new();
    for certificate in certificates(text, field)? {
        let info = info(&certificate, field)?;
        let added = RootCertStore::empty().add(certificate.clone());
        added.map_err(|_| fault(field, "has a certificate that cannot be an authority's"))?;
        all.push((certificate, info));
    }
    Ok(all)
}

const NONE: &str = "has no certificate (-----BEGIN CERTIFICATE-----)";

fn certificates(text: &str, field: PemField) -> Result<Vec<CertificateDer<'static>>, PemFault> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text.as_bytes()).collect();
    let all = read.map_err(|_| fault(field, "is not PEM"))?;
    match all.len() {
        0 => Err(fault(field, NONE)),
        1..=MAX_CERTIFICATES => Ok(all),
        _ => Err(fault(field, "has more than 20 certificates")),
    }
}

fn info(certificate: &CertificateDer<'_>, field: PemField) -> Result<CertificateInfo, PemFault> {
    let (_, parsed) = X509Certificate::from_der(certificate)
        .map_err(|_| fault(field, "has something that is not a certificate (X.509)"))?;
    let validity = parsed.validity();
    if validity.not_after < validity.not_before {
        return Err(fault(field, "has a certificate that ends before it begins"));
    }
    Ok(CertificateInfo {
        subject: parsed.subject().to_string(),
        not_after: validity.not_after.timestamp(),
    })
}

fn fault(field: PemField, reason: &'static str) -> PemFault {
    PemFault { field, reason }
}
