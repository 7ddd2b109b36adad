//! Which remark stands in place of which. A remark is never changed: a later one corrects it, and
//! both stay on record.

use std::collections::{BTreeMap, BTreeSet};

use crate::journal::Record;
use crate::run::event::{Event, Note};

/// The remarks of a run that were corrected, each by its number, with the number of what corrects
/// it: the last one, where there are several.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Corrections(BTreeMap<u64, u64>);

impl Corrections {
    /// What the records say. What names no earlier remark corrects nothing.
    pub fn of(records: &[Record]) -> Corrections {
        let mut remarks = BTreeSet::new();
        let mut corrected = BTreeMap::new();
        for record in records {
            let Event::NoteAdded(note) = &record.event else { continue };
            if let Some(old) = note.corrects.filter(|old| remarks.contains(old)) {
                corrected.insert(old, record.seq);
            }
            remarks.insert(record.seq);
        }
        Corrections(corrected)
    }

    /// What corrects a record, if anything does.
    pub fn of_record(&self, seq: u64) -> Option<u64> {
        self.0.get(&seq).copied()
    }
}

/// The remarks that stand: those that nothing corrects, in order.
pub fn standing(records: &[Record]) -> Vec<(&Record, &Note)> {
    let corrections = Corrections::of(records);
    let remarks = records.iter().filter_map(|record| match &record.event {
        Event::NoteAdded(note) => Some((record, note)),
        _ => None,
    });
    remarks.filter(|(record, _)| corrections.of_record(record.seq).is_none()).collect()
}
