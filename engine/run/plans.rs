//! The plans of a run: the one that it began with, and each that it took over later.

use std::collections::VecDeque;

use crate::plan::Plan;

use super::apply::{IllegalEvent, grow};
use super::event::{Event, Moment};
use super::state::RunState;

/// The plan that a run goes by, and those that it will go by after events still to come.
#[derive(Clone, Debug)]
pub struct Plans {
    /// The plan that it goes by; it grows with the items of its fan-outs.
    pub current: Plan,
    later: VecDeque<Plan>,
}

impl Plans {
    /// The first plan of a run, and the plans that it took over, in order.
    pub fn new(first: Plan, later: impl IntoIterator<Item = Plan>) -> Plans {
        Plans { current: first, later: later.into_iter().collect() }
    }
}

impl Plans {
    /// The plan that the run goes by after all events, before any of them.
    pub fn into_last(self) -> Plan {
        self.later.into_iter().next_back().unwrap_or(self.current)
    }
}

impl From<Plan> for Plans {
    fn from(plan: Plan) -> Plans {
        Plans::new(plan, [])
    }
}

/// Folds one event of a run: its plan grows or gives way to the next, and its state follows.
pub fn fold(
    plans: &mut Plans,
    state: &mut RunState,
    at: Moment,
    event: &Event,
) -> Result<(), IllegalEvent> {
    if let Event::RunbookAdopted(adopted) = event {
        let next = plans.later.pop_front();
        let mut next = next.ok_or_else(|| {
            IllegalEvent::of(event, "the runbook that was taken over is not at hand".into())
        })?;
        state.adopt(&plans.current, &mut next, at, adopted)?;
        plans.current = next;
        return Ok(());
    }
    grow(&mut plans.current, event);
    state.apply(&plans.current, at, event)
}
