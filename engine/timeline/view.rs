//! The two views of a timeline. The curated one is for whoever was not there: a look that showed
//! nothing new is left out, the end of an action is told with what came of its step, and what was
//! noted afterwards stands where it belongs. The raw one has every record, in its order.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::journal::Record;
use crate::plan::Plan;
use crate::run::RunState;
use crate::run::event::{Event, TimerKind};

use super::course::Course;
use super::raw::plain;
use super::{Entry, Kind, entry};

/// How much of a run is told.
#[derive(Clone, Copy, Debug, Default, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// What is worth reading.
    #[default]
    Curated,
    /// Every record.
    Raw,
}

/// The entries of a run, as they are gathered.
pub(super) struct Entries {
    view: View,
    course: Course,
    told: Vec<Entry>,
    /// The ends of actions of which it is not known yet what came of them, by step.
    ends: HashMap<String, Entry>,
}

impl Entries {
    /// None yet of these records.
    pub(super) fn of(records: &[Record], view: View) -> Entries {
        let course = Course::of(records);
        Entries { view, course, told: Vec::new(), ends: HashMap::new() }
    }

    /// Takes in a record; `state` is the state after it.
    pub(super) fn hear(&mut self, record: &Record, plan: &Plan, state: &RunState) {
        let mut said = entry(record, plan, state);
        if self.view == View::Raw {
            said = said.or_else(|| Some(plain(record, state)));
        }
        let is_new = self.course.hear(record, said.as_mut(), plan, state);
        let Some(said) = said else { return };
        match self.view {
            View::Raw => self.told.push(said),
            View::Curated if is_new => self.curate(said, &record.event),
            View::Curated => {}
        }
    }

    fn curate(&mut self, mut said: Entry, event: &Event) {
        let Some(step) = said.step.clone() else { return self.told.push(said) };
        match event {
            Event::StepEnded(ended) if said.kind == Kind::Check && !ended.is_unseen => {
                self.told.extend(self.ends.insert(step, said));
            }
            event if settles(event) => {
                if let Some(end) = self.ends.remove(&step) {
                    said.exit = end.exit;
                    said.place = end.place;
                    said.took_ms = said.took_ms.or(end.took_ms);
                    said.lines.extend(end.lines);
                    said.evidence.extend(end.evidence);
                }
                self.told.push(said);
            }
            _ => self.told.push(said),
        }
    }

    /// All of them, in the order of the view.
    pub(super) fn all(mut self) -> Vec<Entry> {
        if self.view == View::Raw {
            return self.told;
        }
        if !self.ends.is_empty() {
            self.told.extend(self.ends.into_values());
            self.told.sort_by_key(|entry| entry.seq);
        }
        in_place(self.told)
    }
}

/// Whether it says what came of the action of a step.
fn settles(event: &Event) -> bool {
    match event {
        Event::StepSucceeded { .. } | Event::StepFailed { .. } | Event::StepHeld { .. } => true,
        Event::TimerSet { timer, .. } => timer.kind == TimerKind::Retry,
        _ => false,
    }
}

/// The entries with what was noted afterwards at the time that it tells of.
fn in_place(told: Vec<Entry>) -> Vec<Entry> {
    let is_late = |entry: &Entry| entry.remark.as_ref().is_some_and(|it| it.about.is_some());
    if !told.iter().any(is_late) {
        return told;
    }
    let (mut late, told): (Vec<Entry>, Vec<Entry>) = told.into_iter().partition(is_late);
    late.sort_by_key(|entry| entry.elapsed_ms);
    let mut late = late.into_iter().peekable();
    let mut placed = Vec::with_capacity(told.len() + late.len());
    for entry in told {
        while let Some(note) = late.next_if(|note| note.elapsed_ms < entry.elapsed_ms) {
            placed.push(note);
        }
        placed.push(entry);
    }
    placed.extend(late);
    placed
}
