//! Coming in through a portal link. Who is signed in as somebody else is asked first: a link can be
//! followed without meaning it, and a browser has one session.

use askama::Template;
use axum::Router;
use axum::extract::{Form, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use carehook_app::PortalGuest;
use serde::Deserialize;

use super::arriving::begun;
use super::{Stranger, ended, reason};
use crate::failure::Failure;
use crate::page::shown;
use crate::router::Console;
use crate::visitor::{Theme, Visitor};

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/portal", get(follow).post(enter))
}

/// What an address says; it says nothing after the form was answered by a page.
#[derive(Deserialize)]
struct Followed {
    link: Option<String>,
}

#[derive(Deserialize)]
struct Link {
    link: String,
}

#[derive(Template)]
#[template(path = "pages/portal_instead.html")]
struct Instead {
    theme: Theme,
    link: String,
    /// Who is signed in now, in words.
    now: String,
    /// What the person is called whom the link is for, and where it leads.
    name: Option<String>,
    organization: String,
}

async fn follow(
    State(console): State<Console>,
    stranger: Stranger,
    Query(Followed { link }): Query<Followed>,
    visitor: Result<Visitor, Failure>,
) -> Response {
    let Some(link) = link else {
        return Redirect::to("/console").into_response();
    };
    let guest = console.app().portal_guest(&link);
    match (&visitor, guest) {
        (Ok(visitor), Some(guest)) if !guest.is(&visitor.person) => {
            ask(&stranger, visitor, guest, link)
        }
        _ => entered(&console, &stranger, &link, visitor.ok()).await,
    }
}

async fn enter(
    State(console): State<Console>,
    stranger: Stranger,
    visitor: Result<Visitor, Failure>,
    Form(Link { link }): Form<Link>,
) -> Response {
    entered(&console, &stranger, &link, visitor.ok()).await
}

fn ask(stranger: &Stranger, visitor: &Visitor, guest: PortalGuest, link: String) -> Response {
    let person = &visitor.person;
    let place = match person.organization() {
        None => "the operator".to_owned(),
        Some(organization) => format!("somebody of {organization}"),
    };
    let now = match person.name() {
        Some(name) => format!("{name} ({place})"),
        None => place,
    };
    let PortalGuest {
        organization: _,
        organization_name,
        person,
    } = guest;
    shown(&Instead {
        theme: stranger.theme,
        link,
        now,
        name: person.map(|name| name.to_string()),
        organization: organization_name,
    })
}

/// Signs in; the session of before, if there is one, ends with that.
async fn entered(
    console: &Console,
    stranger: &Stranger,
    link: &str,
    before: Option<Visitor>,
) -> Response {
    match console.app().enter_portal(link, stranger.source).await {
        Ok(session) => {
            if let Some(Visitor { person, .. }) = before
                && let Err(error) = console.app().end_replaced(&person).await
            {
                // Its cookie is gone in any case, and it ends by itself.
                tracing::warn!(%error, "a session that was replaced could not be ended");
            }
            begun(console, &session, "/console")
        }
        Err(error) => {
            let next = "Go back to the application that you came from and open the portal again.";
            ended(stranger.theme, &reason(&error), next).into_response()
        }
    }
}
