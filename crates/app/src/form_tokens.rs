//! Forms that do something once: a text in each form tells its sending from a repetition.
//!
//! Browsers send a form again when a page that answered it is reloaded, and when somebody goes back
//! and presses the button again. To the server that is a request with the idempotency key of an
//! earlier one ([`App::once`]).

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::{App, AppError, IdempotencyKey, Person, RepeatableRequest};

/// Characters of the random part: base64url of 16 bytes.
const RANDOM_CHARS: usize = 22;

impl App {
    /// A text for the forms of a page that this person is shown. It is of use in the session of
    /// that person only, once for each thing that a form of the page does.
    pub fn form_token(&self, person: &Person) -> String {
        let random = URL_SAFE_NO_PAD.encode(self.inner().random.bytes::<16>());
        format!("{}.{random}", person.session_id())
    }

    /// The sending of a form with such a text, for [`App::once`]. `action` is what the form does and
    /// with what, usually its address; `body` is all that was entered.
    ///
    /// # Errors
    /// [`AppError::Conflict`] when the text is from another session: nobody knows whether the form
    /// was sent in that one.
    pub fn form_request(
        &self,
        person: &Person,
        token: &str,
        action: &str,
        body: &[u8],
    ) -> Result<RepeatableRequest, AppError> {
        let (session, random) = token.split_once('.').unwrap_or_default();
        let is_own = session == person.session_id().to_string() && random.len() == RANDOM_CHARS;
        let of_action = digest::digest(&digest::SHA256, action.as_bytes());
        let of_action = URL_SAFE_NO_PAD.encode(of_action);
        let key = IdempotencyKey::parse(&format!("form {token} {of_action}"));
        let key = key.ok().filter(|_| is_own).ok_or(AppError::Conflict {
            reason: "this form was shown before you signed in, and may have been sent then"
                .to_owned(),
        })?;
        let requester = person.caller().requester();
        Ok(RepeatableRequest::new(&requester, key, action, body))
    }
}
