//! A quick look at a directory's trail: only at the entries that were signed last.

use carehook_core::{AuditBook, AuditFault, CheckpointPublicKey, Register, RegisterFault};

use super::verify::{DirectoryAudit, OwnedBook, StatedRegister, of_log};
use super::{continuity, kept, register};
use crate::OpenError;
use crate::embedded::open::control_error;

impl DirectoryAudit {
    /// Books that do not go on from where they were signed: what a running server looks at before
    /// it signs. It finds what was cut or made anew; [`Self::verify`] finds every change.
    pub fn glance(
        &self,
        key: &CheckpointPublicKey,
    ) -> Result<Vec<(OwnedBook, AuditFault)>, OpenError> {
        let mut found = Vec::new();
        for book in self.books()? {
            let Some(signed) = self.checkpoint(&book) else {
                continue;
            };
            let count = signed.head.count;
            let fault = if !signed.is_signed_by(key) {
                Some(AuditFault::Signature(count))
            } else if count == 0 || self.was_trimmed(&book, count, key)? {
                None
            } else {
                match self.hash_of(&book, count)? {
                    None => Some(AuditFault::Missing(count)),
                    Some(hash) => {
                        (hash != signed.head.hash.0).then_some(AuditFault::Rewritten(count))
                    }
                }
            };
            found.extend(fault.map(|fault| (book, fault)));
        }
        Ok(found)
    }

    /// The newest statement of which books exist, if one was signed.
    pub fn register(&self) -> Option<&Register> {
        let stated = self.register.as_ref()?.stated.as_ref();
        stated.filter(|stated| stated.number > 0)
    }

    /// The newest statement in the other file.
    #[cfg(test)]
    pub(crate) fn copied_register(&self) -> Option<Register> {
        self.register.as_ref()?.copy.clone()
    }

    /// Whether the checkpoints are all those that were stated, and none of the statements that were
    /// kept elsewhere is newer than the directory's; directories of older versions state nothing.
    pub fn verify_register(
        &self,
        key: &CheckpointPublicKey,
        elsewhere: &[Register],
    ) -> Result<(), RegisterFault> {
        let Some(StatedRegister {
            stated,
            copy,
            found,
        }) = &self.register
        else {
            return Ok(());
        };
        let known = copy.iter().chain(elsewhere);
        let newest = known
            .filter(|known| known.is_signed_by(key))
            .max_by_key(|known| known.number);
        register::check(stated.as_ref(), newest, found, key)
    }

    fn was_trimmed(
        &self,
        book: &OwnedBook,
        count: u64,
        key: &CheckpointPublicKey,
    ) -> Result<bool, OpenError> {
        let trim = self.trim(book)?;
        Ok(trim.is_some_and(|trim| trim.0.head.count >= count && trim.is_signed_by(key)))
    }

    fn hash_of(&self, book: &OwnedBook, number: u64) -> Result<Option<Vec<u8>>, OpenError> {
        let organization = book.incarnation;
        match book.book {
            AuditBook::Journal => {
                kept::hash_in_journal(&self.control, organization, number).map_err(control_error)
            }
            AuditBook::Disclosures(day) => {
                let failed = |error| of_log(&self.dir, error);
                let in_log = match self.log(day)? {
                    None => None,
                    Some(log) => {
                        continuity::hash_in_log(&log, organization, number).map_err(failed)?
                    }
                };
                match (in_log, self.kept()?) {
                    (None, Some(kept)) => {
                        kept::hash(&kept, (organization, day), number).map_err(failed)
                    }
                    (found, _) => Ok(found),
                }
            }
        }
    }
}
