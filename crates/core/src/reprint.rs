//! Prints a JSON text again as some language does that has read it, for receivers that verify a signature of exactly that.
//!
//! One pass from text to text without a tree: all that such languages change is white space, the spelling of strings
//! and numbers, and repeated keys. Only the last needs a second look, at the objects that have some.

mod duplicates;
pub(crate) mod escape;
pub(crate) mod number;

use duplicates::{Member, Repeating};

/// How a language prints the parts of a JSON text.
pub(crate) trait Spelling {
    /// Between the members of an object and the entries of an array.
    const COMMA: &'static [u8];
    /// Between a key and its value.
    const COLON: &'static [u8];

    /// Writes the string whose opening quote has been taken, and gives what follows its closing quote.
    fn write_string<'t>(json: &'t [u8], out: &mut Vec<u8>) -> &'t [u8];

    /// Writes the number at the beginning of `json` and gives what follows it.
    fn write_number<'t>(json: &'t [u8], out: &mut Vec<u8>) -> &'t [u8];
}

/// Appends `json` in another spelling.
///
/// `json` must be a JSON text (RFC 8259) in UTF-8; for anything else the output means nothing, but nothing panics.
/// The time is linear in the text, plus a sort of the keys of objects with many members; nothing recurses.
pub(crate) fn write<S: Spelling>(json: &[u8], out: &mut Vec<u8>) {
    let mut writer = Writer {
        out,
        levels: Vec::new(),
        members: Vec::new(),
        key_follows: false,
        repeating: Vec::new(),
    };
    let mut rest = json;
    while let Some((&first, after)) = rest.split_first() {
        rest = writer.token::<S>(first, after, rest);
    }
    let repeating = writer.repeating;
    if !repeating.is_empty() {
        *out = duplicates::resolve(out, repeating);
    }
}

/// An array or object that is still open.
enum Level {
    Array,
    Object {
        /// Where its brace stands in the output.
        start: usize,
        /// How many of [`Writer::members`] belong to the objects around it.
        outer_members: usize,
    },
}

struct Writer<'a> {
    out: &'a mut Vec<u8>,
    levels: Vec<Level>,
    /// The members of all open objects so far, outermost object first.
    members: Vec<Member>,
    /// Whether the next string is a key.
    key_follows: bool,
    /// Closed objects in which a key stands more than once.
    repeating: Vec<Repeating>,
}

impl Writer<'_> {
    /// Writes one token; `text` is `first` followed by `after`. Gives what follows the token.
    fn token<'t, S: Spelling>(&mut self, first: u8, after: &'t [u8], text: &'t [u8]) -> &'t [u8] {
        match first {
            b' ' | b'\n' | b'\r' | b'\t' => {}
            b'"' => {
                if std::mem::take(&mut self.key_follows) {
                    self.members.push(Member::at(self.out.len()));
                }
                return S::write_string(after, self.out);
            }
            b'-' | b'0'..=b'9' => return S::write_number(text, self.out),
            b':' => {
                self.out.extend_from_slice(S::COLON);
                if let Some(member) = self.members.last_mut() {
                    member.value = self.out.len();
                }
            }
            b',' => {
                self.out.extend_from_slice(S::COMMA);
                self.key_follows = matches!(self.levels.last(), Some(Level::Object { .. }));
            }
            b'{' => self.open_object(),
            b'[' => {
                self.levels.push(Level::Array);
                self.key_follows = false;
                self.out.push(b'[');
            }
            b'}' | b']' => self.close(first, S::COMMA.len()),
            // The letters of `true`, `false` and `null`.
            letter => self.out.push(letter),
        }
        after
    }

    fn open_object(&mut self) {
        self.levels.push(Level::Object {
            start: self.out.len(),
            outer_members: self.members.len(),
        });
        self.key_follows = true;
        self.out.push(b'{');
    }

    fn close(&mut self, bracket: u8, comma: usize) {
        let end = self.out.len();
        self.out.push(bracket);
        self.key_follows = false;
        if let Some(Level::Object {
            start,
            outer_members,
        }) = self.levels.pop()
        {
            let members = self.members.get(outer_members..).unwrap_or_default();
            if let Some(kept) = duplicates::kept(self.out, members, (end, comma)) {
                self.repeating.push(Repeating { start, end, kept });
            }
            self.members.truncate(outer_members);
        }
    }
}
