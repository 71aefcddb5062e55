//! The secrets of an endpoint: shown, rotated, and their public halves published.

use std::sync::Arc;
use std::time::Duration;

use carehook_core::{
    AuditAction, DatedSecret, Dialect, Endpoint, EndpointId, Limits, OrganizationId, Scope, Secret,
    SigningKey, Timestamp,
};

use crate::audit;
use crate::{App, AppError, Faults, OrganizationAccess};

/// How deliveries are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// Standard Webhooks `v1`: HMAC-SHA256 with a shared secret.
    HmacSha256,
    /// Standard Webhooks `v1a`: ed25519; the receiver only has the public key.
    Ed25519,
}

/// How an endpoint gets a new secret.
#[derive(Clone, Debug, Default)]
pub struct Rotation {
    /// What it is for; that of `secret`, or of the present one, when missing.
    pub algorithm: Option<Algorithm>,
    /// How long the secrets in force go on signing.
    pub grace_seconds: Option<u64>,
    /// The new secret; made up when missing.
    pub secret: Option<Secret>,
}

/// One secret as its owner may see it.
#[derive(Clone, Debug)]
pub struct SecretView {
    /// The shared secret; a private key is never shown.
    pub secret: Option<Secret>,
    /// The public key, when it is a key pair.
    pub public_key: Option<String>,
    /// Since when it signs.
    pub created_at: Timestamp,
    /// When it stops signing, if a newer one has replaced it.
    pub expires_at: Option<Timestamp>,
}

impl App {
    /// The secrets in force of an endpoint, newest first.
    pub async fn secrets(
        &self,
        access: &OrganizationAccess,
        id: EndpointId,
    ) -> Result<Vec<SecretView>, AppError> {
        access.require(Scope::Manage)?;
        let endpoint = self.changeable_endpoint(access, id)?;
        let object = audit::endpoint(id);
        let entry = access.entry(self, AuditAction::SecretViewed, object);
        self.audit(access, entry).await?;
        tracing::info!(organization = %access.organization(), endpoint = %id, "secret shown");
        self.views(&endpoint)
    }

    /// Gives an endpoint a new secret; those in force go on signing for a while.
    pub async fn rotate_secret(
        &self,
        access: &OrganizationAccess,
        id: EndpointId,
        rotation: Rotation,
    ) -> Result<Vec<SecretView>, AppError> {
        access.require(Scope::Manage)?;
        let current = self.changeable_endpoint(access, id)?;
        let mut faults = Faults::default();
        let grace = checked_grace(rotation.grace_seconds, &mut faults);
        let secret = self.next_secret(
            &rotation,
            (current.secrets.current(), current.dialect),
            &mut faults,
        );
        faults.check()?;
        let rotate = |current: &Endpoint| {
            let now = self.now();
            let mut new = current.clone();
            let retired = current.dialect.retired_secrets();
            new.secrets = current.secrets.rotated(secret.clone(), now, grace, retired);
            new.updated_at = now;
            Ok(new)
        };
        let endpoint = self
            .replace_endpoint(access, (id, AuditAction::SecretRotated), rotate)
            .await?;
        tracing::info!(organization = %access.organization(), endpoint = %id, "secret rotated");
        self.views(&endpoint)
    }

    /// The public keys that sign for an endpoint, for anybody who asks.
    ///
    /// An endpoint without any is as unknown as one that does not exist.
    pub fn public_keys(&self, organization: &str, endpoint: &str) -> Result<Vec<String>, AppError> {
        let unknown = || AppError::NotFound { kind: "public key" };
        let organization: OrganizationId = organization.parse().map_err(|_| unknown())?;
        let id = endpoint.parse().map(EndpointId).map_err(|_| unknown())?;
        let found = self.store().endpoint(&organization, id);
        let views = self.views(&found.ok_or_else(unknown)?)?;
        let keys: Vec<String> = views
            .into_iter()
            .filter_map(|view| view.public_key)
            .collect();
        if keys.is_empty() {
            return Err(unknown());
        }
        Ok(keys)
    }

    /// A random secret in the form that the dialect's receivers expect.
    pub(crate) fn new_secret(&self, dialect: Dialect) -> Secret {
        let random = &self.inner().random;
        match dialect {
            Dialect::Native | Dialect::Jump | Dialect::Mycure => Secret::symmetric(&random.bytes()),
            Dialect::Decoda => Secret::new(random.hex()),
            Dialect::Ecg => Secret::new(random.hex() + &random.hex()),
        }
    }

    fn views(&self, endpoint: &Arc<Endpoint>) -> Result<Vec<SecretView>, AppError> {
        let in_force = endpoint.secrets.in_force(self.now());
        in_force.map(SecretView::of).collect()
    }

    fn next_secret(
        &self,
        rotation: &Rotation,
        (current, dialect): (&Secret, Dialect),
        faults: &mut Faults,
    ) -> Secret {
        if let Some(given) = &rotation.secret {
            check_given(given, rotation.algorithm, dialect, faults);
            return given.clone();
        }
        let random = &self.inner().random;
        match rotation.algorithm.unwrap_or_else(|| algorithm_of(current)) {
            Algorithm::HmacSha256 => self.new_secret(dialect),
            Algorithm::Ed25519 => SigningKey::new_ed25519(&random.bytes()),
        }
    }
}

impl SecretView {
    fn of(dated: &DatedSecret) -> Result<Self, AppError> {
        let DatedSecret {
            secret,
            created_at,
            expires_at,
        } = dated;
        let key = SigningKey::parse(secret).map_err(|error| AppError::Internal(error.into()))?;
        let public_key = key.public_key();
        Ok(Self {
            secret: public_key.is_none().then(|| secret.clone()),
            public_key,
            created_at: *created_at,
            expires_at: *expires_at,
        })
    }
}

const SYMMETRIC: &str = "whsec_";
const PRIVATE: &str = "whsk_";

fn algorithm_of(secret: &Secret) -> Algorithm {
    if secret.expose().starts_with(PRIVATE) {
        Algorithm::Ed25519
    } else {
        Algorithm::HmacSha256
    }
}

fn check_given(
    secret: &Secret,
    algorithm: Option<Algorithm>,
    dialect: Dialect,
    faults: &mut Faults,
) {
    let text = secret.expose();
    // ECG's secrets are texts of the subscriber's own.
    if dialect != Dialect::Ecg && !text.starts_with(SYMMETRIC) && !text.starts_with(PRIVATE) {
        faults.add("/secret", "must begin with whsec_ or whsk_");
        return;
    }
    if algorithm.is_some_and(|algorithm| algorithm != algorithm_of(secret)) {
        faults.add("/secret", "does not belong to the algorithm");
        return;
    }
    faults.take("/secret", SigningKey::parse(secret));
}

fn checked_grace(seconds: Option<u64>, faults: &mut Faults) -> Duration {
    let grace = seconds.map_or(Limits::ROTATION_GRACE, Duration::from_secs);
    if grace > Limits::ROTATION_GRACE_MAX {
        let max = Limits::ROTATION_GRACE_MAX.as_secs();
        faults.add("/grace_seconds", format!("must be at most {max}"));
    }
    grace
}
