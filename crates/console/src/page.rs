//! What every page has around its content: title, navigation, who is here, and notices.

use askama::Template;
use axum::response::{Html, IntoResponse as _, Response};
use carehook_core::{Mode, OrganizationId};

use crate::address;
use crate::assets::{AssetPaths, PATHS};
use crate::done::Done;
use crate::visitor::{Place, Theme, Visitor};

/// The part of the navigation that a page belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    Overview,
    Webhooks,
    ApiKeys,
    Catalogue,
    Log,
    Audit,
    Erasures,
    Organizations,
    Operations,
    OperatorKeys,
    Sessions,
}

impl Section {
    /// Its entry in the navigation.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Webhooks => "Webhooks",
            Self::ApiKeys => "API keys",
            Self::Catalogue => "Event catalogue",
            Self::Log => "Delivery log",
            Self::Audit => "Audit",
            Self::Erasures => "Erasures",
            Self::Organizations => "Organizations",
            Self::Operations => "Operations",
            Self::OperatorKeys => "Operator keys",
            Self::Sessions => "Sessions",
        }
    }
}

/// The organization that a page is about.
pub(crate) struct Around {
    pub(crate) organization: OrganizationId,
    pub(crate) name: String,
    pub(crate) mode: Mode,
    /// Whether there is another mode to change to.
    pub(crate) has_other_mode: bool,
}

/// The frame of a page.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each decides over an entry of the navigation by itself"
)]
pub(crate) struct Page {
    pub(crate) title: String,
    pub(crate) section: Section,
    pub(crate) around: Option<Around>,
    pub(crate) theme: Theme,
    /// Whether the operator looks at it.
    pub(crate) operator: bool,
    /// What the person is called who looks at it.
    pub(crate) person: Option<String>,
    /// Where a portal person came from.
    pub(crate) return_url: Option<String>,
    /// Rights that decide which entries the navigation has.
    pub(crate) may_manage_keys: bool,
    pub(crate) may_audit: bool,
    pub(crate) may_erase: bool,
    /// This page's own address, for forms that come back to it.
    pub(crate) here: String,
    /// The field `once` of forms that are good once.
    pub(crate) once: String,
    /// What was done just before, in a sentence.
    pub(crate) done: Option<&'static str>,
}

impl Page {
    /// A page that belongs to no organization.
    pub(crate) fn of(visitor: &Visitor, section: Section, title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            section,
            around: None,
            theme: visitor.theme,
            operator: visitor.is_operator(),
            person: visitor.person.name().map(str::to_owned),
            return_url: visitor.return_url(),
            may_manage_keys: false,
            may_audit: false,
            may_erase: false,
            here: visitor.here.clone(),
            once: visitor.form_token.clone(),
            done: visitor.done.map(Done::told),
        }
    }

    /// A page of an organization.
    pub(crate) fn at(place: &Place, section: Section, title: impl Into<String>) -> Self {
        use carehook_core::Scope;
        Self {
            around: Some(Around {
                organization: place.access.organization().clone(),
                name: place.organization.name.clone(),
                mode: place.mode,
                has_other_mode: place.only_mode.is_none(),
            }),
            may_manage_keys: place.access.has(Scope::Keys),
            // The trail and erasures know no mode: they stand beside what is live.
            may_audit: place.access.has(Scope::Audit) && place.mode == Mode::Live,
            may_erase: place.access.has(Scope::Admin) && place.mode == Mode::Live,
            ..Self::of(&place.visitor, section, title)
        }
    }

    /// The files that the frame refers to.
    #[expect(clippy::unused_self, reason = "templates reach it through the page")]
    pub(crate) fn assets(&self) -> &'static AssetPaths {
        &PATHS
    }

    /// The address of another page of the same organization and mode.
    pub(crate) fn to(&self, page: &str) -> String {
        match &self.around {
            Some(around) => address::in_organization(&around.organization, around.mode, page),
            None => "/console".to_owned(),
        }
    }

    /// The overview of the organization in a mode.
    pub(crate) fn in_mode(&self, mode: Mode) -> String {
        match &self.around {
            Some(around) => address::in_organization(&around.organization, mode, ""),
            None => "/console".to_owned(),
        }
    }

    /// `page` where this is the entry of the section that the page belongs to, for `aria-current`.
    pub(crate) fn is_in(&self, section: Section) -> bool {
        self.section == section
    }
}

/// A rendered page.
pub(crate) fn shown(page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => Html(html).into_response(),
        Err(error) => {
            // Writing into a `String` fails only if a `Display` of ours says so.
            tracing::error!(%error, "a page could not be written");
            http::StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
