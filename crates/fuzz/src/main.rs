//! `cargo xtask fuzz` runs this: each target for a while, or one input again.
#![expect(
    clippy::print_stdout,
    reason = "a terminal program for developers: its output is its purpose"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use carehook_fuzz::driver::{self, Amount};
use carehook_fuzz::{TARGETS, Target};
use clap::Parser;

/// Runs fuzz targets on their corpus and on random changes of it
#[derive(Parser)]
struct Arguments {
    /// Only this target
    target: Option<String>,
    /// How long each target runs
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Where the random numbers begin; the same number gives the same inputs
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Runs one kept input instead; needs the target
    #[arg(long)]
    input: Option<PathBuf>,
    /// Where inputs that fail are kept
    #[arg(long, default_value = "target/fuzz")]
    keep: PathBuf,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let wanted = |target: &&Target| {
        let name = arguments.target.as_deref();
        name.is_none_or(|name| name == target.name)
    };
    let targets: Vec<&Target> = TARGETS.iter().filter(wanted).collect();
    if targets.is_empty() {
        let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
        bail!("there is no such target; there are {}", names.join(", "));
    }
    if let Some(path) = &arguments.input {
        let [target] = targets[..] else {
            bail!("name the target that the input is for");
        };
        let input = fs::read(path).with_context(|| path.display().to_string())?;
        (target.run)(&input);
        println!("{}: the input is fine", target.name);
        return Ok(());
    }
    let mut failed = 0;
    for target in targets {
        failed += usize::from(!run(target, &arguments)?);
    }
    if failed > 0 {
        bail!("{failed} targets have failed");
    }
    Ok(())
}

/// Runs one target and tells how it went.
fn run(target: &Target, arguments: &Arguments) -> Result<bool> {
    let samples = driver::corpus(target)?;
    let time = Amount::Time(Duration::from_secs(arguments.seconds));
    let report = driver::run(target, &samples, arguments.seed, time);
    let (name, inputs, slowest) = (target.name, report.inputs, report.slowest);
    println!(
        "{name}: {inputs} inputs with seed {}, slowest {slowest:?}",
        arguments.seed
    );
    let Some((input, why)) = report.failure else {
        return Ok(true);
    };
    let path = kept(&arguments.keep, name, arguments.seed, &input)?;
    println!("{name}: FAILED: {why}");
    println!("  input: {}", input.escape_ascii());
    println!(
        "  again: cargo xtask fuzz {name} --input {}",
        path.display()
    );
    Ok(false)
}

fn kept(folder: &Path, name: &str, seed: u64, input: &[u8]) -> Result<PathBuf> {
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let path = folder.join(format!("{name}-{seed}"));
    fs::write(&path, input).with_context(|| path.display().to_string())?;
    Ok(path)
}
