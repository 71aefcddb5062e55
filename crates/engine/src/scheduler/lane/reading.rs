//! What a lane takes into memory: pages of the store, and news straight from commits.

use carehook_core::{DeliveryId, RecordId, Timestamp};
use carehook_store::{DueDelivery, DuePage, DuePosition};

use super::{Held, Lane, Meanwhile, PageWish};

impl Lane {
    /// Takes a row of a page, unless an attempt of it is under way; one that waits is as the page
    /// says.
    fn take_row(&mut self, delivery: DueDelivery) {
        match self.held.get(&delivery.id) {
            None => self.push(delivery),
            Some(Held::Ready) => {
                let waiting = self.ready.iter_mut().find(|ready| ready.id == delivery.id);
                if let Some(waiting) = waiting {
                    *waiting = delivery;
                }
            }
            Some(Held::ByHand) => self.by_hand.replace(delivery),
            Some(Held::InFlight(_) | Held::Unrecorded(_)) => self.note_again(delivery.position()),
        }
    }

    /// One whose result is not known to be on disk is due at another time than when it was sent:
    /// that time holds when the result's does not.
    fn note_again(&mut self, position: DuePosition) {
        if let Some(Held::InFlight(sent) | Held::Unrecorded(sent)) = self.held.get_mut(&position.id)
            && sent.due != position.due
        {
            sent.again = Some(position.due);
        }
    }

    /// Something pending at `position` that memory does not hold.
    pub(crate) fn behold(&mut self, position: DuePosition) {
        if let Some(meanwhile) = &mut self.paging {
            let earliest = meanwhile.earliest.map_or(position, |e| e.min(position));
            meanwhile.earliest = Some(earliest);
        } else if self.cursor.is_some_and(|cursor| position <= cursor) {
            self.rewind(position);
        } else {
            self.note_next(position.due);
        }
    }

    /// Something pending, due at `due`, of which no more is known.
    pub(crate) fn behold_any(&mut self, due: Timestamp) {
        let id = DeliveryId(RecordId::new(0, 0, 0));
        self.behold(DuePosition { due, id });
    }

    fn note_next(&mut self, due: Timestamp) {
        self.next_due = Some(self.next_due.map_or(due, |next| next.min(due)));
    }

    /// Sets the cursor just before `position`; what is held already is left out when it is read.
    fn rewind(&mut self, position: DuePosition) {
        let due = Timestamp(position.due.0.saturating_sub(1));
        let id = DeliveryId(RecordId::new(i64::MAX, RecordId::MAX_NUMBER, u32::MAX));
        self.cursor = Some(DuePosition { due, id });
        self.note_next(position.due);
    }

    /// A new delivery, straight from its commit.
    pub(crate) fn hint(&mut self, delivery: DueDelivery) {
        let position = delivery.position();
        if !self.active || self.held.contains_key(&delivery.id) {
            return;
        }
        let caught_up = self.paging.is_none()
            && self.next_due.is_none_or(|next| next > position.due)
            && self.cursor.is_none_or(|cursor| position > cursor);
        if caught_up && self.ready.len() < self.capacity() {
            self.cursor = Some(position);
            self.push(delivery);
        } else {
            self.behold(position);
        }
    }

    /// One that somebody waits for, straight from its commit: it goes before all others.
    pub(crate) fn by_hand(&mut self, delivery: DueDelivery) {
        if !self.active {
            return;
        }
        let held = self.held.get(&delivery.id).copied();
        match held {
            Some(Held::InFlight(_) | Held::Unrecorded(_)) => self.note_again(delivery.position()),
            Some(Held::ByHand) => self.by_hand.replace(delivery),
            None | Some(Held::Ready) if self.by_hand.has_room() => {
                self.ready.retain(|ready| ready.id != delivery.id);
                self.outdate(delivery.id);
                self.held.insert(delivery.id, Held::ByHand);
                self.by_hand.push(delivery);
            }
            None | Some(Held::Ready) => self.behold(delivery.position()),
        }
    }

    /// Takes the answer to a page wish.
    pub(crate) fn page(&mut self, page: DuePage) {
        let Some(meanwhile) = self.paging.take() else {
            return;
        };
        if !self.active {
            return;
        }
        let last = page.deliveries.last().map(DueDelivery::position);
        let unreadable = page.unreadable.iter().map(|(position, _)| *position).max();
        self.cursor = self.cursor.max(last).max(unreadable);
        self.next_due = page.next_due;
        for delivery in page.deliveries {
            if meanwhile.outdated.contains(&delivery.id) {
                // As it was, or made due again since: another look tells.
                self.behold(delivery.position());
            } else {
                self.take_row(delivery);
            }
        }
        if let Some(earliest) = meanwhile.earliest {
            self.behold(earliest);
        }
    }

    /// A page could not be read; it will be asked for again.
    pub(crate) fn page_failed(&mut self, retry_at: Timestamp) {
        if let Some(meanwhile) = self.paging.take() {
            self.note_next(retry_at);
            if let Some(earliest) = meanwhile.earliest {
                self.behold(earliest);
            }
        }
    }

    /// The page to read now, if any; the caller reads it.
    pub(crate) fn wish(&mut self, now: Timestamp) -> Option<PageWish> {
        let due = self.next_due.is_some_and(|next| next <= now);
        let room = self.capacity().saturating_sub(self.ready.len());
        // Half empty is early enough: a page for every single delivery would be waste.
        let wanted = room * 2 >= self.capacity();
        let blocked = self.window.blocked_until(now).is_some();
        if !self.active || self.paging.is_some() || !due || !wanted || blocked {
            return None;
        }
        self.paging = Some(Meanwhile::default());
        Some(PageWish {
            after: self.cursor,
            limit: room,
        })
    }
}
