//! Links into the console on the wire.

use std::collections::BTreeSet;

use carehook_app::{AppError, Faults, MadePortalLink, NewPortalLink};
use carehook_core::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What somebody who follows the link gets.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewPortalSession, example = json!({
    "person": "dr.k@clinic.example",
    "rights": ["read", "manage"],
    "return_url": "https://pms.example.com/settings",
}))]
pub(crate) struct PortalSessionIn {
    /// Whom it is for, as your application calls the person: an address, a user name, a number. It
    /// stands in the list of sessions, and beside the actor of everything in the audit trail that
    /// the person does. Without control characters and such as turn the direction of writing.
    #[schema(min_length = 1, max_length = 200)]
    person: Option<String>,
    /// Of `read`, `manage`, `read:payload`, `keys`; always `read`, and only that unless given.
    rights: Option<Vec<String>>,
    /// Where the person is led back to: an `https` URL. `http` is accepted only by a server that is
    /// itself reached by `http`, as with `--dev`.
    #[schema(format = "uri", max_length = 2048)]
    return_url: Option<String>,
}

impl TryFrom<PortalSessionIn> for NewPortalLink {
    type Error = AppError;

    fn try_from(body: PortalSessionIn) -> Result<Self, AppError> {
        let PortalSessionIn {
            person,
            rights,
            return_url,
        } = body;
        let mut faults = Faults::default();
        let person = faults.take_optional("/person", person.as_deref().map(str::parse));
        let rights = rights.map(|rights| {
            let words = rights.iter().enumerate();
            words
                .filter_map(|(index, word)| faults.take(&format!("/rights/{index}"), word.parse()))
                .collect::<BTreeSet<_>>()
        });
        faults.check()?;
        Ok(Self {
            person,
            rights,
            return_url,
        })
    }
}

/// A link into the console.
#[derive(Serialize, ToSchema)]
#[schema(as = PortalSession)]
pub(crate) struct PortalSessionOut {
    /// Where to lead the person's browser. Whoever follows it first is signed in. It cannot be seen
    /// again: also not by a repetition of this request with its `Idempotency-Key`, which gets null.
    #[schema(value_type = Option<String>, required = true,
        example = "https://hooks.example.com/console/portal?link=9sQvUq2oYb3r7xk1mWc5dZt8eHfJgLnPaRsTuVwXyZ0")]
    url: Option<String>,
    /// From when on it is worth nothing.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

impl PortalSessionOut {
    /// The answer to the request, and what a repetition of it gets.
    pub(crate) fn once_and_again(made: &MadePortalLink) -> (Self, Self) {
        let MadePortalLink {
            text: _,
            url,
            expires_at,
        } = made;
        let with = |url| Self {
            url,
            expires_at: *expires_at,
        };
        (with(Some(url.expose().to_owned())), with(None))
    }
}
