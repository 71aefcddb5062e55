//! The text files that the rules look at.

use std::fs;
use std::ops::Range;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::rust_text;

/// Folders with files of others, kept as they came.
const VENDORED: &[&str] = &["vendor", "vendored"];

/// One text file of the repository.
pub(super) struct SourceFile {
    /// Relative to the root, with `/` between the parts.
    pub(super) path: String,
    pub(super) text: String,
    /// Rust only: the text with comments and the contents of strings blanked, line by line the same.
    pub(super) code: String,
    /// The lines of inline test modules, counted from 0.
    test_lines: Vec<Range<usize>>,
}

impl SourceFile {
    pub(super) fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        let (path, text) = (path.into(), text.into());
        let code = if has_extension(&path, "rs") {
            rust_text::without_comments_and_strings(&text)
        } else {
            String::new()
        };
        Self {
            test_lines: rust_text::test_modules(&code),
            path,
            text,
            code,
        }
    }

    pub(super) fn is_rust(&self) -> bool {
        self.has_extension("rs")
    }

    pub(super) fn has_extension(&self, extension: &str) -> bool {
        has_extension(&self.path, extension)
    }

    /// The folder names above the file, outermost first.
    pub(super) fn folders(&self) -> impl Iterator<Item = &str> {
        let folders = self
            .path
            .rsplit_once('/')
            .map_or("", |(folders, _)| folders);
        folders.split('/').filter(|folder| !folder.is_empty())
    }

    pub(super) fn file_name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// The file's name without `.rs`, which is the module's name.
    pub(super) fn stem(&self) -> &str {
        let name = self.file_name();
        name.rsplit_once('.').map_or(name, |(stem, _)| stem)
    }

    /// Tells whether the whole file serves tests only.
    pub(super) fn is_test_file(&self) -> bool {
        let test_folder = |folder: &str| matches!(folder, "tests" | "conformance");
        self.is_rust()
            && (self.folders().any(test_folder) || matches!(self.stem(), "tests" | "conformance"))
    }

    /// Tells whether line `index` (from 0) serves tests only.
    pub(super) fn is_test_line(&self, index: usize) -> bool {
        self.is_test_file() || self.test_lines.iter().any(|lines| lines.contains(&index))
    }

    /// The lines of `code` with their index from 0.
    pub(super) fn code_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code.lines().enumerate()
    }
}

fn has_extension(path: &str, extension: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|found| found == extension)
}

/// Reads the text files among `paths`; binary and vendored files are passed over.
pub(super) fn load(root: &Path, paths: &[String]) -> Result<Vec<SourceFile>> {
    let mut sources = Vec::new();
    for path in paths.iter().filter(|path| !is_vendored(path)) {
        let bytes = fs::read(root.join(path)).with_context(|| format!("cannot read {path}"))?;
        if let Ok(text) = String::from_utf8(bytes) {
            sources.push(SourceFile::new(path.as_str(), text));
        }
    }
    Ok(sources)
}

fn is_vendored(path: &str) -> bool {
    path.split('/').any(|part| VENDORED.contains(&part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_code_is_known_by_folder_by_file_name_and_by_module() {
        assert!(SourceFile::new("crates/a/tests/it/main.rs", "").is_test_file());
        assert!(SourceFile::new("crates/a/src/foo/tests.rs", "").is_test_file());
        assert!(SourceFile::new("crates/store/src/conformance/laws.rs", "").is_test_file());
        assert!(!SourceFile::new("crates/a/src/foo.rs", "").is_test_file());
        assert!(!SourceFile::new("crates/a/tests/data.json", "").is_test_file());
        let file = SourceFile::new("a.rs", "fn a() {}\n#[cfg(test)]\nmod tests {\n}\n");
        assert!(!file.is_test_line(0));
        assert!(file.is_test_line(2));
    }

    #[test]
    fn vendored_files_are_left_alone() {
        assert!(is_vendored("crates/api/vendor/viewer.js"));
        assert!(!is_vendored("crates/api/src/vendors.rs"));
    }

    #[test]
    fn a_path_is_split_into_folders_name_and_stem() {
        let file = SourceFile::new("crates/api/src/native/types.rs", "");
        assert_eq!(file.folders().last(), Some("native"));
        assert_eq!(file.file_name(), "types.rs");
        assert_eq!(file.stem(), "types");
    }
}
