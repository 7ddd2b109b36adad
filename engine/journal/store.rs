//! The store: the folder of all runs, and the folder of each.

use std::fs::{self, DirBuilder, File};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use crate::run::Moment;

use super::open;

mod removal;
mod turn;

pub use turn::Turn;

/// The mode of every folder of a run.
const PRIVATE: u32 = 0o700;
/// The name of a frozen runbook.
pub const RUNBOOK: &str = "runbook.yaml";

/// The folder that the runbook of a run is frozen in: the first, the second that it took over, and
/// so on.
pub fn frozen_folder(number: usize) -> String {
    match number {
        0 | 1 => "runbook".to_owned(),
        number => format!("runbook-{number}"),
    }
}

/// The folder of all runs.
#[derive(Clone, Debug)]
pub struct Store {
    root: PathBuf,
    /// The option that names it on a command line; empty for the store that is found by itself.
    option: String,
}

/// The folder of one run.
#[derive(Clone, Debug)]
pub struct Folder {
    /// The id of the run.
    pub run: String,
    path: PathBuf,
    option: String,
}

/// Why the store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file or folder could not be read or written.
    #[error("cannot use {path}")]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The folder belongs to somebody else, or others may write into it.
    #[error("refusing to keep runs in {path}: {reason}")]
    Unsafe {
        /// Which.
        path: PathBuf,
        /// In what way.
        reason: String,
    },
    /// Something in the folder of a run is not as Holdpoint made it.
    #[error("refusing {path}: {reason}")]
    Suspect {
        /// Which.
        path: PathBuf,
        /// In what way.
        reason: String,
    },
}

impl Store {
    /// The store in a folder, which is made when it is first written to.
    pub fn at(root: PathBuf) -> Store {
        Store { root, option: String::new() }
    }

    /// The same store, which must be named on a command line by `option`.
    #[must_use]
    pub fn named_by(self, option: String) -> Store {
        Store { option, ..self }
    }

    /// The store of what is practised, below this one: no run of it is listed among the others. It is
    /// named as this one is, since whoever reads a run looks there too.
    #[must_use]
    pub fn practice(&self) -> Store {
        Store::at(self.root.join("practice")).named_by(self.option.clone())
    }

    /// The folder of the store.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What a command line says to name it, with a blank behind it; often nothing.
    pub fn option(&self) -> &str {
        &self.option
    }

    fn runs_folder(&self) -> PathBuf {
        self.root.join("runs")
    }

    /// Makes the folders that runs are kept in, or checks that they are ours.
    fn prepare(&self) -> Result<(), StoreError> {
        let runs = self.runs_folder();
        let is_new = !runs.exists();
        make_private(&self.root)?;
        make_private(&runs)?;
        if is_new {
            sync(&self.root)?;
            self.root.parent().map_or(Ok(()), sync)?;
        }
        Ok(())
    }

    /// Makes the folder of a new run of a runbook, under an id that can be said aloud.
    pub fn create(&self, runbook: &str, now: Moment) -> Result<Folder, StoreError> {
        self.prepare()?;
        let runs = self.runs_folder();
        let mut tries = 0;
        loop {
            let run = format!("{}-{runbook}-{}", now.format("%Y%m%d"), letters());
            let path = runs.join(&run);
            match DirBuilder::new().mode(PRIVATE).create(&path) {
                Ok(()) => {
                    sync(&runs)?;
                    return Ok(Folder { run, path, option: self.option.clone() });
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && tries < 100 => {
                    tries += 1;
                }
                Err(source) => return Err(StoreError::Io { path, source }),
            }
        }
    }

    /// The folders of all runs, in the order of their ids.
    pub fn folders(&self) -> Result<Vec<Folder>, StoreError> {
        let runs = self.runs_folder();
        let entries = match fs::read_dir(&runs) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(StoreError::Io { path: runs, source }),
        };
        let mut folders: Vec<Folder> = entries
            .filter_map(Result::ok)
            // A link is listed, so that it is refused and not overlooked.
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir() || kind.is_symlink()))
            .filter_map(|entry| {
                let run = entry.file_name().into_string().ok()?;
                Some(Folder { run, path: entry.path(), option: self.option.clone() })
            })
            .collect();
        folders.sort_by(|one, other| one.run.cmp(&other.run));
        Ok(folders)
    }
}

