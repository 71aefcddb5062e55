//! Descriptions of dialects, and what tests ask of every one of them.

use carehook_core::Dialect;
use serde_json::Value;

/// The description of a dialect.
pub(crate) fn description(dialect: Dialect) -> Value {
    serde_json::from_str(&carehook_api::openapi_json(dialect)).unwrap()
}

/// The method, in small letters, and the path of every operation, with what is said of it.
pub(crate) fn operations(description: &Value) -> Vec<(&str, &str, &Value)> {
    let paths = description["paths"].as_object().unwrap();
    let all = paths.iter().flat_map(|(path, item)| {
        let operations = item.as_object().unwrap().iter();
        operations.map(|(method, operation)| (method.as_str(), path.as_str(), operation))
    });
    all.collect()
}

/// Fails unless exactly these operations are described.
#[track_caller]
pub(crate) fn has_operations(description: &Value, expected: &[(&str, &str)]) {
    let operations = operations(description).into_iter();
    let mut found: Vec<_> = operations.map(|(method, path, _)| (method, path)).collect();
    found.sort_unstable();
    assert_eq!(found, expected);
}

/// Fails unless all operations need a key, can answer with these errors, and every error, but
/// nothing else, has the error body.
#[track_caller]
pub(crate) fn has_errors(description: &Value, statuses: &[&str]) {
    for (_, path, operation) in operations(description) {
        let responses = operation["responses"].as_object().unwrap();
        for (status, response) in responses {
            let schema = &response["content"]["application/json"]["schema"]["$ref"];
            let is_error = schema == "#/components/schemas/Error";
            let is_success = status.starts_with('2');
            assert_eq!(is_error, !is_success, "{path} {status} {schema}");
        }
        for status in statuses {
            assert!(responses.contains_key(*status), "{path} {status}");
        }
        assert!(operation["security"][0].get("key").is_some(), "{path}");
    }
}
