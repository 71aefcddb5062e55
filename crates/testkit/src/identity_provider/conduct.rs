//! What an identity provider says, and how it can be told to misbehave.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::{Answer, KeyKind};

/// What can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Route {
    /// `/.well-known/openid-configuration`
    Discovery,
    /// The page on which people consent.
    Authorization,
    /// Where codes become tokens.
    Token,
    /// Its public keys.
    Keys,
    /// More about a person.
    UserInfo,
}

/// How an ID token is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signing {
    /// With the published key of this kind.
    Key(KeyKind),
    /// With a key that is not published, under the name of the one that is.
    ForeignKey(KeyKind),
    /// Not at all: `alg` is `none`.
    Nothing,
    /// HS256 with the public RSA key (PEM) as secret.
    PublicKeyAsSecret,
    /// HS256 with the client's own secret.
    ClientSecret,
}

/// How the client proves that it is the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientProof {
    /// `client_secret_basic`
    Basic,
    /// `client_secret_post`
    Post,
    /// It has no secret.
    Nothing,
}

/// What a provider does. The objects are laid over what it would say: `null` leaves a name out.
#[derive(Clone, Debug)]
pub struct Conduct {
    /// Over the discovered metadata.
    pub metadata: Value,
    /// Over the claims of ID tokens.
    pub claims: Value,
    /// Over what the page about a person says.
    pub user_info: Value,
    /// Over the parameters with which a person is led back.
    pub returned: Value,
    /// Over the answer with the tokens.
    pub tokens: Value,
    /// How ID tokens are signed.
    pub signing: Signing,
    /// What it demands of the client.
    pub proof: ClientProof,
    /// What is answered instead.
    pub instead: BTreeMap<Route, Answer>,
    /// What is never answered.
    pub hanging: Option<Route>,
    /// The time in seconds, unless it is the machine's.
    pub now: Option<i64>,
}

impl Default for Conduct {
    fn default() -> Self {
        Self {
            metadata: json!({}),
            claims: json!({}),
            user_info: json!({}),
            returned: json!({}),
            tokens: json!({}),
            signing: Signing::Key(KeyKind::Rsa),
            proof: ClientProof::Basic,
            instead: BTreeMap::new(),
            hanging: None,
            now: None,
        }
    }
}

/// Lays an object over another: its members win, and those that are `null` leave the name out.
pub(super) fn laid_over(base: Value, over: &Value) -> Map<String, Value> {
    let Value::Object(mut object) = base else {
        panic!("{base} is no object");
    };
    for (name, value) in over.as_object().into_iter().flatten() {
        if value.is_null() {
            object.remove(name);
        } else {
            object.insert(name.clone(), value.clone());
        }
    }
    object
}
