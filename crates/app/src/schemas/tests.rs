//! Tests: what fits, what is told of what does not, and that no schema and no payload costs much.

use std::time::{Duration, Instant};

use carehook_core::Catalogue;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

use super::bounds::{LEVELS, PARTS, SCHEMA_BYTES};
use super::checker::FAULTS;
use super::*;

/// In each hostile case a check ends in a fraction of this, also where tests run slowly.
const SOON: Duration = Duration::from_secs(10);

fn text(value: &Value) -> JsonText {
    let raw: Box<RawValue> = to_raw_value(value).unwrap();
    JsonText::object(&raw).unwrap()
}

fn compiled(schema: &Value) -> Checker {
    let compiled = Checker::of(&text(schema));
    compiled.unwrap_or_else(|fault| panic!("{fault:?} in {schema}"))
}

#[track_caller]
fn refused(schema: &Value, pointer: &str, reason: &str) {
    let started = Instant::now();
    let Err(fault) = Checker::of(&text(schema)) else {
        panic!("it was taken");
    };
    assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
    assert_eq!(fault.pointer, pointer, "{fault:?}");
    assert!(fault.reason.contains(reason), "{fault:?}");
}

fn told(schema: &Value, data: &Value) -> Vec<(String, String)> {
    let started = Instant::now();
    let faults = compiled(schema).faults(&text(data));
    assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
    let told = faults
        .into_iter()
        .map(|fault| (fault.pointer, fault.reason));
    told.collect()
}

const CANARY: &str = "canary4711";

/// A schema of a field, a value that does not fit, where, and why.
type Misfit = (Value, Value, &'static str, &'static str);

#[rustfmt::skip]
fn misfits() -> Vec<Misfit> {
    let number = json!(47_114_711);
    vec![
        (json!({"type": "integer"}), json!(CANARY), "/x", "must be of the type integer"),
        (json!({"type": ["null", "array"]}), json!(CANARY), "/x", "must be of one of the types"),
        (json!({"enum": ["a"]}), json!(CANARY), "/x", "must be one of the values in the schema"),
        (json!({"const": 1}), json!(CANARY), "/x", "must be the value in the schema"),
        (json!({"maxLength": 2}), json!(CANARY), "/x", "must have at most 2 characters"),
        (json!({"minLength": 99}), json!(CANARY), "/x", "must have at least 99 characters"),
        (json!({"pattern": "^a$"}), json!(CANARY), "/x", "must match the pattern"),
        (json!({"format": "date-time"}), json!(CANARY), "/x", "must have the format `date-time`"),
        (json!({"maximum": 3}), number.clone(), "/x", "must be at most 3"),
        (json!({"minimum": 50_000_000}), number.clone(), "/x", "must be at least 50000000"),
        (json!({"exclusiveMaximum": 3}), number.clone(), "/x", "must be less than 3"),
        (json!({"exclusiveMinimum": 50_000_000}), number.clone(), "/x", "must be more than"),
        (json!({"multipleOf": 2}), number, "/x", "must be a multiple of 2"),
        (json!({"maxItems": 1}), json!([CANARY, 1]), "/x", "must have at most 1 entries"),
        (json!({"minItems": 3}), json!([CANARY]), "/x", "must have at least 3 entries"),
        (json!({"uniqueItems": true}), json!([CANARY, CANARY]), "/x", "must have no entry twice"),
        (json!({"contains": {"const": 1}}), json!([CANARY]), "/x", "must have an entry"),
        (json!({"items": {"type": "null"}}), json!([CANARY]), "/x/0", "of the type null"),
        (json!({"required": ["a/b"]}), json!({"c": CANARY}), "/x/a~1b", "is required"),
        (json!({"additionalProperties": false}), json!({CANARY: 1}), "/x", ""),
        (json!({"unevaluatedProperties": false}), json!({CANARY: 1}), "/x", ""),
        (json!({"maxProperties": 0}), json!({CANARY: 1}), "/x", "must have at most 0 fields"),
        (json!({"minProperties": 2}), json!({CANARY: 1}), "/x", "must have at least 2 fields"),
        (json!({"propertyNames": {"maxLength": 1}}), json!({CANARY: 1}), "/x", "a name like this"),
        (json!({"anyOf": [{"type": "null"}, false]}), json!(CANARY), "/x", "at least one of"),
        (json!({"oneOf": [{"type": "null"}]}), json!(CANARY), "/x", "exactly one of the forms"),
        (json!({"oneOf": [true, true]}), json!(CANARY), "/x", "exactly one of the forms"),
        (json!({"not": {"type": "string"}}), json!(CANARY), "/x", "must not have the form"),
        (json!(false), json!(CANARY), "/x", "is not allowed"),
        (json!({"dependentRequired": {"a": ["b"]}}), json!({"a": CANARY}), "/x/b", "is required"),
        (json!({"prefixItems": [true], "items": false}), json!([null, CANARY]), "/x", ""),
    ]
}

