//! `carehook audit checkpoints`: prints what was signed of the trail, to be kept where the server
//! cannot write, and reads it back.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use carehook_core::{Checkpoint, CheckpointPublicKey, Register, SignedLine};
use carehook_store::OwnedBook;
use clap::Args;

use crate::config::DataFlags;
use crate::exit::Exit;
use crate::output;

#[derive(Args)]
#[command(after_help = "\
Prints a line for the newest checkpoint of each book, and one that states how many books there are.
Keep them where nobody who can reach the server can change them, and give them to
`carehook audit verify --checkpoint FILE` later. The server logs the same lines when it signs.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    data: DataFlags,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let audit = super::open(&arguments.data)?;
    for book in super::books_of(&audit, None)? {
        if let Some(signed) = audit.checkpoint(&book) {
            output::line(SignedLine::Checkpoint(signed.clone()))?;
        }
    }
    if let Some(stated) = audit.register() {
        output::line(SignedLine::Register(stated.clone()))?;
    }
    Ok(Exit::Done)
}

/// What was kept elsewhere.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) checkpoints: Vec<Checkpoint>,
    pub(super) registers: Vec<Register>,
    /// What is there and was not signed with the key.
    pub(super) forged: Vec<SignedLine>,
}

impl Kept {
    /// Reads files that have lines of ours somewhere in them.
    pub(super) fn read(
        files: &[impl AsRef<Path>],
        key: &CheckpointPublicKey,
    ) -> anyhow::Result<Self> {
        let mut kept = Self::default();
        for file in files.iter().map(AsRef::as_ref) {
            let bytes =
                fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
            let (text, mut found) = (String::from_utf8_lossy(&bytes), false);
            for line in SignedLine::all_in(&text) {
                kept.add(line.with_context(|| file.display().to_string())?, key);
                found = true;
            }
            anyhow::ensure!(found, "{}: holds no checkpoint", file.display());
        }
        Ok(kept)
    }

    fn add(&mut self, line: SignedLine, key: &CheckpointPublicKey) {
        match line {
            SignedLine::Checkpoint(signed) if signed.is_signed_by(key) => {
                self.checkpoints.push(signed);
            }
            SignedLine::Register(signed) if signed.is_signed_by(key) => self.registers.push(signed),
            forged => self.forged.push(forged),
        }
    }

    /// Whose checkpoints they are.
    pub(super) fn books(&self) -> impl Iterator<Item = OwnedBook> {
        self.checkpoints.iter().map(|signed| OwnedBook {
            organization: signed.organization.clone(),
            incarnation: signed.incarnation,
            book: signed.book,
        })
    }
}
