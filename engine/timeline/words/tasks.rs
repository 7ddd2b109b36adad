//! The sentences about what takes time: retries.

use crate::plan::Plan;
use crate::run::RunState;
use crate::run::event::{Event, Moment, Timer, TimerKind};
use crate::run::state::StepState;
use crate::timeline::Kind;

use super::{Sentence, duration};

/// What an event of a timer says.
pub(super) fn of_task(event: &Event, plan: &Plan, state: &RunState) -> Option<Sentence> {
    match event {
        Event::TimerSet { timer, due } if timer.kind == TimerKind::Retry => {
            retry(timer, *due, plan, state)
        }
        _ => None,
    }
}

fn retry(timer: &Timer, due: Moment, plan: &Plan, state: &RunState) -> Option<Sentence> {
    let StepState::RetryWait(failure) = &state.steps[plan.at_path(&timer.step)?].state else {
        return None;
    };
    let pause = due - state.last_at.unwrap_or(due);
    let when = match u64::try_from(pause.num_milliseconds()) {
        Ok(0) | Err(_) => "at once".to_owned(),
        Ok(ms) => format!("in {}", duration(ms)),
    };
    let text = format!("is tried again {when}: {}", failure.detail);
    Some((Kind::Waiting, Some(timer.step.clone()), text))
}
