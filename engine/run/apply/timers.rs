//! Timers: set, and due.

use crate::plan::Plan;

use crate::run::event::{Failure, FailureKind, Moment, Reminder, Timer, TimerKind};
use crate::run::state::{RunState, StepState};

use super::Applied;

impl RunState {
    pub(super) fn set_timer(&mut self, plan: &Plan, timer: &Timer, due: Moment) -> Applied {
        if timer.kind.is_of_run() {
            return self.set_timer_of_run(timer, due);
        }
        let index = self.step(plan, &timer.step)?;
        let is_leaf = self.is_leaf(plan, index);
        let state = &self.steps[index].state;
        let may = match timer.kind {
            TimerKind::Retry => matches!(state, StepState::Failing(_) | StepState::RetryWait(_)),
            TimerKind::Expiry => matches!(state, StepState::AtGate(_)),
            TimerKind::Budget => matches!(state, StepState::Running) && !is_leaf,
            TimerKind::Rto | TimerKind::Update | TimerKind::Escalation | TimerKind::Inject => false,
        };
        if !may {
            return Err(format!("the step is {}", state.word()));
        }
        self.timers.set(timer, due)?;
        let status = &mut self.steps[index];
        if let (TimerKind::Retry, StepState::Failing(failure)) = (timer.kind, &status.state) {
            status.state = StepState::RetryWait(failure.clone());
            status.retries += 1;
        }
        Ok(())
    }

    fn set_timer_of_run(&mut self, timer: &Timer, due: Moment) -> Applied {
        match timer.step.as_str() {
            "" => self.timers.set(timer, due),
            _ => Err("no step waits for that".into()),
        }
    }

    /// The operator was reminded of something; what comes after it is waited for anew.
    pub(super) fn remind(&mut self, at: Moment, reminder: &Reminder) -> Applied {
        if self.reminded.contains_key(reminder) {
            return Err("that was said already".into());
        }
        self.reminded.insert(reminder.clone(), at);
        match reminder {
            Reminder::Update { .. } => self.update(at),
            _ => self.timers.forget(&reminder.timer()),
        }
        Ok(())
    }

    /// Those who wait were written to, or it was said that they should be.
    pub(super) fn update(&mut self, at: Moment) {
        self.updated_at = Some(at);
        self.timers.forget(&Timer::of_run(TimerKind::Update));
    }

    /// The moment of a timer has come; a gate may not be answered any more.
    pub(super) fn ring(&mut self, plan: &Plan, timer: &Timer, due: Moment) -> Applied {
        self.timers.ring(timer, due)?;
        if timer.kind != TimerKind::Expiry {
            return Ok(());
        }
        let index = self.in_state(plan, &timer.step, |it| matches!(it, StepState::AtGate(_)))?;
        self.forget_step(&timer.step);
        let failure = Failure::new(FailureKind::Expired, "nobody answered in time");
        self.steps[index].state = StepState::Failing(failure);
        Ok(())
    }
}
