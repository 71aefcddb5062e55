//! What a checked credential gives its bearer.

use std::collections::BTreeSet;
use std::sync::Arc;

use carehook_core::{
    ApiKey, GrantMaker, Mode, OperatorKey, OrganizationId, Permission, Scope, Session, Timestamp,
};

use super::Actor;
use crate::Requester;
use crate::tokens::{Claims, TokenOrganization};

/// The rights of a caller.
#[derive(Clone, Debug)]
pub(super) enum Rights {
    /// All organizations, everything.
    Operator,
    /// All organizations, and what the key has.
    OperatorKey(Arc<OperatorKey>),
    /// What an API key has.
    Key(Arc<ApiKey>),
    /// What a token says.
    Token(Arc<TokenRights>),
    /// What the session of a person gives.
    Session(Arc<Session>),
}

/// What a token gives: no mode, and all permissions.
#[derive(Debug)]
pub(super) struct TokenRights {
    subject: String,
    organization: TokenOrganization,
    scopes: BTreeSet<Scope>,
    expires_at: Timestamp,
}

impl TokenRights {
    pub(super) fn of(claims: Claims) -> Self {
        let Claims {
            subject,
            organization,
            scopes,
            expires_at,
        } = claims;
        Self {
            subject,
            organization,
            scopes: scopes.iter().flat_map(|name| scopes_of(name)).collect(),
            expires_at,
        }
    }

    pub(super) fn subject(&self) -> &str {
        &self.subject
    }

    pub(super) fn scopes(&self) -> &BTreeSet<Scope> {
        &self.scopes
    }

    pub(super) fn ends_at(&self) -> Timestamp {
        self.expires_at
    }

    fn has(&self, scope: Scope) -> bool {
        self.are_the_operators() || self.scopes.iter().any(|own| own.includes(scope))
    }

    fn are_the_operators(&self) -> bool {
        self.organization == TokenOrganization::All && self.scopes.contains(&Scope::Admin)
    }
}

/// The scopes that a token's word stands for; an unknown word stands for none.
fn scopes_of(name: &str) -> Vec<Scope> {
    match name {
        "webhooks:read" => vec![Scope::Read, Scope::ReadPayload],
        "webhooks:write" => vec![Scope::Read, Scope::Manage],
        native => native.parse().into_iter().collect(),
    }
}

/// Whether there are records that these permissions keep from who has them: without any, a key is
/// not one for records.
fn are_some(permissions: &BTreeSet<Permission>) -> bool {
    !permissions.is_empty() && permissions.len() < Permission::all().count()
}

impl Rights {
    /// Who it is, for people who read what happened.
    pub(super) fn actor(&self) -> Actor {
        let name = match self {
            Self::Session(session) => session.person.clone(),
            Self::Operator | Self::OperatorKey(_) | Self::Key(_) | Self::Token(_) => None,
        };
        Actor::of(self.actor_id()).called(name)
    }

    /// What means this caller and nobody else.
    pub(super) fn actor_id(&self) -> Arc<str> {
        match self {
            Self::Operator => "operator".into(),
            // Named as what it is: the id is not to be found among an organization's keys.
            Self::OperatorKey(key) => format!("operator_key/{}", key.id).into(),
            Self::Key(key) => key.id.to_string().into(),
            // A subject is whatever the provider says, also the name of somebody else.
            Self::Token(token) => format!("token:{}", token.subject).into(),
            Self::Session(session) => match session.grant() {
                None => "operator".into(),
                Some(_) => format!("portal:{}", session.id).into(),
            },
        }
    }

    /// What the caller is called in bodies: a token's own subject, otherwise as in the trail.
    pub(super) fn name(&self) -> Arc<str> {
        match self {
            Self::Token(token) => token.subject.as_str().into(),
            Self::Operator | Self::OperatorKey(_) | Self::Key(_) | Self::Session(_) => {
                self.actor_id()
            }
        }
    }

    /// The only organization of the credential.
    pub(super) fn organization(&self) -> Option<&OrganizationId> {
        match self {
            Self::Operator | Self::OperatorKey(_) => None,
            Self::Key(key) => Some(&key.organization),
            Self::Token(token) => match &token.organization {
                TokenOrganization::All => None,
                TokenOrganization::One(organization) => Some(organization),
            },
            Self::Session(session) => session.organization(),
        }
    }

