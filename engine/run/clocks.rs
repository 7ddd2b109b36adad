//! The clocks that the moments of a run come from, and whether they have parted.
//!
//! The clock on the wall may be set at any time. What it shows is compared with the time since the
//! boot; where they part, that is put on record, and what was known of earlier moments is moved
//! along. After a reboot, or on another machine, there is nothing to compare with.

use chrono::TimeDelta;

use super::event::{Boot, Event, Moment, Reading};
use super::state::RunState;

/// What the clocks may part by without a word.
const TOLERANCE: TimeDelta = TimeDelta::seconds(2);

/// What is known of the clocks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Clocks {
    anchor: Option<Anchor>,
    /// How far the clock on the wall was set since the run began, all in all.
    set_by: TimeDelta,
}

#[derive(Clone, Debug, PartialEq)]
struct Anchor {
    boot: String,
    /// What the clock on the wall would have shown at the boot.
    zero: Moment,
    asleep_ms: u64,
}

impl Anchor {
    fn of(at: Moment, boot: &Boot) -> Anchor {
        Anchor { boot: boot.id.clone(), zero: at_boot(at, boot), asleep_ms: boot.asleep_ms }
    }
}

fn at_boot(at: Moment, boot: &Boot) -> Moment {
    let up = i64::try_from(boot.up_ms).unwrap_or(i64::MAX);
    moved(at, TimeDelta::try_milliseconds(up).map(|up| -up).unwrap_or_default())
}

/// A moment moved by a while, or left where it is when that lies beyond all time.
fn moved(at: Moment, by: TimeDelta) -> Moment {
    at.checked_add_signed(by).unwrap_or(at)
}

impl Clocks {
    /// What the clocks have done since they were last looked at.
    pub fn parted(&self, now: &Reading) -> Vec<Event> {
        let Some(anchor) = self.anchor.as_ref().filter(|it| it.boot == now.boot.id) else {
            return Vec::new();
        };
        let slept = now.boot.asleep_ms.saturating_sub(anchor.asleep_ms);
        let tolerance = TOLERANCE.num_milliseconds();
        let set_by = (at_boot(now.wall, &now.boot) - anchor.zero).num_milliseconds();
        let slept = i64::try_from(slept).unwrap_or(i64::MAX);
        let slept = (slept > tolerance).then(|| Event::Slept { ms: slept.unsigned_abs() });
        let is_set = set_by.abs() > tolerance;
        slept.into_iter().chain(is_set.then_some(Event::ClockSet { by_ms: set_by })).collect()
    }

    /// A driver says which boot its clock counts from. On the same boot what was known still holds.
    pub(super) fn anchor(&mut self, at: Moment, boot: Option<&Boot>) {
        let known = self.anchor.take();
        self.anchor = boot.map(|boot| match known {
            Some(known) if known.boot == boot.id => known,
            _ => Anchor::of(at, boot),
        });
    }
}

impl RunState {
    /// How long a run has lasted at one moment, whatever the clock on the wall was set to.
    pub fn lasted(&self, at: Moment) -> TimeDelta {
        moved(at, -self.clocks.set_by) - self.started_at.unwrap_or(at)
    }

    /// When the run began, by the clock as it is now.
    pub fn began_at(&self) -> Option<Moment> {
        self.started_at.map(|at| moved(at, self.clocks.set_by))
    }

    /// When the incident was noticed, or else the run began, by the clock as it is now.
    pub fn noticed_at(&self) -> Option<Moment> {
        let noticed = self.start.as_ref()?.detected_at;
        noticed.or(self.started_at).map(|at| moved(at, self.clocks.set_by))
    }

    /// The clock on the wall was set: earlier moments are told by it as it shows the time now.
    pub(super) fn set_clock(&mut self, by_ms: i64) -> Result<(), String> {
        let by = TimeDelta::try_milliseconds(by_ms).ok_or("no clock goes so far")?;
        let clocks = &mut self.clocks;
        clocks.set_by = clocks.set_by.checked_add(&by).ok_or("no clock goes so far")?;
        if let Some(anchor) = &mut clocks.anchor {
            anchor.zero = moved(anchor.zero, by);
        }
        for step in &mut self.steps {
            let moments =
                [&mut step.started_at, &mut step.since, &mut step.acted_at, &mut step.ended_at];
            for moment in moments.into_iter().flatten() {
                *moment = moved(*moment, by);
            }
        }
        self.updated_at = self.updated_at.map(|at| moved(at, by));
        if let Some(exercise) = &mut self.exercise {
            exercise.began_at = moved(exercise.began_at, by);
        }
        self.timers.shift(|due| moved(due, by));
        Ok(())
    }

    /// The machine slept.
    pub(super) fn sleep(&mut self, ms: u64) {
        if let Some(anchor) = &mut self.clocks.anchor {
            anchor.asleep_ms = anchor.asleep_ms.saturating_add(ms);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(wall_ms: i64, id: &str, up_ms: u64, asleep_ms: u64) -> Reading {
        let wall = Moment::from_timestamp_millis(wall_ms).expect("within the range of time");
        Reading { wall, boot: Boot { id: id.into(), up_ms, asleep_ms } }
    }

    fn clocks() -> Clocks {
        let first = reading(1_000_000, "a", 5_000, 100);
        let mut clocks = Clocks::default();
        clocks.anchor(first.wall, Some(&first.boot));
        clocks
    }

    #[test]
    fn clocks_that_go_alike_are_no_news() {
        assert_eq!(clocks().parted(&reading(1_060_000, "a", 65_000, 100)), []);
        assert_eq!(clocks().parted(&reading(1_062_000, "a", 65_000, 100)), [], "it is corrected");
        assert_eq!(Clocks::default().parted(&reading(0, "a", 65_000, 0)), [], "nothing was known");
    }

    #[test]
    fn a_clock_that_was_set_and_a_sleep_are_told_apart() {
        let back = clocks().parted(&reading(-2_540_000, "a", 65_000, 100));
        assert_eq!(back, [Event::ClockSet { by_ms: -3_600_000 }]);
        let slept = clocks().parted(&reading(1_060_000, "a", 65_000, 30_100));
        assert_eq!(slept, [Event::Slept { ms: 30_000 }]);
        let both = clocks().parted(&reading(4_660_000, "a", 65_000, 30_100));
        assert_eq!(both, [Event::Slept { ms: 30_000 }, Event::ClockSet { by_ms: 3_600_000 }]);
    }

    #[test]
    fn another_boot_is_nothing_to_compare_with() {
        assert_eq!(clocks().parted(&reading(9_000_000, "b", 1_000, 0)), []);
        let mut clocks = clocks();
        let next = reading(9_000_000, "b", 1_000, 0);
        clocks.anchor(next.wall, Some(&next.boot));
        assert_eq!(clocks.parted(&reading(9_001_000, "b", 2_000, 0)), []);
        assert_eq!(
            clocks.parted(&reading(9_011_000, "b", 2_000, 0)),
            [Event::ClockSet { by_ms: 10_000 }]
        );
    }

    #[test]
    fn a_clock_that_is_set_beyond_all_time_is_refused_and_moves_nothing() {
        let at = Moment::MAX_UTC;
        assert_eq!(moved(at, TimeDelta::days(1)), at);
        assert!(TimeDelta::try_milliseconds(i64::MIN).is_none());
    }
}
