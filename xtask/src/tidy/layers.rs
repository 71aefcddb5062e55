//! The layer table of ARCHITECTURE.md as data, compared with what the packages really depend on.

use std::collections::BTreeSet;

use super::Problem;
use super::source::SourceFile;
use crate::workspace::Package;

/// Tests of any crate may use it.
const TESTKIT: &str = "carehook-testkit";

/// What one crate may use.
struct Layer {
    name: &'static str,
    /// Our crates that it may use directly.
    may_use: &'static [&'static str],
    /// Crates of others that do not belong into this layer.
    must_not_use: &'static [&'static str],
}

const CORE: &str = "carehook-core";
const STORE: &str = "carehook-store";
const DELIVER: &str = "carehook-deliver";
const ENGINE: &str = "carehook-engine";
const APP: &str = "carehook-app";
const API: &str = "carehook-api";
const CONSOLE: &str = "carehook-console";

const LAYERS: &[Layer] = &[
    Layer {
        name: CORE,
        may_use: &[],
        must_not_use: &[
            "anyhow",
            "axum",
            "hyper",
            "hyper-util",
            "metrics",
            "parking_lot",
            "rusqlite",
            "rustls",
            "tokio",
            "tokio-postgres",
            "tokio-util",
            "tracing",
        ],
    },
    Layer {
        name: STORE,
        may_use: &[CORE],
        must_not_use: &[
            "anyhow",
            "axum",
            "http",
            "hyper",
            "hyper-util",
            "rustls",
            "tower",
        ],
    },
    Layer {
        name: DELIVER,
        may_use: &[CORE],
        must_not_use: &["anyhow", "axum", "rusqlite", "tokio-postgres"],
    },
    Layer {
        name: ENGINE,
        may_use: &[CORE, STORE, DELIVER],
        must_not_use: &[
            "anyhow",
            "axum",
            "hyper",
            "hyper-util",
            "rusqlite",
            "rustls",
            "tokio-postgres",
        ],
    },
    Layer {
        name: APP,
        may_use: &[CORE, STORE, DELIVER],
        must_not_use: &[
            "anyhow",
            "axum",
            "http",
            "hyper",
            "hyper-util",
            "rusqlite",
            "rustls",
            "tokio-postgres",
        ],
    },
    Layer {
        name: API,
        may_use: &[CORE, APP],
        must_not_use: &[
            "anyhow",
            "hyper-util",
            "rusqlite",
            "rustls",
            "tokio-postgres",
        ],
    },
    Layer {
        name: CONSOLE,
        may_use: &[CORE, APP],
        must_not_use: &[
            "anyhow",
            "hyper",
            "hyper-util",
            "rusqlite",
            "rustls",
            "tokio-postgres",
        ],
    },
    Layer {
        name: TESTKIT,
        may_use: &[CORE, STORE, DELIVER],
        must_not_use: &["axum", "rusqlite", "tokio-postgres"],
    },
    Layer {
        name: "carehook",
        may_use: &[CORE, STORE, DELIVER, ENGINE, APP, API, CONSOLE],
        must_not_use: &["rusqlite", "tokio-postgres"],
    },
    // Feeds bytes to what reads them, so it reaches all layers below the program.
    Layer {
        name: "carehook-fuzz",
        may_use: &[CORE, STORE, DELIVER, APP, API],
        must_not_use: &["rusqlite", "tokio-postgres"],
    },
    // Measures the program from outside, so it knows nothing of its inside.
    Layer {
        name: "carehook-load",
        may_use: &[],
        must_not_use: &["axum", "rusqlite", "tokio-postgres"],
    },
    Layer {
        name: "xtask",
        may_use: &[],
        must_not_use: &[],
    },
];

/// What the pure crate may not even mention outside its tests.
const IMPURE: &[&str] = &[
    "std::env",
    "std::fs",
    "std::process",
    "std::thread",
    "TcpStream",
    "UdpSocket",
    "async fn",
    "async move",
];

/// Checks every dependency of every package of the workspace.
pub(super) fn check(packages: &[Package]) -> Vec<Problem> {
    packages.iter().flat_map(check_package).collect()
}

