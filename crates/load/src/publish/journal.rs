//! The publisher's own record of what was acknowledged.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result};

use super::outcome::Acknowledged;

/// A line for each acknowledged event: number, id, organization, deliveries.
pub(super) struct Journal(BufWriter<File>);

impl Journal {
    pub(super) fn create(path: &Path) -> Result<Self> {
        let file = File::create(path).with_context(|| format!("create {}", path.display()))?;
        Ok(Self(BufWriter::new(file)))
    }

    pub(super) fn add(
        &mut self,
        number: u64,
        organization: &str,
        event: &Acknowledged,
    ) -> Result<()> {
        let Acknowledged {
            id,
            deliveries,
            duplicate: _,
        } = event;
        writeln!(self.0, "{number}\t{id}\t{organization}\t{deliveries}")
            .context("write the journal")
    }

    pub(super) fn flush(&mut self) -> Result<()> {
        self.0.flush().context("write the journal")
    }
}
