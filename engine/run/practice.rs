//! What of an exercise is real.
//!
//! In a rehearsal nothing is changed. What only looks may be looked at for real; all else is
//! assumed, and whoever is not there is assumed to have said what lets the run go on. Whoever
//! decides what is begun and whoever tells of it ask here, so that they cannot disagree.

use crate::plan::{Form, Index, Plan, Role};
use crate::runbook::action::Action;
use crate::runbook::step::Repeat;

use super::event::{CheckRef, Observes, Purpose};
use super::state::{RunState, StepStatus};

/// Who has said what nobody said.
pub const NOBODY: &str = "nobody (assumed)";

impl RunState {
    /// Whether what the actions of this run do is assumed.
    pub fn is_assumed(&self) -> bool {
        self.mode().is_assumed()
    }

    /// Whether the action of a node is begun: it always is, except that in what is assumed only
    /// what looks is, and that only where looks are wanted.
    pub fn is_begun(&self, plan: &Plan, index: Index) -> bool {
        !self.is_assumed()
            || self.observes().is_some_and(|observes| {
                let is_known_to_change = observes.not_steps.contains(named(plan, index));
                !is_known_to_change && self.form(plan, index).is_some_and(only_looks)
            })
    }

    /// Whether a check is looked at.
    pub fn is_looked_at(&self, plan: &Plan, check: &CheckRef) -> bool {
        let is_known_to_change = |observes: &Observes| match &check.step {
            None => observes.not_checks.contains(&check.purpose),
            Some(path) => {
                plan.at_path(path).is_none_or(|at| observes.not_steps.contains(named(plan, at)))
            }
        };
        !self.is_assumed() || self.observes().is_some_and(|it| !is_known_to_change(it))
    }

    /// Whether the choices of an input are listed for real.
    pub fn lists_choices_of(&self, input: &str) -> bool {
        self.observes().is_some_and(|observes| !observes.not_inputs.contains(input))
    }

    /// Whether something was assumed to be changed, so that the system is not what the run takes it
    /// for any more.
    pub fn has_assumed_change(&self, plan: &Plan) -> bool {
        self.is_assumed()
            && self.steps.iter().enumerate().any(|(index, status)| {
                status.attempts > 0 && self.form(plan, index).is_some_and(changes)
            })
    }

    fn observes(&self) -> Option<&Observes> {
        self.start.as_ref().and_then(|start| start.observes.as_ref())
    }
}

/// The id by which a runbook knows a step: that of its fan-out, where it is one of the items.
pub fn named(plan: &Plan, index: Index) -> &str {
    let node = &plan.nodes[index];
    match node.parent {
        Some(parent) if node.role == Role::Item => named(plan, parent),
        _ => &node.id,
    }
}

impl StepStatus {
    /// Whether it was seen how its last attempt ended.
    pub fn is_observed(&self) -> bool {
        self.attempts > 0 && !self.is_assumed
    }
}

/// Whether the action of a form does nothing but look, unattended.
pub fn only_looks(form: &Form) -> bool {
    let facets = &form.facets;
    let is_look = match &facets.action {
        Action::Run(_)
        | Action::Http(_)
        | Action::Probe(_)
        | Action::Wait(_)
        | Action::Watch(_) => facets.repeat() == Repeat::Read,
        _ => false,
    };
    is_look && !facets.is_destructive && facets.tty.is_none()
}

/// Whether the action of a form changes something.
pub fn changes(form: &Form) -> bool {
    match &form.facets.action {
        Action::Run(_) | Action::Http(_) => {
            form.facets.repeat() != Repeat::Read || form.facets.is_destructive
        }
        Action::Manual(_) | Action::Checklist(_) => true,
        _ => false,
    }
}

/// Whether a look that shows nothing good says something about a run in which something was assumed
/// to be changed: what must hold only after that change cannot hold yet.
pub fn is_decisive(purpose: Purpose, has_assumed_change: bool) -> bool {
    match purpose {
        Purpose::Confirm | Purpose::Precondition | Purpose::DoneWhen => true,
        Purpose::Require | Purpose::Verify | Purpose::Invariant | Purpose::ExitCriterion => {
            !has_assumed_change
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan;
    use crate::runbook;
    use crate::source::{Problems, Source};

    /// Whether the only step of a runbook only looks, and whether it changes something.
    fn nature(step: &str) -> (bool, bool) {
        let text = format!("{{holdpoint: 1, id: x, title: X, steps: [{{id: a, {step}}}]}}");
        let mut problems = Problems::default();
        let book = runbook::read(&Source::new("x", text), &mut problems).expect("it can be read");
        let plan = plan::build(book, &mut problems).expect("it can be planned");
        let form = &plan.nodes[plan.find("a").expect("it is there")].forms[0];
        (only_looks(form), changes(form))
    }

    #[test]
    fn what_only_looks_changes_nothing_and_what_does_neither_is_no_action() {
        for (step, expected) in [
            ("run: ls", (false, true)),
            ("run: ls, effect: idempotent", (false, true)),
            ("run: ls, effect: read", (true, false)),
            ("run: ls, effect: read, destructive: true", (false, true)),
            ("run: vi, effect: read, tty: true", (false, false)),
            ("http: {method: GET, url: 'http://x.invalid'}", (true, false)),
            ("http: {method: POST, url: 'http://x.invalid'}", (false, true)),
            ("probe: {file: x}", (true, false)),
            ("wait: {until: {file: x}}", (true, false)),
            ("manual: pull the lever", (false, true)),
            ("choose: {ask: Which?, options: [a, b]}", (false, false)),
            ("notify: {template: resolved}", (false, false)),
        ] {
            assert_eq!(nature(step), expected, "{step}");
        }
    }

    #[test]
    fn what_must_hold_after_a_change_says_nothing_once_that_was_assumed() {
        use Purpose::*;
        for purpose in [Confirm, Precondition, DoneWhen, Require, Verify, Invariant, ExitCriterion]
        {
            assert!(is_decisive(purpose, false), "{purpose:?}");
        }
        let decisive = [Confirm, Precondition, DoneWhen];
        assert!(decisive.into_iter().all(|purpose| is_decisive(purpose, true)));
        let after = [Require, Verify, Invariant, ExitCriterion];
        assert!(!after.into_iter().any(|purpose| is_decisive(purpose, true)));
    }
}