fn check_package(package: &Package) -> Vec<Problem> {
    let Some(layer) = layer(&package.name) else {
        let text = "missing from the layer table in xtask/src/tidy/layers.rs; add it there and to ARCHITECTURE.md";
        return vec![Problem::new(&package.name, text)];
    };
    let below = below(layer);
    let mut problems = Vec::new();
    for dependency in &package.dependencies {
        let name = dependency.name.as_str();
        let in_tests = dependency.kind.as_deref() == Some("dev");
        let is_ours = self::layer(name).is_some();
        let allowed = if in_tests {
            // Tests may look at everything below, because they prepare it.
            name == TESTKIT || below.contains(name) || !is_ours
        } else {
            layer.may_use.contains(&name) || !is_ours && !layer.must_not_use.contains(&name)
        };
        if !allowed {
            let kind = dependency.kind.as_deref().unwrap_or("normal");
            let text = format!(
                "may not depend on `{name}` ({kind}); see the layer table in ARCHITECTURE.md"
            );
            problems.push(Problem::new(&package.name, text));
        }
    }
    problems
}

fn layer(name: &str) -> Option<&'static Layer> {
    LAYERS.iter().find(|layer| layer.name == name)
}

/// Everything that a layer may use, directly or through others.
fn below(layer: &Layer) -> BTreeSet<&'static str> {
    let mut found = BTreeSet::new();
    let mut waiting = layer.may_use.to_vec();
    while let Some(name) = waiting.pop() {
        if found.insert(name) {
            waiting.extend(self::layer(name).map_or(&[][..], |lower| lower.may_use));
        }
    }
    found
}

/// Checks that the domain stays free of input, output and waiting.
pub(super) fn check_purity(file: &SourceFile) -> Vec<Problem> {
    if !file.path.starts_with("crates/core/src/") {
        return Vec::new();
    }
    let mut problems = Vec::new();
    for (index, line) in file
        .code_lines()
        .filter(|(index, _)| !file.is_test_line(*index))
    {
        if let Some(word) = IMPURE.iter().find(|word| line.contains(**word)) {
            let text = format!("`{CORE}` is pure: take the result of `{word}` as an argument");
            problems.push(Problem::at(file, index, text));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn problems(package: &str, dependency: &str, kind: Option<&str>) -> usize {
        let package = json!({
            "name": package,
            "dependencies": [{"name": dependency, "kind": kind}],
            "targets": [],
        });
        check_package(&serde_json::from_value(package).unwrap()).len()
    }

    #[test]
    fn an_edge_of_the_table_passes_and_any_other_fails() {
        assert_eq!(problems(STORE, CORE, None), 0);
        assert_eq!(problems(CORE, STORE, None), 1);
        assert_eq!(problems(API, STORE, None), 1);
        assert_eq!(problems(APP, ENGINE, None), 1);
        assert_eq!(problems(ENGINE, APP, Some("build")), 1);
    }

    #[test]
    fn crates_of_others_fail_where_they_do_not_belong() {
        assert_eq!(problems(CORE, "tokio", None), 1);
        assert_eq!(problems(STORE, "axum", None), 1);
        assert_eq!(problems(STORE, "rusqlite", None), 0);
        assert_eq!(problems(ENGINE, "rusqlite", None), 1);
    }

    #[test]
    fn tests_may_use_what_is_below_and_the_testkit_but_nothing_above() {
        assert_eq!(problems(CORE, TESTKIT, Some("dev")), 0);
        assert_eq!(problems(CORE, TESTKIT, None), 1);
        assert_eq!(problems(API, STORE, Some("dev")), 0);
        assert_eq!(problems(STORE, ENGINE, Some("dev")), 1);
        assert_eq!(problems(CORE, "tokio", Some("dev")), 0);
    }

    #[test]
    fn a_crate_that_is_not_in_the_table_fails() {
        assert_eq!(problems("carehook-new", "serde", None), 1);
    }

    #[test]
    fn input_and_output_in_the_core_fail_outside_tests() {
        let found = |path: &str, text: &str| check_purity(&SourceFile::new(path, text)).len();
        assert_eq!(
            found("crates/core/src/a.rs", "use std::fs;\nasync fn a() {}\n"),
            2
        );
        assert_eq!(
            found(
                "crates/core/src/a.rs",
                "#[cfg(test)]\nmod tests {\nuse std::fs;\n}\n"
            ),
            0
        );
        assert_eq!(found("crates/store/src/a.rs", "use std::fs;\n"), 0);
    }
}
