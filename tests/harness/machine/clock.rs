//! The clock of a scripted world: one second an event, and a leap to the moment of a timer.

use chrono::TimeDelta;
use holdpoint::run::event::{Event, Moment};

use super::Machine;

impl Machine {
    /// When each of the events happened.
    pub(crate) fn moments(&self) -> &[Moment] {
        &self.moments
    }

    /// When an event happens that is told next.
    pub(super) fn next_moment(&self, event: &Event) -> Moment {
        let next = self.moments.last().map_or_else(beginning, |at| *at + TimeDelta::seconds(1));
        match event {
            Event::TimerDue { due, .. } => next.max(*due),
            _ => next,
        }
    }
}

/// When the first event happens.
fn beginning() -> Moment {
    Moment::from_timestamp(1_700_000_000, 0).expect("within the range of time")
}
