//! What must hold of moments, and of the attempts that a step makes by itself.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use holdpoint::plan::Plan;
use holdpoint::run::RunState;
use holdpoint::run::event::{
    End, Event, FailureKind, Moment, Reminder, Stage, StepEnded, TimerKind,
};
use holdpoint::runbook::retry::{Backoff, Retry};
use holdpoint::runbook::step::Repeat;

use super::Broken;

/// What the record has said of moments so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Times {
    last: Option<Moment>,
    /// How the last attempt of a step failed, and the code that its command exited with.
    failures: HashMap<String, (FailureKind, Option<i32>)>,
    /// When the last attempt of a step ended.
    ended: HashMap<String, Moment>,
    /// How many attempts a step made by itself since a person last let it begin.
    series: HashMap<String, u32>,
    /// When the next of them is due.
    waits: HashMap<String, Moment>,
    /// The steps whose moment has come.
    due: HashSet<String>,
    /// How much of the time until service must be back was said to be spent.
    spent: u8,
    /// What else somebody was reminded of.
    reminded: HashSet<String>,
}

impl Times {
    pub(super) fn before(
        &mut self,
        plan: &Plan,
        state: &RunState,
        at: Moment,
        event: &Event,
    ) -> Result<(), Broken> {
        let last = self.last.replace(at);
        if last.is_some_and(|last| last >= at) {
            return Err(format!("no time has passed before {event:?}"));
        }
        match event {
            Event::StepEnded(ended) => self.end(at, ended),
            Event::TimerSet { timer, due } if timer.kind == TimerKind::Retry => {
                return self.wait(plan, state, &timer.step, last.unwrap_or(at), *due);
            }
            Event::TimerDue { due, timer } => {
                if *due > at {
                    return Err(format!("the timer of `{}` is due too early", timer.step));
                }
                if timer.kind == TimerKind::Retry {
                    self.due.insert(timer.step.clone());
                }
            }
            Event::Reminded { reminder } => return self.remind(reminder, state.stage),
            Event::StepHeld { step, failure } | Event::StepFailed { step, failure, .. }
                if self.failures.get(step).is_some_and(|(kind, _)| *kind == failure.kind) =>
            {
                let is_ending = state.cause.is_some() && state.stage < Stage::Finally;
                if !is_ending && self.may_go_on(plan, state, step).is_some() {
                    return Err(format!("`{step}` was given up though it may be tried again"));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn remind(&mut self, reminder: &Reminder, stage: Stage) -> Result<(), Broken> {
        if stage >= Stage::Undo {
            return Err(format!("{reminder:?} comes when nobody recovers any more"));
        }
        let is_news = match reminder {
            Reminder::Rto { spent } => std::mem::replace(&mut self.spent, *spent) < *spent,
            other => self.reminded.insert(format!("{other:?}")),
        };
        if is_news { Ok(()) } else { Err(format!("{reminder:?} is said again")) }
    }

    /// Whether the moment of a step's next attempt has come.
    pub(super) fn is_due(&self, step: &str) -> bool {
        self.due.contains(step)
    }

    pub(super) fn start(&mut self, step: &str) {
        self.due.remove(step);
        self.waits.remove(step);
        self.failures.remove(step);
    }

    /// A step may begin again; a person's word begins a new series.
    pub(super) fn consent(&mut self, step: &str, is_by_person: bool) {
        self.start(step);
        if is_by_person {
            self.series.remove(step);
        }
    }

    fn end(&mut self, at: Moment, ended: &StepEnded) {
        self.ended.insert(ended.step.clone(), at);
        let code = match ended.end {
            End::Exited { code } => Some(code),
            _ => None,
        };
        let failed = ended.failure.as_ref().map(|failure| (failure.kind, code));
        self.failures.extend(failed.map(|failed| (ended.step.clone(), failed)));
    }

    fn wait(
        &mut self,
        plan: &Plan,
        state: &RunState,
        step: &str,
        last: Moment,
        due: Moment,
    ) -> Result<(), Broken> {
        if let Some(known) = self.waits.get(step) {
            let is_same = *known == due && !self.due.contains(step);
            return if is_same { Ok(()) } else { Err(format!("`{step}` waits anew")) };
        }
        let Some(retry) = self.may_go_on(plan, state, step) else {
            return Err(format!("`{step}` waits to be tried again, and may not be"));
        };
        let made = self.series.entry(step.to_owned()).or_default();
        let pause = pause(retry, *made);
        // It counts from when that was decided: after the failure, and before anything else began.
        let from = due - pause;
        if from > last || self.ended.get(step).is_none_or(|ended| from < *ended) {
            return Err(format!("`{step}` waits until {due}, which is not in {pause:?}"));
        }
        *made += 1;
        self.waits.insert(step.to_owned(), due);
        Ok(())
    }

    /// How a step that failed is tried again; none when it is not.
    fn may_go_on<'p>(&self, plan: &'p Plan, state: &RunState, step: &str) -> Option<&'p Retry> {
        let facets = &state.form(plan, plan.at_path(step)?)?.facets;
        let retry = facets.retry.as_ref()?;
        let (kind, code) = self.failures.get(step)?;
        let is_covered = match &retry.on_exit {
            Some(codes) => code.is_some_and(|code| codes.contains(&i64::from(code))),
            None => facets.repeat() != Repeat::Once,
        };
        let is_left = self.series.get(step).copied().unwrap_or(0) < retry.times;
        (is_covered && is_left && is_of_attempt(*kind)).then_some(retry)
    }
}

fn is_of_attempt(kind: FailureKind) -> bool {
    use FailureKind::{Exit, Expect, Signal, Spawn, Timeout};
    [Exit, Expect, Signal, Spawn, Timeout].contains(&kind)
}

/// The pause after so many attempts that a step made by itself.
fn pause(retry: &Retry, made: u32) -> Duration {
    let mut pause = retry.every;
    for _ in 0..made {
        pause *= if retry.backoff == Backoff::Exponential { 2 } else { 1 };
    }
    pause.min(retry.max.unwrap_or(Duration::MAX))
}
