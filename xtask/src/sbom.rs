//! `cargo xtask sbom`: what the program is made of, as `CycloneDX` 1.5.
//!
//! From `Cargo.lock` by way of `cargo tree`, so it holds what is linked into the program and not
//! what only its tests need. It has no time and no serial number: the same lock file gives the same
//! list.

use anyhow::Result;
use serde_json::{Value, json};

use crate::tidy::dependency_tree;

pub(crate) fn run() -> Result<()> {
    let list = listed(&dependency_tree("{p}\t{l}")?);
    println!("{}", serde_json::to_string_pretty(&list)?);
    Ok(())
}

/// The list made of `name version<tab>licence`, one package per line; the first is the program.
fn listed(tree: &str) -> Value {
    let mut packages: Vec<(&str, &str, &str)> = tree.lines().filter_map(package).collect();
    let program = packages.first().copied();
    packages.sort_unstable();
    packages.dedup();
    let others = packages.iter().filter(|one| Some(**one) != program);
    let components: Vec<Value> = others.map(|one| component("library", *one)).collect();
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": program.map(|one| component("application", one))},
        "components": components,
    })
}

fn package(line: &str) -> Option<(&str, &str, &str)> {
    let line = line.strip_suffix(" (*)").unwrap_or(line);
    let (package, licence) = line.split_once('\t')?;
    let mut words = package.split(' ');
    let (name, version) = (words.next()?, words.next()?);
    Some((name, version.strip_prefix('v')?, licence))
}

fn component(kind: &str, (name, version, licence): (&str, &str, &str)) -> Value {
    let reference = format!("pkg:cargo/{name}@{version}");
    // The older spelling of OR is none that the format knows.
    let licence = licence.replace(" / ", " OR ").replace('/', " OR ");
    json!({
        "type": kind,
        "bom-ref": reference,
        "name": name,
        "version": version,
        "purl": reference,
        "licenses": [{"expression": licence}],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_package_is_listed_once_with_version_and_licence() {
        let tree = "carehook v0.1.0 (/here)\tApache-2.0\nurl v2.5.0\tMIT/Apache-2.0\n\
                    http v1.5.0\tMIT\nurl v2.5.0\tMIT/Apache-2.0 (*)\n";
        let list = listed(tree);
        assert_eq!(list["metadata"]["component"]["name"], "carehook");
        let components = list["components"].as_array().unwrap();
        assert_eq!(components.len(), 2);
        assert_eq!(components[1]["purl"], "pkg:cargo/url@2.5.0");
        assert_eq!(
            components[1]["licenses"][0]["expression"],
            "MIT OR Apache-2.0"
        );
        assert!(!list.to_string().contains("/here"));
    }
}
