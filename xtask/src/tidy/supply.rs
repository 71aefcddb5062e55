//! Where dependencies come from, and which ones the program must not contain.

use super::Problem;
use super::source::SourceFile;

/// The only source of crates.
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Packages that must not get into the program, each with its reason.
const UNWANTED: &[(&str, &str)] = &[
    ("ring", "one crypto provider only: aws-lc-rs"),
    ("openssl-sys", "TLS is rustls"),
    ("native-tls", "TLS is rustls"),
    ("rsa", "RUSTSEC-2023-0071 has no fix"),
    ("reqwest", "nothing fetches but the guarded connector"),
];

/// Packages of which the program has one version only: two of them would be two sets of rules for
/// the same connections, keys or files.
const SINGLE: &[&str] = &[
    "aws-lc-rs",
    "aws-lc-sys",
    "h2",
    "http",
    "hyper",
    "libsqlite3-sys",
    "rustls",
    "rustls-webpki",
    "serde_json",
    "tokio",
    "url",
];

/// Checks the files that tell package managers where to look.
///
/// A mirror's address works on the machines of one company only, so none is committed.
pub(super) fn check_file(file: &SourceFile) -> Vec<Problem> {
    let breaks: fn(&str) -> bool = match file.file_name() {
        "Cargo.lock" => |line| line.starts_with("source = ") && !line.contains(CRATES_IO),
        "config.toml" if file.folders().last() == Some(".cargo") => |line| {
            let line = line.trim_start();
            ["[source", "[registr", "replace-with", "registry"]
                .iter()
                .any(|word| line.starts_with(word))
        },
        "package-lock.json" | "npm-shrinkwrap.json" => |line| line.contains("\"resolved\""),
        ".npmrc" => |line| line.contains("registry="),
        name if name.starts_with("requirements") => {
            |line| line.starts_with('-') || line.contains("://")
        }
        _ => return Vec::new(),
    };
    let lines = file.text.lines().enumerate();
    lines
        .filter(|(_, line)| breaks(line))
        .map(|(index, _)| {
            Problem::at(
                file,
                index,
                "names a package source; leave the choice to the machine's settings",
            )
        })
        .collect()
}

/// Checks the program's dependencies, one `name version` per line.
pub(super) fn check_tree(tree: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (name, reason) in UNWANTED {
        let found = tree
            .lines()
            .any(|line| line.split_whitespace().next() == Some(name));
        if found {
            let text =
                format!("must not be in the program ({reason}); see `cargo tree --invert {name}`");
            problems.push(Problem::new(*name, text));
        }
    }
    for name in SINGLE {
        let packages = tree
            .lines()
            .filter_map(|line| line.strip_suffix(" (*)").or(Some(line)));
        let mut versions: Vec<&str> = packages
            .filter_map(|line| line.split_once(' '))
            .filter(|(package, _)| package == name)
            .map(|(_, version)| version)
            .collect();
        versions.sort_unstable();
        versions.dedup();
        if versions.len() > 1 {
            let versions = versions.join(" and ");
            let text = format!("must be in the program once; there are {versions}");
            problems.push(Problem::new(*name, text));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(path: &str, text: &str) -> usize {
        check_file(&SourceFile::new(path, text)).len()
    }

    #[test]
    fn a_named_package_source_is_found() {
        let mirror = "://mirror.example/x";
        for (path, text) in [
            ("Cargo.lock", format!("source = \"registry+https{mirror}\"")),
            (
                ".cargo/config.toml",
                "[source.crates-io]\nreplace-with = \"mirror\"".to_owned(),
            ),
            (
                "judges/package-lock.json",
                format!("  \"resolved\": \"https{mirror}\""),
            ),
            ("judges/.npmrc", format!("registry=https{mirror}")),
            (
                "judges/requirements.txt",
                format!("--index-url https{mirror}"),
            ),
        ] {
            assert!(problems(path, &text) > 0, "{path}");
        }
    }

    #[test]
    fn files_without_a_package_source_pass() {
        assert_eq!(
            problems("Cargo.lock", &format!("source = \"{CRATES_IO}\"")),
            0
        );
        assert_eq!(
            problems(".cargo/config.toml", "[alias]\nxtask = \"run\""),
            0
        );
        assert_eq!(
            problems("judges/.npmrc", "omit-lockfile-registry-resolved=true"),
            0
        );
        assert_eq!(
            problems(
                "judges/requirements.txt",
                "# pinned\nstandardwebhooks==1.1.0"
            ),
            0
        );
    }

    #[test]
    fn an_unwanted_package_is_found_by_its_whole_name() {
        assert_eq!(check_tree("carehook v0.1.0\nring v0.17.14\n").len(), 1);
        assert_eq!(
            check_tree("carehook v0.1.0\nstring v0.1.0\nring-buffer v1.0.0\n"),
            []
        );
    }

    #[test]
    fn a_second_version_of_what_must_be_single_is_found() {
        let once = "rustls v0.23.46\nrustls v0.23.46 (*)\nsyn v2.0.1\nsyn v3.0.1\n";
        assert_eq!(check_tree(once), []);
        let twice = check_tree("rustls v0.22.0\nrustls v0.23.46 (*)\n");
        assert_eq!(twice.len(), 1, "{twice:?}");
    }
}
