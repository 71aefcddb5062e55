//! An issuer of JSON Web Tokens with real keys. It signs without the library that checks.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RsaKeyPair, RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// The kinds of keys that a key set may hold for tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    Rsa,
    Ec,
    Ed,
}

impl KeyKind {
    /// Each kind once.
    pub const ALL: [Self; 3] = [Self::Rsa, Self::Ec, Self::Ed];

    /// The one algorithm that it signs with.
    pub fn alg(self) -> &'static str {
        match self {
            Self::Rsa => "RS256",
            Self::Ec => "ES256",
            Self::Ed => "EdDSA",
        }
    }
}

/// One key of each kind.
pub struct TokenIssuer {
    name: &'static str,
    rsa: RsaKeyPair,
    ec: EcdsaKeyPair,
    ed: Ed25519KeyPair,
}

impl TokenIssuer {
    /// New keys, whose ids begin with `name`.
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            rsa: RsaKeyPair::generate(KeySize::Rsa2048)
                .expect("the library makes keys and signatures"),
            ec: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
                .expect("the library makes keys and signatures"),
            ed: Ed25519KeyPair::generate().expect("the library makes keys and signatures"),
        }
    }

    /// What this key is called in the set.
    pub fn kid(&self, kind: KeyKind) -> String {
        format!("{}-{}", self.name, kind.alg())
    }

    /// The header of an honest token.
    pub fn header(&self, kind: KeyKind) -> Value {
        json!({"typ": "JWT", "alg": kind.alg(), "kid": self.kid(kind)})
    }

    /// A token with an honest header.
    pub fn token(&self, kind: KeyKind, claims: &Value) -> String {
        self.signed(kind, &self.header(kind), claims)
    }

    /// A token with any header, signed with this kind of key in its way.
    pub fn signed(&self, kind: KeyKind, header: &Value, claims: &Value) -> String {
        signed_token(header, claims, |message| match kind {
            KeyKind::Rsa => {
                let mut signature = vec![0; self.rsa.public_modulus_len()];
                self.rsa
                    .sign(
                        &RSA_PKCS1_SHA256,
                        &SystemRandom::new(),
                        message,
                        &mut signature,
                    )
                    .expect("the library makes keys and signatures");
                signature
            }
            KeyKind::Ec => {
                let signature = self
                    .ec
                    .sign(&SystemRandom::new(), message)
                    .expect("the library makes keys and signatures");
                signature.as_ref().to_vec()
            }
            KeyKind::Ed => self.ed.sign(message).as_ref().to_vec(),
        })
    }

    /// The public key (RFC 7517, RFC 8037).
    pub fn jwk(&self, kind: KeyKind) -> Value {
        let mut jwk = match kind {
            KeyKind::Rsa => {
                let RsaPublicKeyComponents { n, e } = self.rsa.public_key().into();
                let (n, e): (Vec<u8>, Vec<u8>) = (n, e);
                json!({"kty": "RSA", "n": base64url(&n), "e": base64url(&e)})
            }
            KeyKind::Ec => {
                // An uncompressed point: a 4, x and y (SEC 1, 2.3.3).
                let (x, y) = self.ec.public_key().as_ref()[1..].split_at(32);
                json!({"kty": "EC", "crv": "P-256", "x": base64url(x), "y": base64url(y)})
            }
            KeyKind::Ed => {
                json!({"kty": "OKP", "crv": "Ed25519", "x": base64url(self.ed.public_key().as_ref())})
            }
        };
        jwk["kid"] = self.kid(kind).into();
        jwk["alg"] = kind.alg().into();
        jwk["use"] = "sig".into();
        jwk
    }

    /// All public keys (RFC 7517).
    pub fn key_set(&self) -> Value {
        json!({"keys": KeyKind::ALL.map(|kind| self.jwk(kind))})
    }

    /// The public RSA key as the texts and bytes that a confused verifier could take for a secret.
    pub fn rsa_public_encodings(&self) -> Vec<Vec<u8>> {
        use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
        use base64::engine::general_purpose::STANDARD;

        let der: PublicKeyX509Der<'_> = self
            .rsa
            .public_key()
            .as_der()
            .expect("the library makes keys and signatures");
        let lines = STANDARD.encode(der.as_ref());
        let lines: Vec<&str> = (0..lines.len())
            .step_by(64)
            .map(|start| &lines[start..lines.len().min(start + 64)])
            .collect();
        let pem = format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----",
            lines.join("\n")
        );
        let RsaPublicKeyComponents { n, .. } = self.rsa.public_key().into();
        let n: Vec<u8> = n;
        let modulus = base64url(&n);
        vec![
            format!("{pem}\n").into_bytes(),
            pem.into_bytes(),
            der.as_ref().to_vec(),
            self.rsa.public_key().as_ref().to_vec(),
            modulus.into_bytes(),
            n,
        ]
    }
}

/// Joins and signs the parts of a token.
pub fn signed_token(
    header: &Value,
    claims: &Value,
    signature: impl FnOnce(&[u8]) -> Vec<u8>,
) -> String {
    let message = format!(
        "{}.{}",
        base64url(header.to_string().as_bytes()),
        base64url(claims.to_string().as_bytes())
    );
    let signature = signature(message.as_bytes());
    format!("{message}.{}", base64url(&signature))
}

/// Base64 for tokens and keys (RFC 7515, 2).
pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
