//! Appending to a journal: the only writer.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::run::{Event, Moment};

use super::read::{Ending, read};
use super::record::{FIRST_PREV, Record};

/// What a record survives once it is written.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Durability {
    /// The end of the process, however it ends.
    Process,
    /// The loss of power too.
    #[default]
    Power,
}

/// A journal that is open for appending. A failed write closes it for good.
#[derive(Debug)]
pub struct Writer {
    file: Option<File>,
    durability: Durability,
    seq: u64,
    epoch: u64,
    head: String,
}

impl Writer {
    /// Begins the journal of a new run.
    pub fn create(path: &Path, durability: Durability) -> io::Result<Writer> {
        let file = OpenOptions::new().append(true).create_new(true).mode(0o600).open(path)?;
        if let Some(folder) = path.parent() {
            File::open(folder)?.sync_all()?;
        }
        Ok(Writer { file: Some(file), durability, seq: 0, epoch: 1, head: FIRST_PREV.to_owned() })
    }

    /// Goes on with a journal, as its next driver; only its lock's holder may. A torn tail is kept
    /// beside it and cut off.
    pub fn resume(path: &Path, durability: Durability) -> io::Result<Writer> {
        let reading = read(path)?;
        let file = OpenOptions::new().append(true).custom_flags(NO_FOLLOW).open(path)?;
        match &reading.ending {
            Ending::Whole => {}
            Ending::Torn { bytes } => {
                keep_torn_tail(path, reading.good_bytes, *bytes)?;
                file.set_len(reading.good_bytes)?;
                file.sync_all()?;
            }
            Ending::Damaged { .. } | Ending::Newer { .. } => {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "the journal is damaged"));
            }
        }
        let (seq, epoch, head) = match reading.records.last() {
            Some(last) => (last.seq, last.epoch + 1, last.hash.clone()),
            None => (0, 1, FIRST_PREV.to_owned()),
        };
        Ok(Writer { file: Some(file), durability, seq, epoch, head })
    }

    /// Which driver of the run writes, from 1.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Appends events in one write; they are as durable as promised when this returns.
    pub fn append(&mut self, at: Moment, events: Vec<Event>) -> io::Result<Vec<Record>> {
        let mut text = String::new();
        let mut records: Vec<Record> = Vec::with_capacity(events.len());
        let mut head = self.head.clone();
        for (seq, event) in (self.seq + 1..).zip(events) {
            let (record, line) = Record::write(seq, self.epoch, at, &head, event);
            head.clone_from(&record.hash);
            text.push_str(&line);
            records.push(record);
        }
        // Taken out, so that after an error nothing is ever written behind a possible gap.
        let mut file = self
            .file
            .take()
            .ok_or_else(|| io::Error::other("the journal was closed after a write that failed"))?;
        file.write_all(text.as_bytes())?;
        if self.durability == Durability::Power {
            file.sync_data()?;
        }
        self.file = Some(file);
        self.seq += records.len() as u64;
        self.head = head;
        Ok(records)
    }
}

const NO_FOLLOW: i32 = rustix::fs::OFlags::NOFOLLOW.bits() as i32;

fn keep_torn_tail(path: &Path, from: u64, bytes: u64) -> io::Result<()> {
    use std::os::unix::fs::FileExt;
    let mut tail = vec![0; usize::try_from(bytes).unwrap_or(usize::MAX)];
    File::open(path)?.read_exact_at(&mut tail, from)?;
    let kept = path.with_extension(format!("jsonl.{from}.torn"));
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(kept)?
        .write_all(&tail)
}
