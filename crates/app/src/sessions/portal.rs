//! Portal links: a vendor's program makes one for somebody of an organization, whose browser goes
//! through it into the console.

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use carehook_core::{
    AuditAction, Limits, OrganizationId, PersonName, Scope, Secret, SessionHolder, SignInLink,
    Timestamp,
};
use url::Url;

use super::{Person, SignedIn, named, of_link, person, used_up};
use crate::{App, AppError, Faults, OrganizationAccess};

/// A portal link to make.
#[derive(Clone)]
pub struct NewPortalLink {
    /// Who it is for, as the vendor calls the person: for the list of sessions and the audit trail.
    pub person: Option<PersonName>,
    /// What it gives: of `read`, `manage`, `read:payload`, `keys`; always `read`, and nothing else
    /// unless it is named.
    pub rights: Option<BTreeSet<Scope>>,
    /// Where the person is led back to.
    pub return_url: Option<String>,
}

/// A link that was made. Whoever follows it first is signed in.
#[derive(Clone)]
pub struct MadePortalLink {
    /// What stands in it: for [`App::enter_portal`].
    pub text: Secret,
    /// The whole link.
    pub url: Secret,
    /// From when on it is worth nothing.
    pub expires_at: Timestamp,
}

/// Whom a portal link is for, as long as it can be followed.
#[derive(Clone, Debug)]
pub struct PortalGuest {
    /// The organization that is seen.
    pub organization: OrganizationId,
    /// What that is called.
    pub organization_name: String,
    /// What the person is called, if the maker of the link said so.
    pub person: Option<PersonName>,
}

impl PortalGuest {
    /// Whether this is who is signed in already: somebody of the same organization and name. Where
    /// nobody is named, people of an organization are not told apart.
    pub fn is(&self, person: &Person) -> bool {
        let name = self.person.as_ref().map(PersonName::as_str);
        person.organization() == Some(&self.organization) && person.name() == name
    }
}

/// May hold a query, so it is not printed.
impl fmt::Debug for NewPortalLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewPortalLink")
            .field("rights", &self.rights)
            .finish_non_exhaustive()
    }
}

impl App {
    /// Makes a link through which somebody comes into the console once, within a minute, with no
    /// more than these rights in this organization.
    ///
    /// # Errors
    /// [`AppError::Forbidden`] names the right that the caller does not have; making a link needs
    /// the scope `keys`, and cannot be done by somebody who came through one.
    pub async fn make_portal_link(
        &self,
        access: &OrganizationAccess,
        new: NewPortalLink,
    ) -> Result<MadePortalLink, AppError> {
        let NewPortalLink {
            person,
            rights,
            return_url,
        } = new;
        let mut faults = Faults::default();
        let rights = faults.take("/rights", checked_rights(rights));
        let return_url = return_url
            .map(|url| self.checked_return_url(&url))
            .transpose();
        let return_url = faults.take("/return_url", return_url);
        let (rights, return_url) = faults.finish(rights.zip(return_url))?;
        let grant = access.portal_grant(rights, return_url)?;
        let now = self.now();
        let expires_at = now.plus(SignInLink::PORTAL_LIFETIME);
        let action = AuditAction::PortalLinkCreated;
        let entry = access.entry(self, action, "portal_link".to_owned());
        let entry = named(entry.with("rights", words(&grant.scopes)), person.as_ref());
        let link = SignInLink {
            holder: SessionHolder::Portal(grant),
            person,
            expires_at: Some(expires_at),
        };
        let text = self.new_text();
        let store = self.noting_entry(access.organization(), entry);
        store.create_sign_in_link(link, &text, now).await?;
        let base = &self.inner().public_url;
        let url = Secret::new(format!("{base}/console/portal?link={}", text.expose()));
        Ok(MadePortalLink {
            text,
            url,
            expires_at,
        })
    }

    /// Whom a portal link is for; `None` is one that is used up. To look does not use it.
    pub fn portal_guest(&self, link: &str) -> Option<PortalGuest> {
        let found = self.followable(link)?;
        let organization = found.holder.organization()?.clone();
        let known = self.store().organization(&organization)?;
        Some(PortalGuest {
            organization,
            organization_name: known.name.clone(),
            person: found.person.clone(),
        })
    }

    fn followable(&self, link: &str) -> Option<Arc<SignInLink>> {
        let now = self.now();
        let found = self.store().sign_in_link_with_text(link);
        // A key that has ended lets nobody in.
        found.filter(|link| match &link.holder {
            SessionHolder::Operator => false,
            SessionHolder::Portal(grant) => {
                link.is_valid_at(now) && grant.ends_at.is_none_or(|end| now < end)
            }
        })
    }

    /// Signs in who follows a portal link; the link is used up.
    ///
    /// # Errors
    /// [`AppError::Gone`] when it was used already or its time is over.
    pub async fn enter_portal(
        &self,
        link: &str,
        source: Option<IpAddr>,
    ) -> Result<SignedIn, AppError> {
        let granted = self.followable(link);
        let Some(granted) = granted else {
            self.note_refusal(source, "portal_link", "the link is not valid any more");
            return Err(used_up());
        };
        let SignInLink {
            holder,
            person: name,
            ..
        } = (*granted).clone();
        let (new, cookie) = (self.new_session(holder, name), self.new_text());
        let person = person(new.clone().into(), source);
        let entry = self.session_entry(&person, AuditAction::SignedIn, new.id);
        let store = self.noting_about(&new.holder, entry.with("rights", words(&person.rights())));
        let used = store.use_sign_in_link(link, new, &cookie).await;
        used.map_err(of_link)?;
        Ok(SignedIn { person, cookie })
    }

    /// Only `https`, so that nobody is led where others read along. A server that is reached by
    /// `http` itself is a trial.
    fn checked_return_url(&self, text: &str) -> Result<Secret, String> {
        if text.len() > Limits::URL_BYTES {
            return Err(format!("must have at most {} bytes", Limits::URL_BYTES));
        }
        let url = Url::parse(text).map_err(|_| "must be an absolute URL".to_owned())?;
        let is_trial = self.inner().public_url.starts_with("http://");
        if url.scheme() != "https" && !(is_trial && url.scheme() == "http") {
            return Err("must begin with https://".to_owned());
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must not hold a name or password".to_owned());
        }
        // As it was understood, so that a browser understands nothing else.
        Ok(Secret::new(String::from(url)))
    }
}

fn checked_rights(rights: Option<BTreeSet<Scope>>) -> Result<BTreeSet<Scope>, String> {
    let mut rights = rights.unwrap_or_default();
    let possible = carehook_core::PortalGrant::SCOPES;
    if let Some(other) = rights.iter().find(|right| !possible.contains(right)) {
        return Err(format!("a portal link cannot give `{other}`"));
    }
    rights.insert(Scope::Read);
    Ok(rights)
}

fn words(scopes: &BTreeSet<Scope>) -> String {
    let words: Vec<_> = scopes.iter().map(|scope| scope.as_str()).collect();
    words.join(" ")
}
