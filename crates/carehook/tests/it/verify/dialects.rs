//! The dialects' own signatures: recognised, checked, and explained when they do not fit.

use std::fmt::Write as _;
use std::path::Path;

use carehook_core::Dialect;

use super::verify;
use crate::command::Outcome;
use crate::receiving::vectors::{self, Vector};

/// The vector of this name, asked with its only secret at its time.
fn ask(folder: &Path, vector: &Vector, flags: &[&str]) -> Outcome {
    let mut headers = String::new();
    for (name, value) in &vector.headers {
        writeln!(headers, "{name}: {value}").unwrap();
    }
    let at = carehook_core::Timestamp(vector.now * 1_000).to_string();
    let mut all = vec!["--secret", &vector.secrets[0]];
    if !flags.contains(&"--ignore-age") {
        all.extend(["--at", &at]);
    }
    all.extend(flags);
    verify(folder, &headers, &vector.body, &all)
}

fn vector(dialect: Dialect, name: &str) -> Vector {
    let name = format!("{}: {name}", dialect.as_str());
    let mut all = vectors::of(dialect).into_iter();
    all.find(|vector| vector.name == name)
        .unwrap_or_else(|| panic!("no vector {name}"))
}

#[test]
fn every_dialect_is_recognised_and_its_signature_named() {
    let folder = tempfile::tempdir().unwrap();
    for (dialect, names) in [
        (Dialect::Native, "Standard Webhooks"),
        (Dialect::Jump, "Jump signature and Standard Webhooks"),
        (Dialect::Decoda, "Decoda signature and Standard Webhooks"),
        (Dialect::Mycure, "Standard Webhooks"),
        (Dialect::Ecg, "ECG hash and Standard Webhooks"),
    ] {
        let vector = vector(dialect, "as delivered");
        let id = &vector.headers["webhook-id"];
        let expected = format!("Verified: {id} is genuine ({names}).\n");
        assert_eq!(ask(folder.path(), &vector, &[]).good(), expected);
        let named = ["--dialect", dialect.as_str()];
        assert_eq!(ask(folder.path(), &vector, &named).good(), expected);
    }
}

#[test]
fn a_request_of_the_vendor_itself_needs_no_headers_of_standard_webhooks() {
    let folder = tempfile::tempdir().unwrap();
    for (dialect, expected) in [
        (
            Dialect::Decoda,
            "Verified: the request is genuine (Decoda signature).\n",
        ),
        (
            Dialect::Ecg,
            "Verified: the request is genuine (ECG hash).\n",
        ),
    ] {
        let mut vector = vector(dialect, "as delivered");
        vector
            .headers
            .retain(|name, _| !name.starts_with("webhook-"));
        assert_eq!(ask(folder.path(), &vector, &[]).good(), expected);
    }
}

/// The own signatures of the vectors; those of Standard Webhooks have changed with the body only.
#[test]
fn the_verdicts_on_the_vectors_are_those_of_the_examples() {
    let folder = tempfile::tempdir().unwrap();
    for dialect in Dialect::ALL {
        for mut vector in vectors::of(dialect) {
            if vector.secrets.len() > 1 {
                continue;
            }
            let is_own = !matches!(dialect, Dialect::Native | Dialect::Mycure);
            if is_own {
                vector
                    .headers
                    .retain(|name, _| !name.starts_with("webhook-"));
            }
            let outcome = ask(folder.path(), &vector, &["--dialect", dialect.as_str()]);
            let verified = outcome.code == Some(0);
            assert_eq!(verified, vector.valid, "{}\n{outcome}", vector.name);
            assert!(verified || matches!(outcome.code, Some(1 | 7)), "{outcome}");
        }
    }
}

#[test]
fn what_does_not_fit_is_named_with_what_does() {
    let folder = tempfile::tempdir().unwrap();
    let show = |dialect, name: &str| ask(folder.path(), &vector(dialect, name), &[]);
    insta::assert_snapshot!(show(Dialect::Jump, "a changed body"), @r"
    exit 7
    NOT verified: x-webhook-signature does not fit the body and the secret
      and no signature in webhook-signature fits the id, the timestamp, the body and the secret
    ");
    insta::assert_snapshot!(show(Dialect::Jump, "signed with the decoded secret"), @r"
    exit 7
    NOT verified: x-webhook-signature does not fit the body and the secret
      but webhook-signature fits (Standard Webhooks). So body and secret are right, and the dialect's own headers are not.
    ");
    let old = "during a rotation, a receiver with the old secret";
    insta::assert_snapshot!(show(Dialect::Decoda, old), @r"
    exit 7
    NOT verified: decoda-signature does not fit the body and the secret
      but webhook-signature fits (Standard Webhooks). That is so when this secret was replaced: the other header has room for one signature, made with the newest.
    ");
    insta::assert_snapshot!(show(Dialect::Ecg, "a time that is no number"), @r"
    exit 7
    NOT verified: x-webhook-created-at is not a number
      but webhook-signature fits (Standard Webhooks). So body and secret are right, and the dialect's own headers are not.
    ");
    insta::assert_snapshot!(show(Dialect::Ecg, "replayed after a day"), @r"
    exit 7
    NOT verified: webhook-signature fits, but the request was signed at 2026-09-21T14:13:20.000Z, 86400 s away from 2026-09-22T14:13:20.000Z; more than the tolerance of 300 s
      A request that somebody has kept and sends again looks like this. For one that you keep: --at, --tolerance or --ignore-age
    ");
    let mut printed = vector(Dialect::Decoda, "as delivered");
    printed.body = printed.body.replace(", ", ",");
    insta::assert_snapshot!(ask(folder.path(), &printed, &[]), @r"
    exit 7
    NOT verified: no signature in webhook-signature fits the id, the timestamp, the body and the secret
      but decoda-signature fits (Decoda signature). That is so when the body was parsed and printed again, or a header was changed.
    ");
    let mut named = vector(Dialect::Native, "as delivered");
    named.headers.remove("webhook-id");
    insta::assert_snapshot!(ask(folder.path(), &named, &["--dialect", "jump"]), @r"
    exit 1
    error: the headers have no `x-webhook-timestamp`
    ");
}

#[test]
fn a_request_that_was_kept_is_verified_when_its_age_is_ignored() {
    let folder = tempfile::tempdir().unwrap();
    for dialect in Dialect::ALL {
        let old = vector(dialect, "replayed after a day");
        ask(folder.path(), &old, &[]).ends_with(7);
        ask(folder.path(), &old, &["--ignore-age"]).ends_with(0);
        let forged = vector(dialect, "a changed body");
        ask(folder.path(), &forged, &["--ignore-age"]).ends_with(7);
    }
}
