//! Settling a step, and letting it begin anew.

use crate::plan::{Index, Inside, Plan, Role};

use crate::run::event::{
    Cause, Decider, DoubtChoice, Event, Failure, FailureKind, HoldChoice, Moment, Question, Skip,
    Stage, Then,
};
use crate::run::state::{Checks, RunState, StepState, StepStatus};

use super::Applied;

impl RunState {
    pub(super) fn transit_settlement(&mut self, plan: &Plan, at: Moment, event: &Event) -> Applied {
        match event {
            Event::StepSucceeded { step } => {
                let index = self.step(plan, step)?;
                self.may_settle(plan, index, false)?;
                self.settle(plan, index, at, StepState::Succeeded);
            }
            Event::StepSatisfied { step } => {
                let index = self.in_state(plan, step, |s| matches!(s, StepState::Ready(_)))?;
                self.settle_inside(plan, index, at, &StepState::Skipped(Skip::NotNeeded));
                self.settle(plan, index, at, StepState::Satisfied);
            }
            Event::StepSkipped { step, why } => {
                let index = self.step(plan, step)?;
                self.may_pass_over(plan, index)?;
                if self.steps[index].decided.is_none() {
                    // That of a chosen case is looked at when the step has begun.
                    let form = self.form(plan, index);
                    let has_case_when = form.is_some_and(|form| form.facets.case_when.is_some());
                    self.in_state(plan, step, |s| match s {
                        StepState::Pending => true,
                        StepState::Ready(_) => has_case_when,
                        _ => false,
                    })?;
                }
                self.skip(plan, index, at, *why);
            }
            Event::StepFailed { step, failure, then } => {
                let index = self.step(plan, step)?;
                self.may_settle(plan, index, true)?;
                self.fail(plan, index, at, failure, *then);
            }
            Event::StepHeld { step, failure } => {
                let index = self.step(plan, step)?;
                self.may_settle(plan, index, true)?;
                self.begin(plan, index, at)?;
                self.steps[index].state = StepState::Held(failure.clone());
            }
            Event::HoldResolved { step, choice, by, reason } => {
                let index = self.in_state(plan, step, |s| matches!(s, StepState::Held(_)))?;
                self.forget_step(step);
                self.resolve_hold(plan, index, at, *choice, (by, reason));
            }
            Event::StepNotReached { step } => {
                let index = self.in_state(plan, step, |s| *s == StepState::Pending)?;
                self.may_pass_over(plan, index)?;
                self.settle_all(plan, index, at, &StepState::NotReached);
            }
            _ => return Err("this event belongs to the run".into()),
        }
        Ok(())
    }

    /// Whether a person was asked about a step in doubt.
    pub(super) fn is_doubt_asked(&self, path: &str) -> bool {
        let is_it =
            |asked: &Question| matches!(asked, Question::InDoubt { step, .. } if step == path);
        self.asked.iter().any(is_it)
    }

    /// Whether what a node has come to may be told: not while its action is under way, nor before
    /// its turn has come.
    fn may_settle(&self, plan: &Plan, index: Index, has_failed: bool) -> Applied {
        let state = &self.steps[index].state;
        let is_turn =
            self.ready.contains(&index) || matches!(plan.nodes[index].role, Role::Undo { .. });
        let may = match state {
            StepState::Ready(_) | StepState::Verifying => true,
            StepState::Running => !self.is_leaf(plan, index) && self.steps[index].open_inside == 0,
            StepState::RetryWait(_) => has_failed,
            StepState::Failing(_) => has_failed || self.steps[index].decided.is_some(),
            StepState::Pending => has_failed && is_turn,
            _ => false,
        };
        if may { Ok(()) } else { Err(format!("the step is {}", state.word())) }
    }

    /// Whether a node may be passed over by itself: not before its group has begun.
    fn may_pass_over(&self, plan: &Plan, index: Index) -> Applied {
        let is_pending = |group: Index| self.steps[group].state == StepState::Pending;
        match plan.nodes[index].parent.is_some_and(is_pending) {
            true => Err("its group has not begun".into()),
            false => Ok(()),
        }
    }

