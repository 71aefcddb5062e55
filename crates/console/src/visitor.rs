//! Who looks at a page: the cookie becomes a person, and the person's right to an organization.

use std::net::IpAddr;
use std::sync::Arc;

use axum::RequestPartsExt as _;
use axum::extract::{FromRequestParts, Path, Query};
use carehook_app::{ClientAddress, Operator, OrganizationAccess, Person};
use carehook_core::{Mode, Organization};
use http::request::Parts;
use serde::Deserialize;

use crate::cookies::{SESSION, THEME, cookie};
use crate::done::Done;
use crate::failure::Failure;
use crate::router::Console;

/// The colours that a person chose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Theme {
    /// What the system says.
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    /// The value of `data-theme`, if it is the person's own choice.
    pub(crate) fn name(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }

    pub(crate) fn of(parts: &Parts) -> Self {
        match cookie(&parts.headers, THEME).as_deref() {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::System,
        }
    }
}

/// Where a request comes from, for the audit trail.
pub(crate) fn source_of(parts: &Parts) -> Option<IpAddr> {
    let address = parts.extensions.get::<ClientAddress>();
    address.map(|ClientAddress(address)| *address)
}

/// A signed-in person at a page.
#[derive(Clone)]
pub(crate) struct Visitor {
    pub(crate) person: Person,
    pub(crate) theme: Theme,
    /// The page, with its query.
    pub(crate) here: String,
    /// What makes forms of the page good once.
    pub(crate) form_token: String,
    /// What was done just before, to be told.
    pub(crate) done: Option<Done>,
}

impl Visitor {
    pub(crate) fn is_operator(&self) -> bool {
        self.person.is_operator()
    }

    pub(crate) fn return_url(&self) -> Option<String> {
        self.person.return_url().map(str::to_owned)
    }
}

impl FromRequestParts<Console> for Visitor {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Failure> {
        let here = parts
            .uri
            .path_and_query()
            .map_or("/console", |path| path.as_str());
        let here = here.to_owned();
        let theme = Theme::of(parts);
        let signed_in = cookie(&parts.headers, SESSION);
        let person = signed_in.and_then(|text| console.app().person(&text, source_of(parts)).ok());
        match person {
            Some(person) => Ok(Self {
                form_token: console.app().form_token(&person),
                done: Done::before(&parts.headers),
                person,
                theme,
                here,
            }),
            None if parts.method == http::Method::GET => Err(Failure::SignInFirst { here }),
            None => Err(Failure::SignInFirst {
                here: "/console".to_owned(),
            }),
        }
    }
}

/// The operator at a page of the operator's.
pub(crate) struct OperatorVisitor {
    pub(crate) visitor: Visitor,
    pub(crate) operator: Operator,
}

impl FromRequestParts<Console> for OperatorVisitor {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Failure> {
        let visitor = Visitor::from_request_parts(parts, console).await?;
        let operator = console.app().operator(visitor.person.caller());
        let operator = operator.map_err(|error| Failure::of(error, &visitor))?;
        Ok(Self { visitor, operator })
    }
}

/// A person at a page of an organization: the proof of the right to be there, in the mode that the
/// address names.
pub(crate) struct Place {
    pub(crate) visitor: Visitor,
    pub(crate) access: OrganizationAccess,
    pub(crate) organization: Arc<Organization>,
    pub(crate) mode: Mode,
    /// The only mode that this person sees, if it is one.
    pub(crate) only_mode: Option<Mode>,
}

#[derive(Deserialize)]
struct InOrganization {
    org: String,
}

#[derive(Deserialize)]
struct InMode {
    mode: Option<Mode>,
}

impl FromRequestParts<Console> for Place {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Failure> {
        let visitor = Visitor::from_request_parts(parts, console).await?;
        let path = parts.extract::<Path<InOrganization>>().await;
        let Ok(Path(InOrganization { org })) = path else {
            return Err(Failure::no_such_page(&visitor));
        };
        // A mode that is spelled wrong must not be taken for the live one.
        let Ok(Query(InMode { mode })) = Query::<InMode>::try_from_uri(&parts.uri) else {
            return Err(Failure::no_such_page(&visitor));
        };
        let access = console.app().access(visitor.person.caller(), &org);
        let access = access.map_err(|error| Failure::of(error, &visitor))?;
        let only_mode = access.mode();
        let mode = mode.or(only_mode).unwrap_or_default();
        // Nothing of one mode is shown, or done, under the name of the other.
        if only_mode.is_some_and(|only| only != mode) {
            return Err(Failure::no_such_page(&visitor));
        }
        let access = access.within(mode);
        let organization = console.app().organization(&access);
        let organization = organization.map_err(|error| Failure::of(error, &visitor))?;
        Ok(Self {
            visitor,
            access,
            organization,
            mode,
            only_mode,
        })
    }
}

impl Place {
    /// What a failed use case looks like here.
    pub(crate) fn failure(&self, error: carehook_app::AppError) -> Failure {
        Failure::of(error, &self.visitor)
    }

    /// The address of another page of this organization and mode.
    pub(crate) fn to(&self, page: &str) -> String {
        crate::address::in_organization(self.access.organization(), self.mode, page)
    }
}
