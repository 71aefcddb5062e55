//! An issuer with real keys. It signs without the library that checks.

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
pub(super) enum Kind {
    Rsa,
    Ec,
    Ed,
}

impl Kind {
    pub(super) const ALL: [Self; 3] = [Self::Rsa, Self::Ec, Self::Ed];

    pub(super) fn alg(self) -> &'static str {
        match self {
            Self::Rsa => "RS256",
            Self::Ec => "ES256",
            Self::Ed => "EdDSA",
        }
    }
}

/// One key of each kind.
pub(super) struct Issuer {
    name: &'static str,
    rsa: RsaKeyPair,
    ec: EcdsaKeyPair,
    ed: Ed25519KeyPair,
}

impl Issuer {
    pub(super) fn new(name: &'static str) -> Self {
        Self {
            name,
            rsa: RsaKeyPair::generate(KeySize::Rsa2048).unwrap(),
            ec: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap(),
            ed: Ed25519KeyPair::generate().unwrap(),
        }
    }

    pub(super) fn kid(&self, kind: Kind) -> String {
        format!("{}-{}", self.name, kind.alg())
    }

    /// The header of an honest token.
    pub(super) fn header(&self, kind: Kind) -> Value {
        json!({"typ": "JWT", "alg": kind.alg(), "kid": self.kid(kind)})
    }

    /// A token with an honest header.
    pub(super) fn token(&self, kind: Kind, claims: &Value) -> String {
        self.signed(kind, &self.header(kind), claims)
    }

    /// A token with any header, signed with this kind of key in its way.
    pub(super) fn signed(&self, kind: Kind, header: &Value, claims: &Value) -> String {
        sign(header, claims, |message| match kind {
            Kind::Rsa => {
                let mut signature = vec![0; self.rsa.public_modulus_len()];
                self.rsa
                    .sign(
                        &RSA_PKCS1_SHA256,
                        &SystemRandom::new(),
                        message,
                        &mut signature,
                    )
                    .unwrap();
                signature
            }
            Kind::Ec => {
                let signature = self.ec.sign(&SystemRandom::new(), message).unwrap();
                signature.as_ref().to_vec()
            }
            Kind::Ed => self.ed.sign(message).as_ref().to_vec(),
        })
    }

    /// The public key (RFC 7517, RFC 8037).
    pub(super) fn jwk(&self, kind: Kind) -> Value {
        let mut jwk = match kind {
            Kind::Rsa => {
                let RsaPublicKeyComponents { n, e } = self.rsa.public_key().into();
                let (n, e): (Vec<u8>, Vec<u8>) = (n, e);
                json!({"kty": "RSA", "n": base64(&n), "e": base64(&e)})
            }
            Kind::Ec => {
                // An uncompressed point: a 4, x and y (SEC 1, 2.3.3).
                let (x, y) = self.ec.public_key().as_ref()[1..].split_at(32);
                json!({"kty": "EC", "crv": "P-256", "x": base64(x), "y": base64(y)})
            }
            Kind::Ed => {
                json!({"kty": "OKP", "crv": "Ed25519", "x": base64(self.ed.public_key().as_ref())})
            }
        };
        jwk["kid"] = self.kid(kind).into();
        jwk["alg"] = kind.alg().into();
        jwk["use"] = "sig".into();
        jwk
    }

    pub(super) fn key_set(&self) -> Value {
        json!({"keys": Kind::ALL.map(|kind| self.jwk(kind))})
    }

    /// The public RSA key as the texts and bytes that a confused verifier could take for a secret.
    pub(super) fn rsa_public_encodings(&self) -> Vec<Vec<u8>> {
        use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
        use base64::engine::general_purpose::STANDARD;

        let der: PublicKeyX509Der<'_> = self.rsa.public_key().as_der().unwrap();
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
        let modulus = base64(&n);
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
pub(super) fn sign(
    header: &Value,
    claims: &Value,
    signature: impl FnOnce(&[u8]) -> Vec<u8>,
) -> String {
    let message = format!(
        "{}.{}",
        base64(header.to_string().as_bytes()),
        base64(claims.to_string().as_bytes())
    );
    let signature = signature(message.as_bytes());
    format!("{message}.{}", base64(&signature))
}

pub(super) fn base64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
