//! The text that Python's `json.dumps(json.loads(text))` prints: some receivers verify a signature of exactly that.
//!
//! One pass from text to text without a tree: all that Python changes is white space, the spelling of strings
//! and floats, and repeated keys. Only the last needs a second look, at the objects that have some.

mod duplicates;
mod number;
mod string;

#[cfg(test)]
mod tests;

use duplicates::{Member, Repeating};

/// Appends what Python 3 prints for `json.dumps(json.loads(json))`, all options at their defaults.
///
/// `json` must be a JSON text (RFC 8259) in UTF-8; for anything else the output means nothing, but nothing panics.
/// The time is linear in the text, plus a sort of the keys of objects with many members; nothing recurses.
///
/// Integers of any size are kept. Python itself refuses to read those of more than 4300 digits
/// (`sys.set_int_max_str_digits`) and, depending on its version, nesting of about a thousand levels.
pub fn write_python_json(json: &[u8], out: &mut Vec<u8>) {
    // Most texts grow by the spaces alone.
    out.reserve(json.len() + json.len() / 4);
    let mut writer = Writer {
        out,
        levels: Vec::new(),
        members: Vec::new(),
        key_follows: false,
        repeating: Vec::new(),
    };
    let mut rest = json;
    while let Some((&first, after)) = rest.split_first() {
        rest = writer.token(first, after, rest);
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
    fn token<'t>(&mut self, first: u8, after: &'t [u8], text: &'t [u8]) -> &'t [u8] {
        match first {
            b' ' | b'\n' | b'\r' | b'\t' => {}
            b'"' => {
                if std::mem::take(&mut self.key_follows) {
                    self.members.push(Member::at(self.out.len()));
                }
                return string::write(after, self.out);
            }
            b'-' | b'0'..=b'9' => return number::write(text, self.out),
            b':' => {
                self.out.extend_from_slice(b": ");
                if let Some(member) = self.members.last_mut() {
                    member.value = self.out.len();
                }
            }
            b',' => {
                self.out.extend_from_slice(b", ");
                self.key_follows = matches!(self.levels.last(), Some(Level::Object { .. }));
            }
            b'{' => self.open_object(),
            b'[' => {
                self.levels.push(Level::Array);
                self.key_follows = false;
                self.out.push(b'[');
            }
            b'}' | b']' => self.close(first),
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

    fn close(&mut self, bracket: u8) {
        let end = self.out.len();
        self.out.push(bracket);
        self.key_follows = false;
        if let Some(Level::Object {
            start,
            outer_members,
        }) = self.levels.pop()
        {
            let members = self.members.get(outer_members..).unwrap_or_default();
            if let Some(kept) = duplicates::kept(self.out, members, end) {
                self.repeating.push(Repeating { start, end, kept });
            }
            self.members.truncate(outer_members);
        }
    }
}
