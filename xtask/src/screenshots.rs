//! `cargo xtask screenshots`: takes the pictures of the console in docs/user/screenshots anew.

use std::fs;

use anyhow::{Context as _, Result};

use crate::process::Tool;
use crate::test::meet_needs;
use crate::workspace::root;

/// The test that opens the pages.
const TEST: &str = "console::main_pages::pictures_of_the_main_pages_are_small";

pub(crate) fn run() -> Result<()> {
    meet_needs()?;
    let folder = root().join("docs/user/screenshots");
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    Tool::cargo(&["test", "--locked", "--package", "carehook", "--test", "it"])
        .args(["--", "--exact", TEST])
        .env("CAREHOOK_SCREENSHOTS", &folder)
        .dir(root())
        .run()
}
