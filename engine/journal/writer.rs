//! Appending to a journal: the only writer.
//!
//! A batch of records is one write. An error closes the journal: nothing is ever written behind a
//! possible gap, and no handle that failed is used again. `recover` opens it anew, makes sure that
//! all that was acknowledged is there, and puts what came after that aside.

use std::io;
use std::path::Path;

use crate::run::event::Durability;
use crate::run::{Event, Moment};

use super::read::{Ending, Reading, read_from};
use super::record::{FIRST_PREV, Record};
use super::storage::{Disk, Storage};

/// Why events could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The medium failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// Somebody else wrote into it, so it is not ours any more.
    #[error(
        "somebody else wrote to it: it has {found} bytes, and this driver left it with {known}"
    )]
    Foreign {
        /// How long this driver left it.
        known: u64,
        /// How long it is.
        found: u64,
    },
}

/// A journal that is open for appending.
#[derive(Debug)]
pub struct Writer {
    storage: Box<dyn Storage>,
    durability: Durability,
    /// Where the last record that was acknowledged stands.
    seq: u64,
    epoch: u64,
    head: String,
    length: u64,
    is_open: bool,
}

impl Writer {
    /// Begins the journal of a new run.
    pub fn create(path: &Path, durability: Durability) -> io::Result<Writer> {
        Writer::create_on(Box::new(Disk::at(path)), durability)
    }

    /// Goes on with a journal, as its next driver; only its lock's holder may. A torn tail is kept
    /// beside it and cut off.
    pub fn resume(path: &Path, durability: Durability) -> io::Result<Writer> {
        Writer::resume_on(Box::new(Disk::at(path)), durability)
    }

    /// Opens a journal to put a remark behind what its last driver wrote, as part of that; only its
    /// lock's holder may.
    pub fn remark(path: &Path, durability: Durability) -> io::Result<Writer> {
        let mut writer = Writer::resume(path, durability)?;
        writer.epoch = writer.epoch.saturating_sub(1).max(1);
        Ok(writer)
    }

    /// Begins a journal on a storage.
    pub fn create_on(mut storage: Box<dyn Storage>, durability: Durability) -> io::Result<Writer> {
        storage.create()?;
        storage.reserve().map_err(|error| no_room(&error))?;
        let head = FIRST_PREV.to_owned();
        Ok(Writer { storage, durability, seq: 0, epoch: 1, head, length: 0, is_open: true })
    }

    /// Goes on with the journal on a storage.
    pub fn resume_on(mut storage: Box<dyn Storage>, durability: Durability) -> io::Result<Writer> {
        let reading = read_from(&mut *storage.read()?)?;
        if matches!(reading.ending, Ending::Damaged { .. } | Ending::Newer { .. }) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the journal is damaged"));
        }
        storage.open()?;
        storage.reserve().map_err(|error| no_room(&error))?;
        if reading.ending != Ending::Whole {
            storage.keep_tail(reading.good_bytes)?;
            storage.cut(reading.good_bytes)?;
        }
        let (seq, epoch, head) = match reading.records.last() {
            Some(last) => (last.seq, last.epoch + 1, last.hash.clone()),
            None => (0, 1, FIRST_PREV.to_owned()),
        };
        let length = reading.good_bytes;
        Ok(Writer { storage, durability, seq, epoch, head, length, is_open: true })
    }

    /// Which driver of the run writes, from 1.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Appends events in one write; they are as durable as promised when this returns.
    pub fn append(&mut self, at: Moment, events: Vec<Event>) -> Result<Vec<Record>, JournalError> {
        if !std::mem::take(&mut self.is_open) {
            return Err(io::Error::other("it was closed after a write that failed").into());
        }
        // No process outlives a loss of power, so the number of one may wait for the next sync.
        let can_wait = events.iter().all(Event::is_of_this_boot);
        let mut text = String::new();
        let mut records: Vec<Record> = Vec::with_capacity(events.len());
        let mut head = self.head.clone();
        for (seq, event) in (self.seq + 1..).zip(events) {
            let (record, line) = Record::write(seq, self.epoch, at, &head, event);
            head.clone_from(&record.hash);
            text.push_str(&line);
            records.push(record);
        }
        let found = self.storage.length()?;
        if found != self.length {
            return Err(JournalError::Foreign { known: self.length, found });
        }
        self.write_all(text.as_bytes())?;
        if self.durability == Durability::Power && !can_wait {
            self.storage.sync()?;
        }
        self.seq += records.len() as u64;
        self.length += text.len() as u64;
        self.head = head;
        self.is_open = true;
        Ok(records)
    }

    fn write_all(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.storage.write(bytes) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Opens the journal again after an error, and gives all that was acknowledged. The reserve is
    /// given back, so that there is room for a few more records; what was written and not
    /// acknowledged never took effect, so it is kept beside the journal and cut off.
    pub fn recover(&mut self) -> Result<Vec<Record>, JournalError> {
        self.storage.release()?;
        self.storage.open()?;
        let acknowledged = self.acknowledged()?;
        if acknowledged.good_bytes < self.storage.length()? {
            self.storage.keep_tail(acknowledged.good_bytes)?;
        }
        self.storage.cut(acknowledged.good_bytes)?;
        self.is_open = true;
        Ok(acknowledged.records)
    }

    /// Reads what was acknowledged; an error when any of it is not there.
    fn acknowledged(&mut self) -> io::Result<Reading> {
        let reading = read_from(&mut io::Read::take(self.storage.read()?, self.length))?;
        let head = reading.records.last().map_or(FIRST_PREV, |record| record.hash.as_str());
        match head == self.head && reading.good_bytes == self.length {
            true => Ok(reading),
            false => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("after that error the first {} records are not there any more", self.seq),
            )),
        }
    }
}

/// The reserve goes with its driver; the next one makes its own.
impl Drop for Writer {
    fn drop(&mut self) {
        let _left = self.storage.release();
    }
}

fn no_room(error: &io::Error) -> io::Error {
    let text = format!("there is no room for the reserve of 1 MiB beside it: {error}");
    io::Error::new(error.kind(), text)
}
