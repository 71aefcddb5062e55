//! The operations that the documents for users name, against what is described.

use std::path::Path;

use carehook_core::Dialect;

use crate::described::{description, operations};

/// What stands in backticks in a line.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// Whether a path of a document is this described one; its end is enough after `…`.
fn is_path(named: &str, described: &str) -> bool {
    let (named, is_end) = match named.strip_prefix('…') {
        Some(end) => (end, true),
        None => (named, false),
    };
    let is_parameter = |segment: &str| segment.starts_with('{');
    let named: Vec<_> = named.split('/').skip(1).collect();
    let described: Vec<_> = described.split('/').skip(1).collect();
    let extra = described.len().checked_sub(named.len());
    let Some(extra) = extra.filter(|extra| is_end || *extra == 0) else {
        return false;
    };
    let mut pairs = named.iter().zip(described.iter().skip(extra));
    pairs.all(|(named, described)| named == described || is_parameter(described))
}

#[test]
fn every_operation_that_a_document_names_is_described() {
    let descriptions = Dialect::ALL.map(description);
    let all: Vec<(String, &str)> = descriptions
        .iter()
        .flat_map(operations)
        .map(|(method, path, _)| (method.to_uppercase(), path))
        .collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/user");
    let (mut unknown, mut known) = (Vec::new(), 0);
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for named in text.lines().flat_map(quoted) {
            let (method, named_path) = named.split_once(' ').unwrap_or(("", named));
            let is_operation = ["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&method);
            let is_place = ["/api/", "/api-v1/", "/v1/"]
                .iter()
                .any(|base| method.is_empty() && named.starts_with(base));
            if !is_operation && !is_place {
                continue;
            }
            let named_path = named_path.split('?').next().unwrap_or_default();
            let found = all.iter().any(|(described, path)| {
                let begins = is_place && path.starts_with(&format!("{named_path}/"));
                begins || (is_path(named_path, path) && (is_place || described == method))
            });
            known += usize::from(found);
            if !found {
                unknown.push(format!("{}: {named}", path.display()));
            }
        }
    }
    assert!(unknown.is_empty(), "{unknown:#?}");
    assert!(known > 10, "{known}");
}
