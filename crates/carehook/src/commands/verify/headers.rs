//! The Standard Webhooks headers of a request, found in a file.

use anyhow::{Context as _, bail};
use serde_json::Value;

const ID: &str = "webhook-id";
const TIMESTAMP: &str = "webhook-timestamp";
const SIGNATURE: &str = "webhook-signature";

/// The three headers that a signature needs.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Headers {
    pub(super) id: String,
    pub(super) timestamp: String,
    pub(super) signatures: String,
}

impl Headers {
    /// Reads lines `Name: value`, as `curl -D` and most logs print them, or a JSON object.
    pub(super) fn parse(bytes: &[u8]) -> anyhow::Result<Self> {
        let text = std::str::from_utf8(bytes).context("the headers are not text")?;
        let text = text.trim_start_matches('\u{feff}');
        if text.trim_start().starts_with('{') {
            Self::of(&from_json(text)?)
        } else {
            Self::of(&from_lines(text))
        }
    }

    fn of(headers: &[(String, String)]) -> anyhow::Result<Self> {
        let find = |wanted: &str| {
            let mut values = headers
                .iter()
                .filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
            match (values.next(), values.next()) {
                (Some((_, value)), None) => Ok(value.clone()),
                (None, _) => bail!("the headers have no `{wanted}`"),
                (Some(_), Some(_)) => bail!("the headers have `{wanted}` more than once"),
            }
        };
        Ok(Self {
            id: find(ID)?,
            timestamp: find(TIMESTAMP)?,
            signatures: find(SIGNATURE)?,
        })
    }
}

/// Request and status lines have no colon before their first blank, and are passed over.
fn from_lines(text: &str) -> Vec<(String, String)> {
    let header = |line: &str| {
        let (name, value) = line.split_once(':')?;
        Some((name.trim().to_owned(), value.trim().to_owned()))
    };
    text.lines().filter_map(header).collect()
}

/// Values may be texts, numbers, or lists of one text, as frameworks write them.
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

    fn expected() -> Headers {
        Headers {
            id: "evt_1".to_owned(),
            timestamp: "1767323045".to_owned(),
            signatures: "v1,a= v1,b=".to_owned(),
        }
    }

    #[test]
    fn lines_are_read_as_curl_and_proxies_print_them() {
        let text = "POST /hook HTTP/1.1\r\nHost: a.example:8080\r\nWebhook-Id: evt_1\r\n\
            webhook-timestamp:1767323045\r\nWEBHOOK-SIGNATURE: v1,a= v1,b=\r\n\r\n";
        assert_eq!(Headers::parse(text.as_bytes()).unwrap(), expected());
    }

    #[test]
    fn objects_are_read_with_texts_numbers_and_lists() {
        let text = r#"{"webhook-id": ["evt_1"], "webhook-timestamp": 1767323045,
            "webhook-signature": "v1,a= v1,b=", "other": null}"#;
        assert_eq!(Headers::parse(text.as_bytes()).unwrap(), expected());
    }

    #[test]
    fn what_is_missing_or_doubtful_is_named() {
        let check = |text: &str, reason: &str| {
            let error = Headers::parse(text.as_bytes()).unwrap_err();
            assert_eq!(format!("{error:#}"), reason);
        };
        check("webhook-id: a\n", "the headers have no `webhook-timestamp`");
        let twice = "webhook-id: a\nwebhook-id: b\n";
        check(twice, "the headers have `webhook-id` more than once");
    }
}
