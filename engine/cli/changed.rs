//! The file that a run came from as it is now, beside what the run goes by.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use crate::plan::{Difference, Plan, difference};
use crate::report::changes;
use crate::run::digest;
use crate::run::event::RunStarted;
use crate::source::Source;

use super::failure::Failure;
use super::find::Found;
use super::frozen::{self, Digests};
use super::{library, load, run};

/// A runbook that is not as the run knows it.
pub struct Changed {
    /// Its text.
    pub source: Source,
    /// The texts of what stands beside it.
    pub beside: BTreeMap<String, String>,
    /// Its plan.
    pub plan: Plan,
}

/// The runbook of a run as it is now; none when it is as the run knows it. Nothing is run.
pub fn changed(found: &Found) -> Result<Option<Changed>, Failure> {
    let Some(start) = found.start() else { return Ok(None) };
    let path = file_of(start);
    // What is no file, such as a pipe, was read once and is gone.
    let unreadable = |source| Failure::Unreadable { path: path.clone(), source };
    if !std::fs::metadata(&path).map_err(unreadable)?.is_file() {
        return Err(unreadable(io::Error::other("it is no file")));
    }
    let shared = library::find(&path)?;
    let named = start.environment.as_deref();
    let environment = match named {
        Some(_) => library::environment(shared.as_ref(), named, false)?,
        None => None,
    };
    let library = library::of(shared.as_ref(), environment);
    let (source, bundle) = load::bundle(&path, library)?;
    let beside = run::beside(&bundle, shared);
    let now = digests(&source, &beside);
    let is_same = frozen::digests(&found.reading.records).last() == Some(&now);
    Ok((!is_same).then_some(Changed { source, beside, plan: bundle.plan }))
}

/// The digests of a runbook and of what stands beside it.
pub fn digests(source: &Source, beside: &BTreeMap<String, String>) -> Digests {
    let beside = beside.iter().map(|(name, text)| (name.clone(), digest(text.as_bytes())));
    Digests { runbook: digest(source.text().as_bytes()), beside: beside.collect() }
}

/// The file that a run came from, as it is reached from here.
fn file_of(start: &RunStarted) -> PathBuf {
    let path = Path::new(&start.cwd).join(&start.file);
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here).map(Path::to_owned).unwrap_or(path)
}

/// What is to be said about the runbook of a run as it is now, if anything is.
pub fn notice(found: &Found) -> Option<String> {
    let file = &found.start()?.file;
    let run = &found.folder.run;
    let told = match changed(found) {
        Ok(None) => return None,
        Ok(Some(changed)) => difference_of(found, &changed.plan),
        Err(failure) => Err(failure),
    };
    Some(match told {
        Ok(difference) if difference.is_empty() => format!("{file}: only its layout changed\n"),
        Ok(difference) => format!(
            "{file} is not as this run knows it:\n{}\
             the run goes on with its own copy; to take the changed one over: \
             holdpoint {}adopt {run}\n",
            changes(&difference, |_| None),
            found.folder.option(),
        ),
        Err(failure) => {
            format!("whether {file} has changed cannot be told: {}\n", first_line(&failure))
        }
    })
}

/// The same in a line.
pub fn brief(found: &Found) -> Option<String> {
    let text = notice(found)?;
    let (run, option) = (&found.folder.run, found.folder.option());
    Some(match text.lines().count() {
        1 => text,
        _ => format!(
            "{} is not as this run knows it: holdpoint {option}adopt {run} shows what differs\n",
            found.start()?.file
        ),
    })
}

/// What differs between what a run goes by and another plan.
fn difference_of(found: &Found, now: &Plan) -> Result<Difference, Failure> {
    Ok(difference(&found.plans()?.into_last(), now))
}

fn first_line(failure: &Failure) -> String {
    let text = failure.to_string();
    let line = text.lines().next().unwrap_or_default();
    line.trim_start_matches("error: ").to_owned()
}
