//! Reading a journal: the good records, and what comes after them.

use std::io::{self, BufRead, BufReader};
use std::path::Path;

use super::open;
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

impl Ending {
    /// What is wrong there, beyond a write that was cut short.
    pub fn damage(&self) -> Option<String> {
        match self {
            Ending::Whole | Ending::Torn { .. } => None,
            Ending::Damaged { line, reason } => Some(format!("damaged at line {line}: {reason}")),
            Ending::Newer { version } => Some(format!(
                "it is in format {version}: use the Holdpoint that wrote it, or a later one"
            )),
        }
    }
}

/// Reads a journal up to the first thing that does not fit.
pub fn read(path: &Path) -> io::Result<Reading> {
    read_from(&mut BufReader::new(open::to_read(path)?))
}

/// Reads what a reader gives as a journal from its first record on.
pub fn read_from(source: &mut dyn BufRead) -> io::Result<Reading> {
    Place::default().read_on(source)
}

/// A place between two records of a journal: what the next one must follow.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Place {
    seq: u64,
    epoch: u64,
    head: String,
}

impl Default for Place {
    fn default() -> Place {
        Place { seq: 0, epoch: 1, head: FIRST_PREV.to_owned() }
    }
}

impl Place {
    /// The place behind a record.
    pub fn after(record: &Record) -> Place {
        Place { seq: record.seq, epoch: record.epoch, head: record.hash.clone() }
    }

    /// Reads on from here, up to the first thing that does not fit.
    pub fn read_on(&self, source: &mut dyn BufRead) -> io::Result<Reading> {
        let mut place = self.clone();
        let mut reading = Reading { records: Vec::new(), good_bytes: 0, ending: Ending::Whole };
        let mut line = Vec::new();
        loop {
            line.clear();
            let length = source.read_until(b'\n', &mut line)? as u64;
            if length == 0 {
                return Ok(reading);
            }
            if line.pop() != Some(b'\n') {
                reading.ending = Ending::Torn { bytes: length };
                return Ok(reading);
            }
            match place.link(&line) {
                Ok(record) => {
                    place = Place::after(&record);
                    reading.records.push(record);
                    reading.good_bytes += length;
                }
                Err(Unreadable::Newer(version)) => {
                    reading.ending = Ending::Newer { version };
                    return Ok(reading);
                }
                Err(Unreadable::Damaged(reason)) => {
                    reading.ending = Ending::Damaged { line: place.seq + 1, reason };
                    return Ok(reading);
                }
            }
        }
    }

    /// Reads a line as the record that follows.
    fn link(&self, line: &[u8]) -> Result<Record, Unreadable> {
        let damaged = |reason: &str| Unreadable::Damaged(reason.to_owned());
        let line = std::str::from_utf8(line).map_err(|_| damaged("it is not text"))?;
        let record = Record::read(line)?;
        if record.prev != self.head {
            return Err(damaged("it does not follow the record before it"));
        }
        if record.seq != self.seq + 1 || record.epoch < self.epoch {
            return Err(damaged("its number does not follow the record before it"));
        }
        Ok(record)
    }
}
