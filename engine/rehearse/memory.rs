//! A journal that nobody keeps: the records of a run, in memory, chained as they would be in a file.

use crate::drive::Journal;
use crate::journal::{FIRST_PREV, JournalError, Record};
use crate::run::{Event, Moment};

/// The records of a run.
#[derive(Clone, Debug)]
pub struct Memory {
    records: Vec<Record>,
    epoch: u64,
}

impl Default for Memory {
    fn default() -> Memory {
        Memory { records: Vec::new(), epoch: 1 }
    }
}

impl Memory {
    /// All records so far.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// The same journal in the hands of the next driver.
    pub fn taken_over(self) -> Memory {
        Memory { epoch: self.epoch + 1, ..self }
    }

    /// The same journal torn off behind a record.
    pub fn torn(mut self, seq: u64) -> Memory {
        self.records.retain(|record| record.seq <= seq);
        self
    }
}

impl Journal for Memory {
    fn append(&mut self, at: Moment, events: Vec<Event>) -> Result<Vec<Record>, JournalError> {
        let first = self.records.len();
        for event in events {
            let (seq, prev) = match self.records.last() {
                Some(last) => (last.seq + 1, last.hash.as_str()),
                None => (1, FIRST_PREV),
            };
            let (record, _) = Record::write(seq, self.epoch, at, prev, event);
            self.records.push(record);
        }
        Ok(self.records[first..].to_vec())
    }

    fn recover(&mut self) -> Result<Vec<Record>, JournalError> {
        Ok(Vec::new())
    }
}
