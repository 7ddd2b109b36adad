//! The files to review: those that are named, those in folders that are named, or those here.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cli::failure::Failure;
use crate::cli::library;
use crate::cli::list::walk::{Walk, seen_from, walk_for_yaml};
use crate::journal::Store;

/// The path that means standard input.
const STANDARD_INPUT: &str = "-";

/// A file to review.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Candidate {
    /// The path, as a person would type it.
    pub path: PathBuf,
    /// Where its text comes from.
    pub origin: Origin,
}

/// Where a text comes from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Origin {
    /// A file that was named: it is taken for what its name says.
    Named,
    /// A file that was found in a folder: it may be something else than a runbook.
    Found,
    /// Standard input.
    Input,
}

/// The files, each once, in the order of what was typed; `called` is what standard input is called.
pub fn gather(
    paths: &[PathBuf],
    called: Option<&Path>,
    store: &Store,
) -> Result<Vec<Candidate>, Failure> {
    let runs = store.root().canonicalize().unwrap_or_else(|_| store.root().to_owned());
    let mut files: Vec<Candidate> = Vec::new();
    if paths.is_empty() {
        files = here(&runs)?;
    }
    for path in paths {
        if path == Path::new(STANDARD_INPUT) {
            let path = called.unwrap_or(path).to_owned();
            files.push(Candidate { path, origin: Origin::Input });
        } else if path.is_dir() {
            files.extend(found(whole(walk_for_yaml(path, &runs))?, Path::to_owned));
        } else {
            // One that is not there is refused when it is read.
            files.push(Candidate { path: path.clone(), origin: Origin::Named });
        }
    }
    let mut seen = std::collections::HashSet::new();
    files.retain(|file| seen.insert(file.path.clone()));
    Ok(files)
}

/// The files of the library around the current folder; without one, those under it.
fn here(runs: &Path) -> Result<Vec<Candidate>, Failure> {
    let folder = std::env::current_dir().map_err(Failure::Setup)?;
    let root = library::folder_around(&folder).unwrap_or_else(|| folder.clone());
    Ok(found(whole(walk_for_yaml(&root, runs))?, |path| seen_from(&folder, path)))
}

fn found(walk: Walk, shown: impl Fn(&Path) -> PathBuf) -> Vec<Candidate> {
    let path = |path: PathBuf| Candidate { path: shown(&path), origin: Origin::Found };
    walk.files.into_iter().map(path).collect()
}

/// A walk that has seen everything: a review of some files would pass for one of all.
fn whole(walk: Walk) -> Result<Walk, Failure> {
    match &walk.cut_short {
        None => Ok(walk),
        Some(reason) => {
            let message = format!("there is too much to review here: {reason}");
            Err(Failure::usage(message, "name the folders or files that are meant"))
        }
    }
}

impl Candidate {
    /// The file itself, links followed; none for what is no file.
    pub fn real(&self) -> Option<PathBuf> {
        let real = self.path.canonicalize().ok()?;
        fs::metadata(&real).ok().filter(fs::Metadata::is_file).map(|_| real)
    }
}
