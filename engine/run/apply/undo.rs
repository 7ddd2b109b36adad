//! Taking a run back, even one that has ended.

use crate::plan::Plan;

use crate::run::event::{Cause, Stage};
use crate::run::state::RunState;

use super::Applied;

impl RunState {
    pub(super) fn request_undo(&mut self, plan: &Plan, by: &str, reason: &str) -> Applied {
        if matches!(self.cause, Some(Cause::Undone { .. })) && !self.has_ended() {
            return Err("it is being taken back already".into());
        }
        if !self.has_started && self.undoable(plan).is_empty() {
            return Err("nothing of it has begun".into());
        }
        if self.has_ended() {
            if self.undoable(plan).is_empty() {
                return Err("nothing of it is left to be taken back".into());
            }
            // What was settled with the end of the run may be called for after all.
            for index in 0..plan.nodes.len() {
                let undo = self.acted_form(plan, index).and_then(|form| form.undo);
                if let Some(undo) = undo.filter(|_| self.steps[index].owes_undo) {
                    self.renew_all(plan, undo);
                }
            }
            self.outcome = None;
            self.stage = Stage::ExitCriteria;
        }
        self.verdict_held = None;
        self.cause = Some(Cause::Undone { by: by.to_owned(), reason: reason.to_owned() });
        Ok(())
    }
}
