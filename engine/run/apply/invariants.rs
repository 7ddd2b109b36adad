//! The invariants of a run: seen to hold, broken, and what a person decided.

use crate::plan::Plan;

use crate::run::event::{Cause, CheckRef, InvariantChoice, Question};
use crate::run::state::{Checks, RunState};

use super::Applied;

impl RunState {
    /// Something has happened: what held before may hold no more.
    pub(super) fn doubt_invariants(&mut self) {
        self.invariants.are_fresh = false;
        self.invariants.is_outdated = true;
    }

    /// One more invariant holds, or is let pass; with the last of them all are fresh.
    pub(super) fn count_invariants(&mut self, plan: &Plan) {
        if self.invariants.checks.next < plan.runbook.invariants.len() {
            return;
        }
        self.invariants.checks = Checks::default();
        self.invariants.are_fresh = !self.invariants.is_outdated;
        self.invariants.is_outdated = false;
    }

    pub(super) fn resolve_invariant(
        &mut self,
        plan: &Plan,
        check: &CheckRef,
        choice: InvariantChoice,
        (by, reason): (&str, &str),
    ) -> Applied {
        let is_it = |asked: &Question| matches!(asked, Question::Invariant { check: about, .. } if about == check);
        if !self.asked.iter().any(is_it) {
            return Err("nobody asked".into());
        }
        self.asked.retain(|asked| !is_it(asked));
        let checks = &mut self.invariants.checks;
        checks.trouble = None;
        match choice {
            InvariantChoice::Retry => {}
            InvariantChoice::Waive => {
                checks.purpose = Some(check.purpose);
                checks.next = check.index + 1;
                let id = plan.runbook.invariants.get(check.index).and_then(|it| it.id.clone());
                self.waived.extend(id.map(|id| (id.value, reason.to_owned())));
                self.has_exceptions = true;
                self.count_invariants(plan);
            }
            InvariantChoice::Abort => {
                self.cause = Some(Cause::Person { by: by.to_owned(), reason: reason.to_owned() });
            }
            InvariantChoice::Undo => {
                self.cause = Some(Cause::Undone { by: by.to_owned(), reason: reason.to_owned() });
            }
        }
        Ok(())
    }
}
