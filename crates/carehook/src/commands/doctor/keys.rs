//! The two keys, and variables that mean nothing.

use super::finding::Finding;
use crate::config::{Environment, Settings};

/// 128 bits in hex; a key that people make up is shorter.
const FEWEST_KEY_CHARS: usize = 32;

pub(super) fn check(settings: &Settings) -> [Finding; 2] {
    [master_key(settings), operator_key(settings)]
}

fn master_key(settings: &Settings) -> Finding {
    let subject = "master key";
    match settings.master_key() {
        None if settings.is_development() => {
            Finding::fine(subject, "kept in the data directory (--dev)")
        }
        None => {
            let advice = "set CAREHOOK_MASTER_KEY to the output of `head -c 32 /dev/urandom | base64`, \
                          and keep a copy";
            Finding::failed(subject, "not set", advice)
        }
        Some(setting) => match setting.value.read() {
            Ok(_) => Finding::fine(subject, format!("32 bytes from {}", setting.origin)),
            Err(reason) => Finding::failed(
                subject,
                format!("{}: {reason}", setting.origin),
                "it has to be base64 of the 32 bytes that this data directory was made with",
            ),
        },
    }
}

fn operator_key(settings: &Settings) -> Finding {
    let subject = "operator key";
    match settings.operator_key() {
        None if settings.is_development() => {
            Finding::fine(subject, "kept in the data directory (--dev)")
        }
        None => {
            let advice =
                "set CAREHOOK_OPERATOR_KEY to the output of `head -c 32 /dev/urandom | base64`";
            Finding::failed(subject, "not set", advice)
        }
        Some(setting) if setting.value.expose().len() < FEWEST_KEY_CHARS => Finding::warning(
            subject,
            format!(
                "{} has fewer than {FEWEST_KEY_CHARS} characters",
                setting.origin
            ),
            "it has all rights: make one that cannot be guessed with `head -c 32 /dev/urandom | base64`",
        ),
        Some(setting) => Finding::fine(subject, format!("from {}", setting.origin)),
    }
}

pub(super) fn unknown_variables(environment: &Environment) -> Option<Finding> {
    let names: Vec<&str> = environment.unknown().collect();
    (!names.is_empty()).then(|| {
        Finding::warning(
            "environment",
            format!("means nothing to this version: {}", names.join(", ")),
            "look for spelling mistakes in `carehook serve --help`",
        )
    })
}
