//! Faults of a request as a sentence, for dialects whose errors have a message and no pointers.

use carehook_app::FieldFault;

/// All faults in one line: `url: only https targets are allowed; events[0]: …`.
pub(crate) fn told(faults: &[FieldFault]) -> String {
    let told = faults.iter().map(|FieldFault { pointer, reason }| {
        let name = field_name(pointer);
        if name.is_empty() {
            format!("the body {reason}")
        } else {
            format!("{name}: {reason}")
        }
    });
    told.collect::<Vec<_>>().join("; ")
}

/// The place of a JSON pointer (RFC 6901) as programmers write it: `events[0]`; empty for the
/// whole body.
pub(crate) fn field_name(pointer: &str) -> String {
    let mut name = String::with_capacity(pointer.len());
    for token in pointer.split('/').skip(1) {
        let token = token.replace("~1", "/").replace("~0", "~");
        let is_index = !name.is_empty() && token.bytes().all(|b| b.is_ascii_digit());
        if is_index {
            name.extend(["[", &token, "]"]);
        } else {
            if !name.is_empty() {
                name.push('.');
            }
            name.push_str(&token);
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_is_read_as_the_place_that_it_names() {
        for (pointer, name) in [
            ("", ""),
            ("/url", "url"),
            ("/events/0", "events[0]"),
            ("/headers/x~1a~0", "headers.x/a~"),
            ("/a/b/12/c", "a.b[12].c"),
        ] {
            assert_eq!(field_name(pointer), name, "{pointer}");
        }
    }

    #[test]
    fn every_fault_is_told_with_its_field() {
        let fault = |pointer: &str, reason: &str| FieldFault {
            pointer: pointer.to_owned(),
            reason: reason.to_owned(),
        };
        let faults = [
            fault("/url", "is required"),
            fault("", "must be a JSON object"),
        ];
        assert_eq!(
            told(&faults),
            "url: is required; the body must be a JSON object"
        );
    }
}
