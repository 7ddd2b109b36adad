//! The lock of a run: one driver at a time, and who it is.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

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

/// How long the lock of a holder that is gone is waited for: what it was about to start when it
/// was killed holds a copy until it is another program.
const PATIENCE: Duration = Duration::from_secs(1);
const AGAIN: Duration = Duration::from_millis(10);

impl Holder {
    /// Whether it was on this machine and its process is no more.
    fn is_gone_from(&self, host: &str) -> bool {
        self.host == host && !Path::new(&format!("/proc/{}", self.pid)).exists()
    }
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
        let began = Instant::now();
        while let Err(errno) = flock(&file, FlockOperation::NonBlockingLockExclusive) {
            if errno != rustix::io::Errno::WOULDBLOCK {
                return Err(LockError::Io(errno.into()));
            }
            let mut text = String::new();
            file.rewind()?;
            file.read_to_string(&mut text)?;
            let found: Option<Holder> = serde_json::from_str(&text).ok();
            let is_gone = found.as_ref().is_some_and(|found| found.is_gone_from(&holder.host));
            if !is_gone || began.elapsed() > PATIENCE {
                return Err(LockError::Held(found));
            }
            std::thread::sleep(AGAIN);
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
