//! How receivers verify deliveries, in eight languages. The code is that of the pages for users,
//! which tests run against genuine and forged requests.

use carehook_core::Dialect;

/// A language that receivers are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Language {
    #[default]
    Python,
    JavaScript,
    Php,
    Go,
    Java,
    CSharp,
    Ruby,
    Rust,
}

/// What headers and raw body are called in frameworks: a table of the page for users.
const RECEIVING: &str = include_str!("../../../docs/user/receiving.md");

/// The function of one family in every language, in the order of [`Language::ALL`].
macro_rules! functions {
    ($family:literal) => {
        [
            include_str!(concat!("../../../docs/user/snippets/", $family, ".py")),
            include_str!(concat!("../../../docs/user/snippets/", $family, ".mjs")),
            include_str!(concat!("../../../docs/user/snippets/", $family, ".php")),
            include_str!(concat!("../../../docs/user/snippets/", $family, ".go")),
            include_str!(concat!("../../../docs/user/snippets/", $family, ".java")),
            include_str!(concat!("../../../docs/user/snippets/", $family, ".cs")),
            include_str!(concat!("../../../docs/user/snippets/", $family, ".rb")),
            include_str!(concat!("../../../docs/user/snippets/", $family, ".rs")),
        ]
    };
}

const STANDARD: [&str; 8] = functions!("standard");
const JUMP: [&str; 8] = functions!("jump");
const ECG: [&str; 8] = functions!("ecg");

impl Language {
    /// All of them.
    pub(crate) const ALL: [Self; 8] = [
        Self::Python,
        Self::JavaScript,
        Self::Php,
        Self::Go,
        Self::Java,
        Self::CSharp,
        Self::Ruby,
        Self::Rust,
    ];

    /// The word in addresses.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::JavaScript => "javascript",
            Self::Php => "php",
            Self::Go => "go",
            Self::Java => "java",
            Self::CSharp => "csharp",
            Self::Ruby => "ruby",
            Self::Rust => "rust",
        }
    }

    /// What people call it; the frameworks of the page for users begin with it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Python => "Python",
            Self::JavaScript => "JavaScript",
            Self::Php => "PHP",
            Self::Go => "Go",
            Self::Java => "Java",
            Self::CSharp => "C#",
            Self::Ruby => "Ruby",
            Self::Rust => "Rust",
        }
    }

    /// The function that verifies deliveries of a dialect, and refuses what is old.
    pub(crate) fn function(self, dialect: Dialect) -> &'static str {
        let family = match dialect {
            // Decoda's own header has no time; its deliveries carry the standard ones as well.
            Dialect::Native | Dialect::Mycure | Dialect::Decoda => STANDARD,
            Dialect::Jump => JUMP,
            Dialect::Ecg => ECG,
        };
        let all = Self::ALL.into_iter().zip(family);
        let found = all.into_iter().find(|(language, _)| *language == self);
        found.map_or("", |(_, code)| code)
    }

    /// How frameworks of the language give headers and the raw body.
    pub(crate) fn frameworks(self) -> Vec<Framework> {
        let rows = RECEIVING.lines().filter_map(Framework::of);
        rows.filter(|row| {
            let Some(Text::Plain(name)) = row.name.first() else {
                return false;
            };
            name.split(':').next() == Some(self.name())
        })
        .collect()
    }
}

/// A row of the table: Markdown whose only marks are backticks.
pub(crate) struct Framework {
    pub(crate) name: Vec<Text>,
    pub(crate) headers: Vec<Text>,
    pub(crate) body: Vec<Text>,
}

/// A part of a text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Text {
    Plain(&'static str),
    Code(&'static str),
}

impl Framework {
    fn of(line: &'static str) -> Option<Self> {
        let cells = line.strip_prefix("| ")?.strip_suffix(" |")?;
        let mut cells = cells.split(" | ");
        let (name, headers, body) = (cells.next()?, cells.next()?, cells.next()?);
        let is_last = cells.next().is_none();
        is_last.then(|| Self {
            name: texts(name),
            headers: texts(headers),
            body: texts(body),
        })
    }
}

fn texts(markdown: &'static str) -> Vec<Text> {
    let parts = markdown.split('`').enumerate();
    let parts = parts.filter(|(_, part)| !part.is_empty());
    parts
        .map(|(place, part)| match place % 2 {
            0 => Text::Plain(part),
            _ => Text::Code(part),
        })
        .collect()
}

/// The header of a delivery that has its signature, and the one that has its time.
pub(crate) fn headers(dialect: Dialect) -> (&'static str, &'static str) {
    match dialect {
        Dialect::Native | Dialect::Mycure | Dialect::Decoda => {
            ("webhook-signature", "webhook-timestamp")
        }
        Dialect::Jump => ("x-webhook-signature", "x-webhook-timestamp"),
        Dialect::Ecg => ("x-webhook-hash", "x-webhook-created-at"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_a_function_for_every_dialect_that_reads_its_headers() {
        for dialect in Dialect::ALL {
            let (signature, time) = headers(dialect);
            for language in Language::ALL {
                let code = language.function(dialect).to_lowercase();
                // PHP, C# and Ruby may spell names with other signs between the words.
                let code = code.replace('_', "-");
                for header in [signature, time] {
                    assert!(code.contains(header), "{dialect:?} {language:?} {header}");
                }
            }
        }
    }

    #[test]
    fn the_frameworks_of_every_language_stand_in_the_page_for_users() {
        for language in Language::ALL {
            let found = language.frameworks();
            assert!(!found.is_empty(), "{language:?}");
        }
        let flask = Language::Python.frameworks().swap_remove(0);
        assert_eq!(flask.name, [Text::Plain("Python: Flask")]);
        assert_eq!(flask.body, [Text::Code("request.get_data()")]);
        let java = Language::Java.frameworks();
        assert_eq!(java.len(), 1, "JavaScript is another language");
    }
}
