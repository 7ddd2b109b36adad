//! What a journal is kept on, one operation a method, so that each can fail on its own.

use std::fmt::Debug;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{FallocateFlags, fallocate};

use super::open;

/// How much room is kept for putting a pause on record when there is no other room left.
pub const RESERVE: u64 = 1024 * 1024;

/// What a journal is kept on.
pub trait Storage: Debug + Send {
    /// Makes the journal, which must not be there yet, and opens it for appending.
    fn create(&mut self) -> io::Result<()>;
    /// Opens it for appending, with a new handle if it has one: one that failed is never trusted.
    fn open(&mut self) -> io::Result<()>;
    /// All of it, from the first byte.
    fn read(&mut self) -> io::Result<Box<dyn BufRead + '_>>;
    /// How long it is; an error once it was removed, since what is written then is lost.
    fn length(&mut self) -> io::Result<u64>;
    /// Appends the beginning of these bytes, and says how many that were.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize>;
    /// Waits until all that was written survives a loss of power.
    fn sync(&mut self) -> io::Result<()>;
    /// Keeps what stands after the first bytes beside the journal.
    fn keep_tail(&mut self, from: u64) -> io::Result<()>;
    /// Cuts off what stands after the first bytes.
    fn cut(&mut self, length: u64) -> io::Result<()>;
    /// Takes room that is given back when there is none left.
    fn reserve(&mut self) -> io::Result<()>;
    /// Gives that room back.
    fn release(&mut self) -> io::Result<()>;
}

/// A journal in a folder, with its reserve beside it.
#[derive(Debug)]
pub struct Disk {
    path: PathBuf,
    file: Option<File>,
}

impl Disk {
    /// The journal at a path; nothing is made or opened yet.
    pub fn at(path: &Path) -> Disk {
        Disk { path: path.to_owned(), file: None }
    }

    fn file(&mut self) -> io::Result<&mut File> {
        self.file.as_mut().ok_or_else(|| io::Error::other("the journal is not open"))
    }

    fn reserved(&self) -> PathBuf {
        self.path.with_file_name("reserve")
    }
}

impl Storage for Disk {
    fn create(&mut self) -> io::Result<()> {
        self.file = Some(open::new(&self.path)?);
        match self.path.parent() {
            Some(folder) => File::open(folder)?.sync_all(),
            None => Ok(()),
        }
    }

    fn open(&mut self) -> io::Result<()> {
        self.file = None;
        self.file = Some(open::to_append(&self.path)?);
        Ok(())
    }

    fn read(&mut self) -> io::Result<Box<dyn BufRead + '_>> {
        Ok(Box::new(BufReader::new(open::to_read(&self.path)?)))
    }

    fn length(&mut self) -> io::Result<u64> {
        let found = self.file()?.metadata()?;
        match found.nlink() {
            0 => Err(io::Error::new(io::ErrorKind::NotFound, "the journal was removed")),
            _ => Ok(found.len()),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file()?.write(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file()?.sync_data()
    }

    fn keep_tail(&mut self, from: u64) -> io::Result<()> {
        let mut journal = open::to_read(&self.path)?;
        journal.seek(SeekFrom::Start(from))?;
        let mut tail = Vec::new();
        journal.read_to_end(&mut tail)?;
        open::anew(&self.path.with_extension(format!("jsonl.{from}.torn")))?.write_all(&tail)
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        let file = self.file()?;
        file.set_len(length)?;
        file.sync_all()
    }

    fn reserve(&mut self) -> io::Result<()> {
        let path = self.reserved();
        let taken = open::to_change(&path).and_then(|mut file| {
            match fallocate(&file, FallocateFlags::empty(), 0, RESERVE) {
                // A file system that cannot promise room gets it filled instead.
                Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOSYS) => fill(&mut file),
                other => other.map_err(io::Error::from),
            }
        });
        if taken.is_err() {
            // It is of no use, and what there is of it takes room.
            let _gone = fs::remove_file(&path);
        }
        taken
    }

    fn release(&mut self) -> io::Result<()> {
        match fs::remove_file(self.reserved()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// Takes the room of the reserve by writing into all of it.
fn fill(file: &mut File) -> io::Result<()> {
    file.rewind()?;
    io::copy(&mut io::repeat(0).take(RESERVE), file).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reserve_that_is_filled_takes_up_its_room() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let mut file = open::to_change(&folder.path().join("reserve")).expect("it can be made");
        fill(&mut file).expect("there is room");
        fill(&mut file).expect("it is its own room");
        assert_eq!(file.metadata().expect("it is open").len(), RESERVE);
    }
}
