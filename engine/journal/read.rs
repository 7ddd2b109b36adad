//! Reading a journal: the good records, and what comes after them.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use super::record::{FIRST_PREV, Record, Unreadable};

/// What a journal holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The records whose chain is whole, from the first.
    pub records: Vec<Record>,
    /// How many bytes they take up.
    pub good_bytes: u64,
    /// What comes after them.
    pub ending: Ending,
}

/// What comes after the good records of a journal.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Ending {
    /// Nothing.
    Whole,
    /// The beginning of a record whose write was cut short; it never took effect.
    Torn {
        /// How many bytes of it there are.
        bytes: u64,
    },
    /// Something that is no record.
    Damaged {
        /// The line it stands in, from 1.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// A record of a later version of Holdpoint.
    Newer {
        /// That version of the format.
        version: u32,
    },
}

/// Reads a journal up to the first thing that does not fit.
pub fn read(path: &Path) -> io::Result<Reading> {
    let mut file = BufReader::new(File::open(path)?);
    let mut reading = Reading { records: Vec::new(), good_bytes: 0, ending: Ending::Whole };
    let mut line = Vec::new();
    loop {
        line.clear();
        let length = file.read_until(b'\n', &mut line)? as u64;
        if length == 0 {
            return Ok(reading);
        }
        if line.pop() != Some(b'\n') {
            reading.ending = Ending::Torn { bytes: length };
            return Ok(reading);
        }
        match link(&line, reading.records.last()) {
            Ok(record) => {
                reading.records.push(record);
                reading.good_bytes += length;
            }
            Err(Unreadable::Newer(version)) => {
                reading.ending = Ending::Newer { version };
                return Ok(reading);
            }
            Err(Unreadable::Damaged(reason)) => {
                let line = reading.records.len() as u64 + 1;
                reading.ending = Ending::Damaged { line, reason };
                return Ok(reading);
            }
        }
    }
}

/// Reads a line as the record that follows `last`.
fn link(line: &[u8], last: Option<&Record>) -> Result<Record, Unreadable> {
    let damaged = |reason: &str| Unreadable::Damaged(reason.to_owned());
    let line = std::str::from_utf8(line).map_err(|_| damaged("it is not text"))?;
    let record = Record::read(line)?;
    let (seq, prev, epoch) = match last {
        Some(last) => (last.seq + 1, last.hash.as_str(), last.epoch),
        None => (1, FIRST_PREV, 1),
    };
    if record.prev != prev {
        return Err(damaged("it does not follow the record before it"));
    }
    if record.seq != seq || record.epoch < epoch {
        return Err(damaged("its number does not follow the record before it"));
    }
    Ok(record)
}
