//! What must hold of every run, checked on each event before it is applied.
//!
//! The laws are the contract's, told from the record alone wherever that is possible, so that a
//! state that is folded wrongly does not vouch for itself.

mod meddling;
mod time;

use std::collections::{HashMap, HashSet};

use holdpoint::plan::{Inside, Plan, ROOT, Role};
use holdpoint::run::RunState;
use holdpoint::run::event::{
    Cause, CheckRef, Decider, DoubtChoice, Event, HoldChoice, Moment, Outcome, Purpose, Question,
    Sight, Stage, StopLevel, Then, Verdict,
};
use holdpoint::run::state::StepState;
use holdpoint::runbook::step::Repeat;

use super::Broken;
use meddling::Meddling;
use time::Times;

/// What the record has said so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Laws {
    starts: HashMap<String, u32>,
    /// Steps that a person, or their own effect, let begin again.
    consents: HashMap<String, bool>,
    opened: HashSet<String>,
    /// What every check showed last, by step; forgotten when the step waits.
    sights: HashMap<String, HashMap<(Purpose, usize), bool>>,
    times: Times,
    meddling: Meddling,
    is_closing: bool,
    has_exceptions: bool,
    has_ended: bool,
    /// Whether nothing is checked at all.
    is_off: bool,
}

impl Laws {
    /// Laws that nothing is checked against.
    pub(crate) fn none() -> Laws {
        Laws { is_off: true, ..Laws::default() }
    }

    /// The same before the first event.
    pub(crate) fn anew(&self) -> Laws {
        Laws { is_off: self.is_off, ..Laws::default() }
    }

    pub(crate) fn before(
        &mut self,
        plan: &Plan,
        state: &RunState,
        at: Moment,
        event: &Event,
    ) -> Result<(), Broken> {
        if self.is_off {
            return Ok(());
        }
        if self.has_ended && event.is_remark() {
            return Ok(());
        }
        if self.has_ended {
            return Err(format!("after the end: {event:?}"));
        }
        self.times.before(plan, state, at, event)?;
        for path in self.meddling.before(plan, state, event)? {
            self.allow(&path, true);
        }
        self.keep(plan, state, event)
    }

