//! Separates Rust code from comments and strings, well enough to search for words in it.

use std::iter::Peekable;
use std::ops::Range;
use std::str::Chars;

/// Blanks comments and what stands between quotes; every line keeps its place and its length in characters.
pub(super) fn without_comments_and_strings(text: &str) -> String {
    let mut masker = Masker {
        rest: text.chars().peekable(),
        code: String::with_capacity(text.len()),
    };
    while let Some(next) = masker.rest.next() {
        masker.step(next);
    }
    masker.code
}

struct Masker<'a> {
    rest: Peekable<Chars<'a>>,
    code: String,
}

impl Masker<'_> {
    fn step(&mut self, next: char) {
        match next {
            '/' if self.rest.peek() == Some(&'/') => self.line_comment(),
            '/' if self.rest.peek() == Some(&'*') => self.block_comment(),
            '"' => self.string(),
            '\'' => self.character_or_lifetime(),
            _ if is_word(next) => self.word(next),
            _ => self.code.push(next),
        }
    }

    fn blank(&mut self, character: char) {
        self.code.push(if character == '\n' { '\n' } else { ' ' });
    }

    fn line_comment(&mut self) {
        self.code.push(' ');
        while let Some(character) = self.rest.next_if(|&character| character != '\n') {
            self.blank(character);
        }
    }

    fn block_comment(&mut self) {
        self.code.push(' ');
        let mut depth = 0;
        let mut previous = '/';
        while let Some(character) = self.rest.next() {
            self.blank(character);
            match (previous, character) {
                ('/', '*') => depth += 1,
                ('*', '/') => depth -= 1,
                _ => {
                    previous = character;
                    continue;
                }
            }
            if depth == 0 {
                return;
            }
            // Used up: in `/*/` the star may not serve twice.
            previous = ' ';
        }
    }

    fn string(&mut self) {
        self.code.push('"');
        while let Some(character) = self.rest.next() {
            match character {
                '"' => {
                    self.code.push('"');
                    return;
                }
                '\\' => {
                    self.blank(character);
                    if let Some(escaped) = self.rest.next() {
                        self.blank(escaped);
                    }
                }
                _ => self.blank(character),
            }
        }
    }

    /// Reads a whole word, because `r`, `br` and `cr` may begin a raw string.
    fn word(&mut self, first: char) {
        let start = self.code.len();
        self.code.push(first);
        while let Some(character) = self.rest.next_if(|&character| is_word(character)) {
            self.code.push(character);
        }
        if matches!(&self.code[start..], "r" | "br" | "cr") {
            self.raw_string();
        }
    }

    fn raw_string(&mut self) {
        let mut ahead = self.rest.clone();
        let mut hashes = 0;
        while ahead.next_if_eq(&'#').is_some() {
            hashes += 1;
        }
        // Anything but a quote here is a raw identifier such as `r#type`.
        if ahead.next() != Some('"') {
            return;
        }
        for _ in 0..=hashes {
            self.rest.next();
            self.code.push(' ');
        }
        let end = format!("\"{}", "#".repeat(hashes));
        let mut last = String::new();
        while let Some(character) = self.rest.next() {
            self.blank(character);
            last.push(character);
            if last.ends_with(&end) {
                return;
            }
        }
    }

    fn character_or_lifetime(&mut self) {
        self.code.push('\'');
        let mut ahead = self.rest.clone();
        let first = ahead.next();
        if first != Some('\\') && ahead.next() != Some('\'') {
            return;
        }
        let mut escaped = false;
        while let Some(character) = self.rest.next() {
            self.blank(character);
            if character == '\'' && !escaped {
                return;
            }
            escaped = character == '\\' && !escaped;
        }
    }
}

/// Tells whether a character can be part of a name.
pub(super) fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// Finds the lines (from 0) of the modules marked `#[cfg(test)]` in masked code.
pub(super) fn test_modules(code: &str) -> Vec<Range<usize>> {
    const MARK: &str = "#[cfg(test)]";
    let line_of = |offset: usize| code[..offset].matches('\n').count();
    let range = |(start, _): (usize, &str)| {
        let after = start + MARK.len();
        let open = after + code[after..].find(['{', ';'])?;
        let end = open + block_length(&code[open..])?;
        Some(line_of(start)..line_of(end) + 1)
    };
    code.match_indices(MARK).filter_map(range).collect()
}

/// The length in bytes of the block that begins with `code`'s first character, a bracket, if it is closed.
pub(super) fn block_length(code: &str) -> Option<usize> {
    let mut depth = 0_u32;
    for (offset, character) in code.char_indices() {
        match character {
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            // An item that ends with a semicolon has no block.
            return (character != ';').then_some(offset);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(without_comments_and_strings(text), expected);
    }

    #[test]
    fn comments_are_blanked_and_lines_stay() {
        check("a // b\nc", "a     \nc");
        check("a /* b\n /* c */ d */ e", "a     \n              e");
        check("a /*/ b */ c", "a          c");
    }

    #[test]
    fn strings_are_blanked_and_keep_their_quotes() {
        check(r#"f("a // b", c)"#, r#"f("      ", c)"#);
        check(r#"f("a\"b", c)"#, r#"f("    ", c)"#);
        check("b\"x\" y", "b\" \" y");
    }

    #[test]
    fn raw_strings_end_at_their_own_hashes() {
        check(r##"r#"a"b"# c"##, "r        c");
        check(r#"br"a\" c"#, "br     c");
        check("r#type x", "r#type x");
    }

    #[test]
    fn characters_are_told_from_lifetimes() {
        check("'\"' x", "'   x");
        check(r"'\'' x", "'    x");
        check("&'a str", "&'a str");
        check("'static", "'static");
    }

    #[test]
    fn test_modules_are_found_with_their_last_line() {
        let code = "a\n#[cfg(test)]\nmod tests {\n fn a() { }\n}\nb\n";
        assert_eq!(test_modules(code), [Range { start: 1, end: 5 }]);
    }

    #[test]
    fn a_test_module_in_its_own_file_has_no_lines_here() {
        assert_eq!(test_modules("#[cfg(test)]\nmod tests;\nfn a() {}\n"), []);
    }
}