#[test]
fn every_kind_of_fault_names_its_place_and_never_repeats_the_value() {
    for (schema, value, place, reason) in misfits() {
        let schema = json!({"properties": {"x": schema}});
        let told = told(&schema, &json!({"x": value}));
        let (pointer, why) = told.first().unwrap_or_else(|| panic!("it fits {schema}"));
        let below = format!("/data{place}");
        assert!(pointer.starts_with(&below), "{pointer} {schema}");
        assert!(why.contains(reason), "{why}: {schema}");
        for private in [CANARY, "47114711"] {
            assert!(!why.contains(private), "{why}: {schema}");
        }
    }
}

#[test]
fn all_that_does_not_fit_is_told_up_to_a_number() {
    let schema = json!({"properties": {"a": {"type": "string"}, "b": {"type": "string"}}});
    let both = told(&schema, &json!({"a": 1, "b": 2}));
    let pointers: Vec<&str> = both.iter().map(|(pointer, _)| pointer.as_str()).collect();
    assert_eq!(pointers, ["/data/a", "/data/b"]);
    assert_eq!(told(&schema, &json!({"a": "x", "more": 1})), []);
    let schema = json!({"additionalProperties": {"items": {"type": "string"}}});
    let many = told(&schema, &json!({"a": vec![1; 100]}));
    assert_eq!(many.len(), FAULTS);
    // A name may be as long as a body; it is not sent back for every fault.
    let long = told(&schema, &json!({"n".repeat(100_000): [1]}));
    assert_eq!(long[0].0, "/data");
}

#[test]
fn a_schema_that_is_none_is_refused_at_its_place() {
    for (schema, pointer) in [
        (json!({"type": "strnig"}), "/type"),
        (
            json!({"properties": {"a": {"type": 7}}}),
            "/properties/a/type",
        ),
        (json!({"properties": []}), "/properties"),
        (json!({"required": "a"}), "/required"),
        (json!({"maxLength": -1}), "/maxLength"),
        (json!({"$schema": "https://example.com/of-ours"}), ""),
    ] {
        refused(&schema, pointer, "");
    }
    for pattern in ["(", "(?=a)b", r"(a)\1", "a{1000}{1000}{1000}"] {
        let schema = json!({"properties": {"a": {"pattern": pattern}}});
        refused(&schema, "/properties/a/pattern", "");
    }
}

#[test]
fn a_schema_reaches_nothing_outside_itself() {
    for reference in [
        "https://example.com/patient.json",
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
        "other.json#/a",
        "#name",
        "//example.com",
    ] {
        let schema = json!({"properties": {"a": {"$ref": reference}}});
        refused(&schema, "/properties/a/$ref", "nothing is fetched");
    }
    let schema = json!({"properties": {"a": {"$ref": "#/$defs/b"}}});
    refused(&schema, "/properties/a/$ref", "leads to nothing");
    for keyword in ["$id", "id", "$dynamicRef", "$recursiveRef"] {
        let schema = json!({"properties": {"a": {keyword: "https://example.com/a"}}});
        refused(&schema, &format!("/properties/a/{keyword}"), "");
    }
    // Names of fields and data are no keywords.
    compiled(&json!({"properties": {"id": {}, "$ref": {"type": "string"}, "$id": {}}}));
    compiled(&json!({"const": {"$ref": "https://example.com"}, "default": {"id": "x"}}));
    compiled(
        &json!({"$id": "https://example.com/a", "$ref": "#/$defs/a%20b", "$defs": {"a b": {}}}),
    );
}

#[test]
fn a_schema_without_an_end_is_refused() {
    for (schema, pointer) in [
        (json!({"$ref": "#"}), ""),
        (json!({"properties": {"a": {"$ref": "#"}}}), ""),
        (
            json!({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}),
            "/$defs/a",
        ),
        // The same text once as names and once as a schema.
        (
            json!({"properties": {"$ref": "#/properties"}, "not": {"$ref": "#/properties"}}),
            "/properties",
        ),
    ] {
        refused(&schema, pointer, "must not refer to itself");
    }
}

