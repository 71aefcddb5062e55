//! Lists of the trail: the journal and the books of disclosures, merged, newest first.

use std::collections::VecDeque;
use std::time::Duration;

use carehook_core::{
    AuditAction, AuditBook, AuditEntry, AuditId, ChainHash, SubjectHash, Timestamp,
};
use rusqlite::{Connection, params};

use super::kept::KeptRow;
use super::{chains, disclosures, kept, trims};
use crate::embedded::files;
use crate::embedded::shared::Shared;
use crate::{AuditFilter, AuditPosition, AuditRecord, ListPage, PageRequest};

/// Entries that are looked at for one page.
const SCANNED: usize = 10_000;
/// Entries that are read at once.
const CHUNK: usize = 256;
/// Entries stand in the order in which they were written: one can be this much older than those
/// before it.
const DISORDER: Duration = Duration::from_mins(10);

/// A filter, its subject hashed.
pub(super) struct Wanted {
    action: Option<AuditAction>,
    subject: Option<SubjectHash>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
}

impl Wanted {
    pub(super) fn new(filter: &AuditFilter, subject: Option<SubjectHash>) -> Self {
        Self {
            action: filter.action,
            subject,
            since: filter.since,
            until: filter.until,
        }
    }

    fn matches(&self, entry: &AuditEntry) -> bool {
        self.action.is_none_or(|action| entry.action == action)
            && self
                .subject
                .is_none_or(|subject| entry.subject == Some(subject))
            && self.since.is_none_or(|since| entry.at >= since)
            && self.until.is_none_or(|until| entry.at < until)
    }

    /// Whether everything behind such an entry is too old.
    fn ends_at(&self, at: Timestamp) -> bool {
        self.since.is_some_and(|since| at.plus(DISORDER) < since)
    }

    fn journal(&self) -> bool {
        self.action != Some(AuditAction::EventDisclosed)
    }

    fn disclosures(&self) -> bool {
        self.action
            .is_none_or(|action| action == AuditAction::EventDisclosed)
    }

    /// Nothing is disclosed before the day of its event.
    fn may_hold(&self, day: i64) -> bool {
        self.until
            .is_none_or(|until| Timestamp::from_day(day) < until)
    }
}

/// An entry, or what is left of a damaged one.
struct Read {
    number: u64,
    entry: Option<AuditEntry>,
    hash: ChainHash,
}

/// A book that is read from its end.
struct Stream {
    book: AuditBook,
    below: u64,
    rows: VecDeque<Read>,
    at_start: bool,
}

impl Stream {
    fn new(book: AuditBook, below: u64) -> Self {
        Self {
            book,
            below,
            rows: VecDeque::new(),
            at_start: false,
        }
    }

    /// Two entries at least, or all that are left: each shows the hash of the one before.
    fn fill(&mut self, source: &Source<'_>) -> rusqlite::Result<()> {
        if self.rows.len() < 2 && !self.at_start {
            let below = self.rows.back().map_or(self.below, |last| last.number);
            let more = source.below(self.book, below)?;
            self.at_start = more.len() < CHUNK;
            self.rows.extend(more);
        }
        Ok(())
    }

    fn time(&self) -> Option<Timestamp> {
        let first = self.rows.front()?;
        Some(first.entry.as_ref().map_or(Timestamp(0), |entry| entry.at))
    }
}

/// Where the entries of one organization are read from.
struct Source<'a> {
    shared: &'a Shared,
    organization: i64,
    control: Connection,
    kept: Option<Connection>,
}

impl Source<'_> {
    fn below(&self, book: AuditBook, below: u64) -> rusqlite::Result<Vec<Read>> {
        match book {
            AuditBook::Journal => self.journal_below(below),
            AuditBook::Disclosures(day) => self.disclosed_below(day, below),
        }
    }

    fn journal_below(&self, below: u64) -> rusqlite::Result<Vec<Read>> {
        const SQL: &str = "-- carehook.audit_control.journal_below
            SELECT number, entry, hash FROM audit_journal
            WHERE organization = ?1 AND number < ?2 ORDER BY number DESC LIMIT ?3";
        let limit = i64::try_from(CHUNK).unwrap_or(i64::MAX);
        let below = i64::try_from(below).unwrap_or(i64::MAX);
        let rows = kept::rows(&self.control, SQL, params![self.organization, below, limit])?;
        Ok(rows.iter().map(read).collect())
    }

    /// From the log file, and from the long-lived one what is there: the log file may have lost
    /// some of that already.
    fn disclosed_below(&self, day: i64, below: u64) -> rusqlite::Result<Vec<Read>> {
        let mut found = Vec::new();
        let kept = kept::head(self.shared, self.organization, day)?;
        let kept = kept.map_or(0, |head| head.count);
        if below > kept + 1 && self.shared.days.has(day) {
            let rows = self.shared.readers.with(day, |log| {
                disclosures::below(log, self.organization, below, CHUNK)
            })?;
            let control = self.shared.control.read();
            let beyond = rows.iter().filter(|row| row.number > kept);
            #[expect(
                clippy::redundant_closure_for_method_calls,
                reason = "the method alone has one lifetime, and any is asked for"
            )]
            found.extend(beyond.map(|row| {
                let endpoint = row.endpoint.and_then(|number| control.endpoint_id(number));
                Read {
                    number: row.number,
                    entry: row.with(endpoint, |disclosure| disclosure.to_entry()),
                    hash: hash_of(&row.hash),
                }
            }));
        }
        if let Some(kept) = &self.kept {
            let below = found.last().map_or(below, |last: &Read| last.number);
            let name = (self.organization, day);
            let rows = kept::below(kept, name, below, CHUNK - found.len())?;
            found.extend(rows.iter().map(read));
        }
        Ok(found)
    }

    /// The hash that the first entry of a book follows on.
    fn start_of(&self, book: AuditBook) -> rusqlite::Result<Option<ChainHash>> {
        let trim = match book {
            AuditBook::Journal => trims::trim_of(&self.control, self.organization)?,
            AuditBook::Disclosures(_) => None,
        };
        let start = || chains::start_of(self.shared, (self.organization, book));
        let head = trim.map(|trim| trim.head).or_else(start);
        Ok(head.map(|head| head.hash))
    }

    /// The newest book of disclosures up to a day.
    fn book_up_to(&self, day: i64) -> rusqlite::Result<Option<i64>> {
        let logs = self.shared.days.newest_first().into_iter();
        let log = logs.filter(|log| *log <= day).max();
        let kept = match &self.kept {
            None => None,
            Some(kept) => kept::newest_day(kept, self.organization, day)?,
        };
        Ok(log.max(kept))
    }
}

