//! The tables: a row for each route, read from the text files.

use std::collections::BTreeSet;
use std::fmt;

use carehook_core::Dialect;
use http::Method;

use super::Asker;
use crate::described::{description, operations};

/// A route with what it needs and how it answers.
#[derive(Clone)]
pub(super) struct Row {
    pub(super) method: Method,
    /// As it stands in the description.
    pub(super) path: &'static str,
    /// With its question mark; empty for none.
    pub(super) query: &'static str,
    /// What `{id}` and its like stand for.
    pub(super) thing: &'static str,
    pub(super) needs: Needs,
    /// In the order of [`Asker::COLUMNS`].
    pub(super) statuses: [u16; Asker::COLUMNS.len()],
    /// JSON, or a form after `form:`; empty for none.
    pub(super) body: &'static str,
}

/// What a caller needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Needs {
    /// Not even a key.
    Nothing,
    /// Any key.
    Key,
    /// The operator's rights.
    Operator,
    /// A scope out of each of these groups.
    Scopes(Vec<Vec<&'static str>>),
}

impl Needs {
    fn parse(text: &'static str) -> Self {
        match text {
            "-" => Self::Nothing,
            "key" => Self::Key,
            "operator" => Self::Operator,
            scopes => {
                let groups = scopes.split('&');
                Self::Scopes(groups.map(|group| group.split('|').collect()).collect())
            }
        }
    }
}

impl Row {
    /// Reads a line: its words are the columns, and what follows them is the body.
    pub(super) fn parse(line: &'static str) -> Self {
        let mut rest = line;
        let mut word = || {
            let (word, others) = rest.split_once(' ').unwrap_or((rest, ""));
            rest = others.trim_start();
            word
        };
        let method = word().parse().unwrap();
        let path = word();
        let (path, query) = path.split_at(path.find('?').unwrap_or(path.len()));
        let (thing, needs) = (word(), Needs::parse(word()));
        let status = |_| {
            word()
                .parse()
                .unwrap_or_else(|_| panic!("8 statuses: {line}"))
        };
        let statuses = Asker::COLUMNS.map(status);
        Self {
            method,
            path,
            query,
            thing,
            needs,
            statuses,
            body: rest,
        }
    }
}

impl Row {
    /// Whether everybody is shown something of the kind, but each only what is theirs.
    pub(super) fn is_a_list(&self) -> bool {
        let [own, _, crossed, ..] = self.statuses;
        let shared = ["-", "category", "type"].contains(&self.thing);
        self.method == Method::GET && (own, crossed) == (200, 200) && !shared
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.method, self.path, self.query)
    }
}

fn file(dialect: Dialect) -> (&'static str, &'static str) {
    match dialect {
        Dialect::Native => ("native.txt", include_str!("native.txt")),
        Dialect::Jump => ("jump.txt", include_str!("jump.txt")),
        Dialect::Decoda => ("decoda.txt", include_str!("decoda.txt")),
        Dialect::Mycure => ("mycure.txt", include_str!("mycure.txt")),
        Dialect::Ecg => ("ecg.txt", include_str!("ecg.txt")),
    }
}

/// The rows of a dialect.
pub(super) fn rows(dialect: Dialect) -> Vec<Row> {
    let (_, text) = file(dialect);
    let lines = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.map(Row::parse).collect()
}

/// Routes without a row and rows without a route.
pub(super) fn differences(dialect: Dialect) -> Vec<String> {
    compared(dialect, &rows(dialect))
}

/// The same for a table.
pub(super) fn compared(dialect: Dialect, rows: &[Row]) -> Vec<String> {
    let description = description(dialect);
    let described = operations(&description).into_iter();
    let described: BTreeSet<(String, &str)> = described
        .map(|(method, path, _)| (method.to_uppercase(), path))
        .collect();
    let route = |row: &Row| (row.method.to_string(), row.path);
    let known: BTreeSet<(String, &str)> = rows.iter().map(route).collect();
    let missing = described.difference(&known).map(|(method, path)| {
        format!(
            "`{method} {path}` has no row that says who may call it. Add a line to \
             crates/api/tests/contract/isolation/{}, for example\n\
             {method} {path} endpoint read 200 404 404 404 401 401 403 401 {{\"a\": \"JSON body\"}}\n\
             The head of that file explains the columns; what a new `thing` is made of stands in \
             isolation/things.rs.",
            file(dialect).0
        )
    });
    let gone = known.difference(&described).map(|(method, path)| {
        let file = file(dialect).0;
        format!("`{method} {path}` is not described any more: remove its row from isolation/{file}")
    });
    missing.chain(gone).collect()
}
