//! The course of a run that was played, as a test looks at it: which steps started, what became of
//! its gates, what was taken back, what was passed on.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::{Plan, Role};
use crate::run::event::{End, Event, Question, StepAnswered, TimerKind};
use crate::run::{IllegalEvent, Plans, RunState, fold};
use crate::timeline::{Entry, entry};

use super::play::Played;
use super::script::Piece;

/// The course of a run.
#[derive(Clone, Debug, Default)]
pub struct Course {
    /// The paths of the steps whose action started, in order.
    pub path: Vec<String>,
    /// What became of each gate that was asked, by the path of its step.
    pub gates: BTreeMap<String, &'static str>,
    /// The paths of the steps that were taken back, in order.
    pub undone: Vec<String>,
    /// The messages that were passed on, in order.
    pub messages: Vec<String>,
}

/// The course of a run that was played.
pub fn course(played: &Played) -> Course {
    let plan = &played.plan;
    let mut course = Course::default();
    let mut by_hand = BTreeSet::new();
    for record in &played.records {
        course.see(plan, &record.event, &mut by_hand);
    }
    course
}

/// The timeline of a run that was played.
pub fn timeline(piece: &Piece, played: &Played) -> Result<Vec<Entry>, IllegalEvent> {
    let mut plans = Plans::from((*piece.plan).clone());
    let mut state = RunState::new(&plans.current);
    let mut entries = Vec::new();
    for record in &played.records {
        fold(&mut plans, &mut state, record.at, &record.event)?;
        entries.extend(entry(record, &plans.current, &state));
    }
    Ok(entries)
}

impl Course {
    /// Takes an event in; `by_hand` are the steps that people are at.
    fn see(&mut self, plan: &Plan, event: &Event, by_hand: &mut BTreeSet<String>) {
        match event {
            Event::StepStarted { step, .. } => self.start(plan, step),
            Event::QuestionAsked { question } => match question.by_hand() {
                // What is asked again is under way already.
                Some(step) if by_hand.insert(step.to_owned()) => self.start(plan, step),
                _ => self.ask(question),
            },
            Event::StepAnswered(StepAnswered { step, .. })
            | Event::StepGivenUp { step, .. }
            | Event::StepSkipped { step, .. }
            | Event::StepNotReached { step } => drop(by_hand.remove(step)),
            Event::StepSucceeded { step } => {
                by_hand.remove(step);
                self.take_back(plan, step);
            }
            Event::StepSatisfied { step } => self.take_back(plan, step),
            Event::GateApproved { step, is_bypass, .. } => {
                let became = if *is_bypass { "bypassed" } else { "approved" };
                self.gates.insert(step.clone(), became);
            }
            Event::GateRejected { step, .. } => drop(self.gates.insert(step.clone(), "rejected")),
            Event::TimerDue { timer, .. } if timer.kind == TimerKind::Expiry => {
                self.gates.insert(timer.step.clone(), "expired");
            }
            Event::StepEnded(ended) if ended.failure.is_none() => match &ended.end {
                End::Shown { text } | End::Sent { text, .. } => self.messages.push(text.clone()),
                _ => {}
            },
            _ => {}
        }
    }

    fn start(&mut self, plan: &Plan, step: &str) {
        if plan.at_path(step).is_some_and(|index| !plan.is_in_undo(index)) {
            self.path.push(step.to_owned());
        }
    }

    fn ask(&mut self, question: &Question) {
        if let Question::Gate(gate) = question {
            self.gates.insert(gate.step.clone(), "unanswered");
        }
    }

    fn take_back(&mut self, plan: &Plan, step: &str) {
        let role = plan.at_path(step).map(|index| plan.nodes[index].role);
        if let Some(Role::Undo { of, .. }) = role {
            self.undone.push(plan.nodes[of].path.clone());
        }
    }
}
