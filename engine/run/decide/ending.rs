//! What comes after the last step: paired undos, the verdict, the closing steps, the outcome.

use crate::plan::{Index, Plan, ROOT, Role};

use crate::run::effect::Effect;
use crate::run::event::{
    Cause, CheckRef, Event, Outcome, Purpose, Question, Skip, Stage, Then, Verdict,
};
use crate::run::offer::Offer;
use crate::run::state::{RunState, StepState};

use super::{Next, Run};

impl Run<'_> {
    /// What comes next once every step of a whole is settled.
    pub(super) fn end_whole(&self, whole: Index) -> Vec<Effect> {
        if whole != ROOT {
            return self.end_run();
        }
        // What a person wants taken back comes to its end first.
        if self.state.undos_under_way(self.plan).next().is_some() {
            return Vec::new();
        }
        let children = self.state.children(self.plan, ROOT);
        let is_good = children.iter().all(|child| self.state.steps[*child].state.is_good());
        let pair = if is_good { self.next_pair(ROOT) } else { None };
        match pair {
            Some(next) => next.effects(),
            None => self.enter(Stage::ExitCriteria),
        }
    }

    /// Looks at the exit criteria and says what they amount to.
    pub(super) fn exit_criteria(&self) -> Vec<Effect> {
        if let Some(verdict) = self.state.verdict {
            return self.follow_verdict(verdict);
        }
        let progress = &self.state.checks;
        if progress.is_looking {
            return Vec::new();
        }
        if let Some(next) = self.missing_input(&self.plan.criteria_inputs) {
            return next.effects();
        }
        let criteria = &self.plan.runbook.exit_criteria;
        let named = criteria.iter().flat_map(|check| check.probe.expressions());
        if let Some(next) = self.lost_secret(crate::plan::WHOLE, named) {
            return next.effects();
        }
        let place = progress.next_for(Purpose::ExitCriterion);
        let (verdict, detail) = match (criteria.get(place), &progress.trouble) {
            (None, _) if criteria.is_empty() => (Verdict::Unverified, String::new()),
            (None, _) => (Verdict::Recovered, String::new()),
            (Some(check), None) => {
                let purpose = Purpose::ExitCriterion;
                let reference = CheckRef { step: None, purpose, index: place };
                let setting = &self.plan.runbook.defaults.setting;
                match check.probe.render(setting, &self.names()) {
                    Ok(observation) => {
                        return vec![Effect::Observe { check: reference, observation }];
                    }
                    Err(error) => (Verdict::Unverified, error.message),
                }
            }
            (Some(check), Some(trouble)) => {
                let detail = super::described(check, Purpose::ExitCriterion, trouble);
                match trouble.is_unseen {
                    true => (Verdict::Unverified, detail),
                    false => (Verdict::NotRecovered, detail),
                }
            }
        };
        vec![Effect::Record(Event::VerdictReached { verdict, detail })]
    }

    fn follow_verdict(&self, verdict: Verdict) -> Vec<Effect> {
        match &self.state.verdict_held {
            Some(detail) if self.state.is_attended => {
                let question = Question::Verdict { verdict, detail: detail.clone() };
                let offer = Offer { undos: self.undos(), ..Offer::default() };
                Next::ask(self, question, offer).effects()
            }
            _ => self.close(),
        }
    }

    /// Goes on to the closing steps, or ends where there are none or nothing has begun.
    pub(super) fn close(&self) -> Vec<Effect> {
        if self.state.is_taken_back() && self.state.stage < Stage::Undo {
            return self.enter(Stage::Undo);
        }
        match self.plan.finally {
            Some(_) if self.state.has_started => self.enter(Stage::Finally),
            _ => self.end_run(),
        }
    }

    /// Ends a run early once what has begun is settled; nothing new begins.
    pub(super) fn end_early(&self) -> Vec<Effect> {
        let mut begin = Vec::new();
        let mut is_under_way = self.state.checks.is_looking;
        for index in &self.state.active {
            let status = &self.state.steps[*index];
            let is_open = match status.state {
                StepState::Running => self.state.is_leaf(self.plan, *index),
                StepState::Verifying
                | StepState::Failing(_)
                | StepState::RetryWait(_)
                | StepState::InDoubt(_) => true,
                _ => false,
            };
            is_under_way |= is_open || status.checks.is_looking;
            let goes_on = is_open || self.plan.nodes[*index].is_closing;
            match if goes_on { self.next_of(*index) } else { Next::Nothing } {
                Next::Record(event) => return vec![Effect::Record(event)],
                Next::Begin(effect) => begin.push(effect),
                Next::Nothing => {}
            }
        }
        if is_under_way || !begin.is_empty() {
            return begin;
        }
        match self.close_included() {
            Some(next) => next.effects(),
            None => self.close(),
        }
    }

    fn end_run(&self) -> Vec<Effect> {
        let verdict = match &self.state.cause {
            Some(Cause::Undone { .. }) => Some(Verdict::NotRecovered),
            Some(_) => None,
            None => self.state.verdict,
        };
        let outcome = self.outcome();
        let is_assumed = self.state.is_assumed();
        // Whoever ends an exercise ends the exercise, and not only what it is about.
        let is_broken_off =
            matches!(self.state.cause, Some(Cause::Person { .. } | Cause::Undone { .. }));
        let (outcome, as_if) = match outcome {
            Outcome::Aborted if is_broken_off => (outcome, None),
            assumed if is_assumed => (Outcome::Rehearsed, Some(assumed)),
            real => (real, None),
        };
        vec![Effect::Record(Event::RunEnded {
            outcome,
            as_if,
            verdict,
            cause: self.state.cause.clone(),
        })]
    }

    fn outcome(&self) -> Outcome {
        let is_recovered = self.state.verdict == Some(Verdict::Recovered);
        let is_unseen = self.state.verdict_held.is_some() || self.has_unseen_criterion();
        match &self.state.cause {
            Some(
                Cause::NotStarted { .. }
                | Cause::Person { .. }
                | Cause::Undone { .. }
                | Cause::Rejected { .. },
            ) => Outcome::Aborted,
            Some(Cause::Step { .. }) => Outcome::Failed,
            None if self.state.verdict == Some(Verdict::NotRecovered) || is_unseen => {
                Outcome::Failed
            }
            None if !is_recovered && has_open_failure(self.plan, self.state) => Outcome::Failed,
            None if self.state.has_exceptions || has_failure(self.plan, self.state) => {
                Outcome::SucceededWithExceptions
            }
            None => Outcome::Succeeded,
        }
    }

    /// Whether criteria were declared and yet nothing could be said.
    fn has_unseen_criterion(&self) -> bool {
        self.state.verdict == Some(Verdict::Unverified)
            && !self.plan.runbook.exit_criteria.is_empty()
    }
}

