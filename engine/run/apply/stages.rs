//! The stages of a run, and what a new driver finds.

use crate::plan::{Index, Plan, ROOT, Role};

use crate::run::event::{
    Cause, Failure, FailureKind, Moment, Question, Skip, Stage, StopLevel, Then,
};
use crate::run::state::{Before, Checks, Doubt, Invariants, RunState, StepState};

use super::Applied;

impl RunState {
    pub(super) fn enter(&mut self, plan: &Plan, at: Moment, stage: Stage) -> Applied {
        let is_next = match stage {
            Stage::Inputs => false,
            Stage::Confirm => self.stage == Stage::Inputs,
            Stage::Preconditions => self.stage == Stage::Confirm,
            Stage::Steps => self.stage == Stage::Preconditions,
            Stage::ExitCriteria => self.stage == Stage::Steps && self.steps[ROOT].open_inside == 0,
            Stage::Undo => self.is_over(plan) && matches!(self.cause, Some(Cause::Undone { .. })),
            Stage::Finally => self.is_over(plan),
        };
        if !is_next {
            return Err(format!("the run is at {:?}", self.stage));
        }
        self.stage = stage;
        self.checks = Checks::default();
        match stage {
            Stage::Steps => self.open_group_at(plan, ROOT),
            Stage::Undo => self.close(plan, at, false),
            Stage::Finally => {
                self.close(plan, at, false);
                if let Some(finally) = plan.finally {
                    self.open_group_at(plan, finally);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether nothing more of the steps is to be done: they have their verdict, or something ended
    /// them early, and no action is under way.
    pub(super) fn is_over(&self, plan: &Plan) -> bool {
        let is_judged = self.stage == Stage::ExitCriteria && self.verdict.is_some();
        let is_undone = self.stage == Stage::Undo && self.owed_undos(plan).is_empty();
        (is_judged || self.is_ending() || is_undone) && self.acting(plan) == 0
    }

    /// Ends the run, unless steps of it are still open.
    pub(super) fn end(&mut self, plan: &Plan, at: Moment, cause: Option<&Cause>) -> Applied {
        let is_closed = self.stage == Stage::Finally
            && plan.finally.is_some_and(|all| self.steps[all].open_inside == 0);
        let is_unbegun = cause.is_some() && self.stage < Stage::Steps;
        // An exercise that a person breaks off ends where it stands: nothing of it has begun.
        let is_broken_off =
            self.mode().is_practice() && matches!(cause, Some(Cause::Person { .. }));
        if !self.is_over(plan) && !is_closed && !is_unbegun && !is_broken_off {
            return Err("steps are still open".into());
        }
        if cause.is_some() {
            self.cause = cause.cloned();
        }
        self.close(plan, at, true);
        Ok(())
    }

    pub(super) fn open_group_at(&mut self, plan: &Plan, whole: Index) {
        self.active.insert(whole);
        self.open_group(plan, whole);
    }

    /// Settles what is left of the steps once nothing more of them will be done; the closing steps
    /// too, when they are not to follow. When the run is taken back, an undo that has begun goes on.
    pub(super) fn close(&mut self, plan: &Plan, at: Moment, with_closing: bool) {
        let is_taken_back = self.stage == Stage::Undo && !with_closing;
        let goes_on = |index: &Index| is_taken_back && plan.is_in_undo(*index);
        for index in 0..plan.nodes.len() {
            let is_closing = plan.finally.is_some_and(|finally| plan.is_inside(index, finally));
            if self.steps[index].state.is_settled()
                || is_closing && !with_closing
                || goes_on(&index)
            {
                continue;
            }
            self.steps[index].state = self.last_state(plan, index);
            self.steps[index].ended_at = Some(at);
        }
        self.active.retain(goes_on);
        self.ready.retain(goes_on);
        self.timers.clear();
        self.asked.retain(|question| matches!(question, Question::Input { .. }));
    }

    /// What a node that is still open has come to when nothing more of it will be done.
    fn last_state(&self, plan: &Plan, index: Index) -> StepState {
        let is_of_run = plan.finally.is_some_and(|finally| plan.is_inside(index, finally));
        let is_inner_closing = plan.nodes[index].is_closing && !is_of_run;
        match &self.steps[index].state {
            _ if plan.nodes[index].role == Role::Whole => StepState::Succeeded,
            StepState::Held(failure) if failure.kind.is_refusal() => StepState::Rejected,
            StepState::Held(failure) | StepState::RetryWait(failure) => {
                StepState::Failed(failure.clone(), Then::Fail)
            }
            StepState::AtPerson(_) => {
                let detail = "the run ended before anybody said that it is done";
                StepState::Failed(Failure::new(FailureKind::Stopped, detail), Then::Fail)
            }
            StepState::Running | StepState::Verifying => {
                let detail = "the run ended before it did";
                StepState::Failed(Failure::new(FailureKind::Inner, detail), Then::Fail)
            }
            _ if plan.is_in_undo(index) || is_inner_closing => StepState::Skipped(Skip::NotNeeded),
            _ => StepState::NotReached,
        }
    }

    /// The state as the next driver would find it, for whoever only looks.
    pub fn left(mut self, plan: &Plan) -> RunState {
        self.resume(plan);
        self.is_parked = true;
        self
    }

    /// What a new driver finds: looks begin anew, questions are put again, and an action whose
    /// end is not on record is in doubt.
    pub(super) fn resume(&mut self, plan: &Plan) {
        self.asked.clear();
        self.choices.retain(|_, choices| choices.is_some());
        self.inputs.retain(|_, given| !given.is_secret);
        self.secrets.values_mut().for_each(|is_held| *is_held = false);
        self.stop = StopLevel::None;
        self.stopped_by = None;
        self.is_parked = false;
        self.is_paused = false;
        self.checks.is_looking = false;
        self.checks.trouble = None;
        self.invariants = Invariants::default();
        self.timers.lose();
        self.steps.iter_mut().for_each(|status| status.is_released = false);
        for index in self.active.clone() {
            let is_leaf = self.is_leaf(plan, index);
            let status = &mut self.steps[index];
            status.checks.is_looking = false;
            status.checks.trouble = None;
            let is_in_doubt = match status.state {
                StepState::Running => is_leaf,
                StepState::InDoubt(_) => true,
                _ => false,
            };
            // Whoever drives it now is kept out of its gates, and no longer who did before.
            if let StepState::AtGate(gate) = &mut status.state
                && gate.barred.is_some()
            {
                gate.barred = Some(self.operator.clone());
            }
            // Time has passed: what was seen before an action is looked at again.
            if let StepState::Ready(_) = status.state {
                status.state = StepState::Ready(Before::Require);
                status.checks = Checks::default();
            }
            if is_in_doubt {
                status.state = StepState::InDoubt(Doubt::Process);
            }
        }
    }
}
