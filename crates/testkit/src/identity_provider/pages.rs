//! What the pages of an identity provider say, and what they demand.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use carehook_core::Clock;
use http::HeaderMap;
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use super::conduct::laid_over;
use super::{ClientProof, Conduct, IdentityProvider, Route, Signing};
use crate::{Answer, KeyKind, TokenIssuer, base64url, signed_token};

type Form = BTreeMap<String, String>;

/// The state of a provider.
pub(super) struct Pages {
    pub(super) issuer: String,
    pub(super) conduct: Conduct,
    pub(super) asked: BTreeMap<Route, usize>,
    pub(super) refusals: Vec<&'static str>,
    keys: TokenIssuer,
    foreign: TokenIssuer,
    /// What was asked for with each code that was not used yet.
    codes: BTreeMap<String, Form>,
    issued: usize,
}

impl Pages {
    pub(super) fn at(address: SocketAddr) -> Self {
        Self {
            issuer: format!("http://{address}/realm"),
            conduct: Conduct::default(),
            asked: BTreeMap::new(),
            refusals: Vec::new(),
            keys: TokenIssuer::new("provider"),
            // Under the same names, so that only the signature tells them apart.
            foreign: TokenIssuer::new("provider"),
            codes: BTreeMap::new(),
            issued: 0,
        }
    }

