//! What a failure leads to: a person decides, the run goes on, or it ends.

use crate::plan::{Index, Inside, Plan, Role};
use crate::run::event::{Event, Failure, FailureKind, OnFailureGiven, Then};
use crate::run::state::RunState;
use crate::runbook::action::Action;
use crate::runbook::gate::OnExpiry;
use crate::runbook::step::OnFailure;

use super::Run;

impl Run<'_> {
    /// What a failure leads to.
    pub(super) fn consequence(&self, index: Index, failure: Failure) -> Event {
        let step = self.path(index);
        let is_ending = self.state.is_ending();
        let then = match (failure.kind, self.on_failure(index)) {
            (kind, _) if self.is_message(index) && is_of_action(kind) => Then::Continue,
            (kind, on_failure) if self.is_closing(index) => self.closing(index, kind, on_failure),
            (_, OnFailure::Continue) if is_ending => Then::Continue,
            _ if is_ending => Then::Fail,
            (FailureKind::Rejected, _) if !self.state.is_attended => Then::Abort,
            (FailureKind::Expired, _) if !self.state.is_attended && self.is_refused_late(index) => {
                Then::Abort
            }
            (
                FailureKind::Rejected
                | FailureKind::Expired
                | FailureKind::Unseen
                | FailureKind::When
                | FailureKind::Stopped,
                _,
            ) => return Event::StepHeld { step, failure },
            (FailureKind::Expect, _) if self.holds_on_break(index) => {
                return Event::StepHeld { step, failure };
            }
            (FailureKind::Inner, OnFailure::Hold) if self.is_phase(index) => Then::Fail,
            (_, OnFailure::Hold) => return Event::StepHeld { step, failure },
            (_, OnFailure::Fail) => Then::Fail,
            (_, OnFailure::Continue) => Then::Continue,
            (_, OnFailure::Abort) => Then::Abort,
        };
        Event::StepFailed { step, failure, then }
    }

    /// Whether a gate that nobody answered in time counts as refused.
    fn is_refused_late(&self, index: Index) -> bool {
        let form = self.state.form(self.plan, index);
        let gate = form.and_then(|form| form.facets.gate.as_ref());
        gate.is_some_and(|gate| gate.on_expiry == OnExpiry::Reject)
    }

    /// What a failure among the closing steps leads to: on with the next, or with the next rung.
    fn closing(&self, index: Index, kind: FailureKind, on_failure: OnFailure) -> Then {
        let is_told = matches!(
            kind,
            FailureKind::Rejected | FailureKind::Expired | FailureKind::Unseen | FailureKind::When
        );
        match !is_told && self.is_in_rung(index) && on_failure != OnFailure::Continue {
            true => Then::Fail,
            false => Then::Continue,
        }
    }

    fn on_failure(&self, index: Index) -> OnFailure {
        on_failure(self.plan, self.state, index)
    }

    pub(super) fn is_closing(&self, index: Index) -> bool {
        self.plan.nodes[index].is_closing
    }

    pub(super) fn is_in_rung(&self, index: Index) -> bool {
        let mut around = std::iter::successors(Some(index), |at| self.plan.nodes[*at].parent);
        let is_undo = matches!(self.plan.nodes[index].role, Role::Undo { .. });
        !is_undo && around.any(|at| self.plan.nodes[at].role == Role::Rung)
    }

    fn is_message(&self, index: Index) -> bool {
        let form = self.state.form(self.plan, index);
        form.is_some_and(|form| matches!(form.facets.action, Action::Notify(_)))
    }

    /// Whether a person has decided about what is inside already.
    fn is_phase(&self, index: Index) -> bool {
        let form = self.state.form(self.plan, index);
        form.is_some_and(|form| matches!(form.inside, Inside::Phase(_)))
    }
}

/// What a failure of a node leads to, by what was given at the start and what the runbook says.
pub fn on_failure(plan: &Plan, state: &RunState, index: Index) -> OnFailure {
    let given = state.start.as_ref().and_then(|start| start.on_failure);
    let given = given.map(|given| match given {
        OnFailureGiven::Hold => OnFailure::Hold,
        OnFailureGiven::Abort => OnFailure::Abort,
    });
    let own = plan.runbook_at(plan.nodes[index].space).runbook.defaults.on_failure;
    let default = given.or(own);
    // That of the chosen case comes first.
    let form = state.form(plan, index);
    let said = form.and_then(|form| form.facets.on_failure);
    let said = said.or(plan.nodes[index].on_failure);
    said.or(default).unwrap_or(OnFailure::Hold)
}

/// Whether such a failure is one of the action itself, and not of what stands around it.
fn is_of_action(kind: FailureKind) -> bool {
    !matches!(
        kind,
        FailureKind::Rejected
            | FailureKind::Unseen
            | FailureKind::When
            | FailureKind::Precondition
            | FailureKind::Verify
    )
}
