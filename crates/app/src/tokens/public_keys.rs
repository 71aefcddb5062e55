//! Checks signatures with the newest known public keys of one issuer.

use carehook_core::Timestamp;
use carehook_deliver::{Deliverer, Url};
use jsonwebtoken::{Algorithm, Header};
use serde_json::{Map, Value};
use tokio_util::task::TaskTracker;

use super::key_set::{KeySet, Verdict};
use super::{Failure, install_crypto};
use crate::fetched::Fetched;

/// The keys of an issuer, which are fetched when the first token needs them.
pub(crate) struct PublicKeys(Fetched<KeySet>);

impl PublicKeys {
    /// The keys at a URL; `what` says in the log what they are for.
    pub(crate) fn new(
        what: &'static str,
        url: Url,
        deliverer: Deliverer,
        tasks: TaskTracker,
    ) -> Self {
        install_crypto();
        let read = |document: &[u8]| KeySet::parse(document).ok_or("it is not a key set");
        Self(Fetched::new(what, url, read, deliverer, tasks))
    }

    /// What a token says, if one of the keys made its signature: RS256, ES256 or `EdDSA`, as the kind
    /// of the key has it; the header only chooses among them.
    pub(crate) async fn claims(
        &self,
        token: &str,
        header: &Header,
        now: Timestamp,
    ) -> Result<Map<String, Value>, Failure> {
        if !matches!(
            header.alg,
            Algorithm::RS256 | Algorithm::ES256 | Algorithm::EdDSA
        ) {
            return Err(Failure::Refused("its algorithm is not accepted"));
        }
        let mut verdict = self.0.get(now).await?.judge(token, header);
        if let Verdict::UnknownKey = verdict {
            verdict = self.0.newest(now).await?.judge(token, header);
        }
        match verdict {
            Verdict::Genuine(claims) => Ok(claims),
            Verdict::Forged => Err(Failure::Refused("its signature is not of the key it names")),
            Verdict::UnknownKey => Err(Failure::Refused("no key of the key set fits")),
        }
    }
}
