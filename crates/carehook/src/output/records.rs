//! Records of the server: tables for people, the server's own text for programs.

use std::io;

use anyhow::Context as _;
use serde_json::Value;
use serde_json::value::RawValue;

use super::{Format, Table, line, local_time};

/// A JSON object that the server sent.
pub(crate) struct Record {
    text: Box<RawValue>,
    value: Value,
}

impl Record {
    /// Reads a record; its text is kept, so that numbers and the order of fields stay as they are.
    pub(crate) fn new(text: Box<RawValue>) -> anyhow::Result<Self> {
        let value = serde_json::from_str(text.get()).context("read a record of the server")?;
        Ok(Self { text, value })
    }

    /// A field that holds a text.
    pub(crate) fn text_of(&self, field: &str) -> Option<&str> {
        self.value.get(field)?.as_str()
    }

    /// A field that holds a whole number.
    pub(crate) fn number(&self, field: &str) -> Option<u64> {
        self.value.get(field)?.as_u64()
    }

    /// A whole number in a field of a field.
    pub(crate) fn number_of(&self, field: &str, inner: &str) -> Option<u64> {
        self.value.get(field)?.get(inner)?.as_u64()
    }

    /// The records in a field that holds a list.
    pub(crate) fn records(&self, field: &str) -> anyhow::Result<Vec<Self>> {
        let fields: std::collections::HashMap<String, Box<RawValue>> =
            serde_json::from_str(self.text.get()).context("read a record of the server")?;
        let Some(list) = fields.get(field) else {
            return Ok(Vec::new());
        };
        let list: Vec<Box<RawValue>> =
            serde_json::from_str(list.get()).context("read a list of the server")?;
        list.into_iter().map(Self::new).collect()
    }
}

/// A column of a list, or a line of a record: its title and the field that it shows.
#[derive(Clone, Copy)]
pub(crate) struct Column {
    title: &'static str,
    field: &'static str,
}

impl Column {
    pub(crate) const fn of(field: &'static str) -> Self {
        Self::titled(field, field)
    }

    pub(crate) const fn titled(title: &'static str, field: &'static str) -> Self {
        Self { title, field }
    }
}

/// Prints a list; in JSON one record on each line.
pub(crate) fn print_list(format: Format, records: &[Record], columns: &[Column]) -> io::Result<()> {
    match format {
        Format::Table if records.is_empty() => line("none"),
        Format::Table => line(list(records.iter().map(|record| &record.value), columns)),
        Format::Json => {
            let records: Vec<&str> = records.iter().map(|record| record.text.get()).collect();
            line(format_args!("[{}]", records.join(",\n")))
        }
    }
}

/// Prints one record; as a table a field on each line, first those of `first`. There, `outer.inner`
/// is a field of a field, whose others are then named as well or not shown.
pub(crate) fn print_record(format: Format, record: &Record, first: &[&str]) -> io::Result<()> {
    match format {
        Format::Table => line(details(&record.value, first)),
        Format::Json => line(record.text.get()),
    }
}

/// Prints one record, and in a table also the records in one of its fields, unless there are none.
pub(crate) fn print_record_and_list(
    format: Format,
    record: &Record,
    first: &[&str],
    (field, columns): (&str, &[Column]),
) -> anyhow::Result<()> {
    print_record(format, record, first)?;
    let records = record.records(field)?;
    if format == Format::Table && !records.is_empty() {
        line("")?;
        print_list(format, &records, columns)?;
    }
    Ok(())
}

fn list<'a>(records: impl Iterator<Item = &'a Value>, columns: &[Column]) -> Table {
    let titles: Vec<&str> = columns.iter().map(|column| column.title).collect();
    let mut table = Table::new(&titles);
    for record in records {
        table.row(columns.iter().map(|column| {
            let field = record.get(column.field).unwrap_or(&Value::Null);
            shown(column.field, field)
        }));
    }
    table
}

fn details(record: &Value, first: &[&str]) -> Table {
    let mut table = Table::untitled();
    let Some(fields) = record.as_object() else {
        return table;
    };
    let is_shown = |value: &Value| {
        value
            .as_array()
            .is_none_or(|items| items.iter().all(is_plain))
    };
    let mut row = |name: &str, value: &Value| {
        if is_shown(value) {
            table.row([name.to_owned(), shown(name, value)]);
        }
    };
    for path in first {
        if let Some(value) = field_at(record, path) {
            row(path, value);
        }
    }
    let is_named = |name: &str| {
        first
            .iter()
            .any(|path| path.split('.').next() == Some(name))
    };
    for (name, value) in fields {
        if !is_named(name) {
            row(name, value);
        }
    }
    table
}

fn field_at<'a>(record: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.')
        .try_fold(record, |value, name| value.get(name))
}

/// A field in words; its name tells times.
fn shown(name: &str, value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) if name.ends_with("_at") => local_time(text),
        // What comes from the server may hold control characters that a terminal would obey.
        Value::String(text) => text.chars().filter(|c| !c.is_control()).collect(),
        Value::Array(items) if items.iter().all(is_plain) => {
            let items: Vec<String> = items.iter().map(|item| shown(name, item)).collect();
            items.join(", ")
        }
        Value::Object(fields) if fields.is_empty() => "-".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        other => other.to_string(),
    }
}

fn is_plain(value: &Value) -> bool {
    !value.is_array() && !value.is_object()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn missing_fields_and_lists_are_shown_in_words() {
        let columns = [Column::of("id"), Column::titled("subscriptions", "events")];
        let records = [
            json!({"id": "a", "events": ["x.y", "z.*"]}),
            json!({"id": null}),
        ];
        let table = list(records.iter(), &columns).to_string();
        assert_eq!(table, "ID  SUBSCRIPTIONS\na   x.y, z.*\n-   -");
    }

    #[test]
    fn the_named_fields_of_a_record_come_first_and_lists_of_records_are_left_out() {
        let record = json!({"attempts": [{"number": 1}], "active": true, "url": "u", "id": 1});
        let table = details(&record, &["id", "url", "missing"]).to_string();
        assert_eq!(table, "id      1\nurl     u\nactive  yes");
    }

    #[test]
    fn a_field_of_a_field_has_a_line_of_its_own() {
        let record = json!({"id": 1, "limits": {"hour": 5, "second": null}, "name": "n"});
        let first = ["limits.hour", "limits.second", "limits.missing"];
        let table = details(&record, &first).to_string();
        assert_eq!(
            table,
            "limits.hour    5\nlimits.second  -\nid             1\nname           n"
        );
    }

    #[test]
    fn what_a_terminal_would_obey_is_taken_out() {
        assert_eq!(shown("name", &json!("a\u{1b}[31mb")), "a[31mb");
    }
}
