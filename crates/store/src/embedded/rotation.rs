//! Going over to another master key: everything that the old one sealed is sealed by the new one,
//! in one commit, so that a kill leaves a directory that opens with one of them alone.

use rusqlite::params;

use super::failure::corrupt;
use super::writer::Writer;
use super::{EmbeddedStore, Result};
use crate::{MasterKey, Refusal};

const OP: &str = "rotate the master key";

impl EmbeddedStore {
    pub(crate) async fn rotate_master(&self, new: MasterKey) -> Result<usize> {
        let rotate = move |writer: &mut Writer| writer.rotate_master(&new);
        self.change(OP, rotate).await
    }
}

impl Writer {
    /// Nothing else makes data keys meanwhile, because they are made on this thread.
    fn rotate_master(&mut self, new: &MasterKey) -> Result<usize> {
        const DIGEST_KEY: &str = "-- carehook.rotation.digest_key
            SELECT value FROM meta WHERE name = 'api_key_digest_key'";
        const KEY: &str = "-- carehook.rotation.rewrap
            UPDATE data_keys SET wrapped = ?3 WHERE organization = ?1 AND day = ?2";
        const META: &str = "-- carehook.rotation.reseal
            UPDATE meta SET value = ?2 WHERE name = ?1";
        let digest_key: rusqlite::Result<Vec<u8>> =
            self.control.query_row(DIGEST_KEY, [], |row| row.get(0));
        let digest_key = digest_key.map_err(|error| self.classify(OP, &error))?;
        let keys = &self.shared.keys;
        if keys.open_digest_key(&digest_key).is_none() {
            return Err(corrupt(OP, "the key for API keys does not open".to_owned()));
        }
        let same = || Refusal::Conflict("this master key is in use already".to_owned());
        let rewrapped = keys.rewrapped(new, &digest_key).ok_or_else(same)?;
        self.control_transaction(OP, |t| {
            let mut update = t.prepare_cached(KEY)?;
            for key in &rewrapped.keys {
                update.execute(params![key.organization, key.day, key.wrapped])?;
            }
            let mut reseal = t.prepare_cached(META)?;
            reseal.execute(params!["master_check", rewrapped.check])?;
            reseal.execute(params!["api_key_digest_key", rewrapped.digest_key])?;
            Ok(())
        })?;
        let count = rewrapped.keys.len();
        self.shared.keys.adopt(rewrapped);
        // Until then the log has what the old key opens.
        self.shred_freed_pages(OP)?;
        Ok(count)
    }
}
