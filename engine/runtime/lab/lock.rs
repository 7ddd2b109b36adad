//! The lock of a lab: who holds it is the guard, and until it is let go nobody else clears that away.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::fs::{FlockOperation, OFlags, flock};

/// Its name in the folder of a lab.
pub const NAME: &str = "lock";

/// The lock of a lab that begins. It has its name only once it is held, so nobody finds it free; where
/// there is one already, that is an error.
pub fn make(folder: &Path) -> io::Result<File> {
    let unheld = folder.join("lock.new");
    let file = open(&unheld, true)?;
    flock(&file, FlockOperation::NonBlockingLockExclusive)?;
    fs::hard_link(&unheld, folder.join(NAME))?;
    fs::remove_file(unheld)?;
    Ok(file)
}

/// The lock of a lab whose guard is gone.
pub fn of_nobody(folder: &Path) -> Option<File> {
    let file = open(&folder.join(NAME), false).ok()?;
    flock(&file, FlockOperation::NonBlockingLockExclusive).ok()?;
    Some(file)
}

fn open(path: &Path, is_new: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(is_new).mode(0o600);
    options.custom_flags(OFlags::NOFOLLOW.bits().cast_signed()).open(path)
}
