//! What comes next for an included runbook: its closing steps come before its end.

use crate::plan::{Index, Role};
use crate::run::event::{Event, Failure, HoldChoice, Skip, Then};
use crate::run::state::StepState;

use super::{Next, Run};

impl Run<'_> {
    /// Lets the closing steps of an included runbook be done before it is settled.
    pub(super) fn closing_first(&self, index: Index, next: Next) -> Next {
        let settles = matches!(
            next,
            Next::Record(
                Event::StepSucceeded { .. } | Event::StepFailed { .. } | Event::StepSkipped { .. }
            )
        );
        match self.state.owed_closing(self.plan, index) {
            Some(closing) if settles => self.enter_closing(closing),
            _ => next,
        }
    }

    fn enter_closing(&self, closing: Index) -> Next {
        match self.state.steps[closing].state {
            StepState::Pending => Next::Record(Event::GroupEntered { step: self.path(closing) }),
            _ => Next::Nothing,
        }
    }

    /// What a person decided about an included runbook whose closing steps had to come first.
    pub(super) fn decided(&self, index: Index, choice: HoldChoice, failure: &Failure) -> Event {
        let (step, failure) = (self.path(index), failure.clone());
        match choice {
            HoldChoice::Done => Event::StepSucceeded { step },
            HoldChoice::Skip => Event::StepSkipped { step, why: Skip::Operator },
            _ => Event::StepFailed { step, failure, then: Then::Fail },
        }
    }

    /// The closing steps of the runbooks that were begun, when the run ends early: the innermost
    /// first.
    pub(super) fn close_included(&self) -> Option<Next> {
        let is_closing = |index: &&Index| self.plan.nodes[**index].role == Role::Closing;
        let ready = self.state.ready.iter().filter(|index| self.plan.nodes[**index].is_closing);
        if let Some(ready) = ready.copied().next() {
            return Some(self.begin(ready));
        }
        if self.state.active.iter().any(|index| is_closing(&index)) {
            return Some(Next::Nothing);
        }
        let mut active = self.state.active.iter().rev();
        let closing = active.find_map(|index| self.state.owed_closing(self.plan, *index))?;
        Some(self.enter_closing(closing))
    }
}
