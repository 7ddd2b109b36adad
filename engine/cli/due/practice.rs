//! What is on record of practice: the drills of a store, and the rehearsals in the store below it.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::cli::failure::Failure;
use crate::cli::find::{Found, Glance};
use crate::journal::{Ending, Folder, Store};
use crate::report::due::Subject;
use crate::run::event::{Event, Mode, Verdict};
use crate::timeline::Drilled;

/// The drills and rehearsals on record, by the id of the runbook.
#[derive(Default)]
pub struct Practice {
    drills: HashMap<String, Vec<Drilled>>,
    rehearsed: HashMap<String, NaiveDate>,
    /// What was passed over, and why.
    notes: Vec<String>,
}

impl Practice {
    /// All that a store tells of.
    pub fn on_record(store: &Store) -> Result<Practice, Failure> {
        let mut practice = Practice::default();
        for found in practice.runs(store, Mode::Drill)? {
            let (Some(start), Some(drill)) = (found.start(), Drilled::of(&found.reading.records))
            else {
                continue;
            };
            practice.drills.entry(start.runbook.clone()).or_default().push(drill);
        }
        let mut rehearsed = practice.runs(&store.practice(), Mode::Rehearsal)?;
        // A fault that did not show, and one that was not recovered from, is no practice.
        let labs = practice.runs(&store.practice(), Mode::Lab)?;
        rehearsed.extend(labs.into_iter().filter(is_recovered));
        for found in rehearsed {
            let last = found.reading.records.last().filter(|_| found.has_ended());
            let (Some(start), Some(last)) = (found.start(), last) else { continue };
            let (day, id) = (last.at.date_naive(), start.runbook.clone());
            let rehearsed = practice.rehearsed.entry(id).or_insert(day);
            *rehearsed = day.max(*rehearsed);
        }
        Ok(practice)
    }

    /// A runbook with what is on record of its practice.
    pub fn of(&self, subject: Subject) -> Subject {
        let drills = self.drills.get(&subject.id).cloned().unwrap_or_default();
        let rehearsed = self.rehearsed.get(&subject.id).copied();
        Subject { drills, rehearsed, ..subject }
    }

    /// What was passed over, and why, a line each.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The runs of one mode. Of the others only the ends are read; what may have been one of these
    /// and cannot be read is noted.
    fn runs(&mut self, store: &Store, mode: Mode) -> Result<Vec<Found>, Failure> {
        let mut runs = Vec::new();
        for folder in store.folders()? {
            let run = folder.run.clone();
            match whole(folder, mode) {
                Ok(found) => runs.extend(found),
                Err(reason) => self.notes.push(format!("{run} is passed over: {reason}")),
            }
        }
        Ok(runs)
    }
}

fn is_recovered(found: &Found) -> bool {
    let is_end =
        |event: &Event| matches!(event, Event::RunEnded { verdict: Some(Verdict::Recovered), .. });
    found.last_of_run().is_some_and(is_end)
}

/// A run as a whole, where it is of a mode; or why that cannot be told.
fn whole(folder: Folder, mode: Mode) -> Result<Option<Found>, String> {
    let told = |failure: Failure| failure.to_string();
    let glance = Glance::at(folder.clone()).map_err(told)?;
    if glance.start().is_some_and(|start| start.mode != mode) {
        return Ok(None);
    }
    let found = match glance {
        Glance::Whole(found) => found,
        Glance::Ended(_) => Found::in_folder(folder).map_err(told)?,
    };
    match found.damage() {
        Some(reason) => Err(reason),
        None if found.start().is_none() => Err("it holds no whole record".to_owned()),
        None if !found.has_ended() && matches!(found.reading.ending, Ending::Torn { .. }) => {
            Err("its last write was cut short, and it has not ended".to_owned())
        }
        None => Ok(Some(found)),
    }
}
