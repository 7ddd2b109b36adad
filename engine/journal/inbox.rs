//! The inbox of a run: letters from other terminals, a file each.
//!
//! A letter appears whole or not at all, in a folder for its owner alone. Only the driver takes
//! letters out, after each is on record; until then a letter stays, so a crash loses none. What is
//! no letter is put aside under another name and never taken for one.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::run::event::Letter;

use super::open;
use super::store::{Folder, StoreError, letters, make_private};

/// The most bytes that a letter may have.
const LONGEST: u64 = 64 * 1024;

/// The version of the form of a letter.
pub const LETTER: u32 = 1;

/// The inbox of one run.
#[derive(Clone, Debug)]
pub struct Inbox {
    path: PathBuf,
}

/// Why something in an inbox is no letter.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NoLetter {
    /// The name of the file.
    pub file: String,
    /// Why not.
    pub reason: String,
}

impl Inbox {
    /// The inbox in the folder of a run.
    pub fn of(folder: &Folder) -> Inbox {
        Inbox::beside(&folder.journal())
    }

    /// The inbox that lies beside a journal.
    pub fn beside(journal: &Path) -> Inbox {
        Inbox { path: journal.with_file_name("inbox") }
    }

    /// A name for a letter that no other has, and that sorts after those before it.
    pub fn new_id(now: crate::run::Moment) -> String {
        format!("{}-{}{}", now.format("%Y%m%dT%H%M%S%6f"), letters(), letters())
    }

    /// Puts a letter in, for the driver to take.
    pub fn put(&self, letter: &Letter) -> Result<(), StoreError> {
        make_private(&self.path)?;
        let path = self.file(&letter.id);
        let draft = self.path.join(format!(".{}.draft", letter.id));
        let write = || {
            let mut file = open::new(&draft)?;
            file.write_all(&serde_json::to_vec(letter).unwrap_or_default())?;
            file.sync_all()?;
            fs::rename(&draft, &path)
        };
        write().map_err(|source| StoreError::Io { path: path.clone(), source })
    }

    /// The letters that wait, in the order in which they were written, and what is none.
    pub fn waiting(&self) -> (Vec<Letter>, Vec<NoLetter>) {
        let entries = fs::read_dir(&self.path).into_iter().flatten().filter_map(Result::ok);
        let mut names: Vec<String> = entries
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| !name.starts_with('.') && name.ends_with(".json"))
            .collect();
        names.sort();
        let (mut letters, mut others) = (Vec::new(), Vec::new());
        for name in names {
            match read(&self.path.join(&name)) {
                Ok(letter) if self.file(&letter.id) == self.path.join(&name) => {
                    letters.push(letter);
                }
                Ok(_) => {
                    others.push(NoLetter { file: name, reason: "it bears another name".into() })
                }
                // It was taken meanwhile.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => others.push(NoLetter { file: name, reason: error.to_string() }),
            }
        }
        (letters, others)
    }

    /// Removes a letter that is on record.
    pub fn remove(&self, id: &str) {
        // One that stays is known by its id, and taken no second time.
        let _ = fs::remove_file(self.file(id));
    }

    /// Puts aside what is no letter, so that it is told of once.
    pub fn put_aside(&self, other: &NoLetter) {
        let path = self.path.join(&other.file);
        let _ = fs::rename(&path, path.with_extension("refused"));
    }

    fn file(&self, id: &str) -> PathBuf {
        self.path.join(format!("{id}.json"))
    }
}

fn read(path: &Path) -> io::Result<Letter> {
    let invalid = |reason: String| io::Error::new(io::ErrorKind::InvalidData, reason);
    let mut bytes = Vec::new();
    open::to_read(path)?.take(LONGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST {
        return Err(invalid(format!("it is longer than {LONGEST} bytes")));
    }
    let letter: Letter =
        serde_json::from_slice(&bytes).map_err(|error| invalid(error.to_string()))?;
    match letter.v {
        LETTER => Ok(letter),
        other => {
            Err(invalid(format!("it is in format {other}, and this Holdpoint reads {LETTER}")))
        }
    }
}
