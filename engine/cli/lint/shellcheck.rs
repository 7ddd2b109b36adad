//! Asks shellcheck: once for each script, whoever has it, and never for one that it has answered
//! for before.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::lint::shellcheck::{self, Comment, OPTIONS, Subject};
use crate::runtime::ask;
use crate::source::digest;

use super::crowd;

/// How many scripts one process is given.
const BATCH: usize = 64;
/// How long it may take for them.
const PATIENCE: Duration = Duration::from_secs(60);
/// How much it may print about them, in bytes.
const MOST: usize = 64 << 20;
/// How many folders are tried for the scripts.
const TRIES: u32 = 100;

/// What shellcheck says about some scripts, by their texts.
pub type Answers = HashMap<String, Vec<Comment>>;

/// shellcheck, as it is installed here.
pub struct Shellcheck {
    program: PathBuf,
    /// What answers of one installation are known by.
    version: String,
    cache: Option<PathBuf>,
}

impl Shellcheck {
    /// The shellcheck on PATH, if there is one.
    pub fn find() -> Option<Shellcheck> {
        let program = ask::find("shellcheck")?.canonicalize().ok()?;
        let found = fs::metadata(&program).ok()?;
        let version = format!(
            "{}\0{}\0{}.{}",
            program.display(),
            found.len(),
            found.mtime(),
            found.mtime_nsec()
        );
        Some(Shellcheck { program, version, cache: cache() })
    }

    /// What it says about scripts; the error is why it cannot be asked.
    pub fn ask<'s>(&self, subjects: impl Iterator<Item = &'s Subject>) -> io::Result<Answers> {
        let mut answers = Answers::new();
        let mut unknown: Vec<&str> = Vec::new();
        for script in subjects.map(Subject::script) {
            if answers.contains_key(script) {
                continue;
            }
            let known = self.remembered(script);
            if known.is_none() {
                unknown.push(script);
            }
            answers.insert(script.to_owned(), known.unwrap_or_default());
        }
        let batches: Vec<&[&str]> = unknown.chunks(BATCH).collect();
        for (batch, told) in batches.iter().zip(crowd::each(&batches, |batch| self.tell(batch))) {
            for (script, comments) in batch.iter().zip(told?) {
                self.remember(script, &comments);
                answers.insert((*script).to_owned(), comments);
            }
        }
        Ok(answers)
    }

    /// What it says about each of some scripts.
    fn tell(&self, scripts: &[&str]) -> io::Result<Vec<Vec<Comment>>> {
        let folder = Folder::new()?;
        let mut args: Vec<OsString> = OPTIONS.iter().map(OsString::from).collect();
        args.push("--".into());
        let mut paths = HashMap::new();
        for (number, script) in scripts.iter().enumerate() {
            let path = folder.0.join(number.to_string());
            fs::write(&path, script)?;
            paths.insert(path.to_string_lossy().into_owned(), number);
            args.push(path.into());
        }
        let (said, code) = ask::ask(&self.program, args, PATIENCE, MOST)?;
        // 1 says that there are comments, 2 that a file could not be read as a script.
        if !(0..=2).contains(&code) {
            return Err(io::Error::other(format!("it exits with {code}")));
        }
        let comments = shellcheck::read(&said).map_err(io::Error::other)?;
        let mut told: Vec<Vec<Comment>> = scripts.iter().map(|_| Vec::new()).collect();
        for comment in comments {
            if let Some(number) = paths.get(comment.file()) {
                // Where the script lay is nothing to remember.
                told[*number].push(comment.without_file());
            }
        }
        Ok(told)
    }

    fn place(&self, script: &str) -> Option<PathBuf> {
        let known_by = format!("{}\0{}\0{script}", self.version, OPTIONS.join(" "));
        Some(self.cache.as_ref()?.join(format!("{}.json", digest(known_by.as_bytes()))))
    }

    fn remembered(&self, script: &str) -> Option<Vec<Comment>> {
        serde_json::from_slice(&fs::read(self.place(script)?).ok()?).ok()
    }

    /// Without a cache it is only slower.
    fn remember(&self, script: &str, comments: &[Comment]) {
        let Some(path) = self.place(script) else { return };
        let draft = path.with_extension(format!("{}.new", std::process::id()));
        let Ok(text) = serde_json::to_vec(comments) else { return };
        let written = fs::write(&draft, text).and_then(|()| fs::rename(&draft, &path));
        if written.is_err() {
            let _ = fs::remove_file(&draft);
        }
    }
}

/// The folder of answers, made where it is not there.
fn cache() -> Option<PathBuf> {
    let base = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let base = base.filter(|base| base.is_absolute()).or_else(|| {
        let home = std::env::var_os("HOME").map(PathBuf::from);
        home.filter(|home| home.is_absolute()).map(|home| home.join(".cache"))
    })?;
    let folder = base.join("holdpoint").join("shellcheck");
    DirBuilder::new().recursive(true).mode(0o700).create(&folder).ok()?;
    Some(folder)
}

/// A folder that is gone with this value.
struct Folder(PathBuf);

impl Folder {
    fn new() -> io::Result<Folder> {
        let base = std::env::temp_dir();
        let mut last = io::Error::from(io::ErrorKind::AlreadyExists);
        for _ in 0..TRIES {
            let path = base.join(format!("holdpoint-lint-{}", unique()));
            match DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Ok(Folder(path)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => last = error,
                Err(error) => return Err(error),
            }
        }
        Err(last)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        remove(&self.0);
    }
}

fn remove(folder: &Path) {
    // What stays in the folder for temporary files is removed with it.
    let _ = fs::remove_dir_all(folder);
}

/// A number that no other folder of this process has.
fn unique() -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}