impl Folder {
    /// What a command line says to name its store, with a blank behind it; often nothing.
    pub fn option(&self) -> &str {
        &self.option
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The journal.
    pub fn journal(&self) -> PathBuf {
        self.path.join("journal.jsonl")
    }

    /// The lock.
    pub fn lock(&self) -> PathBuf {
        self.path.join("lock")
    }

    /// The lock of whoever leads an exercise from another terminal.
    pub fn facilitator(&self) -> PathBuf {
        self.path.join("facilitator")
    }

    /// A file that is frozen with a runbook, in one of the folders for that.
    pub fn frozen(&self, folder: &str, name: &str) -> PathBuf {
        self.path.join(folder).join(name)
    }

    /// The folder of what steps printed.
    pub fn output(&self) -> PathBuf {
        self.path.join("output")
    }

    /// Checks that what stands in it may be written and trusted: all of it is ours alone, and what
    /// should be a file or a folder is one and no link.
    pub fn check(&self) -> Result<(), StoreError> {
        self.check_kinds()?;
        let inside = ["runbook", "output", "inbox", "undelivered"].map(|name| self.path.join(name));
        for path in std::iter::once(self.path.clone()).chain(inside) {
            match fs::symlink_metadata(&path) {
                Ok(found) => {
                    let wrong = not_private(&found).map(str::to_owned);
                    wrong.map_or(Ok(()), |reason| Err(StoreError::Suspect { path, reason }))?;
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(source) => return Err(StoreError::Io { path, source }),
            }
        }
        Ok(())
    }

    /// Checks that what should be a file or a folder is one and no link, for whoever only reads.
    pub fn check_kinds(&self) -> Result<(), StoreError> {
        let folders = ["", "runbook", "output", "inbox", "undelivered"].map(|name| (name, true));
        let files =
            ["journal.jsonl", "lock", "facilitator", "reserve", "inputs.json", "timeline.md"];
        let files = files.into_iter().chain(["runbook/runbook.yaml"]).map(|name| (name, false));
        for (name, is_folder) in folders.into_iter().chain(files) {
            let path = if name.is_empty() { self.path.clone() } else { self.path.join(name) };
            let Ok(found) = fs::symlink_metadata(&path) else { continue };
            let reason = match found.file_type() {
                kind if kind.is_symlink() => "it is a symbolic link, and none is followed here",
                kind if is_folder && !kind.is_dir() => "it is no folder",
                kind if !is_folder && !kind.is_file() => "it is no regular file",
                _ => continue,
            };
            return Err(StoreError::Suspect { path, reason: reason.into() });
        }
        Ok(())
    }

    /// Freezes the text of the runbook, and makes the folders that the run will need.
    pub fn freeze(&self, text: &str) -> Result<(), StoreError> {
        make_private(&self.path.join("runbook"))?;
        make_private(&self.output())?;
        self.write("runbook/runbook.yaml", text.as_bytes())?;
        sync(&self.path.join("runbook"))
    }

    /// Freezes the text of another file that the run needs. Comes after `freeze`.
    pub fn freeze_beside(&self, name: &str, text: &str) -> Result<(), StoreError> {
        self.write(&format!("runbook/{name}"), text.as_bytes())?;
        sync(&self.path.join("runbook"))
    }

    /// Freezes a runbook that the run is to take over, with all that stands beside it, in a folder
    /// of its own. What is left there of an earlier try is replaced.
    pub fn freeze_next<'t>(
        &self,
        folder: &str,
        text: &str,
        beside: impl IntoIterator<Item = (&'t String, &'t String)>,
    ) -> Result<(), StoreError> {
        let path = self.path.join(folder);
        let io = |source| StoreError::Io { path: path.clone(), source };
        match fs::remove_dir_all(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io(error)),
            _ => make_private(&path)?,
        }
        self.write(&format!("{folder}/{RUNBOOK}"), text.as_bytes())?;
        for (name, text) in beside {
            self.write(&format!("{folder}/{name}"), text.as_bytes())?;
        }
        let sync = |path: &Path| File::open(path).and_then(|folder| folder.sync_all());
        sync(&path).and_then(|()| sync(&self.path)).map_err(io)
    }

    /// Writes a file of the run, in one piece or not at all.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let path = self.path.join(name);
        let draft = path.with_extension("draft");
        let write = || {
            let mut file = open::anew(&draft)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&draft, &path)
        };
        write().map_err(|source| StoreError::Io { path: path.clone(), source })
    }
}

/// The name of the file of what an attempt printed, without its ending.
pub fn output_name(step: &str, attempt: u32) -> String {
    // Longer than this, a file system refuses the name; the digest keeps two such steps apart.
    const LONGEST: usize = 200;
    let name = step.replace('/', ".");
    if name.len() <= LONGEST {
        return format!("{name}.{attempt}");
    }
    let last = step.rsplit('/').next().unwrap_or_default();
    let digest = crate::run::digest(step.as_bytes());
    format!("{last}.{}.{attempt}", digest.get(..12).unwrap_or_default())
}

/// Makes the entries of a folder survive a loss of power.
fn sync(folder: &Path) -> Result<(), StoreError> {
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|source| StoreError::Io { path: folder.to_owned(), source })
}

/// Makes a folder for its owner alone, or checks that it is one.
pub(super) fn make_private(path: &Path) -> Result<(), StoreError> {
    let io = |source| StoreError::Io { path: path.to_owned(), source };
    DirBuilder::new().recursive(true).mode(PRIVATE).create(path).map_err(io)?;
    match not_private(&fs::metadata(path).map_err(io)?) {
        Some(reason) => Err(StoreError::Unsafe { path: path.to_owned(), reason: reason.into() }),
        None => Ok(()),
    }
}

/// In what way a folder is not ours alone, if it is not.
fn not_private(found: &fs::Metadata) -> Option<&'static str> {
    if found.uid() != rustix::process::geteuid().as_raw() {
        return Some("it belongs to another user");
    }
    (found.mode() & 0o022 != 0).then_some("others may write into it")
}

/// Three letters or digits that are not mistaken for each other.
pub(super) fn letters() -> String {
    const ALPHABET: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let mut number = RandomState::new().build_hasher().finish();
    let mut letter = || {
        let place = usize::try_from(number % ALPHABET.len() as u64).unwrap_or_default();
        number /= ALPHABET.len() as u64;
        char::from(ALPHABET[place])
    };
    [letter(), letter(), letter()].iter().collect()
}
