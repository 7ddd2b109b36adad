//! Taking turns at beginning a run: whoever looks which runs are open must see the one that another
//! process is about to begin.

use std::fs::File;
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};

use super::{Store, StoreError};

/// How long another process is waited for. It holds its turn for a moment, unless it is suspended.
const PATIENCE: Duration = Duration::from_secs(5);
const AGAIN: Duration = Duration::from_millis(5);

/// The turn at beginning a run; it ends with the value.
#[derive(Debug)]
pub struct Turn {
    _folder: Option<File>,
}

impl Store {
    /// Waits for the turn at beginning a run. Where a folder cannot be locked, as on some network
    /// file systems, nobody waits: the lock of each run is what keeps two drivers apart.
    pub fn turn(&self) -> Result<Turn, StoreError> {
        self.prepare()?;
        let path = self.runs_folder();
        let folder = File::open(&path).map_err(|source| StoreError::Io { path, source })?;
        let began = Instant::now();
        loop {
            match flock(&folder, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Ok(Turn { _folder: Some(folder) }),
                Err(rustix::io::Errno::WOULDBLOCK) if began.elapsed() < PATIENCE => {
                    std::thread::sleep(AGAIN);
                }
                Err(_) => return Ok(Turn { _folder: None }),
            }
        }
    }
}
