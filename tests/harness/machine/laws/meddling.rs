//! What must hold of what people do of their own accord, told from the record.

use std::collections::HashSet;

use holdpoint::plan::{Plan, Role};
use holdpoint::run::RunState;
use holdpoint::run::event::{Event, HoldChoice};
use holdpoint::run::state::StepState;
use holdpoint::runbook::action::Action;
use holdpoint::runbook::step::Repeat;

use crate::harness::machine::Broken;

/// What the record has said so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Meddling {
    /// Steps that were passed over, or stood above one that a person went on at; none of them
    /// starts.
    passed: HashSet<String>,
    /// The undos that a person called for one by one.
    wanted_back: HashSet<String>,
    /// Steps that a person let begin.
    released: HashSet<String>,
    /// Whether steps are asked about before they begin.
    is_stepwise: bool,
    letters: HashSet<String>,
    is_aborted: bool,
}

impl Meddling {
    /// Checks an event; gives what a person lets begin again with it.
    pub(super) fn before(
        &mut self,
        plan: &Plan,
        state: &RunState,
        event: &Event,
    ) -> Result<Vec<String>, Broken> {
        match event {
            Event::LetterTaken(taken) if !self.letters.insert(taken.letter.clone()) => {
                return Err(format!("the letter {} counts twice", taken.letter));
            }
            Event::PaceSet { is_stepwise, .. } => self.is_stepwise = *is_stepwise,
            Event::StepReleased { step, .. } => drop(self.released.insert(step.clone())),
            Event::AbortRequested { .. } => self.is_aborted = true,
            Event::UndoRequested { .. } => self.is_aborted = false,
            Event::StepPassedOver { step, .. } => {
                // What it did before, when it was done once, can be taken back all the same.
                let steps = plan.nodes.iter().map(|node| &node.path);
                let inside = steps.filter(|path| is_within(path, step) && !path.contains('~'));
                self.passed.extend(inside.cloned());
            }
            Event::JumpRequested { to, .. } => self.jump(plan, state, to),
            Event::HoldResolved { step, choice: HoldChoice::Retry, .. } => {
                self.passed.retain(|path| !is_within(path, step));
                self.released.retain(|path| !is_within(path, step));
            }
            Event::Resumed(_) => self.released.clear(),
            Event::StepUndoRequested { step, .. } => {
                let undo = format!("{step}~undo");
                let paths = plan.nodes.iter().map(|node| node.path.clone());
                let undos: Vec<String> = paths.filter(|path| path.starts_with(&undo)).collect();
                self.wanted_back.extend(undos.iter().cloned());
                return Ok(undos);
            }
            Event::BackRequested { to, .. } => return Ok(self.go_back(plan, to)),
            Event::StepStarted { step, .. } => self.was_let(plan, state, step)?,
            Event::QuestionAsked { question } => {
                let step = question.by_hand().and_then(|step| Some((step, plan.at_path(step)?)));
                let is_new =
                    |index: usize| !matches!(state.steps[index].state, StepState::AtPerson(_));
                if let Some((step, _)) = step.filter(|(_, index)| is_new(*index)) {
                    self.may_begin(plan, step)?;
                }
            }
            _ => {}
        }
        Ok(Vec::new())
    }

    /// Whether a person called for this undo by itself.
    pub(super) fn is_wanted_back(&self, path: &str) -> bool {
        self.wanted_back.contains(path)
    }

    fn jump(&mut self, plan: &Plan, state: &RunState, to: &str) {
        let Some(target) = plan.at_path(to) else { return };
        for (index, node) in plan.nodes.iter().enumerate() {
            let is_waiting = matches!(
                state.steps[index].state,
                StepState::Pending | StepState::Ready(_) | StepState::AtGate(_)
            );
            let is_step = !node.path.contains("~undo") && !node.is_closing;
            let is_above = is_above(plan, index, target);
            if is_waiting && is_step && is_above && !is_of_another_case(plan, index, target) {
                self.passed.insert(node.path.clone());
            }
        }
    }

    fn go_back(&mut self, plan: &Plan, to: &str) -> Vec<String> {
        let Some(target) = plan.at_path(to) else { return Vec::new() };
        let mut open = Vec::new();
        for (index, node) in plan.nodes.iter().enumerate() {
            let whole = node.path.split("~undo").next().unwrap_or_default();
            let at = plan.at_path(whole).unwrap_or(index);
            // What a group around it has put back is taken down once more.
            let is_pair = whole != node.path && is_within(to, whole);
            if is_within(whole, to) || is_pair || is_above(plan, target, at) || node.is_closing {
                self.passed.remove(&node.path);
                self.released.remove(&node.path);
                open.push(node.path.clone());
            }
        }
        open
    }

    /// Nothing begins that was passed over, and nothing but what closes a run that is ended.
    fn may_begin(&self, plan: &Plan, step: &str) -> Result<usize, Broken> {
        let index = plan.at_path(step).ok_or("a step that does not exist started")?;
        if self.passed.contains(step) {
            return Err(format!("`{step}` started though a person passed it over"));
        }
        if self.is_aborted && !plan.nodes[index].is_closing {
            return Err(format!("`{step}` started though a person ended the run"));
        }
        Ok(index)
    }

    /// Where a person wants to be asked, what changes something waits for their word.
    fn was_let(&mut self, plan: &Plan, state: &RunState, step: &str) -> Result<(), Broken> {
        let index = self.may_begin(plan, step)?;
        let Some(form) = state.form(plan, index) else { return Ok(()) };
        let is_free = form.facets.repeat() == Repeat::Read
            || form.facets.gate.is_some()
            || matches!(form.facets.action, Action::Notify(_))
            || matches!(state.steps[index].state, StepState::RetryWait(_))
            || step.contains("~undo");
        let was_let = self.released.remove(step);
        match self.is_stepwise && state.is_attended && !is_free && !was_let {
            true => Err(format!("`{step}` started though nobody let it")),
            false => Ok(()),
        }
    }
}

/// Whether a path is another, its undo, or inside either.
pub(super) fn is_within(path: &str, outer: &str) -> bool {
    path.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '~']))
}

fn around(plan: &Plan, index: usize) -> Vec<usize> {
    let mut chain = vec![index];
    while let Some(parent) = chain.last().and_then(|at| plan.nodes[*at].parent) {
        chain.push(parent);
    }
    chain.reverse();
    chain
}

/// Whether one node stands above another in the file and not around it.
fn is_above(plan: &Plan, one: usize, other: usize) -> bool {
    let (one, other) = (around(plan, one), around(plan, other));
    let parted = one.iter().zip(&other).find(|(one, other)| one != other);
    parted.is_some_and(|(one, other)| one < other) && plan.nodes[one[0]].role == Role::Whole
}

fn is_of_another_case(plan: &Plan, one: usize, other: usize) -> bool {
    let case = |group: usize, chain: &[usize]| {
        let mut forms = plan.nodes[group].forms.iter();
        forms.position(|form| chain.iter().any(|at| form.inside.children().contains(at)))
    };
    let (one, other) = (around(plan, one), around(plan, other));
    let mut shared = one.iter().filter(|group| other.contains(group));
    shared.any(|group| case(*group, &one).zip(case(*group, &other)).is_some_and(|(a, b)| a != b))
}
