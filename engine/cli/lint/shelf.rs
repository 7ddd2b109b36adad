//! A shelf: what is known about tools, with what each library adds by files of its own.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::cli::failure::Failure;
use crate::cli::load;
use crate::lint::knowledge::Knowledge;
use crate::runbook::library::lint::Lint;
use crate::source::Problems;

/// What is known, by the folder of the library that adds to it.
pub struct Shelf {
    /// What comes along.
    built_in: Arc<Knowledge>,
    read: Mutex<Read>,
}

/// What was read so far, each file once.
#[derive(Default)]
struct Read {
    known: HashMap<PathBuf, Arc<Knowledge>>,
    faults: Vec<Failure>,
}

impl Shelf {
    /// What comes along, and nothing else so far.
    pub fn new() -> Shelf {
        Shelf { built_in: Knowledge::built_in(), read: Mutex::default() }
    }

    /// What is known in a library that stands in a folder. Where one of its files is wrong, what
    /// comes along is gone by.
    pub fn of(&self, lint: Option<&Lint>, folder: &Path) -> Arc<Knowledge> {
        let Some(lint) = lint.filter(|lint| !lint.knowledge.is_empty()) else {
            return Arc::clone(&self.built_in);
        };
        let mut read = self.read();
        if let Some(known) = read.known.get(folder) {
            return Arc::clone(known);
        }
        let built_in = Arc::clone(&self.built_in);
        let known = lint.knowledge.iter().try_fold(built_in, |known, name| {
            with(&known, &folder.join(name.as_str())).map(Arc::new)
        });
        let known = known.unwrap_or_else(|fault| {
            read.faults.push(fault);
            Arc::clone(&self.built_in)
        });
        read.known.insert(folder.to_owned(), Arc::clone(&known));
        known
    }

    /// What is wrong with the files of libraries, told once.
    pub fn faults(&self) -> Vec<Failure> {
        std::mem::take(&mut self.read().faults)
    }

    fn read(&self) -> MutexGuard<'_, Read> {
        // A thread that panicked left it as it was.
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn with(known: &Knowledge, path: &Path) -> Result<Knowledge, Failure> {
    let source = load::source(path)?;
    known.with(&source).map_err(|faults| {
        let mut problems = Problems::default();
        faults.into_iter().for_each(|fault| problems.push(fault));
        Failure::Invalid(load::drawn(&source, problems))
    })
}
