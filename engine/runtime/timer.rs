//! Waiting for a moment by the clock on the wall.

use std::sync::PoisonError;
use std::time::Duration;

use chrono::Utc;

use crate::drive::Tell;
use crate::run::event::{Event, Moment, StopLevel, Timer, TimerKind};

use super::world::Live;

/// The longest sleep: a machine may be suspended meanwhile, or its clock be set.
const NAP: Duration = Duration::from_secs(10);

impl Live {
    /// Waits for a moment and tells that it has come; at once when it is past.
    pub(super) async fn wake(&self, timer: Timer, due: Moment, tell: &Tell) {
        sleep_until(due).await;
        if timer.kind == TimerKind::Expiry {
            self.give_up_gate(&timer.step).await;
        }
        // Nobody listens any more only when the run is being left.
        let _ = tell.send(Event::TimerDue { timer, due });
    }
}

impl Live {
    /// Ends the question of a gate at the terminal: whatever is typed now comes too late.
    async fn give_up_gate(&self, step: &str) {
        let is_its = || {
            let at = self.gate_at_terminal.lock().unwrap_or_else(PoisonError::into_inner);
            at.as_deref() == Some(step)
        };
        if is_its() {
            self.interrupt.raise();
            let _alone = self.asking.lock().await;
            if *self.stop.borrow() == StopLevel::None {
                self.interrupt.lower();
            }
        }
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
