//! The events of a file, each with its line.
//!
//! NDJSON is read line by line, however large it is. One event over several lines, and an array,
//! are read as a whole.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::Path;
use std::vec;

use anyhow::{Context as _, bail};
use carehook_core::Limits;
use serde_json::Deserializer;
use serde_json::value::RawValue;

/// One event, or why there is none, and the line on which it begins.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) number: u64,
    pub(super) event: Result<String, String>,
}

/// Events from a file or from stdin.
pub(super) struct Input {
    source: Box<dyn BufRead>,
    size: Option<u64>,
    position: u64,
    line: u64,
    /// Set when the input is not NDJSON.
    whole: Option<vec::IntoIter<Line>>,
}

impl Input {
    pub(super) fn open(path: &Path) -> anyhow::Result<Self> {
        if path == Path::new("-") {
            return Ok(Self::new(Box::new(BufReader::new(io::stdin())), None));
        }
        let open = || {
            let file = File::open(path)?;
            let metadata = file.metadata()?;
            Ok::<_, io::Error>((file, metadata))
        };
        let (file, metadata) = open().with_context(|| format!("open {}", path.display()))?;
        if metadata.is_dir() {
            bail!("{} is a directory", path.display());
        }
        let size = metadata.is_file().then_some(metadata.len());
        Ok(Self::new(Box::new(BufReader::new(file)), size))
    }

    fn new(source: Box<dyn BufRead>, size: Option<u64>) -> Self {
        Self {
            source,
            size,
            position: 0,
            line: 0,
            whole: None,
        }
    }

    /// Bytes of the whole input, when they are known.
    pub(super) fn size(&self) -> Option<u64> {
        self.size
    }

    /// Bytes that are read.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    pub(super) fn next_line(&mut self) -> anyhow::Result<Option<Line>> {
        loop {
            if let Some(whole) = &mut self.whole {
                return Ok(whole.next());
            }
            let Some(text) = self.read_line().context("read the events")? else {
                return Ok(None);
            };
            let event = match text {
                Ok(text) if text.trim().is_empty() => continue,
                Ok(text) if self.is_part_of_a_whole(&text) => {
                    self.read_whole(text)?;
                    continue;
                }
                other => other,
            };
            return Ok(Some(Line {
                number: self.line,
                event,
            }));
        }
    }

    /// Reads one line, in bounded memory; `None` at the end.
    fn read_line(&mut self) -> io::Result<Option<Result<String, String>>> {
        let limit = Limits::BATCH_BYTES as u64;
        let mut bytes = Vec::new();
        let read = (&mut self.source)
            .take(limit)
            .read_until(b'\n', &mut bytes)?;
        if read == 0 {
            return Ok(None);
        }
        self.line += 1;
        self.position += read as u64;
        // An array may be one long line; then it is the first.
        let is_array = self.line == 1 && bytes.trim_ascii_start().starts_with(b"[");
        if read as u64 == limit && !bytes.ends_with(b"\n") && !is_array {
            self.position += self.source.skip_until(b'\n')? as u64;
            return Ok(Some(Err(format!("longer than {limit} bytes"))));
        }
        let text = String::from_utf8(bytes).map_err(|_| "not text in UTF-8".to_owned());
        Ok(Some(text))
    }

    /// Whether an event or an array begins here that goes on in the following lines.
    fn is_part_of_a_whole(&self, text: &str) -> bool {
        let text = text.trim_start_matches('\u{feff}').trim();
        // Later lines are events of their own: one broken line must not swallow the rest.
        if self.line > 1 && !(text == "{" || text == "[") {
            return false;
        }
        text.starts_with('[')
            || serde_json::from_str::<&RawValue>(text).is_err_and(|error| error.is_eof())
    }

    fn read_whole(&mut self, mut text: String) -> anyhow::Result<()> {
        let first = self.line;
        let read = self.source.read_to_string(&mut text);
        self.position += read.context("read the events")? as u64;
        let events = if text.trim_start().starts_with('[') {
            array(&text, first)?
        } else {
            values(&text, first)
        };
        self.whole = Some(events.into_iter());
        Ok(())
    }
}

