//! What `carehook_core::write_javascript_json` prints, compared with a real JavaScript engine.
//!
//! The generators make spellings, not values: odd escapes, long numbers, white space, repeated keys.
//! They leave out what is printed otherwise on purpose: integers beyond 2^53, numbers beyond the
//! floats, and keys that are array indices.

use std::cell::RefCell;

use carehook_core::write_javascript_json;
use carehook_testkit::JsonPrinter;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

fn ours(json: &str) -> String {
    let mut out = Vec::new();
    write_javascript_json(json.as_bytes(), &mut out);
    String::from_utf8(out).expect("what went in was UTF-8")
}

fn check_all(cases: u32, texts: impl Strategy<Value = String>) {
    let node = RefCell::new(JsonPrinter::node());
    let config = ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    TestRunner::new(config)
        .run(&texts, |text| {
            prop_assert_eq!(ours(&text), node.borrow_mut().print(&text), "{}", text);
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
}

fn number() -> impl Strategy<Value = String> {
    let bits = any::<u64>()
        .prop_map(f64::from_bits)
        .prop_filter("JSON has no such number", |value| value.is_finite());
    let quarters = (
        1u64 << 50..1 << 51,
        prop::sample::select(vec![".25", ".75"]),
    );
    prop_oneof![
        "-?(0|[1-9][0-9]{0,14})",
        "-?(0|[1-9][0-9]{0,3})\\.[0-9]{1,4}",
        "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,40}|[eE][+-]?[0-9]{1,2})",
        // Around the exponents at which the form changes.
        "-?[1-9](\\.[0-9]{1,17})?[eE](-0?[5-8]|\\+?(19|2[0-3]))",
        "-?[0-9][eE]-[0-9]{1,25}",
        bits.clone().prop_map(|value| format!("{value:e}")),
        bits.prop_map(|value| format!("{value:.20E}")),
        // Two shortest texts are equally near.
        quarters.prop_map(|(whole, fraction)| format!("{whole}{fraction}")),
    ]
}

fn string() -> impl Strategy<Value = String> {
    let raw = any::<char>().prop_filter("JSON escapes it", |character| {
        *character >= ' ' && !matches!(character, '"' | '\\')
    });
    let piece = prop_oneof![
        "[ -!#-\\[\\]-\u{7f}]{1,8}",
        raw.prop_map(String::from),
        "\\\\[\"\\\\/bfnrt]",
        "\\\\u[0-9a-fA-F]{4}",
        "\\\\u00[0-7][0-9a-fA-F]",
        "(\\\\u[dD][89abABcdefCDEF][0-9a-fA-F]{2}){1,3}",
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| format!("\"{}\"", pieces.concat()))
}

/// Few keys in many spellings, so that objects repeat them.
fn key() -> impl Strategy<Value = String> {
    let few = [
        r#""""#,
        r#""a""#,
        r#""\u0061""#,
        r#""\/""#,
        r#""é""#,
        r#""\u00E9""#,
        r#""😀""#,
        r#""\uD83D\ude00""#,
        r#""\ud83d""#,
        r#""\u000A""#,
        r#""__proto__""#,
    ];
    prop::sample::select(few.to_vec()).prop_map(str::to_owned)
}

fn spaced(token: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let space = || prop_oneof![4 => Just(String::new()), 1 => "[ \t\r\n]{1,3}"];
    (space(), token, space()).prop_map(|(before, token, after)| before + &token + &after)
}

fn json() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec!["null", "true", "false"]).prop_map(str::to_owned);
    let leaf = prop_oneof![word, number(), string()];
    let nested = leaf.prop_recursive(6, 48, 20, |inner| {
        let member =
            (spaced(key()), spaced(inner.clone())).prop_map(|(key, value)| key + ":" + &value);
        prop_oneof![
            prop::collection::vec(spaced(inner), 0..5)
                .prop_map(|list| format!("[{}]", list.join(","))),
            prop::collection::vec(member, 0..20).prop_map(|list| format!("{{{}}}", list.join(","))),
        ]
    });
    spaced(nested)
}

#[test]
fn javascript_prints_the_same_for_any_text() {
    check_all(400, json());
}

#[test]
fn javascript_prints_the_same_for_any_number() {
    check_all(3000, number());
}

#[test]
fn javascript_prints_the_same_for_any_string() {
    check_all(1000, string());
}
