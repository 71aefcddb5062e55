//! Installs the libraries of others that judge our work, pinned in `judges/`, below the target directory.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::debian;
use crate::process::Tool;
use crate::workspace::root;

/// Where the judges are.
#[derive(Debug)]
pub(super) struct Judges {
    folder: PathBuf,
}

impl Judges {
    fn python(&self) -> PathBuf {
        self.folder.join("python/bin/python")
    }

    fn node_modules(&self) -> PathBuf {
        self.folder.join("node/node_modules")
    }

    /// Tells a test run where the judges are; `judges/README.md` describes the variables.
    pub(super) fn announce_to(&self, tool: Tool) -> Tool {
        tool.env("CAREHOOK_JUDGE_PYTHON", self.python())
            .env("CAREHOOK_JUDGE_NODE", "node")
            .env("CAREHOOK_JUDGE_NODE_MODULES", self.node_modules())
    }
}

/// Makes the judges ready in `folder`; quick when they already are.
pub(super) fn prepare(folder: &Path) -> Result<Judges> {
    debian::meet_needs()?;
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    // Two test runs at once must not install into the same folder. Released when the file is closed.
    let lock = File::create(folder.join("lock")).context("cannot create the judges' lock file")?;
    lock.lock().context("cannot lock the judges' folder")?;
    let judges = Judges {
        folder: folder.to_owned(),
    };
    install_once(&folder.join("python"), &["requirements.txt"], python)?;
    let node_pins = ["package.json", "package-lock.json", ".npmrc"];
    install_once(&folder.join("node"), &node_pins, node)?;
    Ok(judges)
}

/// Runs `install` unless `folder` holds what the files `pins` ask for.
///
/// The stamp is written last, so an interrupted installation starts again.
fn install_once(
    folder: &Path,
    pins: &[&str],
    install: impl FnOnce(&Path) -> Result<()>,
) -> Result<()> {
    let wanted = pinned(pins)?;
    let stamp = folder.join("installed");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot clear {}", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    for pin in pins {
        fs::copy(root().join("judges").join(pin), folder.join(pin))
            .with_context(|| format!("cannot copy judges/{pin}"))?;
    }
    println!("Installing judges into {}", folder.display());
    install(folder)?;
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))
}

fn pinned(pins: &[&str]) -> Result<String> {
    let read = |pin: &&str| {
        fs::read_to_string(root().join("judges").join(pin))
            .with_context(|| format!("cannot read judges/{pin}"))
    };
    pins.iter().map(read).collect()
}

fn python(folder: &Path) -> Result<()> {
    Tool::new("python3")
        .args(["-m", "venv", "."])
        .dir(folder)
        .run()?;
    let arguments = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ];
    Tool::new(folder.join("bin/python"))
        .args(arguments)
        .args(["--requirement", "requirements.txt"])
        .dir(folder)
        .run()
        .context("cannot install the Python judge (is the package index reachable?)")
}

fn node(folder: &Path) -> Result<()> {
    Tool::new("npm")
        .args([
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
        ])
        .dir(folder)
        .run()
        .context("cannot install the Node judge (is the package registry reachable?)")
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::process;

    use anyhow::bail;

    use super::*;

    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str) -> Self {
            Self(std::env::temp_dir().join(format!("carehook-xtask-{name}-{}", process::id())))
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_judge_is_installed_once_and_again_when_its_pins_change() {
        let scratch = Scratch::new("once");
        let installations = Cell::new(0);
        let install = || {
            install_once(&scratch.0, &["requirements.txt"], |_| {
                installations.set(installations.get() + 1);
                Ok(())
            })
            .unwrap();
        };
        install();
        install();
        assert_eq!(installations.get(), 1);
        fs::write(scratch.0.join("installed"), "older pins").unwrap();
        install();
        assert_eq!(installations.get(), 2);
    }

    #[test]
    fn a_failed_installation_is_tried_again() {
        let scratch = Scratch::new("again");
        install_once(&scratch.0, &["requirements.txt"], |_| bail!("no network")).unwrap_err();
        let mut tried_again = false;
        install_once(&scratch.0, &["requirements.txt"], |_| {
            tried_again = true;
            Ok(())
        })
        .unwrap();
        assert!(tried_again);
    }
}