    /// Settles a node, and tells its group and what waits for it.
    pub(super) fn settle(&mut self, plan: &Plan, index: Index, at: Moment, state: StepState) {
        let status = &mut self.steps[index];
        if status.state.is_settled() {
            return;
        }
        status.state = state;
        status.ended_at = Some(at);
        status.started_at.get_or_insert(at);
        if !self.is_leaf(plan, index) {
            self.endings += 1;
            self.steps[index].ended_as = self.endings;
        }
        self.active.remove(&index);
        self.ready.remove(&index);
        let node = &plan.nodes[index];
        self.timers.forget_step(&node.path);
        // Nobody is asked about it any more, whoever settled it.
        if !self.asked.is_empty() {
            self.forget_step(&node.path);
        }
        if let Role::Undo { of, .. } = node.role {
            let is_given_up = matches!(
                self.steps[index].state,
                StepState::Skipped(Skip::Operator) | StepState::Failed(..)
            );
            let is_back = self.steps[index].state.is_good() && !is_given_up;
            self.steps[of].owes_undo &= !is_back;
            if is_back && self.stage == Stage::Undo {
                self.steps[of].state = StepState::Undone;
            }
            return;
        }
        if let Some(parent) = node.parent {
            self.steps[parent].open_inside = self.steps[parent].open_inside.saturating_sub(1);
            self.open_next_rung(plan, index, parent);
            if let Some(Inside::Each(items)) = self.form(plan, parent).map(|form| &form.inside) {
                self.open_items(plan, parent, items);
            }
        }
        let late = self.late.remove(&index).unwrap_or_default();
        for dependent in node.dependents.iter().copied().chain(late) {
            let waiting = &mut self.steps[dependent];
            waiting.unmet = waiting.unmet.saturating_sub(1);
            if waiting.unmet == 0 && waiting.state == StepState::Pending {
                self.ready.insert(dependent);
            }
        }
    }

    pub(super) fn open_next_rung(&mut self, plan: &Plan, index: Index, ladder: Index) {
        let is_passed = matches!(
            self.steps[index].state,
            StepState::Failed(..)
                | StepState::Skipped(Skip::When | Skip::Operator)
                | StepState::Rejected
        );
        if plan.nodes[index].role != Role::Rung || !is_passed {
            return;
        }
        let rungs = self.children(plan, ladder);
        // One above it may still be tried, where a person passed this one over.
        let next = rungs.iter().find(|rung| !self.steps[**rung].state.is_settled()).copied();
        self.ready.extend(next.filter(|next| self.steps[*next].state == StepState::Pending));
    }

    /// Settles a node and all that is inside it the same way.
    pub(super) fn settle_all(&mut self, plan: &Plan, index: Index, at: Moment, state: &StepState) {
        let mut open = vec![index];
        while let Some(index) = open.pop() {
            open.extend(plan.nodes[index].within());
            if !self.steps[index].state.is_settled() {
                self.settle(plan, index, at, state.clone());
            }
        }
        // What waited inside was never to begin.
        self.ready.retain(|ready| !self.steps[*ready].state.is_settled());
    }

    /// Settles all that is inside a node the same way.
    pub(super) fn settle_inside(
        &mut self,
        plan: &Plan,
        index: Index,
        at: Moment,
        state: &StepState,
    ) {
        for child in plan.nodes[index].within() {
            self.settle_all(plan, child, at, state);
        }
    }

    pub(super) fn skip(&mut self, plan: &Plan, index: Index, at: Moment, why: Skip) {
        self.has_exceptions |= why == Skip::Operator;
        self.settle_all(plan, index, at, &StepState::Skipped(why));
    }

    pub(super) fn pass_over_other_cases(&mut self, plan: &Plan, index: Index, at: Moment) {
        let chosen = self.steps[index].form;
        for (place, form) in plan.nodes[index].forms.iter().enumerate() {
            if Some(place) != chosen {
                for child in form.inside.children() {
                    self.settle_all(plan, *child, at, &StepState::Skipped(Skip::NotNeeded));
                }
            }
        }
    }

    pub(super) fn fail(
        &mut self,
        plan: &Plan,
        index: Index,
        at: Moment,
        failure: &Failure,
        then: Then,
    ) {
        let step = plan.nodes[index].path.clone();
        self.settle_inside(plan, index, at, &StepState::NotReached);
        let is_rejected = failure.kind.is_refusal();
        self.steps[index].is_expired = failure.kind == FailureKind::Expired;
        let state = match is_rejected {
            true => StepState::Rejected,
            false => StepState::Failed(failure.clone(), then),
        };
        self.settle(plan, index, at, state);
        if then == Then::Abort {
            let cause = match is_rejected {
                true => Cause::Rejected { step },
                false => Cause::Step { step },
            };
            self.cause.get_or_insert(cause);
        }
    }

