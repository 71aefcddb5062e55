//! The identity provider of this server: where people are sent, and what their return proves.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use carehook_core::{PersonName, Timestamp};
use carehook_deliver::{Deliverer, Url};
use parking_lot::Mutex;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use super::claimed::Claimed;
use super::discovery::{KEYS, Metadata, metadata_of};
use super::exchange::{Tokens, exchange, user_info};
use super::id_token::Expected;
use super::pending::{OidcKept, Pending, Seal};
use super::signing_in::{OidcAnswer, OidcPerson};
use super::{OIDC_RETURN_PATH, OidcConfig, OidcError};
use crate::Chain;
use crate::fetched::Fetched;
use crate::random::Random;
use crate::tokens::{Failure, PublicKeys, header_of};

/// Returns that are worked on at a time: each asks the provider up to three times.
const RETURNING: usize = 32;
/// Longer ID tokens are not looked at; those with many groups are long.
pub(super) const MAX_TOKEN_BYTES: usize = 64 * 1024;
/// How often the log is told.
const ONCE_IN: Duration = Duration::from_secs(10);
/// People are sent to a provider that has answered within this time: where it does not, a page of
/// ours says so, and not one of the browser.
const ANSWERED: Duration = Duration::from_mins(1);
/// What is kept of what a provider says about a refusal.
const MAX_SAID: usize = 300;

/// The provider, with all that is known of it.
pub(crate) struct Provider {
    pub(super) config: OidcConfig,
    redirect_uri: String,
    metadata: Fetched<Metadata>,
    /// Its keys, and where they are; another place in the metadata means other keys.
    keys: Mutex<Option<(Url, Arc<PublicKeys>)>>,
    pub(super) seal: Seal,
    /// When the log was told last.
    told_at: Mutex<Option<Timestamp>>,
    returning: Semaphore,
    deliverer: Deliverer,
    tasks: TaskTracker,
}

impl Provider {
    /// Nothing is asked of it yet.
    pub(crate) fn new(
        config: OidcConfig,
        public_url: &str,
        random: &Random,
        deliverer: Deliverer,
        tasks: TaskTracker,
    ) -> Self {
        Self {
            redirect_uri: format!("{}{OIDC_RETURN_PATH}", public_url.trim_end_matches('/')),
            metadata: metadata_of(&config.issuer, deliverer.clone(), tasks.clone()),
            keys: Mutex::default(),
            seal: Seal::new(random),
            told_at: Mutex::default(),
            returning: Semaphore::new(RETURNING),
            config,
            deliverer,
            tasks,
        }
    }

    /// What it is called on the page.
    pub(super) fn name(&self) -> &str {
        let named = self.config.name.as_deref();
        named.unwrap_or_else(|| self.config.issuer.host())
    }

