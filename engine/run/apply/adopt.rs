//! What becomes of a run when its runbook gives way to a changed one.
//!
//! Each step continues the one at its path, or at the path that it moved from. What is settled stays
//! as it is, unless it is to be done again. What waits takes the new definition and is asked anew;
//! what has an action under way, or nobody knows how it ended, stands in the way.

mod carry;
mod reopen;

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::{Index, Plan, ROOT, Role, paired, same_undo};

use crate::run::event::{Event, Moment, RunbookAdopted, Stage};
use crate::run::state::{Checks, RunState, StepState};

use super::IllegalEvent;
use carry::Carried;

impl RunState {
    /// Folds the event with which a changed runbook is taken over, or refuses it and changes
    /// nothing. The new plan grows with the items that are known.
    pub fn adopt(
        &mut self,
        old: &Plan,
        new: &mut Plan,
        at: Moment,
        adopted: &RunbookAdopted,
    ) -> Result<(), IllegalEvent> {
        let refused = |reason: String| {
            IllegalEvent::of(&Event::RunbookAdopted(Box::new(adopted.clone())), reason)
        };
        let left = self.clone().left(old);
        left.may_adopt(old).map_err(refused)?;
        let mut carried = left.carried(old, new, adopted);
        carried.can_go_on(new).map_err(refused)?;
        carried.last_at = Some(at);
        // Whoever adopts writes as a driver of its own.
        carried.driver += 1;
        *self = carried;
        Ok(())
    }

    /// Whether a changed runbook can be taken over now, or what stands in the way; for a run that
    /// its driver has left.
    pub fn may_adopt(&self, plan: &Plan) -> Result<(), String> {
        if self.has_ended() {
            return Err("the run has ended".into());
        }
        if self.cause.is_some() || self.stage > Stage::ExitCriteria {
            return Err("the run is being ended".into());
        }
        let is_open = |state: &StepState, is_leaf| match state {
            StepState::InDoubt(_) => true,
            StepState::Running => is_leaf,
            _ => false,
        };
        let open = self
            .active
            .iter()
            .find(|index| is_open(&self.steps[**index].state, self.is_leaf(plan, **index)));
        match open {
            Some(index) => Err(format!("`{}` is in doubt", plan.nodes[*index].path)),
            None => Ok(()),
        }
    }

    /// The steps that were begun and not taken back, and whose way back the new plan does not have
    /// as it was.
    pub fn lost_undos(&self, old: &Plan, new: &Plan, adopted: &RunbookAdopted) -> Vec<String> {
        let pairs = paired(old, new, &adopted.moved);
        let mut lost = Vec::new();
        for (index, node) in old.nodes.iter().enumerate() {
            let undo = self.form(old, index).and_then(|form| form.undo);
            let is_owed = self.steps[index].owes_undo && !old.is_in_undo(index);
            if undo.is_none_or(|undo| self.steps[undo].state.is_settled()) || !is_owed {
                continue;
            }
            let now = pairs.iter().position(|pair| *pair == Some(index));
            if !now.is_some_and(|now| same_undo((old, index), (new, now))) {
                lost.push(node.path.clone());
            }
        }
        lost
    }

    /// This state under the new plan.
    fn carried(&self, old: &Plan, new: &mut Plan, adopted: &RunbookAdopted) -> RunState {
        let redone: BTreeSet<&str> = adopted.redone.iter().map(String::as_str).collect();
        Carried::grown(self, old, new, adopted);
        let carried = Carried { old, left: self, pairs: paired(old, new, &adopted.moved) };
        let mut state = RunState {
            steps: carried.steps(new),
            active: BTreeSet::new(),
            ready: BTreeSet::new(),
            checks: Checks::default(),
            timers: carried.timers(new),
            former: carried.former(new),
            late: BTreeMap::new(),
            verdict: None,
            verdict_held: None,
            // What was let pass, or would be, was said of the checks as they were.
            waived: BTreeMap::new(),
            seen: BTreeMap::new(),
            ..self.clone()
        };
        let begun = carried.undos_to_retry(new);
        carried.recast(new).into_iter().for_each(|index| state.choose_anew(new, index));
        state.reopen_all(new, &carried, &redone);
        state.recount(new);
        state.ready.extend(begun);
        if state.stage == Stage::ExitCriteria && state.steps[ROOT].open_inside > 0 {
            state.stage = Stage::Steps;
        }
        state.is_parked = true;
        state
    }

    /// Whether a rung is open and has done more than wait for its turn.
    pub(in crate::run::apply) fn has_acted(&self, rung: Index) -> bool {
        let state = &self.steps[rung].state;
        !state.is_settled() && !matches!(state, StepState::Pending | StepState::Ready(_))
    }

    /// Whether a run can go on from a state that was carried over, or what stands in the way: a
    /// step may have moved to where it cannot be open.
    fn can_go_on(&self, plan: &Plan) -> Result<(), String> {
        for index in &self.active {
            let node = &plan.nodes[*index];
            let is_verified = self.steps[*index].state == StepState::Verifying;
            if is_verified && self.form(plan, *index).is_none() {
                return Err(format!("`{}` is to be verified, and its case is gone", node.path));
            }
            let is_undo = matches!(node.role, Role::Undo { .. });
            let Some(group) = node.parent.filter(|_| !is_undo) else { continue };
            let rungs = self.children(plan, group);
            let is_won = |rung: &Index| {
                matches!(self.steps[*rung].state, StepState::Succeeded | StepState::Satisfied)
            };
            let is_over = self.steps[group].state.is_settled()
                || self.is_shut(plan, *index)
                || node.role == Role::Rung && rungs.iter().any(is_won);
            if is_over {
                let (step, group) = (&node.path, &plan.nodes[group].path);
                return Err(format!("`{step}` is open, and `{group}` around it is not"));
            }
            let is_open = |rung: &&Index| **rung != *index && self.has_acted(**rung);
            if node.role == Role::Rung
                && self.has_acted(*index)
                && let Some(other) = rungs.iter().find(is_open)
            {
                let (step, other) = (&node.path, &plan.nodes[*other].path);
                return Err(format!("`{step}` and `{other}` are open, and only one rung can be"));
            }
        }
        Ok(())
    }
}
