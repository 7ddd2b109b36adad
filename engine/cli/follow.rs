//! Following a journal that another process writes.

use std::fs::File;
use std::io::{self, BufReader, Seek, SeekFrom};
use std::path::PathBuf;
use std::time::Duration;

use crate::journal::{Place, Reading, Record};

/// How often it is looked at.
pub const EVERY: Duration = Duration::from_millis(100);

/// A journal that is read on from where it was left.
pub struct Follower {
    path: PathBuf,
    place: Place,
    bytes: u64,
}

impl Follower {
    /// Follows a journal from behind what was read of it.
    pub fn behind(path: PathBuf, reading: &Reading) -> Follower {
        let place = reading.records.last().map(Place::after).unwrap_or_default();
        Follower { path, place, bytes: reading.good_bytes }
    }

    /// The records that are new; a damage that was found is an error.
    pub fn more(&mut self) -> io::Result<Vec<Record>> {
        let mut file = File::open(&self.path)?;
        if file.metadata()?.len() == self.bytes {
            return Ok(Vec::new());
        }
        file.seek(SeekFrom::Start(self.bytes))?;
        let reading = self.place.read_on(&mut BufReader::new(file))?;
        // The rest of a record that is being written comes next time.
        if let Some(damage) = reading.ending.damage() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, damage));
        }
        self.bytes += reading.good_bytes;
        if let Some(last) = reading.records.last() {
            self.place = Place::after(last);
        }
        Ok(reading.records)
    }
}
