//! The lock of a run: one driver at a time, and who it is.

use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};

use super::holder::Holder;
use super::open;

/// How long the lock of a holder that is gone is waited for: what it was about to start when it
/// was killed holds a copy until it is another program. A holder who has just taken the lock gets
/// as long to say who it is.
const PATIENCE: Duration = Duration::from_secs(10);
const AGAIN: Duration = Duration::from_millis(10);

/// The right to drive a run; it ends with the process, however that ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Why the right to drive a run was not given.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process drives it; who, where that can be read.
    #[error("another process drives this run")]
    Held(Option<Holder>),
    /// The lock could not be tried.
    #[error("the lock of the run cannot be used")]
    Io(#[from] io::Error),
}

impl Lock {
    /// Takes the lock at `path` for `holder`, or says who has it.
    pub fn take(path: &Path, holder: &Holder) -> Result<Lock, LockError> {
        let began = Instant::now();
        loop {
            let mut file = open::to_change(path)?;
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                // A lock on a file that was removed meanwhile keeps nobody out.
                Ok(()) if !is_at(&file, path) => {}
                Ok(()) => {
                    file.set_len(0)?;
                    let text = serde_json::to_string(holder).map_err(io::Error::from)?;
                    file.write_all(text.as_bytes())?;
                    return Ok(Lock { _file: file });
                }
                Err(rustix::io::Errno::WOULDBLOCK) => {
                    let found = holder_in(&mut file)?;
                    let may_change =
                        found.as_ref().is_none_or(|found| found.is_gone_from(&holder.host));
                    if !may_change || began.elapsed() > PATIENCE {
                        return Err(LockError::Held(found));
                    }
                }
                Err(errno) => return Err(LockError::Io(errno.into())),
            }
            std::thread::sleep(AGAIN);
        }
    }

    /// Who holds the lock at `path` now, where somebody does and that can be read.
    pub fn holder(path: &Path) -> Option<Holder> {
        let mut file = open::to_read(path).ok()?;
        let is_held = flock(&file, FlockOperation::NonBlockingLockShared).is_err();
        holder_in(&mut file).ok().flatten().filter(|_| is_held)
    }

    /// Whether somebody holds the lock at `path` now.
    pub fn is_held(path: &Path) -> bool {
        let Ok(file) = open::to_read(path) else { return false };
        flock(&file, FlockOperation::NonBlockingLockShared).is_err()
    }
}

fn holder_in(file: &mut File) -> io::Result<Option<Holder>> {
    let mut text = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut text)?;
    Ok(serde_json::from_slice(&text).ok())
}

/// Whether a file is the one that stands at a path.
fn is_at(file: &File, path: &Path) -> bool {
    let (Ok(open), Ok(found)) = (file.metadata(), fs::symlink_metadata(path)) else { return false };
    (open.dev(), open.ino()) == (found.dev(), found.ino())
}
