//! Payloads that can be recognised: made from a number, a time and a size, and nothing else.

use std::io::Write as _;

/// The text that fills a payload up. It repeats no faster than the number changes it.
const FILLER: &[u8] =
    b"The quick brown fox jumps over the lazy dog while the nurse notes a pulse. ";

/// Appends the payload of event `number`, created at `at` (microseconds), of about `size` bytes.
pub(crate) fn append(out: &mut Vec<u8>, number: u64, at: u64, size: usize) {
    let start = out.len();
    write!(out, r#"{{"n":{number},"at":{at},"size":{size},"text":""#)
        .expect("writing to a Vec cannot fail");
    let first = usize::try_from(number % 61).expect("less than 61");
    let mut filler = FILLER.iter().cycle().skip(first);
    while out.len() - start + 2 < size {
        out.extend(filler.next());
    }
    out.extend_from_slice(br#""}"#);
}

/// What a payload says about itself.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Marks {
    pub(crate) number: u64,
    pub(crate) at: u64,
    size: usize,
}

/// Finds a payload inside a delivery's body.
pub(crate) fn marks(body: &[u8]) -> Option<Marks> {
    Some(Marks {
        number: number_after(body, br#""n":"#)?,
        at: number_after(body, br#""at":"#)?,
        size: usize::try_from(number_after(body, br#""size":"#)?).ok()?,
    })
}

impl Marks {
    /// Whether the body holds exactly the payload that was published.
    pub(crate) fn are_whole(&self, body: &[u8]) -> bool {
        let mut expected = br#""data":"#.to_vec();
        append(&mut expected, self.number, self.at, self.size.min(1 << 20));
        find(body, &expected).is_some()
    }
}

/// The decimal number after the first `name`.
pub(crate) fn number_after(body: &[u8], name: &[u8]) -> Option<u64> {
    let rest = &body[find(body, name)? + name.len()..];
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()
}

/// Where `wanted` begins.
pub(crate) fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    let last = text.len().checked_sub(wanted.len())?;
    let first = *wanted.first()?;
    // Most bytes differ in the first one, which is what compilers search fast.
    (0..=last).find(|&place| text[place] == first && text[place..].starts_with(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivered(number: u64, at: u64, size: usize) -> Vec<u8> {
        let mut body = br#"{"type":"a.b","data":"#.to_vec();
        append(&mut body, number, at, size);
        body.extend_from_slice(br#","sequence":4}"#);
        body
    }

    #[test]
    fn a_payload_is_json_of_the_wanted_size() {
        let mut payload = Vec::new();
        append(&mut payload, 12, 34, 600);
        assert_eq!(payload.len(), 600);
        let json: serde_json::Value = serde_json::from_slice(&payload).unwrap();
        assert_eq!(json["n"], 12);
    }

    #[test]
    fn a_delivered_payload_is_recognised() {
        let body = delivered(12, 34, 600);
        let marks = marks(&body).unwrap();
        assert_eq!((marks.number, marks.at), (12, 34));
        assert!(marks.are_whole(&body));
        assert_eq!(number_after(&body, br#""sequence":"#), Some(4));
    }

    #[test]
    fn a_changed_byte_is_noticed() {
        let mut body = delivered(12, 34, 600);
        let place = find(&body, b"fox").unwrap();
        body[place] = b'F';
        assert!(!marks(&body).unwrap().are_whole(&body));
        assert_eq!(marks(b"{}"), None);
    }
}
