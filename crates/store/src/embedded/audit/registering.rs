//! The writer keeps the register in step with the checkpoints, and leaves it as it is when the two
//! do not fit: then it is the evidence that checkpoints were removed.

use std::collections::BTreeSet;

use carehook_core::{CheckpointKey, Register, RegisterFault, RegisterSum, SignedLine, Timestamp};
use rusqlite::Connection;

use super::Result;
use super::register::{self, Sums};
use crate::embedded::files;
use crate::embedded::writer::Writer;

const STATE: &str = "state which books exist";

/// What the writer knows of the register.
#[derive(Default)]
pub(in crate::embedded) struct KnownRegister {
    /// What the checkpoints come to; read when first needed, and after a failure.
    sums: Option<Sums>,
    number: u64,
    pub(super) fault: Option<RegisterFault>,
}

impl KnownRegister {
    /// Reads everything, and compares it with what was stated.
    fn load(
        &mut self,
        control: &Connection,
        copy: Option<&Register>,
        key: &CheckpointKey,
    ) -> rusqlite::Result<()> {
        let stated = register::read(control)?;
        let sums = register::sums(control, None)?;
        let found = RegisterSum::of(sums.values());
        let checked = register::check(stated.as_ref(), copy, &found, &key.public());
        self.fault = self.fault.or(checked.err());
        self.number = stated.map_or(0, |stated| stated.number);
        self.sums = Some(sums);
        Ok(())
    }

    /// Compares the checkpoints that are about to change with what they were.
    fn compare(&mut self, control: &Connection, codes: &BTreeSet<i64>) -> rusqlite::Result<()> {
        let Some(known) = &self.sums else {
            return Ok(());
        };
        for code in codes {
            let found = register::sums(control, Some(*code))?;
            let (found, known_one) = (found.get(code), known.get(code));
            if found != known_one {
                let fault =
                    RegisterFault::differs(&RegisterSum::of(known_one), &RegisterSum::of(found));
                self.fault = self.fault.or(Some(fault));
            }
        }
        Ok(())
    }

    /// States anew what the checkpoints come to; `None` when what was stated does not fit.
    fn renew(
        &mut self,
        control: &Connection,
        codes: &BTreeSet<i64>,
        (at, key): (Timestamp, &CheckpointKey),
    ) -> rusqlite::Result<Option<Register>> {
        let Some(sums) = &mut self.sums else {
            return Ok(None);
        };
        for code in codes {
            sums.remove(code);
            sums.extend(register::sums(control, Some(*code))?);
        }
        if self.fault.is_some() {
            return Ok(None);
        }
        self.number += 1;
        let register = key.sign_register(Register {
            number: self.number,
            at,
            sum: RegisterSum::of(sums.values()),
            signature: Vec::new(),
        });
        register::put(control, &register)?;
        Ok(Some(register))
    }
}

impl Writer {
    /// Runs a change of the checkpoints of these books, and states in the same commit what they
    /// come to after it.
    pub(super) fn change_checkpoints(
        &mut self,
        op: &'static str,
        codes: &BTreeSet<i64>,
        change: impl FnOnce(&Connection) -> rusqlite::Result<()>,
    ) -> Result<()> {
        let copy = match &self.audit.register.sums {
            Some(_) => None,
            None => self.copied_register(),
        };
        let (now, key) = (self.now(), self.shared.checkpoint_key());
        // After a failure it is read anew.
        let mut known = std::mem::take(&mut self.audit.register);
        let fault = known.fault;
        let changed = self.control_transaction(op, |t| {
            if known.sums.is_none() {
                known.load(t, copy.as_ref(), &key)?;
            }
            known.compare(t, codes)?;
            change(t)?;
            let renewed = known.renew(t, codes, (now, &key))?;
            Ok((known, renewed))
        });
        let renewed = match changed {
            Ok((known, renewed)) => {
                self.audit.register = known;
                renewed
            }
            Err(error) => {
                self.audit.register.fault = fault;
                return Err(error);
            }
        };
        self.tell_broken();
        match renewed {
            Some(register) => self.copy_register(register),
            None => self.refuse_register(),
        }
        Ok(())
    }

    fn refuse_register(&self) {
        if let Some(fault) = self.audit.register.fault {
            tracing::error!(
                %fault,
                "the audit trail was changed: which books exist is not stated anew; run `carehook audit verify`"
            );
        }
    }

    /// The first statement of an installation; any other time only a look at the newest one.
    pub(in crate::embedded) fn look_at_register(&mut self) -> Result<()> {
        let stated = register::read(&self.control);
        let stated = stated.map_err(|error| self.classify(STATE, &error))?;
        if stated.is_some_and(|stated| stated.number == 0) {
            return self.change_checkpoints(STATE, &BTreeSet::new(), |_| Ok(()));
        }
        let (copy, key) = (self.copied_register(), self.shared.checkpoint_key());
        let mut known = KnownRegister::default();
        let loaded = known.load(&self.control, copy.as_ref(), &key);
        loaded.map_err(|error| self.classify(STATE, &error))?;
        self.audit.register = known;
        self.tell_broken();
        self.refuse_register();
        Ok(())
    }

    pub(super) fn tell_broken(&self) {
        let register = usize::from(self.audit.register.fault.is_some());
        self.shared.count_broken(self.audit.broken.len() + register);
    }

    /// What cannot be read says nothing.
    fn copied_register(&self) -> Option<Register> {
        let path = self.shared.dir.join(files::AUDIT);
        if !path.exists() {
            return None;
        }
        let copy = files::open_reader(&path).and_then(|file| register::read(&file));
        copy.ok().flatten()
    }

    /// Beside the kept disclosures, and into the log, which somebody may collect elsewhere.
    fn copy_register(&self, register: Register) {
        let copied = files::open_audit(&self.shared.dir)
            .map_err(|error| error.to_string())
            .and_then(|file| register::put(&file, &register).map_err(|error| error.to_string()));
        if let Err(error) = copied {
            tracing::warn!(%error, "the statement of which books exist was not copied");
        }
        let signed = SignedLine::Register(register);
        tracing::info!(%signed, "stated which books the audit trail has");
    }
}
