//! What the store has written, as a damaged disk or another version would give it back.

use carehook_core::{JsonText, StoredEntry};
use carehook_store::read_as_every_record;
use serde_json::Value;

use crate::Target;

pub(crate) const TARGET: Target = Target {
    name: "records",
    run,
    words: &[
        "\"url\"",
        "\"headers\"",
        "\"secrets\"",
        "null",
        "{}",
        "[]",
        "\"created_at\"",
        "-1",
        "18446744073709551616",
        "\"dialect\"",
        "\"retry_seconds\"",
        "\u{0}",
        "whsec_",
        "1e999",
    ],
};

fn run(bytes: &[u8]) {
    read_as_every_record(bytes);
    let text = String::from_utf8_lossy(bytes);
    for kind in [
        "category",
        "category_overlay",
        "event_type",
        "event_type_overlay",
        "removed",
    ] {
        let Some(entry) = StoredEntry::from_json(kind, &text) else {
            continue;
        };
        let again = entry.to_json().unwrap();
        let again = StoredEntry::from_json(kind, &again);
        assert!(
            again.as_ref() == Some(&entry),
            "written and read again it differs"
        );
    }
    if let Ok(raw) = serde_json::from_slice(bytes)
        && let Ok(json) = JsonText::object(raw)
    {
        // A number that no tree can hold is good JSON all the same, and the text stays as it was.
        let given = serde_json::from_slice::<Value>(bytes).ok();
        let compact = serde_json::from_slice::<Value>(json.bytes()).ok();
        assert_eq!(compact, given, "without white space it says something else");
    }
}
