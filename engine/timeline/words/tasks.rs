//! The sentences about what takes time: retries, and what is watched.

use crate::plan::Plan;
use crate::run::RunState;
use crate::run::event::{Event, Moment, Sight, Timer, TimerKind, WatchSeen};
use crate::run::state::StepState;
use crate::timeline::Kind;

use super::{Sentence, duration};

/// What an event of a timer says.
pub(super) fn of_task(event: &Event, plan: &Plan, state: &RunState) -> Option<Sentence> {
    match event {
        Event::TimerSet { timer, due } if timer.kind == TimerKind::Retry => {
            retry(timer, *due, plan, state)
        }
        Event::TimerDue { timer, .. } if timer.kind == TimerKind::Budget => {
            let budget = plan.nodes[plan.at_path(&timer.step)?].budget?;
            let budget = crate::document::duration_text(budget);
            let text = format!("is not done yet, and its budget of {budget} is over");
            Some((Kind::Waiting, Some(timer.step.clone()), text))
        }
        Event::WatchSeen(WatchSeen { step, sight, detail, .. }) => {
            let text = match sight {
                Sight::Holds => "what it watches holds again".to_owned(),
                Sight::Warns => format!("what it watches holds, with a warning: {detail}"),
                Sight::Fails => format!("what it watches broke: {detail}"),
                Sight::Unseen => format!("what it watches could not be seen: {detail}"),
            };
            Some((Kind::Check, Some(step.clone()), text))
        }
        _ => None,
    }
}

/// How a watch ended.
pub(super) fn watched(breaks: u32) -> String {
    match breaks {
        0 => "watched".to_owned(),
        1 => "watched, and it broke once".to_owned(),
        times => format!("watched, and it broke {times} times"),
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