    /// Where to send a person, and what the browser has to keep meanwhile.
    pub(super) async fn begin(
        &self,
        next: &str,
        who: OidcPerson,
        random: &Random,
        now: Timestamp,
    ) -> Result<(Url, OidcKept), OidcError> {
        let metadata = self.metadata.found_within(ANSWERED, now).await?;
        let pending = Pending::new(random, next, now);
        let with_groups = self.config.people.asks_for_groups() && metadata.has_groups_scope;
        let scope = if with_groups {
            "openid email profile groups"
        } else {
            "openid email profile"
        };
        let challenge = digest(&SHA256, pending.verifier.as_bytes());
        let mut url = metadata.authorization.clone();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.config.client_id)
            .append_pair("redirect_uri", &self.redirect_uri)
            .append_pair("scope", scope)
            .append_pair("state", &pending.state)
            .append_pair("nonce", &pending.nonce)
            .append_pair("code_challenge", &URL_SAFE_NO_PAD.encode(challenge))
            .append_pair("code_challenge_method", "S256");
        if who == OidcPerson::Another {
            url.query_pairs_mut().append_pair("prompt", "login");
        }
        Ok((url, self.seal.kept(&pending)))
    }

    /// Who came back, with an answer to what was begun.
    pub(super) async fn finish(
        &self,
        answer: OidcAnswer,
        pending: Option<&Pending>,
        now: Timestamp,
    ) -> Result<PersonName, OidcError> {
        let OidcAnswer {
            code,
            state: _,
            issuer,
            error,
            error_description,
        } = answer;
        let pending = pending.filter(|pending| !pending.is_over(now));
        let pending = pending.ok_or(OidcError::NotBegunHere)?;
        let _place = self.returning.try_acquire().map_err(|_| OidcError::Busy)?;
        let metadata = self.metadata.get(now).await?;
        self.check_answering(issuer.as_deref(), &metadata)?;
        if let Some(code) = error {
            return Err(OidcError::Declined {
                code: shortened(&code),
                description: error_description.as_deref().map(shortened),
            });
        }
        let code = code.ok_or(OidcError::Untrusted("it has no code"))?;
        let (config, uri) = (&self.config, &self.redirect_uri);
        let tokens = exchange(config, &metadata, uri, pending, &code, &self.deliverer).await?;
        let person = self.person(&tokens, &metadata, &pending.nonce, now).await?;
        let name = person.called();
        let name = name.ok_or(OidcError::Untrusted("it calls the person nothing readable"))?;
        if !config.people.has(&person) {
            return Err(OidcError::NotInvited {
                who: name,
                has_address: person.email.is_some(),
            });
        }
        Ok(name)
    }

    /// Tells the operator what went wrong, never what a token or the provider says, and seldom:
    /// anybody can make it go wrong.
    pub(super) fn log(&self, error: &OidcError, now: Timestamp) {
        if !error.is_ours() {
            tracing::debug!("a sign-in with the identity provider did not come about");
            return;
        }
        let mut told_at = self.told_at.lock();
        if told_at.is_none_or(|told_at| now.since(told_at) >= ONCE_IN) {
            *told_at = Some(now);
            tracing::warn!(error = %Chain(error), "a sign-in with the identity provider has failed");
        }
    }

    /// An answer of another issuer must not get our code (RFC 9207, 2.4).
    fn check_answering(&self, issuer: Option<&str>, metadata: &Metadata) -> Result<(), OidcError> {
        match issuer {
            Some(issuer) if issuer != self.config.issuer.as_str() => {
                Err(OidcError::Untrusted("it is of another issuer"))
            }
            None if metadata.answers_name_issuer => Err(OidcError::Untrusted(
                "it does not say of which issuer it is",
            )),
            _ => Ok(()),
        }
    }

    /// What the tokens say of the person, or else the provider itself.
    async fn person(
        &self,
        tokens: &Tokens,
        metadata: &Metadata,
        nonce: &str,
        now: Timestamp,
    ) -> Result<Claimed, OidcError> {
        let token = tokens.id_token.expose();
        let header = header_of(token, MAX_TOKEN_BYTES).map_err(OidcError::Untrusted)?;
        let keys = self.keys_at(&metadata.keys);
        let claims = match keys.claims(token, &header, now).await {
            Ok(claims) => claims,
            Err(Failure::Refused(flaw)) => return Err(OidcError::Untrusted(flaw)),
            Err(Failure::Unavailable(error)) => return Err(error.into()),
        };
        let expected = Expected {
            issuer: self.config.issuer.as_str(),
            client_id: &self.config.client_id,
            nonce,
            now,
        };
        expected.check(&claims).map_err(OidcError::Untrusted)?;
        let person = Claimed::read(&claims).map_err(OidcError::Untrusted)?;
        let people = &self.config.people;
        let lacks_groups = people.asks_for_groups() && person.groups.is_empty();
        let is_known = person.email.is_some() && (people.has(&person) || !lacks_groups);
        let Some(place) = metadata.user_info.as_ref().filter(|_| !is_known) else {
            return Ok(person);
        };
        let said = user_info(place, &tokens.access_token, &self.deliverer).await?;
        let said = Claimed::read(&said).map_err(OidcError::Untrusted)?;
        // Core 1.0, 5.3.2: else it may be about somebody else.
        if said.subject != person.subject {
            return Err(OidcError::Untrusted("it says `sub` of somebody else"));
        }
        Ok(person.or(said))
    }

    fn keys_at(&self, place: &Url) -> Arc<PublicKeys> {
        let mut known = self.keys.lock();
        match &*known {
            Some((url, keys)) if url == place => Arc::clone(keys),
            _ => {
                let (deliverer, tasks) = (self.deliverer.clone(), self.tasks.clone());
                let keys = PublicKeys::new(KEYS, place.clone(), deliverer, tasks);
                let keys = Arc::new(keys);
                *known = Some((place.clone(), Arc::clone(&keys)));
                keys
            }
        }
    }
}

/// As much of a text of the provider as a person reads.
fn shortened(text: &str) -> String {
    text.chars().take(MAX_SAID).collect()
}
