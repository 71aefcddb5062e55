//! The examples in Python, JavaScript and Rust verify what is genuine and nothing else.

use std::collections::BTreeMap;

use carehook_core::Dialect;
use carehook_testkit::Judge;
use http::HeaderMap;
use serde_json::Value;

use super::vectors::{self, Vector};
use super::{place, rust_examples as rust};

const GOLDEN: &str = include_str!("../../../../core/data/vectors/signatures.json");

/// The name of a dialect's examples: MYCURE has no signature of its own.
pub(super) fn example_of(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Native | Dialect::Mycure => "standard",
        Dialect::Jump => "jump",
        Dialect::Decoda => "decoda",
        Dialect::Ecg => "ecg",
    }
}

/// Runs an example in an interpreted language; the verdicts must be those of the vectors.
#[track_caller]
fn check(judge: Judge, file: &str, vectors: &[Vector]) {
    let requests = serde_json::to_value(vectors).unwrap();
    let verdicts = judge.run_example(&place("snippets").join(file), &requests);
    assert_eq!(verdicts.len(), vectors.len(), "{file}");
    for (vector, verdict) in vectors.iter().zip(verdicts) {
        assert_eq!(verdict, vector.valid, "{file}: {}", vector.name);
    }
}

fn rust_verdict(dialect: Dialect, headers: &HeaderMap, vector: &Vector) -> bool {
    let body = vector.body.as_bytes();
    let secrets: Vec<&str> = vector.secrets.iter().map(String::as_str).collect();
    match dialect {
        Dialect::Native | Dialect::Mycure => {
            rust::standard::verify(headers, body, &secrets, vector.now)
        }
        Dialect::Jump => rust::jump::verify(headers, body, &secrets, vector.now),
        Dialect::Decoda => rust::decoda::verify(headers, body, &secrets),
        Dialect::Ecg => rust::ecg::verify(headers, body, &secrets, vector.now),
    }
}

/// Our vectors, and the golden ones that another program has made.
fn all(dialect: Dialect) -> Vec<Vector> {
    let mut vectors = vectors::of(dialect);
    let golden = golden(dialect);
    assert!(!golden.is_empty(), "{dialect:?}");
    vectors.extend(golden);
    vectors
}

fn golden(dialect: Dialect) -> Vec<Vector> {
    let file: Value = serde_json::from_str(GOLDEN).unwrap();
    let name = match dialect {
        Dialect::Native | Dialect::Mycure => "standard_webhooks_v1",
        Dialect::Jump | Dialect::Decoda | Dialect::Ecg => dialect.as_str(),
    };
    let vectors = file[name].as_array().unwrap().iter();
    vectors.map(|vector| from_golden(dialect, vector)).collect()
}

fn from_golden(dialect: Dialect, vector: &Value) -> Vector {
    let field = |name: &str| match &vector[name] {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        other => panic!("{name} is {other}"),
    };
    let seconds = |name: &str| vector[name].as_i64().unwrap();
    let (body, now, headers): (_, _, &[(&str, &str)]) = match dialect {
        Dialect::Native | Dialect::Mycure => (
            "body",
            seconds("timestamp"),
            &[
                ("webhook-id", "id"),
                ("webhook-timestamp", "timestamp"),
                ("webhook-signature", "signature"),
            ],
        ),
        Dialect::Jump => (
            "body",
            seconds("timestamp"),
            &[
                ("x-webhook-timestamp", "timestamp"),
                ("x-webhook-signature", "x_webhook_signature"),
            ],
        ),
        Dialect::Decoda => ("dumps", 0, &[("decoda-signature", "decoda_signature")]),
        Dialect::Ecg => (
            "payload_compact",
            seconds("createdAt") / 1_000,
            &[
                ("x-webhook-created-at", "createdAt"),
                ("x-webhook-hash", "hash"),
            ],
        ),
    };
    let secrets = match vector["secrets_newest_first"].as_array() {
        Some(several) => vec![several[1].as_str().unwrap().to_owned()],
        None if dialect == Dialect::Ecg => vec![field("secretKey")],
        None => vec![field("secret")],
    };
    let headers: BTreeMap<_, _> = headers
        .iter()
        .map(|(header, name)| ((*header).to_owned(), field(name)))
        .collect();
    Vector {
        name: format!("golden {vector}"),
        dialect: dialect.as_str(),
        secrets,
        headers,
        body: field(body),
        now,
        valid: true,
        reason: "golden",
    }
}

#[test]
fn the_examples_in_python_judge_every_vector_rightly() {
    for dialect in Dialect::ALL {
        let file = format!("{}.py", example_of(dialect));
        check(Judge::Python, &file, &all(dialect));
    }
}

#[test]
fn the_vendors_way_of_parsing_first_fits_our_decoda_bodies() {
    check(Judge::Python, "decoda_parsed.py", &all(Dialect::Decoda));
}

#[test]
fn the_examples_in_javascript_judge_every_vector_rightly() {
    for dialect in Dialect::ALL {
        let file = format!("{}.mjs", example_of(dialect));
        check(Judge::Node, &file, &all(dialect));
    }
}

#[test]
fn the_examples_in_rust_judge_every_vector_rightly() {
    for dialect in Dialect::ALL {
        for vector in all(dialect) {
            let headers = vectors::header_map(&vector.headers);
            let verdict = rust_verdict(dialect, &headers, &vector);
            assert_eq!(verdict, vector.valid, "{}", vector.name);
        }
    }
}
