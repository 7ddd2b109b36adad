//! What a runbook itself advises to do about a held step, where it knows.
//!
//! It is careful: it advises to try a step again only where that can do no harm, and says nothing
//! about what a person or a rule has decided.

use crate::plan::{Form, Index, Inside, Plan};
use crate::runbook::step::Repeat;

use super::cost::{rung_after, title};
use super::event::{Failure, FailureKind, HoldChoice};
use super::state::{RunState, StepState};

/// A choice, and why it is the one that the runbook points at.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Advice {
    /// What to choose.
    pub choice: HoldChoice,
    /// Why, as a lower-case sentence.
    pub reason: String,
}

/// What the runbook advises about a held step; none where it is for the person alone to say.
pub fn advice(plan: &Plan, state: &RunState, index: Index) -> Option<Advice> {
    let StepState::Held(failure) = &state.steps[index].state else { return None };
    let form = state.form(plan, index)?;
    if !is_of_system(failure.kind) {
        return None;
    }
    if let Some(rung) = rung_after(plan, state, index) {
        let reason = format!("there is another way: {}", title(plan, state, rung));
        return Some(Advice { choice: HoldChoice::Failed, reason });
    }
    if may_try_again(state, index, form, failure) {
        let reason = match failure.kind {
            FailureKind::Timeout => "it ran out of time, and doing it again does no harm",
            _ => "it was broken off, and doing it again does no harm",
        };
        return Some(Advice { choice: HoldChoice::Retry, reason: reason.to_owned() });
    }
    let is_spent_ladder = matches!(form.inside, Inside::Ladder(_));
    let may_undo = state.no_way_back().is_none() && !state.owed_undos(plan).is_empty();
    let is_undoable = is_spent_ladder && may_undo;
    is_undoable.then(|| {
        let reason = "no rung is left, and what was done can be taken back".to_owned();
        Advice { choice: HoldChoice::Undo, reason }
    })
}

/// Whether the system failed, and not a rule, a person or the runbook itself.
fn is_of_system(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::Exit
            | FailureKind::Timeout
            | FailureKind::Signal
            | FailureKind::Spawn
            | FailureKind::Expect
            | FailureKind::Verify
            | FailureKind::Inner
    )
}

/// Whether a step was broken off that may be repeated, and has not used up its own attempts.
fn may_try_again(state: &RunState, index: Index, form: &Form, failure: &Failure) -> bool {
    let is_broken_off = matches!(failure.kind, FailureKind::Timeout | FailureKind::Signal);
    let is_harmless = form.facets.repeat() != Repeat::Once && !form.facets.is_destructive;
    let has_attempts =
        form.facets.retry.as_ref().is_none_or(|retry| state.steps[index].retries < retry.times);
    is_broken_off && is_harmless && has_attempts
}