fn read(row: &KeptRow) -> Read {
    let entry = AuditEntry::from_canonical(&row.entry).ok();
    Read {
        number: row.number,
        entry: entry.map(|(_, entry)| entry),
        hash: hash_of(&row.hash),
    }
}

/// A damaged hash is shown as zeros; `verify` tells that it is damaged.
fn hash_of(bytes: &[u8]) -> ChainHash {
    ChainHash(bytes.try_into().unwrap_or_default())
}

/// Both kinds of books, and how far each was read.
struct Merge<'a> {
    source: Source<'a>,
    wanted: &'a Wanted,
    journal: Option<Stream>,
    disclosures: Option<Stream>,
    position: AuditPosition,
}

impl<'a> Merge<'a> {
    fn new(source: Source<'a>, wanted: &'a Wanted, position: AuditPosition) -> Self {
        let journal = wanted.journal();
        Self {
            source,
            wanted,
            journal: journal.then(|| Stream::new(AuditBook::Journal, position.journal)),
            disclosures: None,
            position,
        }
    }

    /// Makes both streams show their next entry.
    fn prepare(&mut self) -> rusqlite::Result<()> {
        if let Some(journal) = &mut self.journal {
            journal.fill(&self.source)?;
            if journal.time().is_none_or(|at| self.wanted.ends_at(at)) {
                self.journal = None;
            }
        }
        while self.wanted.disclosures() {
            if let Some(stream) = &mut self.disclosures {
                stream.fill(&self.source)?;
                if stream.time().is_some_and(|at| !self.wanted.ends_at(at)) {
                    break;
                }
                self.leave_day();
            }
            let Some(day) = self.source.book_up_to(self.position.day)? else {
                break;
            };
            if day < self.position.day {
                self.position.day = day;
                self.position.disclosure = u64::MAX;
            }
            let book = AuditBook::Disclosures(day);
            if self.wanted.may_hold(day) {
                self.disclosures = Some(Stream::new(book, self.position.disclosure));
            } else {
                self.leave_day();
            }
        }
        Ok(())
    }

    fn leave_day(&mut self) {
        self.disclosures = None;
        self.position.day -= 1;
        self.position.disclosure = u64::MAX;
    }

    /// The newer one of the two; a disclosure counts for the day of its event.
    fn next(&mut self) -> Option<(Read, AuditBook, Option<ChainHash>)> {
        let of_journal = self.journal.as_ref().and_then(Stream::time);
        let of_disclosures = self.disclosures.as_ref().and_then(Stream::time);
        let journal = of_journal.map(|at| (at.day(), at));
        let disclosed = of_disclosures.map(|at| (self.position.day, at));
        let stream = if disclosed > journal {
            self.disclosures.as_mut()?
        } else {
            self.journal.as_mut()?
        };
        let taken = stream.rows.pop_front()?;
        stream.below = taken.number;
        match stream.book {
            AuditBook::Journal => self.position.journal = taken.number,
            AuditBook::Disclosures(_) => self.position.disclosure = taken.number,
        }
        let previous = stream.rows.front().map(|previous| previous.hash);
        Some((taken, stream.book, previous))
    }
}

/// One page of the trail of an organization.
pub(super) fn page(
    shared: &Shared,
    organization: i64,
    wanted: &Wanted,
    page: PageRequest<AuditPosition>,
) -> rusqlite::Result<ListPage<AuditRecord, AuditPosition>> {
    let start = AuditPosition {
        journal: u64::MAX,
        day: i64::MAX,
        disclosure: u64::MAX,
    };
    let source = Source {
        shared,
        organization,
        control: files::open_reader(&shared.dir.join(files::CONTROL))?,
        kept: kept::open(shared)?,
    };
    let mut merge = Merge::new(source, wanted, page.after.unwrap_or(start));
    let mut items = Vec::new();
    let mut scanned = 0;
    loop {
        merge.prepare()?;
        let more = merge.journal.is_some() || merge.disclosures.is_some();
        if !more || items.len() >= page.limit || scanned >= SCANNED {
            let next = more.then_some(merge.position);
            return Ok(ListPage { items, next });
        }
        scanned += 1;
        let Some((taken, book, previous)) = merge.next() else {
            continue;
        };
        if let Some(entry) = taken.entry.filter(|entry| wanted.matches(entry)) {
            let previous = match previous {
                Some(previous) => Some(previous),
                None => merge.source.start_of(book)?,
            };
            items.push(AuditRecord {
                id: AuditId {
                    book,
                    number: taken.number,
                },
                entry,
                hash: taken.hash,
                previous_hash: previous.unwrap_or(ChainHash([0; 32])),
            });
        }
    }
}
