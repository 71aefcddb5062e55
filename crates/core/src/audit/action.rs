//! What an audit entry can say that somebody did, and how it ended.

use std::str::FromStr;

use super::AuditEntryError;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$word_doc])* $variant,)+ }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word used in entries, bodies and filters; it never changes.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl FromStr for $name {
            type Err = AuditEntryError;

            fn from_str(word: &str) -> Result<Self, AuditEntryError> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(AuditEntryError::Word),
                }
            }
        }
    };
}

words! {
    /// What was done.
    AuditAction {
        /// An organization was made.
        OrganizationCreated = "organization.created",
        /// Its name or settings were changed.
        OrganizationChanged = "organization.changed",
        /// It was deleted.
        OrganizationDeleted = "organization.deleted",
        /// An endpoint was made.
        EndpointCreated = "endpoint.created",
        /// It was changed, switched on or off, or put away.
        EndpointChanged = "endpoint.changed",
        /// The server switched it off, because of what its receiver answered.
        EndpointDisabled = "endpoint.disabled",
        /// It was deleted.
        EndpointDeleted = "endpoint.deleted",
        /// A test event was sent to it.
        EndpointTested = "endpoint.tested",
        /// The secrets of an endpoint were shown.
        SecretViewed = "secret.viewed",
        /// An endpoint got a new secret.
        SecretRotated = "secret.rotated",
        /// An API key was made.
        ApiKeyCreated = "api_key.created",
        /// An API key was revoked.
        ApiKeyRevoked = "api_key.revoked",
        /// An operator key was made.
        OperatorKeyCreated = "operator_key.created",
        /// An operator key was revoked.
        OperatorKeyRevoked = "operator_key.revoked",
        /// Everything that the master key seals was sealed with another one.
        MasterKeyRotated = "master_key.rotated",
        /// The catalogue of event types was changed.
        CatalogueChanged = "catalogue.changed",
        /// Payloads or answers were shown.
        PayloadViewed = "payload.viewed",
        /// A receiver fetched the payload of an event that it had been told of.
        PayloadFetched = "payload.fetched",
        /// A delivery was made due again.
        DeliveryRetried = "delivery.retried",
        /// A delivery was called off.
        DeliveryCancelled = "delivery.cancelled",
        /// A replay was started.
        ReplayStarted = "replay.started",
        /// A replay was stopped.
        ReplayStopped = "replay.stopped",
        /// An event was sent to a receiver.
        EventDisclosed = "event.disclosed",
        /// Somebody was refused what they have no right to.
        AccessRefused = "access.refused",
        /// A key that is revoked or has expired, or a wrong password or link, was refused.
        SignInRefused = "sign_in.refused",
        /// Somebody signed in to the console.
        SignedIn = "sign_in.completed",
        /// A session of the console was ended before its time.
        SessionEnded = "session.ended",
        /// The operator's password was set or changed.
        PasswordSet = "password.set",
        /// A link to set the operator's password with was made.
        PasswordLinkCreated = "password_link.created",
        /// A link that lets somebody into the console was made.
        PortalLinkCreated = "portal_link.created",
        /// The erasure of a subject was asked for.
        ErasureRequested = "erasure.requested",
        /// The erasure of a subject ended.
        ErasureCompleted = "erasure.completed",
        /// The audit trail was read.
        AuditViewed = "audit.viewed",
    }
}

words! {
    /// How it ended.
    AuditOutcome {
        /// It was done.
        Success = "success",
        /// It was refused; a receiver that answered an error has refused what it was sent.
        Refused = "refused",
        /// It came to nothing, or nobody knows what it came to.
        Failed = "failed",
    }
}
