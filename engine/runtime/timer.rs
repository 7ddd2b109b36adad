//! Waiting for a moment.
//!
//! A moment is told by the clock on the wall, and waited for by the one that nobody sets: setting
//! the clock neither ends a wait nor prolongs it.

use crate::drive::Tell;
use crate::run::event::{Event, Moment, Question, Timer, TimerKind};

use super::world::Live;

impl Live {
    /// Waits for a moment and tells that it has come; at once when it is past.
    pub(super) async fn wake(&self, timer: Timer, due: Moment, tell: &Tell) {
        self.sleep_until(self.deadline(due)).await;
        if timer.kind == TimerKind::Expiry {
            self.give_up_gate(&timer.step).await;
        }
        // Nobody listens any more only when the run is being left.
        let _ = tell.send(Event::TimerDue { timer, due });
    }

    /// A moment as the time since the boot at which it comes, in milliseconds.
    pub(super) fn deadline(&self, due: Moment) -> u64 {
        let now = self.place.clock.read();
        let left = (due - now.wall).to_std().unwrap_or_default();
        // What is left of a millisecond is waited for too.
        let left = left.as_nanos().div_ceil(1_000_000);
        now.boot.up_ms.saturating_add(u64::try_from(left).unwrap_or(u64::MAX))
    }

    /// The time since the boot, in milliseconds.
    pub(super) fn up_ms(&self) -> u64 {
        self.place.clock.read().boot.up_ms
    }

    /// Sleeps until a deadline.
    pub(super) async fn sleep_until(&self, deadline: u64) {
        self.place.clock.until_up(deadline).await;
    }

    /// Ends the question of a gate at the terminal: whatever is typed now comes too late.
    async fn give_up_gate(&self, step: &str) {
        let is_its = matches!(self.questions().at_terminal(), Some(Question::Gate(gate)) if gate.step == step);
        if is_its {
            self.interrupt.raise();
            let _alone = self.asking.lock().await;
            self.let_ask_again();
        }
    }
}