    pub(super) fn discovery(&self) -> Answer {
        let issuer = &self.issuer;
        let method = match self.conduct.proof {
            ClientProof::Basic => "client_secret_basic",
            ClientProof::Post => "client_secret_post",
            ClientProof::Nothing => "none",
        };
        let metadata = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize?tenant=1"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/keys"),
            "userinfo_endpoint": format!("{issuer}/userinfo"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "EdDSA"],
            "token_endpoint_auth_methods_supported": [method],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
        });
        answered(laid_over(metadata, &self.conduct.metadata))
    }

    pub(super) fn keys(&self) -> Answer {
        Answer::status(200).body(self.keys.key_set().to_string())
    }

    /// Where the person is led. A request that is wrong is a fault of the test's subject.
    pub(super) fn authorize(&mut self, url: &str) -> String {
        let url: Url = url.parse().expect("a URL");
        let asked: Form = url.query_pairs().into_owned().collect();
        let said = |name: &str| asked.get(name).map_or("", String::as_str);
        assert_eq!(said("tenant"), "1", "the endpoint's own query: {url}");
        assert_eq!(said("response_type"), "code", "{url}");
        assert_eq!(said("client_id"), IdentityProvider::CLIENT_ID, "{url}");
        assert_eq!(said("code_challenge_method"), "S256", "{url}");
        assert!(said("scope").split(' ').any(|one| one == "openid"), "{url}");
        for random in ["state", "nonce", "code_challenge"] {
            assert!(said(random).len() >= 43, "{random}: {url}");
        }
        self.issued += 1;
        let code = format!("canary-code-{}", self.issued);
        let returned = json!({"code": code, "state": said("state"), "iss": self.issuer});
        let returned = laid_over(returned, &self.conduct.returned);
        let mut back: Url = said("redirect_uri").parse().expect("a redirect URI");
        let texts = returned.iter().map(|(name, value)| (name, value.as_str()));
        for (name, value) in texts {
            back.query_pairs_mut()
                .append_pair(name, value.expect("parameters are texts"));
        }
        self.codes.insert(code, asked);
        back.into()
    }

    pub(super) fn token(&mut self, headers: &HeaderMap, body: &[u8]) -> Answer {
        let form: Form = form_urlencoded::parse(body).into_owned().collect();
        match self.check(headers, &form) {
            Ok(nonce) => self.tokens(&nonce),
            Err((error, why)) => {
                self.refusals.push(why);
                let status = if error == "invalid_client" { 401 } else { 400 };
                let refusal =
                    json!({"error": error, "error_description": "<b>canary</b> of the provider"});
                Answer::status(status).body(refusal.to_string())
            }
        }
    }

    /// The nonce of the code, if everything about the request is right.
    fn check(
        &mut self,
        headers: &HeaderMap,
        form: &Form,
    ) -> Result<String, (&'static str, &'static str)> {
        let said = |name: &str| form.get(name).map_or("", String::as_str);
        if !self.is_client(headers, form) {
            return Err(("invalid_client", "the client has not proved itself"));
        }
        if said("grant_type") != "authorization_code" {
            return Err(("unsupported_grant_type", "the grant type"));
        }
        let asked = self.codes.remove(said("code"));
        let asked = asked.ok_or(("invalid_grant", "the code is unknown or was used"))?;
        if asked.get("redirect_uri") != form.get("redirect_uri") {
            return Err(("invalid_grant", "another redirect URI"));
        }
        let challenge = base64url(digest(&SHA256, said("code_verifier").as_bytes()).as_ref());
        if asked.get("code_challenge") != Some(&challenge) {
            return Err(("invalid_grant", "the verifier is not of the challenge"));
        }
        Ok(asked["nonce"].clone())
    }

    fn is_client(&self, headers: &HeaderMap, form: &Form) -> bool {
        let proof = headers.get("authorization");
        let id = form.get("client_id").map(String::as_str);
        let secret = form.get("client_secret").map(String::as_str);
        let named = id == Some(IdentityProvider::CLIENT_ID);
        match self.conduct.proof {
            // RFC 6749, 2.3.1: both are encoded as in a form before they are joined.
            ClientProof::Basic => {
                let encoded =
                    |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect();
                let id: String = encoded(IdentityProvider::CLIENT_ID);
                let key: String = encoded(IdentityProvider::CLIENT_SECRET);
                let expected = format!("Basic {}", STANDARD.encode(format!("{id}:{key}")));
                secret.is_none() && proof.is_some_and(|proof| proof == expected.as_str())
            }
            ClientProof::Post => {
                proof.is_none() && named && secret == Some(IdentityProvider::CLIENT_SECRET)
            }
            ClientProof::Nothing => proof.is_none() && named && secret.is_none(),
        }
    }

    fn tokens(&self, nonce: &str) -> Answer {
        let tokens = json!({
            "access_token": IdentityProvider::ACCESS_TOKEN,
            "token_type": "Bearer",
            "expires_in": 300,
            "id_token": self.id_token(nonce),
        });
        answered(laid_over(tokens, &self.conduct.tokens))
    }

    fn id_token(&self, nonce: &str) -> String {
        let now = self
            .conduct
            .now
            .unwrap_or_else(|| Clock::system().now().seconds());
        let claims = json!({
            "iss": self.issuer, "sub": "248289761001", "aud": IdentityProvider::CLIENT_ID,
            "iat": now, "exp": now + 300, "nonce": nonce,
            "email": "anna@clinic.example", "email_verified": true, "name": "Anna Ott",
        });
        let claims = Value::Object(laid_over(claims, &self.conduct.claims));
        let hs256 = |secret: &[u8]| {
            let header = json!({"typ": "JWT", "alg": "HS256", "kid": self.keys.kid(KeyKind::Rsa)});
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
            signed_token(&header, &claims, |message| {
                hmac::sign(&key, message).as_ref().to_vec()
            })
        };
        match self.conduct.signing {
            Signing::Key(kind) => self.keys.token(kind, &claims),
            Signing::ForeignKey(kind) => self.foreign.token(kind, &claims),
            Signing::Nothing => signed_token(&json!({"alg": "none"}), &claims, |_| Vec::new()),
            Signing::PublicKeyAsSecret => hs256(&self.keys.rsa_public_encodings()[0]),
            Signing::ClientSecret => hs256(IdentityProvider::CLIENT_SECRET.as_bytes()),
        }
    }

    pub(super) fn user_info(&mut self, headers: &HeaderMap) -> Answer {
        let expected = format!("Bearer {}", IdentityProvider::ACCESS_TOKEN);
        let proof = headers.get("authorization");
        if proof.is_none_or(|proof| proof != expected.as_str()) {
            self.refusals.push("the access token is not the one");
            return Answer::status(401);
        }
        let person = json!({
            "sub": "248289761001",
            "email": "anna@clinic.example", "email_verified": true, "name": "Anna Ott",
        });
        answered(laid_over(person, &self.conduct.user_info))
    }
}

fn answered(object: serde_json::Map<String, Value>) -> Answer {
    Answer::status(200)
        .header("content-type", "application/json")
        .body(Value::Object(object).to_string())
}
