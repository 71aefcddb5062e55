//! What `carehook_core::write_python_json` prints, compared with a real Python interpreter.
//!
//! The generators make spellings, not values: odd escapes, long numbers, white space, repeated keys.

use std::cell::RefCell;

use carehook_core::write_python_json;
use carehook_testkit::JsonPrinter;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

fn ours(json: &str) -> String {
    let mut out = Vec::new();
    write_python_json(json.as_bytes(), &mut out);
    String::from_utf8(out).expect("Python prints ASCII")
}

fn check_all(cases: u32, texts: impl Strategy<Value = String>) {
    let python = RefCell::new(JsonPrinter::python());
    let config = ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    TestRunner::new(config)
        .run(&texts, |text| {
            prop_assert_eq!(ours(&text), python.borrow_mut().print(&text), "{}", text);
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
}

/// Floats whose digits say that they lie exactly between two neighbours that a `f64` can hold.
fn halfway() -> impl Strategy<Value = String> {
    let spellings = prop::sample::select(vec![".0", "e0", "0E-1", ".00000000000000000000001"]);
    (1u128 << 52..1 << 53, 0..70, spellings)
        .prop_map(|(mantissa, shift, end)| format!("{}{end}", (2 * mantissa + 1) << shift))
}

/// Floats that have two equally near shortest texts: odd quarters with sixteen digits before the point.
fn two_shortest() -> impl Strategy<Value = String> {
    let fraction = prop::sample::select(vec![".25", ".75"]);
    (1u64 << 50..1 << 51, fraction).prop_map(|(whole, fraction)| format!("{whole}{fraction}"))
}

/// Floats next to a power of two, where the distance to the neighbours differs.
fn near_power_of_two() -> impl Strategy<Value = String> {
    (1u64..0x7ff, -2i64..3)
        .prop_map(|(exponent, step)| f64::from_bits((exponent << 52).wrapping_add_signed(step)))
        .prop_filter("JSON has no such number", |value| value.is_finite())
        .prop_map(|value| format!("{value:e}"))
}

fn number() -> impl Strategy<Value = String> {
    let bits = any::<u64>()
        .prop_map(f64::from_bits)
        .prop_filter("JSON has no such number", |value| value.is_finite());
    prop_oneof![
        "-?(0|[1-9][0-9]{0,40})",
        "-?(0|[1-9][0-9]{0,3})\\.[0-9]{1,4}",
        "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?",
        // Around the exponents at which `repr` changes its form.
        "-?[1-9](\\.[0-9]{1,17})?[eE](-0?[3-6]|\\+?1[4-7])",
        "-?[0-9][eE][+-]?[0-9]{1,25}",
        bits.clone().prop_map(|value| format!("{value:e}")),
        bits.clone().prop_map(|value| format!("{value:.20E}")),
        bits.prop_map(|value| format!("{value:?}")),
        any::<f32>()
            .prop_filter("JSON has no such number", |value| value.is_finite())
            .prop_map(|value| format!("{:?}", f64::from(value))),
        halfway(),
        two_shortest(),
        near_power_of_two(),
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
        r#""/""#,
        r#""\/""#,
        r#""é""#,
        r#""\u00E9""#,
        r#""😀""#,
        r#""\uD83D\ude00""#,
        r#""\ud83d""#,
        r#""\n""#,
        r#""\u000A""#,
    ];
    prop_oneof![3 => prop::sample::select(few.to_vec()).prop_map(str::to_owned), 1 => string()]
}

fn space() -> impl Strategy<Value = String> {
    prop_oneof![4 => Just(String::new()), 1 => "[ \t\r\n]{1,3}"]
}

fn spaced(token: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    (space(), token, space()).prop_map(|(before, token, after)| before + &token + &after)
}

fn json() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec!["null", "true", "false"]).prop_map(str::to_owned);
    let leaf = prop_oneof![word, number(), string()];
    let listed = |list: Vec<String>| list.join(",");
    let nested = leaf.prop_recursive(6, 48, 20, move |inner| {
        let member =
            (spaced(key()), spaced(inner.clone())).prop_map(|(key, value)| key + ":" + &value);
        prop_oneof![
            prop::collection::vec(spaced(inner), 0..5)
                .prop_map(move |list| format!("[{}]", listed(list))),
            prop::collection::vec(member, 0..20)
                .prop_map(move |list| format!("{{{}}}", listed(list))),
        ]
    });
    spaced(nested)
}

#[test]
fn python_prints_the_same_for_any_text() {
    check_all(400, json());
}

#[test]
fn python_prints_the_same_for_any_number() {
    check_all(3000, number());
}

#[test]
fn python_prints_the_same_for_any_string() {
    check_all(1000, string());
}

#[test]
fn python_prints_the_same_for_deep_texts() {
    let level = prop::sample::select(vec![
        ("[", "]"),
        ("[1.0,", "]"),
        ("{\"a\":", "}"),
        ("{\"a\":0,\"b\":1E2,\"a\":", ",\"c\":2}"),
    ]);
    // As deep as Python can be sure to read: its own limit is a thousand calls.
    let deep = prop::collection::vec(level, 0..400).prop_map(|levels| {
        let (mut before, mut after) = (String::new(), String::new());
        for (open, close) in levels {
            before += open;
            after.insert_str(0, close);
        }
        before + "-0" + &after
    });
    check_all(100, deep);
}
