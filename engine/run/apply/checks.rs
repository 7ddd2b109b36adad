//! Questions and looks: put, answered, seen.

use crate::plan::{Index, Plan};

use crate::run::event::{
    Cause, CheckRef, Failure, FailureKind, Moment, Purpose, Question, Sight, Stage, Timer,
    TimerKind, VerdictChoice,
};
use crate::run::known::Seen;
use crate::run::state::{Before, Checks, Doubt, RunState, StepState, Trouble};

use super::Applied;

impl RunState {
    pub(super) fn ask(&mut self, plan: &Plan, at: Moment, question: &Question) -> Applied {
        if let Question::Gate(gate) = question {
            let index = self.step(plan, &gate.step)?;
            self.begin(plan, index, at)?;
            let state = &self.steps[index].state;
            if !matches!(state, StepState::Ready(_) | StepState::AtGate(_)) {
                return Err(format!("the step is {}", state.word()));
            }
            if !matches!(state, StepState::AtGate(asked) if **asked == *gate) {
                self.steps[index].approved.clear();
                self.steps[index].gate_asked += 1;
            }
            self.steps[index].state = StepState::AtGate(Box::new(gate.clone()));
        }
        if self.is_asked(question) {
            return Err("this was asked already".into());
        }
        if let Some(step) = question.by_hand() {
            self.ask_person(plan, at, step, question)?;
        }
        self.asked.push(question.clone());
        Ok(())
    }

    pub(super) fn forget_step(&mut self, path: &str) {
        let kind = TimerKind::Expiry;
        self.timers.forget(&Timer { step: path.to_owned(), kind });
        self.asked.retain(|question| question.step() != Some(path));
    }

    pub(super) fn forget_check(&mut self, about: &CheckRef) {
        self.asked.retain(
            |question| !matches!(question, Question::Check { check, .. } if check == about),
        );
    }

    pub(super) fn checks_mut(
        &mut self,
        plan: &Plan,
        check: &CheckRef,
    ) -> Result<&mut Checks, String> {
        match &check.step {
            None if check.purpose == Purpose::Invariant => Ok(&mut self.invariants.checks),
            None => Ok(&mut self.checks),
            Some(path) => {
                let index = self.step(plan, path)?;
                Ok(&mut self.steps[index].checks)
            }
        }
    }

    pub(super) fn start_check(
        &mut self,
        plan: &Plan,
        at: Moment,
        (check, look): (&CheckRef, &str),
    ) -> Applied {
        let checks = self.checks_mut(plan, check)?;
        if checks.is_looking || checks.next_for(check.purpose) != check.index {
            return Err("this check is not next".into());
        }
        *checks = Checks {
            purpose: Some(check.purpose),
            next: check.index,
            is_looking: true,
            trouble: None,
        };
        let unseen = Seen { look: String::new(), sight: None, detail: String::new(), at };
        look.clone_into(&mut self.seen.entry(check.clone()).or_insert(unseen).look);
        if check.purpose == Purpose::Invariant && check.index == 0 {
            self.invariants.is_outdated = false;
        }
        let Some(path) = &check.step else { return Ok(()) };
        let index = self.step(plan, path)?;
        self.begin(plan, index, at)?;
        let state = &mut self.steps[index].state;
        match (check.purpose, &state) {
            (Purpose::DoneWhen, StepState::Ready(_)) => *state = StepState::Ready(Before::DoneWhen),
            (Purpose::Verify, StepState::Running | StepState::Ready(_)) => {
                *state = StepState::Verifying;
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn observe(
        &mut self,
        plan: &Plan,
        at: Moment,
        check: &CheckRef,
        (sight, detail): (Sight, &str),
    ) -> Applied {
        let checks = self.checks_mut(plan, check)?;
        let is_it = checks.purpose == Some(check.purpose) && checks.next == check.index;
        if !checks.is_looking || !is_it {
            return Err("nobody looked".into());
        }
        checks.is_looking = false;
        let is_good = matches!(sight, Sight::Holds | Sight::Warns);
        if is_good && check.purpose != Purpose::DoneWhen {
            checks.next += 1;
        }
        let is_unseen = sight == Sight::Unseen;
        checks.trouble = (!is_good).then(|| Trouble { is_unseen, detail: detail.to_owned() });
        if let Some(seen) = self.seen.get_mut(check) {
            (seen.sight, seen.at) = (Some(sight), at);
            detail.clone_into(&mut seen.detail);
        }
        if check.purpose == Purpose::Invariant {
            self.count_invariants(plan);
        }
        if let (Purpose::DoneWhen, Some(path)) = (check.purpose, &check.step) {
            let index = self.step(plan, path)?;
            self.observe_done_when(index, is_good);
        }
        Ok(())
    }

    /// A `done_when` that does not hold lets the step go on; one that holds or cannot be seen is
    /// for `decide` to settle.
    pub(super) fn observe_done_when(&mut self, index: Index, holds: bool) {
        let status = &mut self.steps[index];
        match status.state {
            StepState::Ready(Before::DoneWhen) if !holds => {
                let is_unseen = status.checks.trouble.as_ref().is_some_and(|t| t.is_unseen);
                if !is_unseen {
                    status.state = StepState::Ready(Before::Gate);
                    status.checks = Checks::default();
                }
            }
            StepState::InDoubt(Doubt::DoneWhen { is_certain }) if !holds => {
                status.state = StepState::InDoubt(Doubt::Decide { is_certain });
                status.checks = Checks::default();
            }
            _ if holds => status.checks.next = 1,
            _ => {}
        }
    }

    pub(super) fn waive(&mut self, plan: &Plan, check: &CheckRef) -> Applied {
        self.forget_check(check);
        let checks = self.checks_mut(plan, check)?;
        if checks.next != check.index || checks.is_looking {
            return Err("this check is not next".into());
        }
        let purpose = Some(check.purpose);
        *checks = Checks { purpose, next: check.index + 1, is_looking: false, trouble: None };
        if check.purpose == Purpose::Invariant {
            self.count_invariants(plan);
        }
        // A symptom that a person knows better about is no exception of the run.
        self.has_exceptions |= check.purpose != Purpose::Confirm && self.stage != Stage::Finally;
        Ok(())
    }

    pub(super) fn refuse_check(&mut self, plan: &Plan, check: &CheckRef, detail: &str) -> Applied {
        let checks = self.checks_mut(plan, check)?;
        let trouble = checks.trouble.take().ok_or("there is nothing to refuse")?;
        let detail = detail.to_owned();
        match &check.step {
            Some(path) => {
                let index = self.step(plan, path)?;
                let kind = match trouble.is_unseen {
                    true => FailureKind::Unseen,
                    false => FailureKind::Precondition,
                };
                let failure = Failure::new(kind, detail);
                self.steps[index].state = StepState::Failing(failure);
            }
            None => self.cause = Some(Cause::NotStarted { detail }),
        }
        Ok(())
    }

    pub(super) fn resolve_verdict(
        &mut self,
        choice: VerdictChoice,
        (by, reason): (&str, &str),
    ) -> Applied {
        if self.verdict_held.take().is_none() {
            return Err("no verdict waits".into());
        }
        self.asked.retain(|question| !matches!(question, Question::Verdict { .. }));
        match choice {
            VerdictChoice::Retry => {
                self.verdict = None;
                self.checks = Checks::default();
            }
            VerdictChoice::Undo => {
                self.cause = Some(Cause::Undone { by: by.to_owned(), reason: reason.to_owned() });
            }
            VerdictChoice::End => {}
        }
        Ok(())
    }
}
