//! What came of a run in a scripted world: its states, its events, and what it waits for.

use std::fmt::Write as _;

use holdpoint::plan::Plan;
use holdpoint::run::event::{Cause, Event, Outcome, Question, Verdict};
use holdpoint::run::{Effect, RunState};

use super::{Machine, Script, words};

impl Machine {
    pub(crate) fn script(&self) -> &Script {
        &self.script
    }

    pub(crate) fn plan(&self) -> &Plan {
        &self.plan
    }

    pub(crate) fn state(&self) -> &RunState {
        &self.state
    }

    pub(crate) fn events(&self) -> &[Event] {
        &self.events
    }

    /// What has begun and is not answered.
    pub(crate) fn under_way(&self) -> &[Effect] {
        &self.under_way
    }

    pub(crate) fn outcome(&self) -> Option<Outcome> {
        self.state.outcome
    }

    pub(crate) fn verdict(&self) -> Option<Verdict> {
        self.state.verdict
    }

    pub(crate) fn cause(&self) -> Option<&Cause> {
        self.state.cause.as_ref()
    }

    /// The state of a step, as the contract writes it: `failed{exit}`, `skipped{when}`.
    #[track_caller]
    pub(crate) fn state_of(&self, path: &str) -> String {
        let index = self.plan.find(path).unwrap_or_else(|| panic!("there is no step {path}"));
        words::word(&self.state.steps[index].state)
    }

    /// The states of steps, one `path state` a line, in the order they are asked for.
    #[track_caller]
    pub(crate) fn states(&self, expected: &[(&str, &str)]) -> &Machine {
        let found: Vec<(&str, String)> =
            expected.iter().map(|(path, _)| (*path, self.state_of(path))).collect();
        let found: Vec<(&str, &str)> =
            found.iter().map(|(path, it)| (*path, it.as_str())).collect();
        assert_eq!(found, expected, "{}", self.tale());
        self
    }

    /// The paths of the steps whose action started, in order.
    #[track_caller]
    pub(crate) fn started(&self, expected: &[&str]) -> &Machine {
        assert_eq!(self.starts(), expected, "{}", self.tale());
        self
    }

    pub(crate) fn starts(&self) -> Vec<&str> {
        let mut starts = Vec::new();
        for event in &self.events {
            if let Event::StepStarted { step, .. } = event {
                starts.push(step.as_str());
            }
        }
        starts
    }

    #[track_caller]
    pub(crate) fn ended(&self, outcome: Outcome, verdict: Option<Verdict>) -> &Machine {
        assert_eq!((self.outcome(), self.verdict()), (Some(outcome), verdict), "{}", self.tale());
        self
    }

    #[track_caller]
    pub(crate) fn ended_well(&self) -> &Machine {
        assert_eq!(self.outcome(), Some(Outcome::Succeeded), "{}", self.tale());
        self
    }

    /// What the run waits for, each as `kind step`, in any order.
    #[track_caller]
    pub(crate) fn waits_for(&self, expected: &[&str]) -> &Machine {
        let waiting = self.state.waiting_for(&self.plan);
        let mut found: Vec<String> = waiting.iter().map(words::about).collect();
        let mut expected = expected.to_vec();
        found.sort();
        expected.sort_unstable();
        assert_eq!(found, expected, "{}", self.tale());
        assert_eq!(self.outcome(), None, "{}", self.tale());
        self
    }

    /// The frozen question of a gate that waits.
    #[track_caller]
    pub(crate) fn gate(&self, path: &str) -> holdpoint::run::event::GateQuestion {
        let waiting = self.state.waiting_for(&self.plan);
        let gate = waiting.into_iter().find_map(|question| match question {
            Question::Gate(gate) if gate.step == path => Some(gate),
            _ => None,
        });
        gate.unwrap_or_else(|| panic!("{path} does not wait at its gate\n{}", self.tale()))
    }

    /// The command of the last attempt of a step.
    #[track_caller]
    pub(crate) fn command(&self, path: &str) -> &str {
        let index = self.plan.find(path).unwrap_or_else(|| panic!("there is no step {path}"));
        &self.state.steps[index].command
    }

    /// How many events satisfy something.
    pub(crate) fn count(&self, is_it: impl Fn(&Event) -> bool) -> usize {
        self.events.iter().filter(|event| is_it(event)).count()
    }

    /// Every event and every state, for a person.
    pub(crate) fn tale(&self) -> String {
        let mut tale = String::new();
        for (place, event) in self.events.iter().enumerate() {
            let json = serde_json::to_string(event).unwrap_or_default();
            let _ = writeln!(tale, "{place:>4} {json}");
        }
        for (index, node) in self.plan.nodes.iter().enumerate() {
            let state = words::word(&self.state.steps[index].state);
            let _ = writeln!(tale, "     {} {state}", node.path);
        }
        tale
    }
}
