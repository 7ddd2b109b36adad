//! The clock of a scripted world: one second an event, and a leap to the moment of a timer.

use chrono::TimeDelta;
use holdpoint::run::event::{Event, Moment};

use super::Machine;

impl Machine {
    /// When each of the events happened.
    pub(crate) fn moments(&self) -> &[Moment] {
        &self.moments
    }

    /// Time passes in which nothing happens.
    pub(crate) fn later(mut self, minutes: i64) -> Machine {
        self.pause = TimeDelta::minutes(minutes);
        self
    }

    /// The incident was noticed before the run began.
    pub(crate) fn noticed_before(mut self, minutes: i64) -> Machine {
        self.start.detected_at = Some(beginning() - TimeDelta::minutes(minutes));
        self
    }

    /// The minutes since the run began, with the whole minute that has begun.
    pub(crate) fn minute(&self, at: Moment) -> i64 {
        (at - beginning()).num_minutes()
    }

    /// When an event happens that is told next.
    pub(super) fn next_moment(&self, event: &Event) -> Moment {
        let next = self
            .moments
            .last()
            .map_or_else(beginning, |at| *at + self.pause + TimeDelta::seconds(1));
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
