//! Signing the operator in with an identity provider: `OpenID` Connect Core 1.0, the authorization
//! code flow (3.1) with PKCE (RFC 7636).
//!
//! **The course.** [`crate::App::begin_oidc`] gives an address of the provider and a sealed text that the
//! person's browser keeps meanwhile. The provider leads the browser back with a code, and
//! [`crate::App::finish_oidc`] asks the provider for the tokens of that code, checks what they say, and lets
//! in whom the operator has listed ([`People`]).
//!
//! **Guarantees.** An answer counts only in the browser that asked (`state`), once at the provider
//! (the code, bound by PKCE), and for this sign-in (`nonce`). Nothing is kept on the server
//! meanwhile, so nobody can fill anything up. A provider that is down keeps nobody from starting a
//! server or from using the password. No token, code or claim is in a log; texts of the provider
//! are shown to the person alone.

mod claimed;
mod discovery;
mod exchange;
mod fuzzing;
mod id_token;
mod issuer;
mod pending;
mod people;
mod provider;
mod signing_in;

use carehook_core::{PersonName, Secret};
use carehook_deliver::Deliverer;

use crate::fetched::FetchedError;
use crate::{AppError, Chain};

pub use fuzzing::read_as_every_answer_of_a_provider;
pub use issuer::{Issuer, IssuerError};
pub use pending::OidcKept;
pub use people::{People, PeopleError};
pub(crate) use provider::Provider;
pub use signing_in::{OidcAnswer, OidcBegun, OidcDoor, OidcPerson, OidcReturn};

/// The path at which the provider hands people back, below the public URL: what is registered there.
pub const OIDC_RETURN_PATH: &str = "/console/sign-in/oidc/return";

/// How the operator signs in with an identity provider.
#[derive(Clone, Debug)]
pub struct OidcConfig {
    /// Who vouches for people.
    pub issuer: Issuer,
    /// What this server is called there.
    pub client_id: String,
    /// What proves that it is this server; a public client has none.
    pub client_secret: Option<Secret>,
    /// Who may enter.
    pub people: People,
    /// What the provider is called on the page; else its host.
    pub name: Option<String>,
    /// Whether the operator's password is switched off.
    pub only: bool,
}

/// Why nobody was signed in, in words for the person at the browser.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OidcError {
    /// Nothing was begun in this browser, or too long ago, or somewhere else meanwhile.
    #[error("this sign-in was begun in another browser or tab, or more than 10 minutes ago")]
    NotBegunHere,
    /// The provider does not answer, or not as a provider.
    #[error("the identity provider cannot be used at the moment")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Too many people come back at the same time.
    #[error("too many people are signing in at the moment")]
    Busy,
    /// The provider has not signed the person in. Both texts are the provider's: hostile.
    #[error("the identity provider has not signed you in")]
    Declined {
        /// The code of its reason, such as `access_denied`.
        code: String,
        /// What it says about it.
        description: Option<String>,
    },
    /// The provider refused to exchange the code.
    #[error("the identity provider has not exchanged the code that it gave: {code}")]
    Exchange {
        /// The code of its reason, of those that the protocol names.
        code: &'static str,
    },
    /// What came back proves nothing.
    #[error("what the identity provider answered does not count: {0}")]
    Untrusted(&'static str),
    /// It is somebody, but nobody who may enter.
    #[error("you are not on the list of people who may enter")]
    NotInvited {
        /// As whom the provider knows the person: hostile text.
        who: PersonName,
        /// Whether the provider has found an address to be the person's.
        has_address: bool,
    },
    /// The session could not be made.
    #[error(transparent)]
    App(#[from] AppError),
}

impl OidcError {
    /// Whether the operator should know of it.
    fn is_ours(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Exchange { .. } | Self::Untrusted(_) => true,
            Self::App(error) => error.is_ours(),
            Self::NotBegunHere | Self::Busy | Self::Declined { .. } | Self::NotInvited { .. } => {
                false
            }
        }
    }
}

impl From<FetchedError> for OidcError {
    fn from(error: FetchedError) -> Self {
        Self::Unreachable(error.into())
    }
}

impl OidcConfig {
    /// Looks whether the provider answers as it must, with keys that can be used; for `doctor`.
    ///
    /// # Errors
    /// What is wrong with it, in words for the operator.
    pub async fn check(&self, deliverer: &Deliverer) -> Result<(), String> {
        let checked = discovery::check(&self.issuer, deliverer).await;
        checked.map_err(|error| Chain(&error).to_string())
    }
}

#[cfg(test)]
mod tests;
