//! Waiting for a moment by the clock on the wall.

use std::time::Duration;

use chrono::Utc;

use crate::drive::Tell;
use crate::run::event::{Event, Moment, Timer};

use super::world::Live;

/// The longest sleep: a machine may be suspended meanwhile, or its clock be set.
const NAP: Duration = Duration::from_secs(10);

impl Live {
    /// Waits for a moment and tells that it has come; at once when it is past.
    pub(super) async fn wake(&self, timer: Timer, due: Moment, tell: &Tell) {
        sleep_until(due).await;
        // Nobody listens any more only when the run is being left.
        let _ = tell.send(Event::TimerDue { timer, due });
    }
}

/// Sleeps until the clock shows a moment.
pub(super) async fn sleep_until(due: Moment) {
    while let Ok(left) = (due - Utc::now()).to_std()
        && !left.is_zero()
    {
        // Timers count milliseconds; what is left of one is slept too.
        tokio::time::sleep(left.min(NAP).max(Duration::from_millis(1))).await;
    }
}
