//! A shelf: what is known about tools, with what each library adds by files of its own.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::cli::failure::Failure;
use crate::cli::load;
use crate::lint::knowledge::Knowledge;
use crate::runbook::library::lint::Lint;
use crate::source::Problems;

/// What is known, by the folder of the library that adds to it.
pub struct Shelf {
    /// What comes along.
    built_in: Knowledge,
    read: Mutex<HashMap<PathBuf, Knowledge>>,
}

impl Shelf {
    /// What comes along, and nothing else so far.
    pub fn new() -> Shelf {
        Shelf { built_in: Knowledge::built_in(), read: Mutex::default() }
    }

    /// What is known in a library that stands in a folder. Its files are read once; what is wrong
    /// with them is told once, and what comes along is gone by.
    pub fn of(&self, lint: Option<&Lint>, folder: &Path) -> Result<Knowledge, Failure> {
        let Some(lint) = lint.filter(|lint| !lint.knowledge.is_empty()) else {
            return Ok(self.built_in.clone());
        };
        // A thread that panicked left the map as it was.
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = read.get(folder) {
            return Ok(known.clone());
        }
        let known = lint.knowledge.iter().try_fold(self.built_in.clone(), |known, name| {
            with(known, &folder.join(name.as_str()))
        });
        let kept = known.as_ref().unwrap_or(&self.built_in).clone();
        read.insert(folder.to_owned(), kept);
        known
    }
}

fn with(known: Knowledge, path: &Path) -> Result<Knowledge, Failure> {
    let source = load::source(path)?;
    known.with(&source).map_err(|faults| {
        let mut problems = Problems::default();
        faults.into_iter().for_each(|fault| problems.push(fault));
        Failure::Invalid(load::drawn(&source, problems))
    })
}
