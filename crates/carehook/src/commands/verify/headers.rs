//! The headers of a received request, found in a file.

use anyhow::{Context as _, bail};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

/// The headers that say something about a signature: a second one of them would leave open which
/// one counts.
const SIGNING: [&str; 9] = [
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
    "x-webhook-id",
    "x-webhook-timestamp",
    "x-webhook-signature",
    "decoda-signature",
    "x-webhook-created-at",
    "x-webhook-hash",
];

/// Reads lines `Name: value`, as `curl -D` and most logs print them, or a JSON object.
pub(super) fn parse(bytes: &[u8]) -> anyhow::Result<HeaderMap> {
    let text = std::str::from_utf8(bytes).context("the headers are not text")?;
    let text = text.trim_start_matches('\u{feff}');
    let pairs = if text.trim_start().starts_with('{') {
        from_json(text)?
    } else {
        from_lines(text)
    };
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        let name = HeaderName::from_bytes(name.as_bytes());
        let value = HeaderValue::from_bytes(value.as_bytes());
        // What is no header is something else that a log has put there.
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    let is_repeated = |name: &&str| headers.get_all(*name).iter().count() > 1;
    if let Some(name) = SIGNING.iter().copied().find(is_repeated) {
        bail!("the headers have `{name}` more than once");
    }
    Ok(headers)
}

/// Request and status lines have no header name before their first colon, and are passed over.
fn from_lines(text: &str) -> Vec<(String, String)> {
    let header = |line: &str| {
        let (name, value) = line.split_once(':')?;
        Some((name.trim().to_owned(), value.trim().to_owned()))
    };
    text.lines().filter_map(header).collect()
}

/// Values may be texts, numbers, or lists of them, as frameworks write them.
fn from_json(text: &str) -> anyhow::Result<Vec<(String, String)>> {
    let object: serde_json::Map<String, Value> =
        serde_json::from_str(text).context("the headers are not a JSON object")?;
    let flat = object.into_iter().flat_map(|(name, value)| {
        let values = match value {
            Value::Array(values) => values,
            value => vec![value],
        };
        values.into_iter().map(move |value| (name.clone(), value))
    });
    let text = |(name, value)| match value {
        Value::String(text) => Some((name, text.trim().to_owned())),
        Value::Number(number) => Some((name, number.to_string())),
        _ => None,
    };
    Ok(flat.filter_map(text).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str) {
        let headers = parse(text.as_bytes()).unwrap();
        assert_eq!(headers["webhook-id"], "evt_1");
        assert_eq!(headers["webhook-timestamp"], "1767323045");
        assert_eq!(headers["webhook-signature"], "v1,a= v1,b=");
    }

    #[test]
    fn lines_are_read_as_curl_and_proxies_print_them() {
        check(
            "POST /hook HTTP/1.1\r\nHost: a.example:8080\r\nWebhook-Id: evt_1\r\n\
             webhook-timestamp:1767323045\r\nWEBHOOK-SIGNATURE: v1,a= v1,b=\r\n\r\n",
        );
    }

    #[test]
    fn objects_are_read_with_texts_numbers_and_lists() {
        check(
            r#"{"webhook-id": ["evt_1"], "webhook-timestamp": 1767323045,
            "Webhook-Signature": "v1,a= v1,b=", "other": null}"#,
        );
    }

    #[test]
    fn what_is_doubtful_is_named_and_what_is_no_header_is_passed_over() {
        let twice = "webhook-id: a\nwebhook-id: b\n";
        let error = parse(twice.as_bytes()).unwrap_err().to_string();
        assert_eq!(error, "the headers have `webhook-id` more than once");
        let list = r#"{"x-webhook-hash": ["a", "b"]}"#;
        assert!(parse(list.as_bytes()).is_err());
        let odd = "GET https://a.example/ HTTP/1.1\ncookie: a\ncookie: b\nx: \u{7}\n";
        let headers = parse(odd.as_bytes()).unwrap();
        assert_eq!(headers.keys_len(), 1);
        assert_eq!(headers.get_all("cookie").iter().count(), 2);
    }
}
