//! When keys and sessions were last used, written down for all in one commit.

use carehook_core::{LastUse, RecordId, Timestamp};
use rusqlite::{Transaction, params};

use super::writer::Writer;
use super::{EmbeddedStore, Result};

const OP: &str = "keep the uses of keys";

/// Uses that the file may not know of.
struct KeyUses {
    api_keys: Vec<(RecordId, LastUse)>,
    operator_keys: Vec<(RecordId, LastUse)>,
    sessions: Vec<(RecordId, LastUse)>,
}

impl KeyUses {
    fn are_none(&self) -> bool {
        self.api_keys.is_empty() && self.operator_keys.is_empty() && self.sessions.is_empty()
    }
}

impl EmbeddedStore {
    pub(crate) async fn keep_key_uses(&self) -> Result<()> {
        let uses = {
            let control = self.shared.control.read();
            KeyUses {
                api_keys: control.api_keys.unkept_uses(),
                operator_keys: control.operator_keys.unkept_uses(),
                sessions: control.sessions.unkept_uses(),
            }
        };
        if uses.are_none() {
            return Ok(());
        }
        let keep = move |writer: &mut Writer| writer.keep_key_uses(&uses);
        self.change(OP, keep).await
    }
}

impl Writer {
    fn keep_key_uses(&mut self, uses: &KeyUses) -> Result<()> {
        const OF_API_KEY: &str = "-- carehook.key_uses.keep_of_api_key
            UPDATE api_keys SET last_used_at = ?2 WHERE id = ?1";
        const OF_OPERATOR_KEY: &str = "-- carehook.key_uses.keep_of_operator_key
            UPDATE operator_keys SET last_used_at = ?2 WHERE id = ?1";
        const OF_SESSION: &str = "-- carehook.key_uses.keep_of_session
            UPDATE sessions SET last_used_at = ?2 WHERE id = ?1";
        let of_api_keys = unkept(&uses.api_keys);
        let of_operator_keys = unkept(&uses.operator_keys);
        let of_sessions = unkept(&uses.sessions);
        self.control_transaction(OP, |t| {
            keep(t, OF_API_KEY, &of_api_keys)?;
            keep(t, OF_OPERATOR_KEY, &of_operator_keys)?;
            keep(t, OF_SESSION, &of_sessions)
        })?;
        let of_keys = of_api_keys.into_iter().chain(of_operator_keys);
        for (_, last_use, at) in of_keys.chain(of_sessions) {
            last_use.keep(at);
        }
        Ok(())
    }
}

type Unkept<'a> = (RecordId, &'a LastUse, Timestamp);

/// Read once: a key may be used again meanwhile, and that use is not written yet.
fn unkept(uses: &[(RecordId, LastUse)]) -> Vec<Unkept<'_>> {
    uses.iter()
        .filter_map(|(id, last_use)| Some((*id, last_use, last_use.unkept()?)))
        .collect()
}

fn keep(t: &Transaction<'_>, sql: &str, uses: &[Unkept<'_>]) -> rusqlite::Result<()> {
    let mut keep = t.prepare_cached(sql)?;
    for (id, _, at) in uses {
        keep.execute(params![id.to_bytes(), at.0])?;
    }
    Ok(())
}