fn array(text: &str, first: u64) -> anyhow::Result<Vec<Line>> {
    let events: Vec<&RawValue> = serde_json::from_str(text)
        .map_err(|error| anyhow::anyhow!("the array of events is not JSON: {error}"))?;
    let line = |event: &RawValue| {
        let offset = event.get().as_ptr() as usize - text.as_ptr() as usize;
        Line {
            number: first + newlines(&text[..offset]),
            event: Ok(event.get().to_owned()),
        }
    };
    Ok(events.into_iter().map(line).collect())
}

/// JSON values one after the other; what follows a broken one cannot be told apart.
fn values(text: &str, first: u64) -> Vec<Line> {
    let mut values = Deserializer::from_str(text).into_iter::<&RawValue>();
    let mut lines = Vec::new();
    loop {
        let begin = text[values.byte_offset()..]
            .find(|c: char| !c.is_ascii_whitespace())
            .map_or(text.len(), |blanks| values.byte_offset() + blanks);
        let Some(value) = values.next() else {
            return lines;
        };
        let broken = value.is_err();
        lines.push(Line {
            number: first + newlines(&text[..begin]),
            event: value
                .map(|value| value.get().to_owned())
                .map_err(|error| error.to_string()),
        });
        if broken {
            return lines;
        }
    }
}

fn newlines(text: &str) -> u64 {
    text.bytes().filter(|byte| *byte == b'\n').count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<(u64, Result<String, String>)> {
        let mut input = Input::new(Box::new(io::Cursor::new(text.to_owned())), None);
        let mut lines = Vec::new();
        while let Some(line) = input.next_line().unwrap() {
            lines.push((line.number, line.event.map(|event| event.trim().to_owned())));
        }
        assert_eq!(input.position(), text.len() as u64);
        lines
    }

    fn event(number: u64, text: &str) -> (u64, Result<String, String>) {
        (number, Ok(text.to_owned()))
    }

    #[test]
    fn ndjson_is_read_line_by_line_and_a_broken_line_stays_alone() {
        let text = "{\"a\":1}\n\n{\"a\":\n{\"a\":3}";
        let expected = [
            event(1, "{\"a\":1}"),
            event(3, "{\"a\":"),
            event(4, "{\"a\":3}"),
        ];
        assert_eq!(lines(text), expected);
    }

    #[test]
    fn an_event_over_several_lines_is_one_event() {
        let pretty = "{\n  \"a\": 1\n}";
        assert_eq!(lines(pretty), [event(1, pretty)]);
        let two = format!("{pretty}\n{{\"a\": 2}}\n");
        assert_eq!(lines(&two), [event(1, pretty), event(4, "{\"a\": 2}")]);
    }

    #[test]
    fn the_events_of_an_array_know_their_lines() {
        let text = "\n[\n {\"a\": 1},\n {\"a\":\n 2}, {}\n]\n";
        let expected = [
            event(3, "{\"a\": 1}"),
            event(4, "{\"a\":\n 2}"),
            event(5, "{}"),
        ];
        assert_eq!(lines(text), expected);
    }

    #[test]
    fn a_broken_array_is_an_error_of_the_whole() {
        let mut input = Input::new(Box::new(io::Cursor::new("[{}, ")), None);
        let error = input.next_line().unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("the array of events is not JSON: EOF")
        );
    }

    #[test]
    fn a_line_that_no_batch_could_hold_is_passed_over() {
        let text = format!("{}\n{{}}\n", "x".repeat(Limits::BATCH_BYTES + 7));
        let lines = lines(&text);
        assert!(lines[0].1.as_ref().unwrap_err().starts_with("longer than"));
        assert_eq!(lines[1], event(2, "{}"));
    }

    #[test]
    fn an_empty_input_has_no_events() {
        assert_eq!(lines(" \n\n"), []);
    }
}
