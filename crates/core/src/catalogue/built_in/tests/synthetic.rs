//! Whether every value that could belong to a person comes from a range reserved for examples.

use serde_json::Value;

use super::{object, sample, sample_events, text};

/// The NHS data dictionary's rule: weights 10 to 2, modulus 11.
fn nhs_number_is_valid(number: &str) -> bool {
    let digits: Vec<u32> = number.chars().filter_map(|c| c.to_digit(10)).collect();
    let Some((check, rest)) = digits.split_last() else {
        return false;
    };
    let sum: u32 = rest
        .iter()
        .zip((2..=10).rev())
        .map(|(d, weight)| d * weight)
        .sum();
    number.len() == 10 && digits.len() == 10 && (11 - sum % 11) % 11 == *check
}

#[test]
fn the_check_digit_rule_knows_right_from_wrong() {
    // The data dictionary's own example, and that example with another last digit.
    assert!(nhs_number_is_valid("9434765919"));
    assert!(!nhs_number_is_valid("9434765918"));
    assert!(!nhs_number_is_valid("943476591"));
}

#[test]
fn patients_are_synthetic() {
    for event_type in ["patient.created", "patient.updated"] {
        let patient = object(&sample(event_type).data);
        let nhs_number = text(&patient, "nhs_number");
        assert!(nhs_number.starts_with("999"), "{nhs_number}");
        assert!(nhs_number_is_valid(&nhs_number), "{nhs_number}");
        // Pseudo-postcodes begin with ZZ99 and belong to no address.
        assert!(text(&patient, "postcode").starts_with("ZZ99 "));
    }
}

/// Every text in a payload, wherever it stands.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(fields) => fields.values().for_each(|field| texts(field, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Whether this is one of the numbers that Ofcom keeps for fiction: 07700 900000 to 900999.
fn is_reserved_phone(text: &str) -> bool {
    let rest = text.strip_prefix("07700 900").unwrap_or_default();
    rest.len() == 3 && rest.bytes().all(|digit| digit.is_ascii_digit())
}

fn looks_like_a_phone(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let phone_like = |c: char| c.is_ascii_digit() || " +()".contains(c);
    (7..=15).contains(&digits) && text.chars().all(phone_like)
}

#[test]
fn addresses_and_phones_anywhere_are_in_reserved_ranges() {
    let (mut addresses, mut phones) = (0, 0);
    for event in sample_events() {
        let mut found = Vec::new();
        for part in [
            Some(&event.data),
            event.previous.as_ref(),
            Some(&event.thin),
        ] {
            texts(&part.map(object).unwrap_or_default().into(), &mut found);
        }
        for text in found {
            if text.contains('@') {
                assert!(text.ends_with("@example.com"), "{text}");
                addresses += 1;
            } else if text.contains("://") {
                assert!(text.starts_with("https://video.example.com/"), "{text}");
            } else if looks_like_a_phone(&text) && !nhs_number_is_valid(&text) {
                assert!(is_reserved_phone(&text), "{text}");
                phones += 1;
            }
        }
    }
    assert_eq!((addresses, phones), (2, 3));
}