/// `n` definitions, each made of the next one twice.
fn doubling(n: usize) -> Value {
    let twice = |next: usize| {
        let next = json!({"$ref": format!("#/$defs/d{next}")});
        json!({"allOf": [next, next]})
    };
    let mut defs: serde_json::Map<String, Value> =
        (0..n).map(|i| (format!("d{i}"), twice(i + 1))).collect();
    defs.insert(format!("d{n}"), json!({"type": "object"}));
    json!({"$ref": "#/$defs/d0", "$defs": defs})
}

#[test]
fn small_texts_that_stand_for_large_schemas_are_refused() {
    let parts = format!("larger than {PARTS} parts");
    let Err(fault) = Checker::of(&text(&doubling(30))) else {
        panic!("it was taken");
    };
    assert!(fault.reason.contains(&parts), "{fault:?}");
    compiled(&doubling(6));

    let chain: serde_json::Map<String, Value> = (0..1_000)
        .map(|i| {
            (
                format!("c{i}"),
                json!({"$ref": format!("#/$defs/c{}", i + 1)}),
            )
        })
        .chain([("c1000".to_owned(), json!({}))])
        .collect();
    let Err(fault) = Checker::of(&text(&json!({"$ref": "#/$defs/c0", "$defs": chain}))) else {
        panic!("it was taken");
    };
    assert!(
        fault
            .reason
            .contains(&format!("deeper than {LEVELS} levels")),
        "{fault:?}"
    );
    refused(
        &json!({"description": "x".repeat(SCHEMA_BYTES)}),
        "",
        "must have at most 65536 bytes",
    );
}

#[test]
fn the_deepest_schema_fits_on_a_small_stack() {
    // Two levels of text for each level of the schema.
    let mut schema = json!({"type": "string"});
    let mut data = json!("x");
    while compiled_levels(&schema) < LEVELS - 2 {
        schema = json!({"properties": {"a": schema}});
        data = json!({"a": data});
    }
    let small = std::thread::Builder::new().stack_size(1024 * 1024);
    let checked = small.spawn(move || told(&schema, &data)).unwrap().join();
    assert_eq!(checked.unwrap(), []);
}

fn compiled_levels(schema: &Value) -> usize {
    match schema {
        Value::Object(fields) => 1 + fields.values().map(compiled_levels).max().unwrap_or(0),
        _ => 1,
    }
}

#[test]
fn patterns_and_large_payloads_are_checked_in_a_short_time() {
    // Exponential for a matcher that backtracks.
    let schema = json!({"properties": {"a": {"pattern": "^(a+)+$"}}});
    let evil = format!("{}!", "a".repeat(200_000));
    assert_eq!(told(&schema, &json!({"a": evil})).len(), 1);
    let evil = json!({"properties": {"a": {"pattern": "(a?){20}a{20}c"}}});
    told(&evil, &json!({"a": "a".repeat(200_000)}));
    // Many parts for each of many values.
    let all: Vec<Value> = (0..4_000).map(|_| json!({"maxLength": 5})).collect();
    let schema = json!({"additionalProperties": {"items": {"allOf": all}}});
    let whole = told(&schema, &json!({"a": vec!["x"; 50_000]}));
    assert_eq!(whole[0].0, "/data");
    assert!(whole[0].1.contains("too large to be checked"), "{whole:?}");
    told(&schema, &json!({"a": vec!["x"; 10_000]}));
    let unique = json!({"additionalProperties": {"uniqueItems": true}});
    let objects: Vec<Value> = (0..20_000).map(|i| json!({"i": i})).collect();
    assert_eq!(told(&unique, &json!({"a": objects})), []);
    // What the payload says is never compiled.
    let draft7 = "http://json-schema.org/draft-07/schema#";
    let regex = json!({"$schema": draft7, "properties": {"a": {"format": "regex"}}});
    assert_eq!(told(&regex, &json!({"a": "(((((((a{999}){999}){999}"})), []);
}

#[test]
fn the_schemas_that_come_with_the_program_are_good() {
    for definition in Catalogue::built_in().event_types() {
        check_schemas(definition, None).unwrap();
    }
}
