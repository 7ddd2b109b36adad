//! What comes next where a person intervenes: steps above a jump, and steps that are asked about.

use std::collections::BTreeSet;

use crate::plan::{Form, Index};
use crate::run::cost::skip_cost;
use crate::run::effect::{Execution, Task};
use crate::run::event::{Event, Question, Skip};
use crate::run::offer::{Course, Offer};
use crate::run::state::{Gate, StepState};
use crate::runbook::step::Repeat;

use super::{Next, Run};

/// How many steps of a run are offered to go back or on to.
const MOST: usize = 10_000;

impl Run<'_> {
    /// Passes over a step that stands above the one that a person goes on at.
    pub(super) fn pass_over(&self, index: Index) -> Option<Next> {
        let jump = self.state.jump.as_ref().filter(|_| self.is_passed_over(index))?;
        let (by, reason) = (jump.by.clone(), jump.reason.clone());
        Some(Next::Record(Event::StepPassedOver { step: self.path(index), by, reason }))
    }

    /// Whether what a node needs lets it go on, and so does what stands behind a step that was
    /// passed over before its turn: that one would not have been reached either.
    pub(super) fn are_needs_good(&self, index: Index) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = self.plan.nodes[index].needs.clone();
        while let Some(need) = open.pop() {
            let status = &self.state.steps[need];
            if !status.state.is_good() {
                return false;
            }
            let was_passed_over = status.state == StepState::Skipped(Skip::Operator);
            if was_passed_over && !status.is_jumped_over && seen.insert(need) {
                open.extend(&self.plan.nodes[need].needs);
            }
        }
        true
    }

    /// Whether that is to be done now: a look that has begun comes to its end first.
    pub(super) fn is_passed_over(&self, index: Index) -> bool {
        let status = &self.state.steps[index];
        status.is_jumped_over && !status.checks.is_looking
    }

    /// Asks whether to go on with a step that changes something, where that is wanted and nobody
    /// has said so at its gate.
    pub(super) fn ask_to_proceed(
        &self,
        index: Index,
        form: &Form,
        execution: &Execution,
    ) -> Option<Next> {
        let status = &self.state.steps[index];
        // Where whoever wanted it is out of reach, it waits for somebody who is not.
        let is_asked = self.state.is_stepwise && self.state.is_attended;
        let is_retry = matches!(status.state, StepState::RetryWait(_));
        let is_known = status.is_released || status.gate != Gate::Shut || is_retry;
        let changes =
            form.facets.repeat() != Repeat::Read && !matches!(execution.task, Task::Show(_));
        if !is_asked || is_known || !changes || self.plan.is_in_undo(index) {
            return None;
        }
        let (step, command) = (self.path(index), execution.shown.clone());
        let offer = Offer { course: Some(Box::new(self.course(index))), ..self.about_gate(index) };
        Some(Next::ask(self, Question::Proceed { step, command }, offer))
    }

    /// Where the run can go from a step that is about to begin.
    fn course(&self, index: Index) -> Course {
        let steps = self.plan.listed().filter(|(other, node)| {
            !node.is_closing && !self.plan.is_in_undo(*other) && !self.plan.is_in_item(*other)
        });
        let steps: Vec<Index> = steps.map(|(other, _)| other).take(MOST).collect();
        let path = |other: &Index| self.plan.nodes[*other].path.clone();
        let has_begun = |other: &&Index| {
            let status = &self.state.steps[**other];
            let is_open = !self.state.is_in_passed_over(self.plan, **other);
            let has_ended = status.attempts > 0 && status.state.is_settled();
            self.plan.is_above(**other, index) && has_ended && is_open
        };
        let is_to_come = |other: &&Index| {
            self.plan.is_above(index, **other) && !self.state.steps[**other].state.is_settled()
        };
        let is_passed_over = |other: &&Index| {
            let is_skipped = self.state.steps[**other].state == StepState::Skipped(Skip::Operator);
            is_skipped && !self.state.is_in_passed_over(self.plan, **other)
        };
        let behind: Vec<Index> = steps.iter().filter(has_begun).copied().collect();
        let above = |other: &Index| {
            let is_above = |at: &&Index| self.plan.is_above(**at, *other);
            behind.iter().filter(is_above).count()
        };
        let passed_over = steps.iter().filter(is_passed_over);
        let is_over = self.state.are_steps_over() || self.plan.nodes[index].is_closing;
        let open = |paths: Vec<String>| if is_over { Vec::new() } else { paths };
        let printed = steps.iter().filter(|other| self.state.steps[**other].has_printed);
        Course {
            skipping: skip_cost(self.plan, self.state, index),
            behind: open(behind.iter().map(path).collect()),
            passed_over: passed_over.map(|other| (path(other), above(other))).collect(),
            ahead: open(steps.iter().filter(is_to_come).map(path).collect()),
            may_skip: !is_over,
            may_end: self.state.no_early_end().is_none(),
            printed: printed.max_by_key(|other| self.state.steps[**other].ended_as).map(path),
        }
    }
}
