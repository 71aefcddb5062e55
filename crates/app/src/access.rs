//! Who asks: keys are checked here, and what a caller may do becomes a value that proves it.
//!
//! The only key so far is the operator's. A right is never a `bool`: a use case takes the proof as
//! an argument, and nothing outside this file can build one.

use aws_lc_rs::hmac;
use carehook_core::{Dialect, Endpoint, OrganizationId};

use crate::{App, AppError};

/// A keyed digest: keys are compared by it, in constant time and whatever their lengths.
pub(crate) struct KeyDigest(hmac::Tag);

impl KeyDigest {
    pub(crate) fn of(digest_key: &hmac::Key, text: &str) -> Self {
        Self(hmac::sign(digest_key, text.as_bytes()))
    }

    fn is_of(&self, digest_key: &hmac::Key, text: &str) -> bool {
        hmac::verify(digest_key, text.as_bytes(), self.0.as_ref()).is_ok()
    }
}

/// Proof that the caller has a valid key.
#[derive(Debug)]
pub struct Caller(());

/// Proof that the caller has the operator's rights.
#[derive(Debug)]
pub struct Operator(());

/// Proof that the caller may act for this organization, which exists.
#[derive(Debug)]
pub struct OrganizationAccess {
    organization: OrganizationId,
    face: Dialect,
}

impl OrganizationAccess {
    /// The organization.
    pub fn organization(&self) -> &OrganizationId {
        &self.organization
    }

    /// The same access through the API of a dialect, which sees its own endpoints only.
    #[must_use]
    pub fn through(self, face: Dialect) -> Self {
        Self { face, ..self }
    }

    /// The API that the caller came through; the native one sees the endpoints of all.
    pub fn face(&self) -> Dialect {
        self.face
    }

    /// Whether the caller may know of this endpoint.
    pub(crate) fn sees(&self, endpoint: &Endpoint) -> bool {
        self.face == Dialect::Native || self.face == endpoint.dialect
    }
}

impl App {
    /// Checks a bearer token.
    pub fn caller(&self, bearer: Option<&str>) -> Result<Caller, AppError> {
        let inner = self.inner();
        let token = bearer.ok_or(AppError::Unauthenticated)?;
        match &inner.operator_key {
            Some(key) if key.is_of(&inner.digest_key, token) => Ok(Caller(())),
            _ => Err(AppError::Unauthenticated),
        }
    }

    /// Checks a bearer token for the operator's rights.
    pub fn operator(&self, bearer: Option<&str>) -> Result<Operator, AppError> {
        self.caller(bearer).map(|Caller(())| Operator(()))
    }

    /// Checks a bearer token for the rights to an organization.
    ///
    /// The key is checked first: without one nobody learns which organizations exist.
    pub fn organization_access(
        &self,
        bearer: Option<&str>,
        organization: &str,
    ) -> Result<OrganizationAccess, AppError> {
        let Caller(()) = self.caller(bearer)?;
        let unknown = AppError::NotFound {
            kind: "organization",
        };
        let Ok(organization) = organization.parse() else {
            return Err(unknown);
        };
        if self.store().organization(&organization).is_none() {
            return Err(unknown);
        }
        Ok(OrganizationAccess {
            organization,
            face: Dialect::Native,
        })
    }
}

#[cfg(test)]
mod tests {
    use carehook_core::Secret;

    use crate::AppConfig;
    use crate::fixture::app_with;

    fn accepts(key: Option<&str>, bearer: Option<&str>) -> bool {
        let (app, _directory) = app_with(AppConfig {
            operator_key: key.map(Secret::new),
            ..AppConfig::default()
        });
        app.operator(bearer).is_ok()
    }

    #[test]
    fn only_the_operators_whole_key_is_accepted() {
        assert!(accepts(Some("key-1"), Some("key-1")));
        for bearer in [None, Some(""), Some("key"), Some("key-12"), Some("KEY-1")] {
            assert!(!accepts(Some("key-1"), bearer), "{bearer:?}");
        }
    }

    #[test]
    fn without_an_operators_key_nobody_is_accepted() {
        for key in [None, Some("")] {
            for bearer in [None, Some(""), Some("key-1")] {
                assert!(!accepts(key, bearer), "{key:?} {bearer:?}");
            }
        }
    }
}
