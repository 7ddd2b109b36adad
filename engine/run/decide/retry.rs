//! What comes next for an action that failed and may be tried again.

use crate::plan::Index;
use crate::run::effect::Effect;
use crate::run::event::{Failure, FailureKind, Timer, TimerKind, later};
use crate::runbook::step::Repeat;

use super::{Next, Run};

impl Run<'_> {
    /// The wait for another attempt; none when the failure is to have its consequence.
    pub(super) fn next_retry(&self, index: Index, failure: &Failure) -> Option<Effect> {
        let form = self.state.form(self.plan, index)?;
        let retry = form.facets.retry.as_ref()?;
        let status = &self.state.steps[index];
        let is_covered = match &retry.on_exit {
            Some(codes) => {
                let has_exited = matches!(failure.kind, FailureKind::Exit | FailureKind::Expect);
                has_exited && status.exit.is_some_and(|code| codes.contains(&code.into()))
            }
            None => is_of_attempt(failure.kind) && form.facets.repeat() != Repeat::Once,
        };
        if self.state.gives_up(self.plan, index) || !is_covered || status.retries >= retry.times {
            return None;
        }
        let timer = Timer { step: self.path(index), kind: TimerKind::Retry };
        let due = later(self.state.last_at?, retry.pause(status.retries + 1));
        Some(Effect::Wake { timer, due })
    }

    /// Begins the next attempt once its moment has come. What stands before the action is not asked
    /// and not looked at again.
    pub(super) fn try_again(&self, index: Index, failure: &Failure) -> Next {
        let timer = Timer { step: self.path(index), kind: TimerKind::Retry };
        match self.state.form(self.plan, index) {
            _ if self.state.gives_up(self.plan, index) => {
                Next::Record(self.consequence(index, failure.clone()))
            }
            Some(form) if self.state.timers.is_due(&timer) => self.act(index, form),
            _ => Next::Nothing,
        }
    }
}

/// Whether such a failure is one of the attempt itself.
fn is_of_attempt(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::Exit
            | FailureKind::Expect
            | FailureKind::Timeout
            | FailureKind::Signal
            | FailureKind::Spawn
    )
}
