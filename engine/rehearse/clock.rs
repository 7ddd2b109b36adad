//! The clock of an assumed world: it stands still while anything happens, and leaps to the next
//! moment that is waited for when nothing does.

use std::time::Duration;

use tokio::time::Instant;

use crate::document::millis;
use crate::run::event::{Boot, Moment, Reading};

/// How long the assumed machine has been up when its clock begins.
const UP: Duration = Duration::from_secs(24 * 60 * 60);

/// A clock in virtual time. Lives in a runtime of [`super::virtual_time`].
#[derive(Clone, Debug)]
pub struct VirtualClock {
    from: Moment,
    began: Instant,
    up: Duration,
}

impl VirtualClock {
    /// A clock that shows `from` now. Needs a runtime around it.
    pub fn from(from: Moment) -> VirtualClock {
        VirtualClock { from, began: Instant::now(), up: UP }
    }

    /// What all the clocks show now.
    pub fn read(&self) -> Reading {
        let passed = self.began.elapsed();
        let up_ms = millis(self.up + passed);
        let boot = Boot { id: "assumed".to_owned(), up_ms, asleep_ms: 0 };
        Reading { wall: self.from + passed, boot }
    }

    /// Lets time pass until a moment; none does when that is past.
    pub async fn until(&self, due: Moment) {
        let left = (due - self.read().wall).to_std().unwrap_or_default();
        tokio::time::sleep(left).await;
    }
}