    /// Whether they go as far as this organization.
    pub(super) fn reach(&self, organization: &OrganizationId) -> bool {
        self.organization().is_none_or(|own| own == organization)
    }

    pub(super) fn mode(&self) -> Option<Mode> {
        match self {
            Self::Operator | Self::OperatorKey(_) | Self::Token(_) => None,
            Self::Key(key) => Some(key.mode),
            Self::Session(session) => session.grant()?.mode,
        }
    }

    /// When a key ends, if it does, or the key that made the link of a session. A token ends soon in
    /// any case, and stands for somebody who can get another one.
    pub(super) fn expires_at(&self) -> Option<Timestamp> {
        match self {
            Self::Operator | Self::Token(_) => None,
            Self::OperatorKey(key) => key.expires_at,
            Self::Key(key) => key.expires_at,
            Self::Session(session) => session.grant()?.ends_at,
        }
    }

    /// The key that can be revoked, and what it has made with it. What a token has made ends by
    /// itself, and the operator is asked each time.
    pub(super) fn maker(&self) -> Option<GrantMaker> {
        match self {
            Self::Operator | Self::Token(_) => None,
            Self::OperatorKey(key) => Some(GrantMaker::OperatorKey(key.id)),
            Self::Key(key) => Some(GrantMaker::Key(key.id)),
            Self::Session(session) => session.grant()?.made_by,
        }
    }

    /// The limit that a key has of its own, in requests an hour.
    pub(super) fn rate_limit(&self) -> Option<u32> {
        match self {
            Self::Operator | Self::OperatorKey(_) | Self::Token(_) => None,
            Self::Key(key) => key.rate_limit,
            Self::Session(session) => session.grant()?.rate_limit,
        }
    }

    pub(super) fn has(&self, scope: Scope) -> bool {
        match self {
            Self::Operator => true,
            Self::OperatorKey(key) => key.has(scope),
            Self::Key(key) => key.has(scope),
            Self::Token(token) => token.has(scope),
            Self::Session(session) => session.grant().is_none_or(|grant| grant.has(scope)),
        }
    }

    pub(super) fn may(&self, permission: Permission) -> bool {
        match self {
            Self::Operator | Self::OperatorKey(_) | Self::Token(_) => true,
            Self::Key(key) => key.may(permission),
            Self::Session(session) => session.grant().is_none_or(|grant| grant.may(permission)),
        }
    }

    /// The permissions of a key that has some and not all; nobody else is held to any.
    pub(super) fn held_to(&self) -> Option<&BTreeSet<Permission>> {
        match self {
            Self::Operator | Self::OperatorKey(_) | Self::Token(_) => None,
            Self::Key(key) => Some(&key.permissions).filter(|own| are_some(own)),
            Self::Session(session) => {
                let granted = session.grant().map(|grant| &grant.permissions);
                granted.filter(|own| are_some(own))
            }
        }
    }

    pub(super) fn are_the_operators(&self) -> bool {
        match self {
            Self::Operator => true,
            Self::OperatorKey(key) => key.is_unlimited(),
            Self::Key(_) => false,
            Self::Token(token) => token.are_the_operators(),
            Self::Session(session) => session.grant().is_none(),
        }
    }

    /// Idempotency keys are each caller's own: an answer that one has got may hold what another
    /// must not see. Only the operator's are kept by organization.
    pub(super) fn requester(&self, about: Option<&OrganizationId>) -> Requester {
        match (self, about) {
            (Self::Operator, None) => Requester::Operator,
            (Self::Operator, Some(organization)) => Requester::Organization(organization.clone()),
            (Self::OperatorKey(key), about) => Requester::OperatorKey(key.id, about.cloned()),
            (Self::Key(key), _) => Requester::Key(key.id, key.organization.clone()),
            (Self::Token(token), about) => Requester::Token {
                organization: about.cloned(),
                subject: token.subject.clone(),
                scopes: token.scopes.clone(),
            },
            (Self::Session(session), about) => match session.grant() {
                None => Self::Operator.requester(about),
                Some(grant) => Requester::Token {
                    organization: Some(grant.organization.clone()),
                    subject: self.actor_id().as_ref().to_owned(),
                    scopes: grant.scopes.clone(),
                },
            },
        }
    }
}
