//! How the operator signs in: with a password, which the first visit sets through a link.

use std::net::IpAddr;

use carehook_core::{
    AuditAction, Limits, PersonName, Secret, SessionHolder, SignInLink, Timestamp,
};
use carehook_store::{Refusal, StoreError};

use super::passwords::check_new;
use super::{Person, SignedIn, of_link, person, used_up};
use crate::rate_limits::{Counting, Quota, seconds_until};
use crate::{App, AppError, Operator};

/// A link to set the operator's password with. Whoever follows it first can.
#[derive(Clone, Debug)]
pub struct PasswordLink {
    /// The whole link.
    pub url: Secret,
    /// From when on it is worth nothing.
    pub expires_at: Timestamp,
}

impl App {
    /// A link to set the operator's password with, in place of every earlier one; `None` once there
    /// is a password, or where it is switched off. To be called when the server starts: the link is
    /// good until it is used, or until the next one is made.
    pub async fn first_visit_link(&self) -> Result<Option<Secret>, AppError> {
        if self.store().operator_password().is_some() {
            return Ok(None);
        }
        let text = self.new_text();
        let link = SignInLink {
            holder: SessionHolder::Operator,
            person: None,
            expires_at: None,
        };
        let made = self.store().create_sign_in_link(link, &text, self.now());
        match made.await {
            // Where the password is off nobody gets the new link, and the earlier one ends.
            Ok(()) => Ok((!self.is_password_off()).then_some(text)),
            // Somebody has just set it.
            Err(StoreError::Refused(Refusal::Conflict(_))) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Makes a link to set the operator's password with, whether there is one or not: the way back
    /// for whoever has forgotten it. It takes the place of every earlier one, and is good for ten
    /// minutes.
    pub async fn make_password_link(&self, operator: &Operator) -> Result<PasswordLink, AppError> {
        let now = self.now();
        let expires_at = now.plus(SignInLink::PASSWORD_LIFETIME);
        let (by, object) = (operator.actor(), "password_link".to_owned());
        let entry = operator.entry(now, AuditAction::PasswordLinkCreated, object);
        let store = self.noting_for_all(entry);
        let link = SignInLink {
            holder: SessionHolder::Operator,
            person: None,
            expires_at: Some(expires_at),
        };
        let text = self.new_text();
        store.create_sign_in_link(link, &text, now).await?;
        tracing::info!(by, "a link to set the operator's password was made");
        let base = &self.inner().public_url;
        let url = Secret::new(format!("{base}/console/welcome?link={}", text.expose()));
        Ok(PasswordLink { url, expires_at })
    }

    /// Whether the operator's password was set: for the page that asks for it.
    pub fn has_password(&self) -> bool {
        self.store().operator_password().is_some()
    }

    /// Whether a link to set the password with is still good: for the page that asks for it.
    pub fn is_first_visit_link(&self, link: &str) -> bool {
        let now = self.now();
        let found = self.store().sign_in_link_with_text(link);
        found.is_some_and(|link| link.holder == SessionHolder::Operator && link.is_valid_at(now))
    }

    /// Sets the operator's password, and signs in; the link is used up, and the operator's other
    /// sessions end.
    ///
    /// # Errors
    /// [`AppError::Gone`] when the link was used or replaced, and [`AppError::Invalid`] at
    /// `/password` when the password is too short; then the link stays good.
    pub async fn set_password(
        &self,
        link: &str,
        password: Secret,
        source: Option<IpAddr>,
    ) -> Result<SignedIn, AppError> {
        if !self.is_first_visit_link(link) {
            self.note_refusal(source, "first_visit_link", "the link is not valid any more");
            return Err(used_up());
        }
        check_new(&password).map_err(|reason| AppError::invalid("/password", reason))?;
        let hash = self.hashed(password).await?;
        let (new, cookie) = (
            self.new_session(SessionHolder::Operator, None),
            self.new_text(),
        );
        let person = person(new.clone().into(), source);
        let entry = self.session_entry(&person, AuditAction::PasswordSet, new.id);
        let store = self.noting_about(&new.holder, entry);
        let set = store.set_operator_password(link, hash, new, &cookie);
        set.await.map_err(of_link)?;
        tracing::info!("the operator's password was set");
        Ok(SignedIn { person, cookie })
    }

    /// Signs the operator in.
    ///
    /// # Errors
    /// [`AppError::Invalid`] at `/password` when it is wrong or there is none, in the same time and
    /// words; [`AppError::Forbidden`] where it is switched off; [`AppError::RateLimited`] after
    /// failures from the same address, which says how long to wait.
    pub async fn sign_in(
        &self,
        password: Secret,
        source: Option<IpAddr>,
    ) -> Result<SignedIn, AppError> {
        if self.is_password_off() {
            self.note_refusal(source, "operator", "the password is switched off");
            let reason = "the password is switched off on this server".to_owned();
            return Err(AppError::Forbidden { reason });
        }
        let stored = self.checked_password(password, source).await?;
        let (new, cookie) = (
            self.new_session(SessionHolder::Operator, None),
            self.new_text(),
        );
        let person = person(new.clone().into(), source);
        let entry = self.session_entry(&person, AuditAction::SignedIn, new.id);
        let store = self.noting_about(&new.holder, entry);
        let session = store.create_session(new, &cookie).await?;
        // Somebody may have changed it meanwhile, and with that ended all sessions but this one.
        if self.store().operator_password() != Some(stored) {
            self.store().end_session(session.id).await?;
            return Err(wrong());
        }
        Ok(SignedIn { person, cookie })
    }

    /// Signs in, as the operator, somebody for whom another has vouched: an identity provider, which
    /// says what the person is called. The caller has checked that this person may be the operator.
    ///
    /// The session is one of the operator's; the name stands in the list of sessions, and beside the
    /// actor `operator` of everything that the person does.
    pub async fn sign_in_operator_as(
        &self,
        name: PersonName,
        source: Option<IpAddr>,
    ) -> Result<SignedIn, AppError> {
        let new = self.new_session(SessionHolder::Operator, Some(name));
        let cookie = self.new_text();
        let person = person(new.clone().into(), source);
        let entry = self.session_entry(&person, AuditAction::SignedIn, new.id);
        let store = self.noting_about(&new.holder, entry);
        store.create_session(new, &cookie).await?;
        Ok(SignedIn { person, cookie })
    }

    /// Changes the operator's password, and ends the operator's other sessions.
    ///
    /// # Errors
    /// As for [`Self::sign_in`] about the old one, and [`AppError::Invalid`] at `/new_password` when
    /// the new one is too short; [`AppError::Forbidden`] for who is not the operator.
    pub async fn change_password(
        &self,
        person: &Person,
        old: Secret,
        new: Secret,
    ) -> Result<(), AppError> {
        self.operator(person.caller())?;
        check_new(&new).map_err(|reason| AppError::invalid("/new_password", reason))?;
        let stored = self.checked_password(old, person.caller().source()).await?;
        let hash = self.hashed(new).await?;
        let entry = self.session_entry(person, AuditAction::PasswordSet, person.session_id());
        let store = self.noting_about(&SessionHolder::Operator, entry);
        let change = store.change_operator_password(&stored, hash, person.session_id());
        change.await?;
        tracing::info!("the operator's password was changed");
        Ok(())
    }

    /// What is stored of the password, if it is this one.
    async fn checked_password(
        &self,
        password: Secret,
        source: Option<IpAddr>,
    ) -> Result<Secret, AppError> {
        let passwords = &self.inner().passwords;
        let now = self.now();
        let begun = passwords.slowing.begin(source, now);
        begun.map_err(|not_before| {
            AppError::RateLimited(Quota {
                counting: Counting::SignIns,
                limit: 1,
                remaining: 0,
                reset_seconds: seconds_until(not_before, now),
            })
        })?;
        let stored = self.store().operator_password();
        let is_short = password.expose().len() <= Limits::PASSWORD_BYTES_MAX;
        let salt = self.inner().random.bytes();
        let right = is_short && passwords.is_right(password, stored.clone(), salt).await?;
        let Some(stored) = stored.filter(|_| right) else {
            self.note_refusal(source, "operator", "the password is wrong");
            return Err(wrong());
        };
        passwords.slowing.succeeded(source);
        Ok(stored)
    }

    async fn hashed(&self, password: Secret) -> Result<Secret, AppError> {
        let inner = self.inner();
        let salt = inner.random.bytes();
        inner.passwords.hashed(password, salt).await
    }
}

fn wrong() -> AppError {
    AppError::invalid("/password", "is wrong")
}