/// Whether a step outside failed rungs, and without `continue`, did not succeed.
pub fn has_open_failure(plan: &Plan, state: &RunState) -> bool {
    counted(plan, state).filter(|index| !is_in_spare_item(plan, state, *index)).any(|index| {
        matches!(
            state.steps[index].state,
            StepState::Failed(_, Then::Fail | Then::Abort)
                | StepState::Rejected
                | StepState::NotReached
        )
    })
}

/// Whether any step outside failed rungs failed, even one that the run went on without.
fn has_failure(plan: &Plan, state: &RunState) -> bool {
    counted(plan, state).any(|index| {
        matches!(
            state.steps[index].state,
            StepState::Failed(..)
                | StepState::Rejected
                | StepState::NotReached
                | StepState::Skipped(Skip::Operator)
        )
    })
}

/// The steps that count for the outcome: not the closing ones, and none in a failed rung of a
/// ladder that succeeded after all.
fn counted<'a>(plan: &'a Plan, state: &'a RunState) -> impl Iterator<Item = usize> + 'a {
    (0..plan.nodes.len()).filter(move |index| {
        let is_whole = plan.nodes[*index].role == Role::Whole;
        !plan.nodes[*index].is_closing && !is_whole && !is_in_failed_rung(plan, state, *index)
    })
}

/// Whether a node is, or is inside, an item that its fan-out went on without.
fn is_in_spare_item(plan: &Plan, state: &RunState, index: Index) -> bool {
    let mut around = std::iter::successors(Some(index), |at| plan.nodes[*at].parent);
    around.any(|at| {
        let whole = plan.nodes[at].parent.filter(|_| plan.nodes[at].role == Role::Item);
        whole.is_some_and(|whole| state.steps[whole].state.is_good())
    })
}

fn is_in_failed_rung(plan: &Plan, state: &RunState, index: Index) -> bool {
    let mut at = Some(index);
    while let Some(index) = at {
        let node = &plan.nodes[index];
        let is_failed =
            matches!(state.steps[index].state, StepState::Failed(..) | StepState::Rejected);
        if node.role == Role::Rung && is_failed {
            return true;
        }
        at = node.parent;
    }
    false
}
