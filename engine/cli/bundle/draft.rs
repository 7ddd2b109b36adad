//! A file that gets its name when it is whole, and takes nobody else's.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};

use crate::journal::new_file;

/// A file that is not there until it is whole.
pub(super) struct Draft {
    path: PathBuf,
    file: File,
}

impl Draft {
    /// In the folder where it is to be.
    pub(super) fn beside(path: &Path) -> io::Result<Draft> {
        let name = path.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}.draft", std::process::id()));
        let path = path.with_file_name(hidden);
        let file = new_file(&path)?;
        Ok(Draft { path, file })
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// Gives it its name, unless something has that name already.
    pub(super) fn publish(self, path: &Path) -> io::Result<()> {
        match renameat_with(CWD, &self.path, CWD, path, RenameFlags::NOREPLACE) {
            Ok(()) => Ok(()),
            // Not every file system can do that in one step.
            Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => {
                fs::hard_link(&self.path, path)
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // After it got its name there is nothing here any more.
        let _ = fs::remove_file(&self.path);
    }
}
