//! The stages of a run, and what a new driver finds.

use crate::plan::{Index, Plan, ROOT, Role};

use crate::run::event::{Skip, Stage, StopLevel};
use crate::run::state::{Checks, Doubt, RunState, StepState};

use super::Applied;

impl RunState {
    pub(super) fn enter(&mut self, plan: &Plan, stage: Stage) -> Applied {
        if stage <= self.stage {
            return Err(format!("the run is past that: it is at {:?}", self.stage));
        }
        self.stage = stage;
        self.checks = Checks::default();
        match stage {
            Stage::Steps => self.open_group_at(plan, ROOT),
            Stage::Finally => {
                self.close(plan);
                if let Some(finally) = plan.finally {
                    self.open_group_at(plan, finally);
                }
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn open_group_at(&mut self, plan: &Plan, whole: Index) {
        self.active.insert(whole);
        self.open_group(plan, whole);
    }

    /// Settles what is left of the steps once nothing more of them will be done.
    pub(super) fn close(&mut self, plan: &Plan) {
        for (index, node) in plan.nodes.iter().enumerate() {
            if plan.finally.is_some_and(|finally| plan.is_inside(index, finally)) {
                continue;
            }
            let state = &mut self.steps[index].state;
            if !state.is_settled() {
                let is_undo = matches!(node.role, Role::Undo { .. });
                *state = match is_undo {
                    true => StepState::Skipped(Skip::NotNeeded),
                    false => StepState::NotReached,
                };
            }
        }
        self.active.clear();
        self.ready.clear();
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
        self.stop = StopLevel::None;
        self.stopped_by = None;
        self.is_parked = false;
        self.checks.is_looking = false;
        self.checks.trouble = None;
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
            if is_in_doubt {
                status.state = StepState::InDoubt(Doubt::Process);
            }
        }
    }
}
