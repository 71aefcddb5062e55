//! The programs that tests use beyond Rust, and how to see whether one is there.

use crate::process::Tool;

/// A program that tests use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Need {
    pub(super) name: &'static str,
    /// What the tests do with it.
    pub(super) purpose: &'static str,
    /// Debian's packages that bring it.
    pub(super) packages: &'static [&'static str],
    /// A command that succeeds when the program is there and works.
    pub(super) probe: &'static [&'static str],
}

pub(super) const NEEDS: &[Need] = &[
    Need {
        name: "Python 3 with venv",
        purpose: "verifies signatures with the PyPI library `standardwebhooks`",
        packages: &["python3", "python3-venv"],
        probe: &["python3", "-c", "import venv, ensurepip"],
    },
    Need {
        name: "Node",
        purpose: "verifies signatures with the npm library `standardwebhooks`",
        packages: &["nodejs"],
        probe: &["node", "--version"],
    },
    Need {
        name: "npm",
        purpose: "installs the npm library `standardwebhooks`",
        packages: &["npm"],
        probe: &["npm", "--version"],
    },
    Need {
        name: "strace",
        purpose: "kills the server at a chosen system call in crash tests",
        packages: &["strace"],
        probe: &["strace", "--version"],
    },
    Need {
        name: "curl",
        purpose: "runs the commands of the quick start",
        packages: &["curl"],
        // `--json` came with 7.82.
        probe: &["sh", "-c", "curl --help all | grep -q -- --json"],
    },
    Need {
        name: "Chromium",
        purpose: "shows the pages of the console",
        packages: &["chromium"],
        probe: &["chromium", "--version"],
    },
    Need {
        name: "chromedriver",
        purpose: "clicks and types in Chromium",
        packages: &["chromium-driver"],
        probe: &["chromedriver", "--version"],
    },
];

impl Need {
    pub(super) fn is_met(&self) -> bool {
        match self.probe {
            [program, arguments @ ..] => Tool::new(program).args(arguments).succeeds(),
            [] => true,
        }
    }
}

/// Returns the needs that are not met on this machine.
pub(super) fn missing() -> Vec<Need> {
    let needs = NEEDS.iter();
    needs.filter(|need| !need.is_met()).copied().collect()
}

/// Names each need with its purpose and the packages that would meet it.
pub(super) fn describe(needs: &[Need]) -> String {
    let line = |need: &Need| {
        let packages = need.packages.join(" ");
        format!("  {}: {} (Debian: {packages})", need.name, need.purpose)
    };
    needs.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_need_has_a_probe_and_a_package() {
        for need in NEEDS {
            assert!(!need.probe.is_empty(), "{need:?}");
            assert!(!need.packages.is_empty(), "{need:?}");
        }
    }

    #[test]
    fn a_missing_program_is_described_with_its_purpose_and_package() {
        let text = describe(&NEEDS[3..4]);
        assert_eq!(
            text,
            "  strace: kills the server at a chosen system call in crash tests (Debian: strace)"
        );
    }
}
