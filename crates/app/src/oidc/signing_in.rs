//! The use cases: a sign-in begins, and comes back.

use std::net::IpAddr;

use carehook_core::{PersonName, Secret};

use super::OidcError;
use super::pending::{OidcKept, Pending, name_of};
use super::provider::Provider;
use crate::sessions::SignedIn;
use crate::{App, AppError};

/// What the page that asks for a sign-in shows of the identity provider.
#[derive(Clone, Debug)]
pub struct OidcDoor {
    /// What it is called.
    pub name: String,
    /// Whether there is no other door: the password is switched off.
    pub only: bool,
}

/// Whom the provider is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OidcPerson {
    /// Whoever is signed in there, if somebody is.
    Known,
    /// Somebody who signs in there now, because who is known there is not let in here.
    Another,
}

/// A sign-in that has begun.
pub struct OidcBegun {
    /// Where the browser goes, at the provider.
    pub url: Secret,
    /// What the browser has to keep until it comes back, for an hour; an answer counts for 10
    /// minutes.
    pub kept: OidcKept,
    /// The names of what the browser has kept and should not keep any longer.
    pub needless: Vec<String>,
}

/// With what a person comes back (RFC 6749, 4.1.2; RFC 9207): nothing in it is to be believed.
#[derive(Default)]
pub struct OidcAnswer {
    /// What the provider exchanges for tokens.
    pub code: Option<String>,
    /// To which sign-in it is the answer.
    pub state: Option<String>,
    /// Who answers.
    pub issuer: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
    /// More about that.
    pub error_description: Option<String>,
}

/// What came of a return from the provider.
pub struct OidcReturn {
    /// The session, or why there is none.
    pub outcome: Result<SignedIn, OidcError>,
    /// The page that the person wanted to see, as it was given; where the browser has kept it.
    pub next: Option<String>,
    /// The name of what the browser need not keep any longer: of this sign-in, and no other.
    pub ended: Option<String>,
}

impl App {
    /// The identity provider, if there is one.
    pub fn oidc_door(&self) -> Option<OidcDoor> {
        let provider = self.inner().oidc.as_ref()?;
        Some(OidcDoor {
            name: provider.name().to_owned(),
            only: provider.config.only,
        })
    }

    /// Whether the operator's password lets nobody in.
    pub fn is_password_off(&self) -> bool {
        let provider = self.inner().oidc.as_ref();
        provider.is_some_and(|provider| provider.config.only)
    }

    /// Begins a sign-in; `next` is the page to be shown afterwards, and `kept` what the browser keeps
    /// of others.
    ///
    /// # Errors
    /// [`OidcError::Unreachable`] when the provider does not say where to go, and
    /// [`AppError::NotFound`] when there is none.
    pub async fn begin_oidc(
        &self,
        next: &str,
        who: OidcPerson,
        kept: &[OidcKept],
    ) -> Result<OidcBegun, OidcError> {
        let inner = self.inner();
        let provider = inner.oidc.as_ref().ok_or_else(no_provider)?;
        let begun = provider.begin(next, who, &inner.random, self.now()).await;
        let (url, newest) = begun.inspect_err(|error| provider.log(error, self.now()))?;
        Ok(OidcBegun {
            url: Secret::new(String::from(url)),
            needless: provider.seal.needless(kept, &newest, self.now()),
            kept: newest,
        })
    }

    /// Signs in who came back from the provider, as the operator, under the person's own name.
    /// `kept` is what the browser has kept. Who was refused is in the audit trail: with the address,
    /// where the provider has found it to be the person's, and else without a name.
    pub async fn finish_oidc(
        &self,
        answer: OidcAnswer,
        kept: &[OidcKept],
        source: Option<IpAddr>,
    ) -> OidcReturn {
        let Some(provider) = self.inner().oidc.as_ref() else {
            return OidcReturn {
                outcome: Err(no_provider()),
                next: None,
                ended: None,
            };
        };
        let state = answer.state.as_deref().unwrap_or_default();
        let name = name_of(state);
        let kept = kept.iter().find(|kept| kept.name == name);
        let pending = kept.and_then(|kept| provider.seal.open(kept.text.expose()));
        let pending = pending.filter(|pending| pending.is_answered_by(state));
        let finished = self.finish_pending(provider, answer, pending.as_ref(), source);
        OidcReturn {
            outcome: finished.await,
            next: pending.map(|pending| pending.next),
            ended: kept.map(|kept| kept.name.clone()),
        }
    }

    async fn finish_pending(
        &self,
        provider: &Provider,
        answer: OidcAnswer,
        pending: Option<&Pending>,
        source: Option<IpAddr>,
    ) -> Result<SignedIn, OidcError> {
        let finished = provider.finish(answer, pending, self.now()).await;
        let name = finished.inspect_err(|error| {
            provider.log(error, self.now());
            if let Some(reason) = reason(error) {
                self.note_refusal_of(proven(error), source, "oidc", reason);
            }
        })?;
        let begun = self.sign_in_operator_as(name, source).await;
        begun
            .map_err(OidcError::from)
            .inspect_err(|error| provider.log(error, self.now()))
    }
}

fn no_provider() -> OidcError {
    let kind = "identity provider";
    AppError::NotFound { kind }.into()
}

/// What the audit trail says of it; anybody can come without having begun.
fn reason(error: &OidcError) -> Option<&'static str> {
    match error {
        OidcError::NotInvited { .. } => Some("the person is not on the list"),
        OidcError::Untrusted(flaw) => Some(flaw),
        OidcError::Exchange { .. } => Some("the identity provider has not exchanged the code"),
        OidcError::Declined { .. } => Some("the identity provider has not signed the person in"),
        OidcError::NotBegunHere
        | OidcError::Unreachable(_)
        | OidcError::Busy
        | OidcError::App(_) => None,
    }
}

/// Who was refused, if that is certain.
fn proven(error: &OidcError) -> Option<PersonName> {
    match error {
        OidcError::NotInvited {
            who,
            has_address: true,
        } => Some(who.clone()),
        _ => None,
    }
}
