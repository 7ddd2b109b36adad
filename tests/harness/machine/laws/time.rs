//! What must hold of moments.

use holdpoint::run::event::{Event, Moment};

use super::Broken;

/// What the record has said of moments so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Times {
    last: Option<Moment>,
}

impl Times {
    pub(super) fn before(&mut self, at: Moment, event: &Event) -> Result<(), Broken> {
        if self.last.is_some_and(|last| last >= at) {
            return Err(format!("no time has passed before {event:?}"));
        }
        self.last = Some(at);
        match event {
            Event::TimerDue { due, timer } if *due > at => {
                Err(format!("the timer of `{}` is due before its moment", timer.step))
            }
            _ => Ok(()),
        }
    }
}
