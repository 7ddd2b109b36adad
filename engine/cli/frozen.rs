//! The runbooks that a run was frozen with: the one it began with, and each that it took over.

use std::collections::BTreeMap;
use std::path::Path;

use crate::journal::{Folder, RUNBOOK, Record, frozen_folder};
use crate::plan::Plan;
use crate::run::event::{Event, RunStarted};
use crate::run::{Plans, digest};
use crate::runbook::library::{FILE, Library};
use crate::source::Source;

use super::failure::Failure;
use super::find::Found;
use super::include::{self, Frozen};
use super::load;

/// The texts of a runbook that were frozen together, by their digests.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Digests {
    /// The SHA-256 of the runbook.
    pub runbook: String,
    /// The SHA-256 of every other file, by name.
    pub beside: BTreeMap<String, String>,
}

/// What was frozen at the start, and each time a changed runbook was taken over.
pub fn digests(records: &[Record]) -> Vec<Digests> {
    let digests = |event: &Event| match event {
        Event::RunStarted(start) => {
            Some(Digests { runbook: start.digest.clone(), beside: start.beside.clone() })
        }
        Event::RunbookAdopted(adopted) => {
            Some(Digests { runbook: adopted.digest.clone(), beside: adopted.beside.clone() })
        }
        _ => None,
    };
    records.iter().filter_map(|record| digests(&record.event)).collect()
}

/// The plans of a run, each as it was frozen.
pub fn plans(folder: &Folder, start: &RunStarted, records: &[Record]) -> Result<Plans, Failure> {
    let mut plans = digests(records).into_iter().zip(1..).map(|(digests, number)| {
        let name = frozen_folder(number);
        let plan = plan(folder, &name, &digests, start.environment.clone());
        plan.map_err(|wrong| match wrong {
            Wrong::Here(reason) => Failure::Journal { run: folder.run.clone(), reason },
            Wrong::Inside(failure) => failure,
        })
    });
    match plans.next() {
        Some(first) => Ok(Plans::new(first?, plans.collect::<Result<Vec<Plan>, _>>()?)),
        None => Err(Failure::Journal {
            run: folder.run.clone(),
            reason: "it holds no whole record".into(),
        }),
    }
}

/// The last runbook that a run goes by: its text, those beside it, and its plan before anything
/// happened.
pub fn last(found: &Found) -> Result<(Source, BTreeMap<String, String>, Plan), Failure> {
    let (folder, digests) = (&found.folder, digests(&found.reading.records));
    // It is checked as it is made.
    let plan = found.plans()?.into_last();
    let name = frozen_folder(digests.len());
    let source = load::source(&folder.frozen(&name, RUNBOOK))?;
    let beside = digests.last().map(|last| last.beside.keys()).into_iter().flatten();
    let read = |file: &String| {
        let text = load::source(&folder.frozen(&name, file))?.text().to_owned();
        Ok((file.clone(), text))
    };
    let beside = beside.map(read).collect::<Result<_, Failure>>()?;
    Ok((source, beside, plan))
}

enum Wrong {
    /// A frozen file is not as it was.
    Here(String),
    /// What it says cannot be used by this version.
    Inside(Failure),
}

impl From<Failure> for Wrong {
    fn from(failure: Failure) -> Wrong {
        Wrong::Inside(failure)
    }
}

fn plan(
    folder: &Folder,
    name: &str,
    digests: &Digests,
    environment: Option<String>,
) -> Result<Plan, Wrong> {
    // The first is the one that every run has.
    let (what, since) = match name {
        "runbook" => ("its frozen runbook".to_owned(), "the start"),
        name => (format!("its frozen runbook in {name}"), "it was taken over"),
    };
    let path = folder.frozen(name, RUNBOOK);
    let source =
        load::source(&path).map_err(|error| Wrong::Here(format!("{what} is missing: {error}")))?;
    if digests.runbook != digest(source.text().as_bytes()) {
        return Err(Wrong::Here(format!("{what} was changed after {since}")));
    }
    for (file, expected) in &digests.beside {
        if digest_of(&folder.frozen(name, file)).as_ref() != Some(expected) {
            let what = if name == "runbook" { file.clone() } else { format!("{name}/{file}") };
            return Err(Wrong::Here(format!("its frozen {what} was changed after {since}")));
        }
    }
    let library = match digests.beside.contains_key(FILE) {
        true => load::library(&load::source(&folder.frozen(name, FILE))?)?,
        false => Library::default(),
    };
    let shelf = Frozen::at(&path).map_err(Wrong::Here)?;
    Ok(include::bundle(&source, "", &shelf, library.within(environment))?.plan)
}

fn digest_of(path: &Path) -> Option<String> {
    std::fs::read(path).map(|bytes| digest(&bytes)).ok()
}
