//! The clocks of this machine.
//!
//! What waits does so by the time since the boot, which nobody sets and which counts on while the
//! machine sleeps. The clock on the wall only says when something is due, once, at the beginning.

use std::fmt;
use std::fs;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use chrono::Utc;
use rustix::time::{ClockId, Timespec, clock_gettime};

use crate::run::event::{Boot, Reading};

/// The longest sleep: what wakes us does not count while the machine sleeps.
const NAP: Duration = Duration::from_secs(10);

/// Shows the time, and lets it pass.
pub trait Clock: fmt::Debug + Send + Sync {
    /// What all the clocks show now.
    fn read(&self) -> Reading;

    /// Waits until the machine has been up for so many milliseconds.
    fn until_up(&self, up_ms: u64) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// The clocks of this machine.
#[derive(Clone, Debug)]
pub struct MachineClock {
    boot: String,
}

impl MachineClock {
    /// The clocks as they go since the last boot.
    pub fn of_this_boot() -> MachineClock {
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        MachineClock { boot: boot.trim().to_owned() }
    }
}

impl Clock for MachineClock {
    fn read(&self) -> Reading {
        let up_ms = millis(clock_gettime(ClockId::Boottime));
        let awake_ms = millis(clock_gettime(ClockId::Monotonic));
        let asleep_ms = up_ms.saturating_sub(awake_ms);
        Reading { wall: Utc::now(), boot: Boot { id: self.boot.clone(), up_ms, asleep_ms } }
    }

    fn until_up(&self, up_ms: u64) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            loop {
                let left = up_ms.saturating_sub(millis(clock_gettime(ClockId::Boottime)));
                if left == 0 {
                    return;
                }
                tokio::time::sleep(NAP.min(Duration::from_millis(left))).await;
            }
        })
    }
}

fn millis(time: Timespec) -> u64 {
    let (seconds, nanos) = (time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs());
    seconds.saturating_mul(1_000).saturating_add(nanos / 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_wait_ends_when_the_machine_has_been_up_for_so_long() {
        let clock = MachineClock::of_this_boot();
        let before = clock.read();
        clock.until_up(before.boot.up_ms).await;
        clock.until_up(before.boot.up_ms + 5).await;
        let after = clock.read();
        assert!(after.boot.up_ms >= before.boot.up_ms + 5);
        assert_eq!(after.boot.id, before.boot.id);
        assert!(!before.boot.id.is_empty());
    }
}
