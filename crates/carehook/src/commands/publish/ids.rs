//! Ids for events that have none.

use std::collections::HashMap;

use aws_lc_rs::digest::{self, SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::config::random_bytes;

/// Bytes of the digest that go into an id: no two texts will ever share them.
const ID_BYTES: usize = 18;

/// Gives ids to events; see the header of `publish`.
pub(super) struct Ids {
    salt: Vec<u8>,
    seen: HashMap<[u8; ID_BYTES], u64>,
}

#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    id: Option<IgnoredAny>,
}

impl Ids {
    /// Derives ids from texts alone, or with `again` also from chance.
    pub(super) fn new(again: bool) -> Self {
        let salt = if again {
            random_bytes().to_vec()
        } else {
            Vec::new()
        };
        Self {
            salt,
            seen: HashMap::new(),
        }
    }

    /// The event with an id: its own, or a derived one in front of its fields.
    pub(super) fn identified(&mut self, event: &str) -> Result<String, String> {
        let event = event.trim();
        let Some(fields) = event.strip_prefix('{') else {
            return Err("an event is a JSON object".to_owned());
        };
        let head: Head = serde_json::from_str(event).map_err(|error| error.to_string())?;
        if head.id.is_some() {
            return Ok(event.to_owned());
        }
        let id = self.derive(event);
        let comma = if fields.trim_start().starts_with('}') {
            ""
        } else {
            ","
        };
        Ok(format!("{{\"id\":\"{id}\"{comma}{fields}"))
    }

    fn derive(&mut self, event: &str) -> String {
        let content = cut(digest::digest(&SHA256, event.as_bytes()).as_ref());
        let occurrence = self.seen.entry(content).or_default();
        let mut context = digest::Context::new(&SHA256);
        context.update(&self.salt);
        context.update(&content);
        context.update(&occurrence.to_be_bytes());
        *occurrence += 1;
        let id = cut(context.finish().as_ref());
        format!("pub_{}", URL_SAFE_NO_PAD.encode(id))
    }
}

fn cut(digest: &[u8]) -> [u8; ID_BYTES] {
    let mut short = [0; ID_BYTES];
    short.copy_from_slice(&digest[..ID_BYTES]);
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENT: &str = r#"{"type": "a.b", "data": {"n": 1.10}}"#;

    #[test]
    fn the_same_input_gets_the_same_ids_and_equal_lines_get_different_ones() {
        let run = || {
            let mut ids = Ids::new(false);
            [EVENT, EVENT].map(|event| ids.identified(event).unwrap())
        };
        let first = run();
        assert_eq!(first, run());
        assert_ne!(first[0], first[1]);
        assert!(first[0].starts_with(r#"{"id":"pub_"#) && first[0].ends_with(&EVENT[1..]));
    }

    #[test]
    fn again_gives_new_ids() {
        let run = || Ids::new(true).identified(EVENT).unwrap();
        assert_ne!(run(), run());
    }

    #[test]
    fn an_event_keeps_its_own_id_and_its_spelling() {
        let own = r#"{"type": "a.b", "id": "order-1"}"#;
        let mut ids = Ids::new(false);
        assert_eq!(ids.identified(&format!(" {own}\r\n")), Ok(own.to_owned()));
        let empty = ids.identified("{ }").unwrap();
        assert!(serde_json::from_str::<serde_json::Value>(&empty).unwrap()["id"].is_string());
    }

    #[test]
    fn what_is_not_an_object_is_refused() {
        let mut ids = Ids::new(false);
        assert_eq!(
            ids.identified("[1]"),
            Err("an event is a JSON object".into())
        );
        assert!(
            ids.identified("{\"a\":")
                .unwrap_err()
                .starts_with("EOF while parsing")
        );
    }
}
