//! The lock of a run: one driver at a time, and who it is.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

use crate::run::Moment;

/// Who drives a run.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Holder {
    /// The number of the process.
    pub pid: u32,
    /// The machine it runs on.
    pub host: String,
    /// The person who started it, as far as is known.
    pub operator: String,
    /// Since when.
    pub since: Moment,
}

/// The right to drive a run; it ends with the process, however that ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Why the right to drive a run was not given.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process drives it.
    #[error("another process drives this run")]
    Held(Option<Holder>),
    /// The lock could not be tried.
    #[error("the lock of the run cannot be used")]
    Io(#[from] io::Error),
}

impl Lock {
    /// Takes the lock at `path` for `holder`, or says who has it.
    pub fn take(path: &Path, holder: &Holder) -> Result<Lock, LockError> {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => {
                let mut text = String::new();
                file.read_to_string(&mut text)?;
                return Err(LockError::Held(serde_json::from_str(&text).ok()));
            }
            Err(errno) => return Err(LockError::Io(errno.into())),
        }
        file.set_len(0)?;
        file.rewind()?;
        let text = serde_json::to_string(holder).map_err(io::Error::from)?;
        file.write_all(text.as_bytes())?;
        Ok(Lock { _file: file })
    }

    /// Whether somebody holds the lock at `path` now.
    pub fn is_held(path: &Path) -> bool {
        let Ok(file) = File::open(path) else { return false };
        flock(&file, FlockOperation::NonBlockingLockShared).is_err()
    }
}
