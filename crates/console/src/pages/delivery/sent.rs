//! What requests of a webhook look like: their headers, as far as they can be shown, and the same
//! request as a command. Secrets and what is made from them are replaced by what they are.

use carehook_core::{Delivery, Dialect, Endpoint, Envelope, Signers, Timestamp, signed_headers};
use http::HeaderMap;

/// What an attempt for a delivery sends.
pub(super) struct Sent {
    pub(super) url: String,
    pub(super) headers: Vec<Header>,
    pub(super) curl: String,
    /// How the receiver checks the signature.
    pub(super) check: String,
}

/// A header: its value, or what stands there.
pub(super) struct Header {
    pub(super) name: String,
    pub(super) value: Value,
}

pub(super) enum Value {
    Is(String),
    /// It changes with each attempt, or is a secret: what it is.
    Hidden(&'static str),
}

const SIGNATURE: &str = "made with the secret";
const TIME: &str = "time of the attempt";
const SECRET: &str = "value of the webhook's settings";
/// What stands above the command.
const NOTE: &str = "\
# Fill in what stands in <> before you send it. The signature is made with the webhook's secret,
# over id, time and payload: without it a receiver that checks refuses the request. This server
# sends a signed one when you retry the delivery on its page.
# payload.json is the payload, as that page shows it.
";

impl Sent {
    /// As the webhook is set up now; earlier attempts may have been sent otherwise.
    pub(super) fn of(delivery: &Delivery, endpoint: &Endpoint) -> Self {
        let mut headers = ours(delivery, endpoint);
        let own = endpoint.headers.iter().map(|header| Header {
            name: header.name.as_str().to_owned(),
            value: Value::Hidden(SECRET),
        });
        headers.extend(own);
        if endpoint.authentication.is_some()
            && !headers.iter().any(|one| one.name == "authorization")
        {
            headers.push(Header {
                name: "authorization".to_owned(),
                value: Value::Hidden(SECRET),
            });
        }
        Self {
            url: endpoint.url.clone(),
            curl: curl(&endpoint.url, &headers),
            check: check(endpoint.dialect),
            headers,
        }
    }
}

/// The headers that every attempt gets: made as for an attempt, so that none is missing here.
fn ours(delivery: &Delivery, endpoint: &Endpoint) -> Vec<Header> {
    let Ok(signers) = Signers::new(&endpoint.secrets, endpoint.dialect) else {
        return Vec::new();
    };
    let event_id = delivery.event_id.to_string();
    let envelope = Envelope {
        event_id: &event_id,
        body: b"",
        sent_at: Timestamp(0),
        wall: Timestamp(0),
    };
    let made = signed_headers(&HeaderMap::new(), &envelope, &signers);
    let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        let name = name.as_str();
        let value = match value.to_str() {
            Ok(value) if name.ends_with("-id") || name == "content-type" => {
                Value::Is(value.to_owned())
            }
            _ if name.ends_with("-timestamp") || name.ends_with("-created-at") => {
                Value::Hidden(TIME)
            }
            _ => Value::Hidden(SIGNATURE),
        };
        Header {
            name: name.to_owned(),
            value,
        }
    };
    made.iter().map(header).collect()
}

fn curl(url: &str, headers: &[Header]) -> String {
    let mut command = format!("{NOTE}curl -X POST {}", quoted(url));
    for Header { name, value } in headers {
        let line = match value {
            Value::Is(value) => format!("{name}: {value}"),
            Value::Hidden(what) => format!("{name}: <{what}>"),
        };
        command.push_str(" \\\n  -H ");
        command.push_str(&quoted(&line));
    }
    command.push_str(" \\\n  --data-binary @payload.json");
    command
}

/// A word of a shell (POSIX, 2.2.2).
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn check(dialect: Dialect) -> String {
    let standard = "webhook-signature is “v1,” and the Base64 of the HMAC-SHA256 of \
                    “{webhook-id}.{webhook-timestamp}.{body}”; the key is what the part of the \
                    secret after “whsec_” is the Base64 of. With a secret that begins with \
                    “whsk_” it is “v1a,” and an Ed25519 signature of the same. Refuse times that \
                    are more than five minutes away.";
    let own = match dialect {
        Dialect::Native | Dialect::Mycure => "",
        Dialect::Jump => {
            " X-Webhook-Signature is the HMAC-SHA256, in hex, of “{x-webhook-timestamp}.{body}” \
             with the text of the secret as key."
        }
        Dialect::Decoda => {
            " Decoda-Signature is the HMAC-SHA256, in hex, of the body with the text of the secret \
             as key."
        }
        Dialect::Ecg => {
            " X-Webhook-Hash is the HMAC-SHA256, in hex, of “{x-webhook-created-at}.{body}” with \
             the text of the secret as key."
        }
    };
    format!("{standard}{own}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_has_no_secret_and_is_quoted_for_a_shell() {
        let headers = [
            Header {
                name: "webhook-id".to_owned(),
                value: Value::Is("it's".to_owned()),
            },
            Header {
                name: "x-key".to_owned(),
                value: Value::Hidden(SECRET),
            },
        ];
        let text = curl("https://a.example/$(id)", &headers);
        let (note, command) = text.split_at(text.find("curl ").unwrap());
        assert!(note.lines().all(|line| line.starts_with("# ")), "{note}");
        assert_eq!(
            command,
            "curl -X POST 'https://a.example/$(id)' \\\n  -H 'webhook-id: it'\\''s' \\\n  \
             -H 'x-key: <value of the webhook'\\''s settings>' \\\n  --data-binary @payload.json"
        );
    }
}
