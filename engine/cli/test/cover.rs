//! How much of each runbook the cases have walked; those that no case tests are among them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::cli::args;
use crate::cli::failure::Failure;
use crate::cli::lint::files::{self, Origin};
use crate::cli::list::card;
use crate::cli::load;
use crate::document;
use crate::journal::Store;
use crate::rehearse::Piece;
use crate::rehearse::coverage::Coverage;
use crate::rehearse::results::{Covered, FileResult};
use crate::runbook::library::FILE;
use crate::source::Problems;

use super::{Trail, file, is_tests};

/// Whether it is asked what was walked.
pub fn is_wanted(args: &args::Test) -> bool {
    args.coverage || args.require_coverage.is_some()
}

/// How much of each runbook was walked, in the order of their paths; none where nobody asked.
pub fn covered(
    played: &[FileResult],
    trails: &[Trail],
    store: &Store,
    args: &args::Test,
    failures: &mut Vec<Failure>,
) -> Result<Option<Vec<Covered>>, Failure> {
    if !is_wanted(args) {
        return Ok(None);
    }
    let required = args.require_coverage;
    let mut found: Vec<(PathBuf, Covered)> = Vec::new();
    for trail in trails {
        let path = real(Path::new(&trail.piece.file));
        let place = found.iter().position(|(known, _)| *known == path);
        let place = match place {
            Some(place) => place,
            None => {
                found.push((path, begun(&trail.piece, true, required)?));
                found.len() - 1
            }
        };
        found[place].1.coverage.join(&trail.walked);
    }
    let played_of: BTreeSet<PathBuf> = found.iter().map(|(path, _)| path.clone()).collect();
    let named: BTreeSet<PathBuf> = played.iter().filter_map(tested).collect();
    for path in runbooks(store, args)? {
        let real = real(&path);
        if played_of.contains(&real) {
            continue;
        }
        let has_tests = named.contains(&real);
        match file::untested(&path).and_then(|piece| begun(&piece, has_tests, required)) {
            Ok(covered) => found.push((real, covered)),
            Err(failure) => failures.push(failure),
        }
    }
    let mut found: Vec<Covered> = found.into_iter().map(|(_, covered)| covered).collect();
    found.sort_by(|one, other| one.source.name().cmp(other.source.name()));
    Ok(Some(found))
}

/// The runbook that a file of tests names.
fn tested(file: &FileResult) -> Option<PathBuf> {
    let folder = Path::new(file.source.name()).parent()?;
    Some(real(&folder.join(file.runbook.as_ref()?)))
}

fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// The edges of a runbook, none of them walked yet.
fn begun(piece: &Piece, has_tests: bool, required: Option<f64>) -> Result<Covered, Failure> {
    let source = load::source(Path::new(&piece.file))?;
    Ok(Covered { source, coverage: Coverage::of(&piece.plan), has_tests, required })
}

/// The runbooks in the folders that were named, or here.
fn runbooks(store: &Store, args: &args::Test) -> Result<Vec<PathBuf>, Failure> {
    let found = files::among(&args.paths, None, store)?.into_iter();
    let found = found.filter(|file| file.origin == Origin::Found).map(|file| file.path);
    Ok(found.filter(|path| !is_tests(path) && is_runbook(path)).collect())
}

fn is_runbook(path: &Path) -> bool {
    if path.file_name().is_some_and(|name| name == FILE) || matches!(card::text(path), Ok(None)) {
        return false;
    }
    let Ok(source) = load::source(path) else { return false };
    let tree = document::parse(&source, &mut Problems::default());
    card::is_runbook(&source, tree.as_ref())
}
