//! What is known of an exercise at a table.

use std::collections::BTreeMap;

use crate::run::event::exercise::{Inject, Script, Subject};
use crate::run::event::{CheckRef, Moment, Purpose};

/// An exercise under way, or over.
#[derive(Clone, Debug, PartialEq)]
pub struct Exercise {
    /// What it is made of.
    pub script: Script,
    /// When it began, by the clock as it is now.
    pub began_at: Moment,
    /// The injects that were told, by their numbers, and when.
    pub told: BTreeMap<usize, Moment>,
    /// What somebody has to say how it goes, the oldest first.
    pub waiting: Vec<Subject>,
    /// Whether somebody said what it has shown.
    pub is_scored: bool,
}

impl Exercise {
    /// One that begins now.
    pub fn of(script: Script, began_at: Moment) -> Exercise {
        let (told, waiting) = (BTreeMap::new(), Vec::new());
        Exercise { script, began_at, told, waiting, is_scored: false }
    }

    /// The injects that were not told, with their numbers.
    pub fn untold(&self) -> impl Iterator<Item = (usize, &Inject)> {
        let numbered = (1..).zip(&self.script.injects);
        numbered.filter(|(number, _)| !self.told.contains_key(number))
    }

    /// Whether nobody is asked how a look goes: an invariant holds and nothing was done before, unless a
    /// past run that is gone through once more shows something.
    pub fn goes_without_saying(&self, check: &CheckRef) -> bool {
        let past = self.script.past.iter().flat_map(|past| &past.looks);
        matches!(check.purpose, Purpose::Invariant | Purpose::DoneWhen)
            && past.into_iter().all(|look| look.check != *check)
    }

    /// When an inject is due by time; none for one that waits for a step, and none beyond all time.
    pub fn due(&self, inject: &Inject) -> Option<Moment> {
        let after = i64::try_from(inject.at_ms?).ok()?;
        self.began_at.checked_add_signed(chrono::TimeDelta::try_milliseconds(after)?)
    }
}
