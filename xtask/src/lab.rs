//! The server as a program under test, with load and receivers beside it; all on the loopback.
//!
//! Whoever starts a process stops it: every handle kills its own process when it is dropped.

mod child;
mod folder;
mod load;
mod receiver;
mod server;

use std::path::PathBuf;

use anyhow::Result;

use crate::process::Tool;
use crate::workspace::{metadata, root};

pub(crate) use child::Child;
pub(crate) use folder::Folder;
pub(crate) use load::{Load, text_of, whole_number};
pub(crate) use receiver::Receiver;
pub(crate) use server::{Launch, Server};

/// The operator's key of every server that is started here.
const OPERATOR_KEY: &str = "op_for_benchmarks_and_crash_tests_on_the_loopback";

/// How the programs are built.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Profile {
    /// As the tests build them, so that nothing is compiled twice.
    Debug,
    /// As they are used.
    Release,
}

/// The built programs and a place for their files.
pub(crate) struct Lab {
    pub(crate) carehook: PathBuf,
    pub(crate) load: PathBuf,
    folder: PathBuf,
}

impl Lab {
    /// Builds the programs.
    pub(crate) fn build(profile: Profile) -> Result<Self> {
        let tool = Tool::cargo(&["build", "--locked", "--bins"]).dir(root());
        let tool = match profile {
            Profile::Debug => tool.args(["--workspace", "--tests"]),
            Profile::Release => {
                tool.args(["--package=carehook", "--package=carehook-load", "--release"])
            }
        };
        tool.run()?;
        Self::as_built(profile)
    }

    /// Takes the programs as they were built last.
    pub(crate) fn as_built(profile: Profile) -> Result<Self> {
        let target = metadata()?.target_directory;
        let built = target.join(match profile {
            Profile::Debug => "debug",
            Profile::Release => "release",
        });
        Ok(Self {
            carehook: built.join("carehook"),
            load: built.join("carehook-load"),
            folder: target.join("lab"),
        })
    }

    /// A folder of its own for one purpose, on the disk that holds the build; gone in the end.
    pub(crate) fn folder(&self, name: &str) -> Result<Folder> {
        Folder::create(self.folder.join(format!("{name}-{}", std::process::id())))
    }
}
