//! The journal of a simulated machine: records as they are on the disk.

use std::rc::Rc;

use holdpoint::run::event::{Event, Moment};

use super::mix::Durability;

/// One record.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) seq: u64,
    pub(crate) epoch: u64,
    pub(crate) at: Moment,
    pub(crate) event: Rc<Event>,
    /// What tells it from others, in an exhaustive search.
    pub(crate) mark: u64,
}

/// A journal file.
#[derive(Clone, Debug)]
pub(crate) struct Disk {
    pub(crate) durability: Durability,
    /// Whether it is a store that keeps earlier drivers out, and whose writes are whole or not at
    /// all, and not a file under a lock.
    pub(crate) refuses_late: bool,
    /// The epoch of the last driver that it was opened for.
    pub(crate) opened_for: u64,
    /// Every record, also those behind a fragment that was not cut.
    pub(crate) records: Vec<Kept>,
    /// How many of them a loss of power leaves.
    pub(crate) synced: usize,
    /// How many of them a driver was told are kept.
    pub(crate) acknowledged: usize,
    /// Where a fragment of a record stands: before the record with this place.
    pub(crate) torn: Option<usize>,
}

/// What becomes of a write.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fate {
    /// It is done.
    Fine,
    /// So many records are there, then a fragment; the driver is told.
    Full(usize),
    /// All is written and its sync failed; the driver is told.
    NotSynced,
    /// So many records are there, then a fragment; the driver is dead.
    Torn(usize),
    /// Nothing is written; the driver is dead.
    KilledBefore,
    /// All is written and synced; the driver is dead.
    KilledAfter,
}

/// How a driver is told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Told {
    Kept,
    /// It cannot be kept.
    Failed,
    /// A later driver has written.
    Late,
    /// Nobody is left to be told.
    Killed,
}

impl Disk {
    pub(crate) fn new(durability: Durability, refuses_late: bool) -> Disk {
        Disk {
            durability,
            refuses_late,
            opened_for: 0,
            records: Vec::new(),
            synced: 0,
            acknowledged: 0,
            torn: None,
        }
    }

    /// Writes records.
    pub(crate) fn append(&mut self, kept: Vec<Kept>, fate: Fate, syncs: bool) -> Told {
        let (Some(first), Some(epoch)) = (kept.first(), kept.first().map(|kept| kept.epoch)) else {
            return Told::Kept;
        };
        let last = self.records.last().map_or((0, 0), |last| (last.seq, last.epoch));
        if self.refuses_late && (self.opened_for > epoch || last.0 + 1 != first.seq) {
            return Told::Late;
        }
        let count = match fate {
            Fate::Fine | Fate::NotSynced | Fate::KilledAfter => kept.len(),
            Fate::Full(_) | Fate::Torn(_) if self.refuses_late => 0,
            Fate::Full(count) | Fate::Torn(count) => count.min(kept.len() - 1),
            Fate::KilledBefore => 0,
        };
        self.records.extend(kept.into_iter().take(count));
        if matches!(fate, Fate::Full(_) | Fate::Torn(_)) && !self.refuses_late {
            self.torn.get_or_insert(self.records.len());
        }
        match fate {
            Fate::Fine | Fate::KilledAfter => {
                if syncs && self.durability == Durability::Power {
                    self.synced = self.records.len();
                }
                if fate == Fate::KilledAfter {
                    return Told::Killed;
                }
                self.acknowledged = self.records.len();
                Told::Kept
            }
            Fate::Full(_) | Fate::NotSynced => Told::Failed,
            Fate::Torn(_) | Fate::KilledBefore => Told::Killed,
        }
    }

    /// The records that a reader finds: those before the first thing that is none.
    pub(crate) fn good(&self) -> &[Kept] {
        self.records.get(..self.torn.unwrap_or(usize::MAX).min(self.records.len())).unwrap_or(&[])
    }

    /// Whether something stands behind a fragment.
    pub(crate) fn is_damaged(&self) -> bool {
        self.torn.is_some_and(|at| at < self.records.len())
    }

    /// Cuts a fragment off the end.
    pub(crate) fn cut(&mut self) {
        self.torn = None;
    }

    /// How many records are as safe as was promised.
    pub(crate) fn safe(&self) -> usize {
        match self.durability {
            Durability::Process => self.records.len(),
            Durability::Power => self.synced,
        }
    }

    /// Power is lost: of what was not synced so many records stay.
    pub(crate) fn lose(&mut self, stay: usize, is_torn: bool) {
        let left = (self.synced + stay).min(self.records.len());
        let is_cut = left < self.records.len();
        self.records.truncate(left);
        self.torn = self.torn.filter(|at| *at <= left).or((is_cut && is_torn).then_some(left));
        self.synced = left;
    }
}