    pub(super) fn resolve_hold(
        &mut self,
        plan: &Plan,
        index: Index,
        at: Moment,
        choice: HoldChoice,
        (by, reason): (&String, &String),
    ) {
        let StepState::Held(failure) = self.steps[index].state.clone() else { return };
        let is_final = matches!(choice, HoldChoice::Done | HoldChoice::Failed | HoldChoice::Skip);
        if is_final && self.owed_closing(plan, index).is_some() {
            self.steps[index].is_marked_done = choice == HoldChoice::Done;
            self.has_exceptions |= choice == HoldChoice::Done;
            self.steps[index].decided = Some(choice);
            self.steps[index].state = StepState::Failing(failure);
            return;
        }
        match choice {
            HoldChoice::Retry => self.reset(plan, index),
            HoldChoice::Done => {
                self.steps[index].is_marked_done = true;
                self.has_exceptions = true;
                self.settle_inside(plan, index, at, &StepState::Skipped(Skip::NotNeeded));
                self.settle(plan, index, at, StepState::Succeeded);
            }
            HoldChoice::Failed => self.fail(plan, index, at, &failure, Then::Fail),
            HoldChoice::Skip => self.skip(plan, index, at, Skip::Operator),
            HoldChoice::Undo => {
                let (by, reason) = (by.clone(), reason.clone());
                self.cause = Some(Cause::Undone { by, reason });
            }
            HoldChoice::Abort => {
                let (by, reason) = (by.clone(), reason.clone());
                self.cause = Some(Cause::Person { by, reason });
            }
        }
    }

    pub(super) fn settle_doubt(
        &mut self,
        plan: &Plan,
        index: Index,
        at: Moment,
        choice: DoubtChoice,
        event: &Event,
    ) {
        let is_promised = matches!(event, Event::DoubtSettled { by: Decider::DoneWhen, .. });
        self.endings += 1;
        self.steps[index].ended_as = self.endings;
        match choice {
            DoubtChoice::Done if is_promised => {
                self.settle(plan, index, at, StepState::Succeeded);
            }
            DoubtChoice::Done => {
                self.steps[index].checks = Checks::default();
                self.steps[index].state = StepState::Verifying;
            }
            DoubtChoice::Rerun => {
                let StepStatus { retries, since, watched, .. } = self.steps[index].clone();
                self.reset(plan, index);
                if matches!(
                    event,
                    Event::DoubtSettled { by: Decider::Effect | Decider::Keeper, .. }
                ) {
                    self.steps[index].retries = retries;
                    self.steps[index].since = since;
                    self.steps[index].watched = watched;
                }
            }
            DoubtChoice::Failed => {
                let failure =
                    Failure::new(FailureKind::Doubt, "it was in doubt and counted as failed");
                self.steps[index].state = StepState::Failing(failure);
            }
        }
    }

    /// Lets a node, and all inside it, begin anew; attempts go on counting.
    pub(super) fn reset(&mut self, plan: &Plan, index: Index) {
        // The items of a fan-out that are done are not done again.
        let is_kept = |inner: &Index| {
            plan.nodes[*inner].role == Role::Item && self.steps[*inner].state.is_good()
        };
        let inside: Vec<Index> =
            plan.nodes[index].within().filter(|inner| !is_kept(inner)).collect();
        inside.into_iter().for_each(|inner| self.renew_all(plan, inner));
        let StepStatus { started_at, items, is_needed, .. } = self.steps[index].clone();
        self.renew(plan, index);
        self.steps[index].started_at = started_at;
        self.steps[index].items = items;
        self.steps[index].is_needed = is_needed;
        // What it needs may be open again, where a changed runbook was taken over.
        self.await_needs(plan, index);
        let unmet = self.steps[index].unmet;
        if unmet == 0 {
            self.ready.insert(index);
        }
    }

    /// Lets a node, its undo, and all inside it begin anew, when its turn has come.
    pub(super) fn renew_all(&mut self, plan: &Plan, index: Index) {
        let mut open = vec![index];
        while let Some(inner) = open.pop() {
            open.extend(plan.nodes[inner].within());
            open.extend(plan.nodes[inner].forms.iter().filter_map(|form| form.undo));
            self.renew(plan, inner);
        }
    }

    pub(super) fn renew(&mut self, plan: &Plan, index: Index) {
        self.active.remove(&index);
        self.ready.remove(&index);
        for waiting in self.late.values_mut() {
            waiting.remove(&index);
        }
        self.timers.forget_step(&plan.nodes[index].path);
        let unmet = plan.nodes[index].needs.len();
        let ticks = self.kept_ticks(plan, index);
        let StepStatus { attempts, losses, owes_undo, acted_as, ended_as, gate_asked, .. } =
            self.steps[index];
        self.steps[index] = StepStatus {
            attempts,
            losses,
            owes_undo,
            acted_as,
            ended_as,
            gate_asked,
            unmet,
            ticks,
            ..StepStatus::default()
        };
    }
}
