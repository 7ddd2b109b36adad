//! What whoever leads an exercise sees of it: its records as they come, in lines, and where it stands.

use crate::cli::failure::Failure;
use crate::journal::Record;
use crate::report::{self, visible_str};
use crate::run::event::exercise::Subject;
use crate::run::event::{Event, Moment};
use crate::run::state::Exercise;
use crate::run::{Plans, RunState, fold};
use crate::timeline::entry;

use super::outlook::{About, all_injects};

/// An exercise, as far as its records say.
pub struct View {
    plans: Plans,
    state: RunState,
}

impl View {
    /// An exercise before its first record.
    pub fn of(plans: Plans) -> View {
        let state = RunState::new(&plans.current);
        View { plans, state }
    }

    /// Takes records in; the lines that tell of them, safe for a terminal.
    pub fn take(&mut self, records: &[Record]) -> Result<Vec<String>, Failure> {
        let before = self.waiting();
        let mut lines = Vec::new();
        for record in records {
            fold(&mut self.plans, &mut self.state, record.at, &record.event)?;
            if matches!(record.event, Event::ExerciseBegun(_)) {
                lines.extend(self.opening(record.at));
            }
            let entry = entry(record, &self.plans.current, &self.state);
            lines.extend(entry.iter().flat_map(report::lines));
        }
        for subject in self.waiting().iter().filter(|subject| !before.contains(subject)) {
            let title = self.about(subject).title;
            lines.push(format!("          waits for you (o): {}", visible_str(&title)));
        }
        Ok(lines)
    }

    /// What only whoever leads it sees as it begins.
    fn opening(&self, now: Moment) -> Vec<String> {
        let Some(exercise) = self.exercise() else { return Vec::new() };
        let script = &exercise.script;
        let list = |heading: &str, lines: Vec<String>| match lines.is_empty() {
            true => Vec::new(),
            false => std::iter::once(heading.to_owned()).chain(lines).collect(),
        };
        let dashed =
            |texts: &[String]| texts.iter().map(|it| format!("  - {}", it.trim())).collect();
        let mut lines = list("EXERCISE: the injects", all_injects(exercise, now));
        lines.extend(list("EXERCISE: what it is to show", dashed(&script.objectives)));
        lines.extend(list("EXERCISE: the questions at the end", dashed(&script.questions)));
        lines.iter().map(|line| visible_str(line).into_owned()).collect()
    }

    /// The exercise, once it has begun.
    pub fn exercise(&self) -> Option<&Exercise> {
        self.state.exercise.as_deref()
    }

    /// What waits for somebody to say how it goes.
    pub fn waiting(&self) -> Vec<Subject> {
        let over = self.state.has_ended();
        self.exercise().filter(|_| !over).map(|it| it.waiting.clone()).unwrap_or_default()
    }

    /// What a subject is.
    pub fn about(&self, subject: &Subject) -> About {
        About::of(&self.plans.current, &self.state, subject)
    }

    /// The injects with their time to go, safe for a terminal.
    pub fn injects(&self, now: Moment) -> Vec<String> {
        let lines = self.exercise().map(|exercise| all_injects(exercise, now)).unwrap_or_default();
        let lines = match lines.is_empty() {
            true => vec!["  the script has no injects".to_owned()],
            false => lines,
        };
        lines.iter().map(|line| visible_str(line).into_owned()).collect()
    }

    /// Where the team stands.
    pub fn standing(&self) -> String {
        report::status_text(&self.plans.current, &self.state)
    }

    /// Whether the run of it has ended.
    pub fn has_ended(&self) -> bool {
        self.state.has_ended()
    }

    /// Whether it is to be said what it has shown, and nobody has.
    pub fn is_to_be_scored(&self) -> bool {
        self.state.as_if.is_some()
            && self.exercise().is_some_and(|it| !it.is_scored && !it.script.objectives.is_empty())
    }
}
