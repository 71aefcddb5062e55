//! The machine and the revision that were measured.

use std::fmt;
use std::fs;

use anyhow::Result;

use crate::process::Tool;
use crate::workspace::root;

pub(super) struct Machine {
    pub(super) cpu: String,
    pub(super) cores: usize,
    pub(super) memory_gib: u64,
    pub(super) kernel: String,
    pub(super) compiler: String,
    pub(super) revision: String,
    pub(super) date: String,
}

impl Machine {
    pub(super) fn look() -> Result<Self> {
        let cpu = fs::read_to_string("/proc/cpuinfo")?;
        let memory = fs::read_to_string("/proc/meminfo")?;
        let kib = value(&memory, "MemTotal").and_then(|text| text.split(' ').next()?.parse().ok());
        Ok(Self {
            cpu: value(&cpu, "model name").unwrap_or("unknown").to_owned(),
            cores: std::thread::available_parallelism()?.get(),
            memory_gib: kib.map_or(0, |kib: u64| kib.div_ceil(1 << 20)),
            kernel: line(Tool::new("uname").args(["-sr"]))?,
            compiler: line(Tool::new("rustc").args(["--version"]))?,
            revision: revision()?,
            date: line(Tool::new("date").args(["-u", "+%Y-%m-%d %H:%M UTC"]))?,
        })
    }
}

fn revision() -> Result<String> {
    let git = |arguments: &[&str]| line(Tool::new("git").args(arguments).dir(root()));
    let revision = git(&["rev-parse", "--short=10", "HEAD"])?;
    let changed = !git(&["status", "--porcelain", "--", "crates", "Cargo.lock"])?.is_empty();
    Ok(if changed {
        format!("{revision} with changes")
    } else {
        revision
    })
}

fn line(tool: Tool) -> Result<String> {
    Ok(tool.read()?.trim().to_owned())
}

/// The value of the first line `name : value`.
fn value<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = text.lines().filter_map(|line| line.split_once(':'));
    let (_, value) = pairs.find(|(key, _)| key.trim() == name)?;
    Some(value.trim())
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            cpu,
            cores,
            memory_gib,
            kernel,
            compiler,
            revision,
            date,
        } = self;
        write!(
            f,
            "{date}, revision {revision}, {cpu} with {cores} cores, {memory_gib} GiB, {kernel}, {compiler}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_by_their_whole_name() {
        let text = "cpu family\t: 25\nmodel\t\t: 17\nmodel name\t: AMD EPYC\n";
        assert_eq!(value(text, "model name"), Some("AMD EPYC"));
        assert_eq!(value(text, "flags"), None);
    }
}
