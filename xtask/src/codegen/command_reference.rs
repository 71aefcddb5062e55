//! Renders the command line's reference page from the help texts of the program itself.

use anyhow::Result;

const INTRODUCTION: &str = "\
# Command line

Every command of the program, in the words of its own `--help`.
This file is generated: change the texts in the code and run `cargo xtask codegen`.
";

/// Walks through all commands, asking `help` for the output of each one's `--help`.
pub(super) fn render(program: &str, help: impl Fn(&[&str]) -> Result<String>) -> Result<String> {
    let mut page = INTRODUCTION.to_owned();
    let mut waiting: Vec<Vec<String>> = vec![Vec::new()];
    while let Some(path) = waiting.pop() {
        let mut arguments: Vec<&str> = path.iter().map(String::as_str).collect();
        let title = [&[program], arguments.as_slice()].concat().join(" ");
        arguments.push("--help");
        let text = help(&arguments)?;
        page.push_str(&section(&title, &text));
        // Reversed, because the last one in is the first one out.
        for command in commands(&text).into_iter().rev() {
            waiting.push([path.as_slice(), &[command]].concat());
        }
    }
    Ok(page)
}

fn section(title: &str, help: &str) -> String {
    let lines: Vec<&str> = help.trim_end().lines().map(str::trim_end).collect();
    format!("\n## `{title}`\n\n```text\n{}\n```\n", lines.join("\n"))
}

/// Reads the commands' names from the block `Commands:` of a help text.
fn commands(help: &str) -> Vec<String> {
    help.lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        // A name is indented by two columns; a wrapped description by more.
        .filter_map(|line| line.strip_prefix("  "))
        .filter(|line| !line.starts_with(' '))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELP: &str = "\
Delivers webhooks

Usage: carehook <COMMAND>

Commands:
  serve   Runs the server,
          and waits
  config  Shows the configuration
  help    Print this message

Options:
  -h, --help  Print help
";

    #[test]
    fn the_commands_are_read_from_their_block_only() {
        assert_eq!(commands(HELP), ["serve", "config"]);
        assert!(commands("Usage: carehook serve\n\nOptions:\n  -h  Print help\n").is_empty());
    }

    #[test]
    fn commands_below_commands_follow_their_parent() {
        let help = |arguments: &[&str]| {
            Ok(match arguments {
                ["--help"] => HELP.to_owned(),
                ["config", "--help"] => "Commands:\n  show  Prints it\n".to_owned(),
                _ => "Usage: …  \n".to_owned(),
            })
        };
        let page = render("carehook", help).unwrap();
        let titles: Vec<&str> = page
            .lines()
            .filter(|line| line.starts_with("## "))
            .collect();
        assert_eq!(
            titles,
            [
                "## `carehook`",
                "## `carehook serve`",
                "## `carehook config`",
                "## `carehook config show`"
            ]
        );
        assert!(page.contains("```text\nUsage: …\n```"), "{page}");
    }
}
