//! How long each step of a run took, and how often it went wrong, from the records alone.

use std::collections::{HashMap, HashSet};

use schemars::JsonSchema;
use serde::Serialize;

use crate::journal::Record;
use crate::run::event::{Event, Moment, Question, Skip};

/// One step of a run.
#[derive(Clone, Debug, Default, JsonSchema, PartialEq, Serialize)]
pub struct StepMetrics {
    /// The path of the step.
    pub step: String,
    /// How long its action took, all attempts together; of one that a person does, from the question
    /// to the answer. None where it was not begun, or its end was not seen.
    pub took_ms: Option<u64>,
    /// How often its action was begun.
    pub attempts: u32,
    /// How many of its attempts failed.
    pub failures: u32,
    /// Whether it was passed over, by its condition or by a person.
    pub is_skipped: bool,
    /// Whether it was not reached.
    pub is_not_reached: bool,
    /// How long its gate waited, each time that it was answered.
    pub gate_ms: Vec<u64>,
}

/// The steps that the records of a run tell of, in the order in which they do. A group is none.
pub(super) fn of(records: &[Record]) -> Vec<StepMetrics> {
    let mut steps = Steps::default();
    records.iter().for_each(|record| steps.take(record));
    let answered: Vec<String> = steps.gates.keys().cloned().collect();
    answered.iter().for_each(|step| steps.settle_gate(step));
    let Steps { steps, groups, .. } = steps;
    steps.into_iter().filter(|step| !groups.contains(&step.step)).collect()
}

/// A gate that was asked.
struct Gate {
    asked: Moment,
    answered: Option<Moment>,
}

#[derive(Default)]
struct Steps {
    steps: Vec<StepMetrics>,
    places: HashMap<String, usize>,
    groups: HashSet<String>,
    gates: HashMap<String, Gate>,
    /// Since when a person is at a step.
    by_hand: HashMap<String, Moment>,
}

impl Steps {
    fn step(&mut self, path: &str) -> &mut StepMetrics {
        let next = self.steps.len();
        let place = *self.places.entry(path.to_owned()).or_insert(next);
        if place == next {
            self.steps.push(StepMetrics { step: path.to_owned(), ..StepMetrics::default() });
        }
        &mut self.steps[place]
    }

    fn take(&mut self, record: &Record) {
        match &record.event {
            Event::GroupEntered { step } => {
                self.groups.insert(step.clone());
                self.settle_gate(step);
            }
            Event::StepStarted { step, attempt, .. } => {
                self.settle_gate(step);
                let step = self.step(step);
                step.attempts = step.attempts.max(*attempt);
            }
            Event::StepEnded(ended) => {
                let step = self.step(&ended.step);
                step.failures += u32::from(ended.failure.is_some());
                step.took_ms = Some(step.took_ms.unwrap_or_default().saturating_add(ended.took_ms));
            }
            Event::StepLost { step, .. } => self.step(step).failures += 1,
            Event::QuestionAsked { question } => self.ask(question, record.at),
            Event::GateApproved { step, .. } => self.answer(step, record.at),
            Event::GateRejected { step, .. } => {
                self.answer(step, record.at);
                self.settle_gate(step);
            }
            Event::StepSkipped { step, why } => {
                self.step(step).is_skipped = *why != Skip::NotNeeded;
            }
            Event::StepPassedOver { step, .. } => self.step(step).is_skipped = true,
            Event::StepNotReached { step } => self.step(step).is_not_reached = true,
            Event::StepGivenUp { step, .. } => {
                self.step(step).failures += 1;
                self.done_by_hand(step, record.at);
            }
            Event::StepSucceeded { step } | Event::StepFailed { step, .. } => {
                self.done_by_hand(step, record.at);
            }
            Event::BackRequested { .. } => self.by_hand.clear(),
            _ => {}
        }
    }

    /// A question that is put again waits since it was first.
    fn ask(&mut self, question: &Question, at: Moment) {
        match question {
            Question::Gate(gate) => {
                self.step(&gate.step);
                self.gates.entry(gate.step.clone()).or_insert(Gate { asked: at, answered: None });
            }
            Question::Manual { step, .. } | Question::Choose { step, .. } => self.begin(step, at),
            Question::Item(item) => self.begin(&item.step, at),
            _ => {}
        }
    }

    fn begin(&mut self, step: &str, at: Moment) {
        self.step(step);
        self.by_hand.entry(step.to_owned()).or_insert(at);
    }

    fn done_by_hand(&mut self, step: &str, at: Moment) {
        if let Some(since) = self.by_hand.remove(step) {
            self.step(step).took_ms = Some(length(since, at));
        }
    }

    /// Of several answers to one question the last one opens the gate.
    fn answer(&mut self, step: &str, at: Moment) {
        if let Some(gate) = self.gates.get_mut(step) {
            gate.answered = Some(at);
        }
    }

    fn settle_gate(&mut self, step: &str) {
        let Some(gate) = self.gates.remove(step) else { return };
        if let Some(answered) = gate.answered {
            self.step(step).gate_ms.push(length(gate.asked, answered));
        }
    }
}

/// How long it is from one moment to another; a clock that was set back makes that nothing.
fn length(from: Moment, to: Moment) -> u64 {
    u64::try_from((to - from).num_milliseconds()).unwrap_or_default()
}
