//! The Python library `pyjwt`: checks bearer tokens that we made, and makes others for us to check.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::judges::{python, script};

/// Checks and makes tokens, by the script `judges/tokens.py`.
pub struct TokenJudge;

/// A token that somebody else made.
#[derive(Clone, Debug)]
pub struct ForeignToken {
    /// The token.
    pub token: String,
    /// The public key that it was signed with, unless that was a secret.
    pub jwk: Value,
}

impl TokenJudge {
    /// What a token says, if it was signed with this secret in HS256 and is valid at the machine's
    /// time; otherwise the library's reason.
    ///
    /// # Panics
    ///
    /// When the judge is not installed or gives no verdict.
    #[track_caller]
    pub fn verify(token: &str, secret: &str) -> Result<Value, String> {
        ask(&json!({"token": token, "secret": secret}))
    }

    /// Makes a token with a secret (HS256).
    ///
    /// # Panics
    ///
    /// As [`Self::verify`].
    #[track_caller]
    pub fn make_with_secret(secret: &str, claims: &Value) -> ForeignToken {
        made(&json!({"algorithm": "HS256", "secret": secret, "claims": claims}))
    }

    /// Makes a token with a new key (`RS256`, `ES256` or `EdDSA`).
    ///
    /// # Panics
    ///
    /// As [`Self::verify`].
    #[track_caller]
    pub fn make_with_new_key(algorithm: &str, claims: &Value) -> ForeignToken {
        made(&json!({"algorithm": algorithm, "claims": claims}))
    }
}

#[track_caller]
fn made(question: &Value) -> ForeignToken {
    let mut answer = ask(question).expect("a token is made for any claims");
    let token = answer["token"].as_str().expect("a token is a text");
    ForeignToken {
        token: token.to_owned(),
        jwk: answer["jwk"].take(),
    }
}

#[track_caller]
fn ask(question: &Value) -> Result<Value, String> {
    let mut judge = Command::new(python())
        .arg(script("tokens.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("cannot start Python: {error}; run `cargo xtask test`"));
    let mut stdin = judge.stdin.take().expect("stdin is piped");
    // A judge that broke early has closed its stdin; its exit code and stderr say more.
    let _ = stdin.write_all(question.to_string().as_bytes());
    drop(stdin);
    let output = judge.wait_with_output().expect("a started judge ends");
    let reason = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    match output.status.code() {
        Some(0) => Ok(serde_json::from_slice(&output.stdout).expect("the judge prints JSON")),
        Some(1) => Err(reason),
        _ => panic!("pyjwt gave no verdict: {reason}; run `cargo xtask test`"),
    }
}
