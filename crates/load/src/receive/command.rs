//! What a receiver can be told on stdin.

use anyhow::{Context as _, Result, bail};

use super::lane::Behaviour;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Command<'a> {
    Report,
    Reset,
    Answer(&'a str, Behaviour),
    Secret(&'a str, &'a str),
}

impl<'a> Command<'a> {
    pub(super) fn parse(line: &'a str) -> Result<Self> {
        let mut words = line.split_whitespace();
        let name = words.next().unwrap_or_default();
        let mut next = |what| {
            words
                .next()
                .with_context(|| format!("`{name}` needs {what}"))
        };
        Ok(match name {
            "report" => Self::Report,
            "reset" => Self::Reset,
            "answer" => Self::Answer(next("a path")?, Behaviour::parse(next("a behaviour")?)?),
            "secret" => Self::Secret(next("a path")?, next("a secret")?),
            other => bail!("`{other}` is not a command"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_word_by_word() {
        let parse = |line| Command::parse(line).unwrap();
        assert_eq!(parse("report"), Command::Report);
        assert_eq!(parse("reset"), Command::Reset);
        assert_eq!(
            parse("answer /a hang"),
            Command::Answer("/a", Behaviour::Hang)
        );
        assert_eq!(parse("secret /a whsec_x"), Command::Secret("/a", "whsec_x"));
    }

    #[test]
    fn an_unknown_or_incomplete_command_is_refused() {
        for line in [
            "",
            "stop",
            "answer",
            "answer /a",
            "answer /a maybe",
            "secret /a",
        ] {
            assert!(Command::parse(line).is_err(), "{line}");
        }
    }
}
