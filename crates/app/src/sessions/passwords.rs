//! The operator's password: argon2id, on threads that may block, a few at a time.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use carehook_core::{Limits, Secret};
use tokio::sync::Semaphore;

use super::slowing::Slowing;
use crate::AppError;

/// Passwords that are hashed at a time: each takes 19 MiB and one core for a while.
const RUNNING: usize = 2;
/// Those that may wait for that; more are refused.
const WAITING: usize = 16;
const SALT_BYTES: usize = 16;

/// Hashes passwords, and slows down those who guess.
pub(crate) struct Passwords {
    running: Arc<Semaphore>,
    places: Arc<Semaphore>,
    pub(super) slowing: Slowing,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            running: Arc::new(Semaphore::new(RUNNING)),
            places: Arc::new(Semaphore::new(RUNNING + WAITING)),
            slowing: Slowing::default(),
        }
    }
}

/// The system has not done what was asked of it.
#[derive(Debug, thiserror::Error)]
enum HashingError {
    #[error("too many passwords wait to be checked")]
    Busy,
    #[error("the thread that hashed ended early")]
    Thread,
    #[error("argon2: {0}")]
    Argon2(argon2::password_hash::Error),
}

impl From<HashingError> for AppError {
    fn from(error: HashingError) -> Self {
        Self::Unavailable {
            step: "checking the password",
            source: error.into(),
        }
    }
}

impl Passwords {
    /// What a password is checked against from now on: a PHC string.
    pub(super) async fn hashed(
        &self,
        password: Secret,
        salt: [u8; SALT_BYTES],
    ) -> Result<Secret, AppError> {
        let hash = self.run(move || hash(&password, &salt)).await?;
        hash.map_err(|error| HashingError::Argon2(error).into())
    }

    /// Whether a password is the right one. Without one to compare with it takes as long.
    pub(super) async fn is_right(
        &self,
        password: Secret,
        stored: Option<Secret>,
        salt: [u8; SALT_BYTES],
    ) -> Result<bool, AppError> {
        let check = move || match stored {
            Some(stored) => verify(&password, &stored),
            None => hash(&password, &salt).map(|_| false),
        };
        let right = self.run(check).await?;
        right.map_err(|error| HashingError::Argon2(error).into())
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, HashingError> {
        let places = Arc::clone(&self.places);
        let place = places.try_acquire_owned();
        let place = place.map_err(|_| HashingError::Busy)?;
        let running = Arc::clone(&self.running).acquire_owned().await;
        let running = running.map_err(|_| HashingError::Busy)?;
        // The permits go with the work: it goes on when nobody waits for it any more.
        let done = tokio::task::spawn_blocking(move || {
            let _held = (place, running);
            work()
        });
        done.await.map_err(|_| HashingError::Thread)
    }
}

type Hashed<T> = Result<T, argon2::password_hash::Error>;

fn hash(password: &Secret, salt: &[u8]) -> Hashed<Secret> {
    // argon2id with 19 MiB, 2 passes, 1 lane: what OWASP recommends, and the default.
    let hash = Argon2::default().hash_password_with_salt(password.expose().as_bytes(), salt)?;
    Ok(Secret::new(hash.to_string()))
}

fn verify(password: &Secret, stored: &Secret) -> Hashed<bool> {
    let stored = PasswordHash::new(stored.expose())?;
    match Argon2::default().verify_password(password.expose().as_bytes(), &stored) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether a text may become the password.
pub(super) fn check_new(password: &Secret) -> Result<(), String> {
    let text = password.expose();
    if text.chars().count() < Limits::PASSWORD_CHARS_MIN {
        return Err(format!(
            "must have at least {} characters",
            Limits::PASSWORD_CHARS_MIN
        ));
    }
    if text.len() > Limits::PASSWORD_BYTES_MAX {
        return Err(format!(
            "must have at most {} bytes",
            Limits::PASSWORD_BYTES_MAX
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_right_password_is_known_and_every_other_one_refused() {
        let passwords = Passwords::default();
        let right = Secret::new("correct horse battery");
        let stored = passwords.hashed(right.clone(), [7; 16]).await.unwrap();
        assert!(
            stored
                .expose()
                .starts_with("$argon2id$v=19$m=19456,t=2,p=1$")
        );
        let wrong = Secret::new("correct horse batterY");
        for (password, stored, is_right) in [
            (&right, Some(&stored), true),
            (&wrong, Some(&stored), false),
            (&right, None, false),
        ] {
            let checked = passwords.is_right(password.clone(), stored.cloned(), [1; 16]);
            assert_eq!(checked.await.unwrap(), is_right);
        }
        let broken = Some(Secret::new("$argon2id$rubbish"));
        let checked = passwords.is_right(right, broken, [1; 16]).await;
        assert!(matches!(checked, Err(AppError::Unavailable { .. })));
    }

    #[tokio::test]
    async fn no_more_wait_than_there_are_places_for() {
        let passwords = Passwords::default();
        let taken = Arc::clone(&passwords.places);
        let _all = taken.try_acquire_many_owned(18).unwrap();
        let refused = passwords.hashed(Secret::new("x"), [7; 16]).await;
        assert!(matches!(refused, Err(AppError::Unavailable { .. })));
    }

    #[test]
    fn a_new_password_has_12_characters_and_at_most_1024_bytes() {
        let is_accepted = |text: String| check_new(&Secret::new(text)).is_ok();
        assert!(!is_accepted("a".repeat(11)));
        assert!(is_accepted("ü".repeat(12)));
        assert!(is_accepted("a".repeat(1_024)));
        assert!(!is_accepted("a".repeat(1_025)));
    }
}
