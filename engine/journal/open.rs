//! Opening the files of a run: no link is followed, nothing that is no file is waited for, and what
//! is made belongs to its owner alone, whatever the umask.

use std::fs::{File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use rustix::fs::OFlags;

/// The mode of every file of a run.
const PRIVATE: u32 = 0o600;

/// Neither follows a link nor waits for whoever writes into a pipe.
const CAREFUL: i32 = OFlags::NOFOLLOW.union(OFlags::NONBLOCK).bits() as i32;

/// A file that is there, to be read.
pub fn to_read(path: &Path) -> io::Result<File> {
    checked(OpenOptions::new().read(true).custom_flags(CAREFUL).open(path))
}

/// A file that is there, to be appended to.
pub(super) fn to_append(path: &Path) -> io::Result<File> {
    checked(OpenOptions::new().append(true).custom_flags(CAREFUL).open(path))
}

/// A file that is not there yet, to be appended to.
pub fn new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    private(options.append(true).create_new(true).mode(PRIVATE).custom_flags(CAREFUL).open(path))
}

/// A file to be written anew, whether it is there or not.
pub(super) fn anew(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let options = options.write(true).create(true).truncate(true).mode(PRIVATE);
    private(options.custom_flags(CAREFUL).open(path))
}

/// A file to be read and written as it is, made when it is not there.
pub(super) fn to_change(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let options = options.read(true).write(true).create(true).truncate(false).mode(PRIVATE);
    private(options.custom_flags(CAREFUL).open(path))
}

fn private(opened: io::Result<File>) -> io::Result<File> {
    let file = checked(opened)?;
    if file.metadata()?.permissions().mode() & 0o777 != PRIVATE {
        file.set_permissions(Permissions::from_mode(PRIVATE))?;
    }
    Ok(file)
}

fn checked(opened: io::Result<File>) -> io::Result<File> {
    let file = opened.map_err(|error| match error.raw_os_error() {
        Some(code) if code == rustix::io::Errno::LOOP.raw_os_error() => {
            io::Error::other("it is a symbolic link, and none is followed here")
        }
        _ => error,
    })?;
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(io::Error::other("it is no regular file")),
    }
}
