//! A dialect may not import another dialect: what two of them share goes down, never sideways.

use super::Problem;
use super::rust_text::is_word;
use super::source::SourceFile;

const API: &str = "crates/api/src/";

/// The modules below `crates/api/src` that are dialects.
const DIALECTS: &[&str] = &["native", "jump", "decoda", "mycure", "ecg", "fhir", "svix"];

/// Files that only a dialect has; a folder with one of them must be listed above.
const OWNED_BY_DIALECTS: &[&str] = &["routes.rs", "types.rs"];

pub(super) fn check(file: &SourceFile) -> Vec<Problem> {
    let Some(inside) = file.path.strip_prefix(API).filter(|_| file.is_rust()) else {
        return Vec::new();
    };
    let modules: Vec<&str> = inside.trim_end_matches(".rs").split('/').collect();
    let Some(own) = DIALECTS
        .iter()
        .find(|dialect| modules.first() == Some(dialect))
    else {
        return unlisted(file, &modules).into_iter().collect();
    };
    let mut problems = Vec::new();
    for (place, other) in crate_paths(&file.code, modules.len()) {
        if other != *own && DIALECTS.contains(&other) {
            let index = file.code[..place].matches('\n').count();
            let text = format!(
                "dialect `{own}` uses dialect `{other}`; move what they share into `carehook-app` or `extract`"
            );
            problems.push(Problem::at(file, index, text));
        }
    }
    problems
}

fn unlisted(file: &SourceFile, modules: &[&str]) -> Option<Problem> {
    let owned = modules.len() > 1 && OWNED_BY_DIALECTS.contains(&file.file_name());
    owned.then(|| {
        let text =
            "looks like a dialect; add the folder to `DIALECTS` in xtask/src/tidy/dialects.rs";
        Problem::new(&file.path, text)
    })
}

/// Finds the first module named after `crate::`, or after enough `super::` to reach the crate's root.
fn crate_paths(code: &str, depth: usize) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    for (prefix, steps) in [("crate::", depth), ("super::", 1)] {
        for (place, _) in code.match_indices(prefix) {
            let above = code[..place].trim_end_matches("super::");
            let climbed = (place - above.len()) / "super::".len() + steps;
            let is_start = !above.ends_with(is_word);
            if is_start && climbed >= depth {
                let rest = place + prefix.len();
                found.extend(first_segments(&code[rest..]).map(|module| (rest, module)));
            }
        }
    }
    found
}

/// The first name of a path, or of each branch of a group `{a::b, c}`.
fn first_segments(path: &str) -> impl Iterator<Item = &str> {
    let group = path.strip_prefix('{').unwrap_or(path);
    let is_group = group.len() < path.len();
    let mut depth = 0_u32;
    let mut open = true;
    let branches = group.split(move |character| {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => open = false,
            '}' => depth -= 1,
            _ => {}
        }
        open && depth == 0 && character == ','
    });
    branches
        .take(if is_group { usize::MAX } else { 1 })
        .map(|branch| {
            let branch = branch.trim_start();
            let end = branch.find(|character| !is_word(character));
            &branch[..end.unwrap_or(branch.len())]
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(path: &str, text: &str) -> usize {
        check(&SourceFile::new(path, text)).len()
    }

    #[test]
    fn a_dialect_that_imports_another_is_found_in_every_spelling() {
        for text in [
            "use crate::native::EventIn;",
            "use crate::{extract, native::EventIn};",
            "use crate::{\n    extract::{Json, Query},\n    native,\n};",
            "use super::super::native::EventIn;",
            "fn a() { crate::native::routes() }",
        ] {
            assert_eq!(problems("crates/api/src/jump/types.rs", text), 1, "{text}");
        }
        assert_eq!(
            problems("crates/api/src/jump.rs", "use super::native::EventIn;"),
            1
        );
    }

    #[test]
    fn a_dialect_may_use_itself_and_what_is_shared() {
        for text in [
            "use crate::jump::EventIn;",
            "use crate::extract::Json;",
            "use super::native::Inner;",
            "use carehook_app::native::App;",
            "// like crate::native::EventIn",
            "use crate::{extract, jump}; fn a(b: C, native: D) {}",
        ] {
            assert_eq!(problems("crates/api/src/jump/types.rs", text), 0, "{text}");
        }
    }

    #[test]
    fn shared_code_may_mount_every_dialect() {
        let text = "use crate::native; use crate::jump;";
        assert_eq!(problems("crates/api/src/router.rs", text), 0);
    }

    #[test]
    fn a_new_dialect_must_be_listed() {
        assert_eq!(problems("crates/api/src/acme/routes.rs", ""), 1);
        assert_eq!(problems("crates/api/src/extract/json.rs", ""), 0);
    }
}
