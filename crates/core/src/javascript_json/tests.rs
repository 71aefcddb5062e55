//! Special cases one by one, all of them recorded from Node, and properties that need no JavaScript.
//!
//! A real interpreter judges arbitrary texts in `crates/testkit/tests/javascript_json.rs`.

use proptest::prelude::*;

use super::*;

fn printed(json: &str) -> String {
    let mut out = Vec::new();
    write_javascript_json(json.as_bytes(), &mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn integers_stay_as_they_are_and_have_no_negative_zero() {
    for integer in ["0", "7", "-12", "9007199254740993", &"9".repeat(400)] {
        assert_eq!(printed(integer), integer);
    }
    assert_eq!(printed("[-0, 0]"), "[0,0]");
}

#[test]
fn floats_are_printed_as_javascript_prints_them() {
    let cases = [
        ("36.60", "36.6"),
        ("1E5", "100000"),
        ("1e21", "1e+21"),
        ("1e20", "100000000000000000000"),
        ("123456789012345680000.0", "123456789012345680000"),
        ("1.5e+300", "1.5e+300"),
        ("-0.0", "0"),
        ("0e99", "0"),
        ("100.0", "100"),
        ("-1.10", "-1.1"),
        ("1e-6", "0.000001"),
        ("1.25e-6", "0.00000125"),
        ("1e-7", "1e-7"),
        ("9.5e-7", "9.5e-7"),
        ("123e-20", "1.23e-18"),
        ("5e-324", "5e-324"),
        ("2e-324", "0"),
        ("254.914703369140625", "254.91470336914062"),
        ("1125899906842624.75", "1125899906842624.8"),
        ("5.6843418860808015e-14", "5.684341886080802e-14"),
        ("9007199254740993.0", "9007199254740992"),
        // JavaScript would print null.
        ("1e309", "1e309"),
    ];
    for (spelled, expected) in cases {
        assert_eq!(printed(spelled), expected, "{spelled}");
    }
}

#[test]
fn strings_have_only_the_escapes_that_they_need() {
    let cases = [
        (r#""\u00e9 é \u00E9""#, r#""é é é""#),
        (r#""a\/b\u002f""#, r#""a/b/""#),
        (r#""\"\\\b\f\n\r\t""#, r#""\"\\\b\f\n\r\t""#),
        (
            r#""\u0022\u005C\u0008\u000c\u000A\u000d\u0009""#,
            r#""\"\\\b\f\n\r\t""#,
        ),
        (r#""\u0000\u001F\u007f""#, "\"\\u0000\\u001f\u{7f}\""),
        (r#""\u2028 \uD83D\ude00""#, "\"\u{2028} 😀\""),
        (r#""\uD83D \uDE00""#, r#""\ud83d \ude00""#),
        (r#""\ud83d\ud83d\uDe00""#, r#""\ud83d😀""#),
        (r#""\ude00\ud83d\n""#, r#""\ude00\ud83d\n""#),
    ];
    for (spelled, expected) in cases {
        assert_eq!(printed(spelled), expected, "{spelled}");
    }
}

#[test]
fn white_space_goes_and_keys_keep_their_order() {
    let spelled = "{ \"b\" : [ 1 , true , null ] ,\n \"a\" : { } , \"1\" : [ ] }";
    assert_eq!(printed(spelled), r#"{"b":[1,true,null],"a":{},"1":[]}"#);
    // What is in that spelling stays as it is.
    let canonical = r#"{"id":"pat_1","t":[36.6,-1,1e+21],"s":"é\n\"\\"}"#;
    assert_eq!(printed(canonical), canonical);
}

#[test]
fn a_repeated_key_stays_at_its_first_place_with_its_last_value() {
    assert_eq!(
        printed(r#"{"a": 1, "b": 2, "\u0061": {"c": 1, "c": 2}, "d": 4}"#),
        r#"{"a":{"c":2},"b":2,"d":4}"#
    );
}

proptest! {
    #[test]
    fn no_input_panics(json in prop::collection::vec(any::<u8>(), 0..200)) {
        write_javascript_json(&json, &mut Vec::new());
    }

    #[test]
    fn no_mixture_of_tokens_panics(
        json in r#"([{}\[\],:]|"a"|"b"|"\\u?d?8?|[-+.0-9eE]{1,4}|é|true| ){0,40}"#
    ) {
        write_javascript_json(json.as_bytes(), &mut Vec::new());
    }

    #[test]
    fn printing_twice_changes_nothing(
        json in r#"(\{"[a-c]":(1E[0-9]{1,3}|"é\\ud83d"|"\\ud83d\\ude00"|\[\])\}|\[1.50,-0\])"#
    ) {
        let once = printed(&json);
        prop_assert_eq!(printed(&once), once);
    }
}