    fn keep(&mut self, plan: &Plan, state: &RunState, event: &Event) -> Result<(), Broken> {
        match event {
            Event::StepStarted { step, attempt, .. } => {
                self.may_start(plan, state, step, *attempt)?;
                self.times.start(step);
                self.starts.insert(step.clone(), *attempt);
                self.opened.remove(step);
                self.sights.remove(step);
            }
            Event::QuestionAsked { question } => self.may_ask(plan, state, question)?,
            Event::GroupEntered { step } | Event::CaseChosen { step, .. } => {
                let index = plan.at_path(step).ok_or("a group that does not exist began")?;
                let is_wanted_back = self.meddling.is_wanted_back(step);
                let may = may_begin(plan, state, (index, is_wanted_back))
                    .and_then(|()| is_its_turn(plan, state, index));
                may.map_err(|why| format!("`{step}` began {why}"))?;
            }
            Event::StepSucceeded { step } => self.may_succeed(plan, state, step)?,
            Event::GateApproved { step, .. } => {
                self.opened.insert(step.clone());
                self.sights.remove(step);
            }
            Event::CheckObserved { check, sight, .. } => {
                self.see(check, matches!(sight, Sight::Holds | Sight::Warns));
            }
            Event::CheckWaived { check, .. } => {
                self.see(check, true);
                self.has_exceptions |= check.purpose != Purpose::Confirm && !self.is_closing;
            }
            Event::HoldResolved { step, choice, .. } => {
                if *choice == HoldChoice::Retry {
                    self.consent(plan, step, true);
                }
                self.has_exceptions |= matches!(choice, HoldChoice::Done | HoldChoice::Skip);
            }
            Event::DoubtSettled { step, choice: DoubtChoice::Rerun, by, .. } => {
                self.consent(plan, step, matches!(by, Decider::Person { .. }));
            }
            Event::UndoRequested { .. } if state.has_ended() => self.consent_to_undos(plan, state),
            Event::StepPassedOver { .. } => self.has_exceptions = true,
            Event::StageEntered { stage: Stage::Finally } => self.is_closing = true,
            Event::RunEnded { outcome, as_if, cause, .. } => {
                self.has_ended = true;
                let due = self.outcome(plan, state, cause.as_ref().or(state.cause.as_ref()));
                // What is assumed comes to what it would have come to.
                let outcome = as_if.as_ref().unwrap_or(outcome);
                if *outcome != due {
                    return Err(format!("the outcome is {outcome:?} where it should be {due:?}"));
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The run goes on after its end.
    pub(crate) fn reopen(&mut self) {
        self.has_ended = false;
    }

    fn see(&mut self, check: &CheckRef, is_good: bool) {
        if let Some(step) = &check.step {
            let seen = self.sights.entry(step.clone()).or_default();
            seen.insert((check.purpose, check.index), is_good);
        }
    }

    /// Whoever wants a run taken back once more wants what was not taken back tried again.
    fn consent_to_undos(&mut self, plan: &Plan, state: &RunState) {
        let undos = plan.nodes.iter().zip(&state.steps).filter(|(node, status)| {
            is_in_undo(&node.path) && status.state != StepState::Succeeded
        });
        let undos: Vec<&str> = undos.map(|(node, _)| node.path.as_str()).collect();
        undos.into_iter().for_each(|path| self.consent(plan, path, true));
    }

    /// A step, and all inside it, may begin again.
    fn consent(&mut self, plan: &Plan, step: &str, is_by_person: bool) {
        let Some(outer) = plan.at_path(step) else { return };
        let inside = plan.nodes.iter().enumerate().filter(|(index, node)| {
            *index == outer || is_by_person && meddling::is_within(&node.path, step)
        });
        for (_, node) in inside {
            self.allow(&node.path, is_by_person);
        }
    }

    fn allow(&mut self, path: &str, is_by_person: bool) {
        self.consents.insert(path.to_owned(), is_by_person);
        self.times.consent(path, is_by_person);
        self.opened.remove(path);
        self.sights.remove(path);
    }

    /// A step that a person does begins with its question, and only then.
    fn may_ask(
        &mut self,
        plan: &Plan,
        state: &RunState,
        question: &Question,
    ) -> Result<(), Broken> {
        let Some(step) = question.by_hand() else { return Ok(()) };
        let index = plan.at_path(step).ok_or("a step that does not exist was asked about")?;
        if matches!(state.steps[index].state, StepState::AtPerson(_)) {
            return Ok(());
        }
        let attempt = self.starts.get(step).copied().unwrap_or(0) + 1;
        self.may_start(plan, state, step, attempt)?;
        self.starts.insert(step.to_owned(), attempt);
        self.opened.remove(step);
        self.sights.remove(step);
        Ok(())
    }

    fn may_start(
        &mut self,
        plan: &Plan,
        state: &RunState,
        step: &str,
        attempt: u32,
    ) -> Result<(), Broken> {
        let index = plan.at_path(step).ok_or("a step that does not exist started")?;
        let no = |why: &str| Err(format!("`{step}` started {why}"));
        let before = self.starts.get(step).copied().unwrap_or(0);
        if attempt != before + 1 {
            return no(&format!("attempt {attempt} after {before}"));
        }
        let form = state.form(plan, index).ok_or(format!("`{step}` started without a form"))?;
        let is_by_hand = form.facets.action.is_by_hand();
        let room = || if is_by_hand { Ok(()) } else { has_room(plan, state) };
        let is_wanted_back = self.meddling.is_wanted_back(step);
        let may_now = || may_begin(plan, state, (index, is_wanted_back)).and_then(|()| room());
        if self.times.is_due(step) {
            return may_now().or_else(|why| no(&why));
        }
        let consent = self.consents.remove(step);
        let is_careful = form.facets.is_destructive || form.facets.gate.is_some();
        match consent {
            None if before > 0 => return no("again though nobody said so"),
            Some(false) if form.facets.repeat() == Repeat::Once || is_careful => {
                return no("again without the word of a person");
            }
            _ => {}
        }
        if form.facets.gate.is_some() && !self.opened.contains(step) {
            return no("though its gate was not opened for it");
        }
        let empty = HashMap::new();
        let seen = self.sights.get(step).unwrap_or(&empty);
        for place in 0..form.facets.require.len() {
            if seen.get(&(Purpose::Require, place)) != Some(&true) {
                return no("though what it requires was not seen to hold since it last waited");
            }
        }
        if form.facets.done_when.is_some() && seen.get(&(Purpose::DoneWhen, 0)) != Some(&false) {
            return no("though its `done_when` was not seen to fail since it last waited");
        }
        may_now().and_then(|()| is_its_turn(plan, state, index)).or_else(|why| no(&why))
    }

    /// Whoever has acted has succeeded only when all that must hold afterwards was seen to.
    fn may_succeed(&self, plan: &Plan, state: &RunState, step: &str) -> Result<(), Broken> {
        let index = plan.at_path(step).ok_or("a step that does not exist succeeded")?;
        let form = state.form(plan, index).ok_or(format!("`{step}` succeeded without a form"))?;
        let seen = self.sights.get(step);
        for place in 0..form.facets.verify.len() {
            if seen.and_then(|seen| seen.get(&(Purpose::Verify, place))) != Some(&true) {
                return Err(format!("`{step}` succeeded though it was not verified"));
            }
        }
        Ok(())
    }

    /// The outcome, as section 7.7 of the contract says it.
    fn outcome(&self, plan: &Plan, state: &RunState, cause: Option<&Cause>) -> Outcome {
        let has_criteria = !plan.runbook.exit_criteria.is_empty();
        match (cause, state.verdict) {
            (Some(Cause::Step { .. }), _) => return Outcome::Failed,
            (Some(_), _) => return Outcome::Aborted,
            (None, Some(Verdict::NotRecovered)) => return Outcome::Failed,
            (None, Some(Verdict::Unverified)) if has_criteria => return Outcome::Failed,
            (None, _) => {}
        }
        let counted = counted(plan, state);
        let is_open = |state: &StepState| {
            matches!(
                state,
                StepState::Failed(_, Then::Fail | Then::Abort)
                    | StepState::Rejected
                    | StepState::NotReached
            )
        };
        let weighs = |index: &&usize| !is_spare(plan, state, **index);
        let is_good_enough = state.verdict == Some(Verdict::Recovered);
        let states = |index: &usize| &state.steps[*index].state;
        if counted.iter().filter(weighs).map(states).any(is_open) && !is_good_enough {
            return Outcome::Failed;
        }
        let is_failed = |state: &StepState| matches!(state, StepState::Failed(..));
        if self.has_exceptions || counted.iter().map(states).any(|it| is_failed(it) || is_open(it))
        {
            return Outcome::SucceededWithExceptions;
        }
        Outcome::Succeeded
    }

    /// What is left when a run has ended.
    pub(crate) fn at_the_end(&self, plan: &Plan, state: &RunState) -> Result<(), Broken> {
        let is_listed = |role: Role| !matches!(role, Role::Whole | Role::Undo { .. });
        let steps = plan.nodes.iter().zip(&state.steps).filter(|(node, _)| is_listed(node.role));
        for (node, status) in steps {
            if !is_in_undo(&node.path) && !status.state.is_settled() {
                let state = status.state.word();
                return Err(format!("the run has ended and `{}` is still {state}", node.path));
            }
        }
        Ok(())
    }
}

/// Whether anything new may begin.
fn may_begin(
    plan: &Plan,
    state: &RunState,
    (index, is_wanted_back): (usize, bool),
) -> Result<(), Broken> {
    let state_of = |index: usize| &state.steps[index].state;
    if state.stop != StopLevel::None {
        return Err("while the run was being stopped".into());
    }
    // The closing steps of an included runbook are done even when a person ends the run.
    let is_last_duty = is_included_closing(plan, index);
    let is_taken_back = matches!(state.cause, Some(Cause::Undone { .. }));
    let is_broken_off = state.stage == Stage::Undo && !is_taken_back;
    if state.cause.is_some() && (state.stage < Stage::Undo || is_broken_off) {
        return if is_last_duty { Ok(()) } else { Err("though the run is ending".into()) };
    }
    let others = plan.nodes.iter().enumerate().filter(|(other, _)| *other != index);
    for (other, node) in others.filter(|_| !is_wanted_back) {
        if matches!(state_of(other), StepState::Held(_) | StepState::InDoubt(_)) {
            return Err(format!("while `{}` was {}", node.path, state_of(other).word()));
        }
    }
    Ok(())
}

/// Whether there is room for one more action.
fn has_room(plan: &Plan, state: &RunState) -> Result<(), Broken> {
    let is_acting = |other: &usize| {
        state.steps[*other].state == StepState::Running && state.is_leaf(plan, *other)
    };
    let busy = (0..plan.nodes.len()).filter(is_acting).count();
    let parallel = state.start.as_ref().map_or(1, |start| start.parallel);
    if busy < parallel {
        return Ok(());
    }
    Err(format!("beside {busy} others, where {parallel} may run"))
}

/// Whether the place of a step lets it begin now.
fn is_its_turn(plan: &Plan, state: &RunState, index: usize) -> Result<(), Broken> {
    let state_of = |index: usize| &state.steps[index].state;
    let mut at = index;
    loop {
        let node = &plan.nodes[at];
        // Of the closing steps each is done, whatever became of those above; not so in a rung.
        let of_run = plan.finally.is_some_and(|finally| plan.is_inside(at, finally));
        let is_closing = of_run || is_included_closing(plan, at);
        let goes_on_anyway = is_closing && !is_in_rung(plan, at);
        let lets_go_on = |need: usize| match goes_on_anyway {
            true => state_of(need).is_settled(),
            false => state_of(need).is_good(),
        };
        if let Some(need) = node.needs.iter().find(|need| !lets_go_on(**need)) {
            let (need, state) = (&plan.nodes[*need].path, state_of(*need).word());
            return Err(format!("though `{need}`, which `{}` needs, is {state}", node.path));
        }
        is_at_rest_behind(plan, state, at)?;
        if node.role == Role::Rung {
            is_turn(plan, state, at)?;
        }
        let Some(parent) = node.parent else { return Ok(()) };
        // The pairs of a failed rung, and of what is inside it, wait for the ladder.
        let is_pair = matches!(plan.nodes[index].role, Role::Undo { .. });
        let is_late = is_pair && state_of(parent).is_settled();
        let is_open = match node.role {
            Role::Closing => !state_of(parent).is_settled(),
            _ => matches!(state_of(parent), StepState::Running),
        };
        let is_whole = parent == ROOT || plan.finally == Some(parent);
        if !is_open && !is_whole && !is_late {
            let (path, word) = (&plan.nodes[parent].path, state_of(parent).word());
            return Err(format!("though the group `{path}` is {word}"));
        }
        at = parent;
    }
}

/// Whether nothing is open behind what a node needs, whoever settled that before its turn.
fn is_at_rest_behind(plan: &Plan, state: &RunState, index: usize) -> Result<(), Broken> {
    let mut seen = HashSet::new();
    let mut open = plan.nodes[index].needs.clone();
    while let Some(need) = open.pop().filter(|need| seen.insert(*need)) {
        let (path, state) = (&plan.nodes[need].path, &state.steps[need].state);
        if !state.is_settled() {
            return Err(format!("though `{path}`, which comes before, is {}", state.word()));
        }
        open.extend(&plan.nodes[need].needs);
    }
    Ok(())
}

/// Whether a node is, or is inside, the closing steps of an included runbook.
fn is_included_closing(plan: &Plan, index: usize) -> bool {
    let mut around = std::iter::successors(Some(index), |at| plan.nodes[*at].parent);
    around.any(|at| plan.nodes[at].role == Role::Closing)
}

fn is_in_rung(plan: &Plan, index: usize) -> bool {
    let mut around = std::iter::successors(Some(index), |at| plan.nodes[*at].parent);
    around.any(|at| plan.nodes[at].role == Role::Rung)
}

/// The rungs above one must have been passed.
fn is_turn(plan: &Plan, state: &RunState, rung: usize) -> Result<(), Broken> {
    let Some(ladder) = plan.nodes[rung].parent else { return Ok(()) };
    let Some(Inside::Ladder(rungs)) = state.form(plan, ladder).map(|form| &form.inside) else {
        return Err("as a rung of no ladder".into());
    };
    for above in rungs.iter().take_while(|above| **above != rung) {
        let is_passed = matches!(
            state.steps[*above].state,
            StepState::Failed(..) | StepState::Skipped(_) | StepState::Rejected
        );
        if !is_passed {
            let (path, state) = (&plan.nodes[*above].path, state.steps[*above].state.word());
            return Err(format!("though the rung `{path}` above it is {state}"));
        }
    }
    Ok(())
}

/// The nodes that count for the outcome: not the closing steps, not what stands in failed rungs,
/// and of the undos only those that began.
fn counted(plan: &Plan, state: &RunState) -> Vec<usize> {
    let is_failed_rung = |index: usize| {
        let state = &state.steps[index].state;
        plan.nodes[index].role == Role::Rung
            && matches!(state, StepState::Failed(..) | StepState::Rejected)
    };
    let counts = |index: &usize| {
        let node = &plan.nodes[*index];
        let mut around = vec![*index];
        while let Some(parent) = around.last().and_then(|at| plan.nodes[*at].parent) {
            around.push(parent);
        }
        let is_closing = plan.finally.is_some_and(|finally| around.contains(&finally))
            || is_included_closing(plan, *index);
        let is_idle = matches!(
            state.steps[*index].state,
            StepState::Pending | StepState::NotReached | StepState::Skipped(_)
        );
        let is_idle_undo = is_in_undo(&node.path) && is_idle;
        node.role != Role::Whole
            && !is_closing
            && !is_idle_undo
            && !around.iter().any(|at| is_failed_rung(*at))
    };
    (0..plan.nodes.len()).filter(counts).collect()
}

/// Whether a node belongs to an item that its fan-out, told `fail: all`, went on without.
fn is_spare(plan: &Plan, state: &RunState, index: usize) -> bool {
    let mut at = index;
    while let Some(parent) = plan.nodes[at].parent {
        if plan.nodes[at].role == Role::Item && state.steps[parent].state == StepState::Succeeded {
            return true;
        }
        at = parent;
    }
    false
}

fn is_in_undo(path: &str) -> bool {
    path.contains("~undo")
}
