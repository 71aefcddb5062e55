//! Links to set the operator's password with, on the wire.

use carehook_app::PasswordLink;
use carehook_core::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A link to set the operator's password with.
#[derive(Serialize, ToSchema)]
#[schema(as = SignInLink)]
pub(crate) struct SignInLinkOut {
    /// Where the operator's browser goes. Whoever follows it first can set the password. It cannot be
    /// seen again: also not by a repetition of this request with its `Idempotency-Key`, which gets
    /// null.
    #[schema(value_type = Option<String>, required = true,
        example = "https://hooks.example.com/console/welcome?link=9sQvUq2oYb3r7xk1mWc5dZt8eHfJgLnPaRsTuVwXyZ0")]
    url: Option<String>,
    /// From when on it is worth nothing.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

impl SignInLinkOut {
    /// The answer to the request, and what a repetition of it gets.
    pub(crate) fn once_and_again(made: &PasswordLink) -> (Self, Self) {
        let PasswordLink { url, expires_at } = made;
        let with = |url| Self {
            url,
            expires_at: *expires_at,
        };
        (with(Some(url.expose().to_owned())), with(None))
    }
}
