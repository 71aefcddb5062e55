//! Recorded outputs of Python, the special cases one by one, and properties that need no Python.
//!
//! A real interpreter judges arbitrary texts in `crates/testkit/tests/python_json.rs`.

use proptest::prelude::*;
use serde_json::Value;

use super::*;

const VECTORS: &str = include_str!("../../data/vectors/signatures.json");

fn printed(json: &str) -> String {
    let mut out = Vec::new();
    write_python_json(json.as_bytes(), &mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn the_recorded_outputs_of_python_are_reproduced() {
    let all: Value = serde_json::from_str(VECTORS).unwrap();
    let vectors = all["decoda"].as_array().unwrap();
    assert!(!vectors.is_empty());
    for vector in vectors {
        let text = |field: &str| vector[field].as_str().unwrap();
        assert_eq!(printed(text("input")), text("dumps"));
    }
}

#[test]
fn integers_stay_as_they_are_and_have_no_negative_zero() {
    for integer in ["0", "7", "-12", "9007199254740993", &"9".repeat(4301)] {
        assert_eq!(printed(integer), integer);
    }
    assert_eq!(printed("-0"), "0");
    assert_eq!(printed("[-0,0]"), "[0, 0]");
}

#[test]
fn floats_are_printed_by_their_repr() {
    let cases = [
        ("1e5", "100000.0"),
        ("1E-7", "1e-07"),
        ("1.10", "1.1"),
        ("-0.0", "-0.0"),
        ("-0e0", "-0.0"),
        ("0.0", "0.0"),
        ("0e99999999999999999999", "0.0"),
        ("5e-324", "5e-324"),
        ("2e-324", "0.0"),
        ("-1e-999999999999", "-0.0"),
        ("1e16", "1e+16"),
        ("1e15", "1000000000000000.0"),
        ("9999999999999998.0", "9999999999999998.0"),
        ("12345678901234567.0", "1.2345678901234568e+16"),
        ("1.5e+300", "1.5e+300"),
        ("123.456E2", "12345.6"),
        ("1e-4", "0.0001"),
        ("0.00012345", "0.00012345"),
        ("1e-5", "1e-05"),
        ("1.25e-5", "1.25e-05"),
        ("1e-100", "1e-100"),
        ("1e22", "1e+22"),
        ("9007199254740993.0", "9007199254740992.0"),
        // As near to ...3 as to ...2, of which Python takes the even one.
        ("254.914703369140625", "254.91470336914062"),
        ("1125899906842624.25", "1125899906842624.2"),
        ("1125899906842624.75", "1125899906842624.8"),
        // The nearest 16 digits end with 1 and are another float.
        ("5.6843418860808015e-14", "5.684341886080802e-14"),
        ("1.7976931348623157e308", "1.7976931348623157e+308"),
        ("1.7976931348623159e308", "Infinity"),
        ("1e999999999999999999999", "Infinity"),
        ("-1e309", "-Infinity"),
    ];
    for (spelled, python) in cases {
        assert_eq!(printed(spelled), python, "{spelled}");
    }
}

#[test]
fn strings_get_the_escapes_that_python_chooses() {
    let cases = [
        (r#""a/b\/c""#, r#""a/b/c""#),
        (r#""\"\\\b\f\n\r\t""#, r#""\"\\\b\f\n\r\t""#),
        (
            r#""\u0022\u005C\u0008\u000c\u000A\u000d\u0009""#,
            r#""\"\\\b\f\n\r\t""#,
        ),
        (r#""\u0041\u002f""#, r#""A/""#),
        (r#""\u0000\u001F""#, r#""\u0000\u001f""#),
        ("\"~\u{7f}\\u007F\u{80}\"", r#""~\u007f\u007f\u0080""#),
        (
            "\"é\\u00E9\u{2028}\u{ffff}\"",
            r#""\u00e9\u00e9\u2028\uffff""#,
        ),
        ("\"😀\\uD83D\\uDE00\"", r#""\ud83d\ude00\ud83d\ude00""#),
        (r#""\uD83D \uDE00""#, r#""\ud83d \ude00""#),
        (r#""\uDE00\uD83D""#, r#""\ude00\ud83d""#),
        (r#""\ud83D\ud83d\uDe00""#, r#""\ud83d\ud83d\ude00""#),
        (r#""\ud83d\n""#, r#""\ud83d\n""#),
    ];
    for (spelled, python) in cases {
        assert_eq!(printed(spelled), python, "{spelled}");
    }
}

#[test]
fn white_space_outside_strings_becomes_pythons() {
    assert_eq!(
        printed(" {\t\"a , b\":\n[ 1,true ,null\r, { } ,[ ]] , \"c\" : false}\n"),
        r#"{"a , b": [1, true, null, {}, []], "c": false}"#
    );
}

#[test]
fn a_repeated_key_stays_at_its_first_place_with_its_last_value() {
    let cases = [
        (r#"{"a":1,"a":2}"#, r#"{"a": 2}"#),
        (
            r#"{"a":1,"b":2,"a":3,"c":4}"#,
            r#"{"a": 3, "b": 2, "c": 4}"#,
        ),
        (r#"{"a":1,"b":2,"b":3,"b":4}"#, r#"{"a": 1, "b": 4}"#),
        (r#"{"a":{"b":1,"b":2},"a":[]}"#, r#"{"a": []}"#),
        (
            r#"[{"a":[],"z":0,"a":{"b":1,"c":2,"b":{"d":1,"d":2}}},{"a":1}]"#,
            r#"[{"a": {"b": {"d": 2}, "c": 2}, "z": 0}, {"a": 1}]"#,
        ),
        (
            r#"{"a":{"a":1},"b":{"a":1}}"#,
            r#"{"a": {"a": 1}, "b": {"a": 1}}"#,
        ),
        (r#"{"é/":1,"\u00E9\/":2}"#, r#"{"\u00e9/": 2}"#),
        (r#"{"😀":1,"\uD83D\ude00":2}"#, r#"{"\ud83d\ude00": 2}"#),
        (
            r#"{"\ud83d":1,"\ude00":2}"#,
            r#"{"\ud83d": 1, "\ude00": 2}"#,
        ),
        (r#"{"":1,"":2}"#, r#"{"": 2}"#),
    ];
    for (spelled, python) in cases {
        assert_eq!(printed(spelled), python, "{spelled}");
    }
}

#[test]
fn repeated_keys_are_found_among_many() {
    let members = |range: std::ops::Range<u32>, value: &str| -> Vec<String> {
        range.map(|n| format!("\"key {n}\": {value}")).collect()
    };
    let object = |members: &[String]| format!("{{{}}}", members.join(", "));
    let distinct = object(&members(0..1000, "1"));
    assert_eq!(printed(&distinct), distinct);
    let twice = [members(0..1000, "1"), members(500..1000, "2")].concat();
    let once = [members(0..500, "1"), members(500..1000, "2")].concat();
    assert_eq!(printed(&object(&twice)), object(&once));
}

#[test]
fn what_was_in_the_buffer_stays() {
    let mut out = b"{before}".to_vec();
    write_python_json(br#"{"a":1,"a":2}"#, &mut out);
    assert_eq!(out, br#"{before}{"a": 2}"#);
}

#[test]
fn a_hundred_thousand_levels_need_neither_stack_nor_patience() {
    let depth = 100_000;
    let arrays = "[".repeat(depth) + &"]".repeat(depth);
    assert_eq!(printed(&arrays), arrays);
    // Each level overrides a member, so a copy for each level would move gigabytes.
    let objects = r#"{"a":1,"a":"#.repeat(depth) + "0" + &"}".repeat(depth);
    let python = r#"{"a": "#.repeat(depth) + "0" + &"}".repeat(depth);
    assert!(printed(&objects) == python);
}

proptest! {
    #[test]
    fn no_input_panics(json in prop::collection::vec(any::<u8>(), 0..200)) {
        write_python_json(&json, &mut Vec::new());
    }

    /// Broken texts that consist of the parts of whole ones reach more places than random bytes.
    #[test]
    fn no_mixture_of_tokens_panics(
        json in r#"([{}\[\],:]|"a"|"b"|"\\u?d?8?|[-+.0-9eE]{1,4}|é|true| ){0,40}"#
    ) {
        write_python_json(json.as_bytes(), &mut Vec::new());
    }

    #[test]
    fn what_python_printed_stays_as_it_is(
        json in r#"(\{"[a-c]":(1E[0-9]{1,3}|"é\\ud83d"|\[\])\}|\[1.50,-0\])"#
    ) {
        let once = printed(&json);
        prop_assert_eq!(printed(&once), once);
    }
}
