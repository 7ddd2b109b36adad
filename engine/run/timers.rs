//! The timers of a run: when each is due, and whether it is.
//!
//! A moment that has come stays so until the timer is forgotten. A timer of an earlier driver is
//! to be set again, for the same moment.

use std::collections::BTreeMap;

use crate::plan::Plan;

use super::event::{Moment, StopLevel, Timer, TimerKind};
use super::state::RunState;

/// The timers that steps wait for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timers(BTreeMap<Timer, Alarm>);

#[derive(Clone, Debug, PartialEq)]
struct Alarm {
    /// Its moment, by the clock as it was when the timer was set.
    set_for: Moment,
    /// Its moment, by the clock as it is now.
    due: Moment,
    progress: Progress,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Progress {
    /// Its moment is waited for.
    Set,
    /// Whoever waited for it is gone.
    Lost,
    /// Its moment has come.
    Due,
}

impl Timers {
    /// Sets a timer, or sets one again for the same moment.
    pub fn set(&mut self, timer: &Timer, due: Moment) -> Result<(), String> {
        match self.0.get(timer) {
            Some(alarm) if alarm.progress != Progress::Lost || alarm.due != due => {
                Err("this timer is set already".into())
            }
            _ => {
                self.0.insert(timer.clone(), Alarm { set_for: due, due, progress: Progress::Set });
                Ok(())
            }
        }
    }

    /// The moment of a timer has come.
    pub fn ring(&mut self, timer: &Timer, due: Moment) -> Result<(), String> {
        match self.0.get_mut(timer) {
            Some(alarm) if alarm.progress == Progress::Set && alarm.set_for == due => {
                alarm.progress = Progress::Due;
                Ok(())
            }
            _ => Err("no such timer is set".into()),
        }
    }

    /// When a timer is due; none when it is not set.
    pub fn due(&self, timer: &Timer) -> Option<Moment> {
        self.0.get(timer).map(|alarm| alarm.due)
    }

    /// Whether the moment of a timer has come.
    pub fn is_due(&self, timer: &Timer) -> bool {
        self.0.get(timer).is_some_and(|alarm| alarm.progress == Progress::Due)
    }

    /// Forgets a timer.
    pub fn forget(&mut self, timer: &Timer) {
        self.0.remove(timer);
    }

    /// Forgets every timer of a step.
    pub fn forget_step(&mut self, step: &str) {
        self.0.retain(|timer, _| timer.step != step);
    }

    /// Those for which a step is named, moved to that step.
    pub fn moved(&self, to: impl Fn(&Timer) -> Option<String>) -> Timers {
        let moved = self.0.iter().filter_map(|(timer, alarm)| {
            let step = to(timer)?;
            Some((Timer { step, kind: timer.kind }, alarm.clone()))
        });
        Timers(moved.collect())
    }

    /// Forgets them all.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The clock was set: each moment is another by it, and none is nearer or farther.
    pub(super) fn shift(&mut self, moved: impl Fn(Moment) -> Moment) {
        for alarm in self.0.values_mut() {
            alarm.due = moved(alarm.due);
        }
    }

    /// Notes that whoever waited for them is gone.
    pub fn lose(&mut self) {
        for alarm in self.0.values_mut().filter(|alarm| alarm.progress == Progress::Set) {
            alarm.progress = Progress::Lost;
        }
    }

    /// The timers that are to be set again, with their moments.
    pub fn lost(&self) -> impl Iterator<Item = (&Timer, Moment)> {
        let is_lost = |alarm: &Alarm| alarm.progress == Progress::Lost;
        self.0.iter().filter(move |(_, it)| is_lost(it)).map(|(timer, alarm)| (timer, alarm.due))
    }

    /// The steps that are tried again at a moment that is waited for.
    fn retried(&self) -> impl Iterator<Item = &str> {
        let is_set = |alarm: &Alarm| alarm.progress == Progress::Set;
        let retries =
            self.0.iter().filter(move |(timer, it)| timer.kind == TimerKind::Retry && is_set(it));
        retries.map(|(timer, _)| timer.step.as_str())
    }
}

impl RunState {
    /// Whether an action may begin when some moment has come.
    pub fn awaits_retry(&self, plan: &Plan) -> bool {
        // What a person wants taken back is tried again while others are held.
        let may_begin = |step: &str| {
            let index = plan.at_path(step);
            !self.is_blocked() || index.is_some_and(|index| self.is_wanted_back(plan, index))
        };
        self.stop == StopLevel::None && self.timers.retried().any(may_begin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timer(kind: TimerKind) -> Timer {
        Timer { step: "a".into(), kind }
    }

    fn at(second: i64) -> Moment {
        Moment::from_timestamp(second, 0).expect("within the range of time")
    }

    #[test]
    fn a_timer_rings_once_and_only_at_the_moment_it_was_set_for() {
        let mut timers = Timers::default();
        let retry = timer(TimerKind::Retry);
        assert_eq!(timers.ring(&retry, at(5)), Err("no such timer is set".into()));
        assert_eq!(timers.set(&retry, at(5)), Ok(()));
        assert_eq!(timers.set(&retry, at(5)), Err("this timer is set already".into()));
        assert_eq!(timers.ring(&retry, at(4)), Err("no such timer is set".into()));
        assert!(timers.retried().count() == 1 && !timers.is_due(&retry));
        assert_eq!(timers.ring(&retry, at(5)), Ok(()));
        assert!(timers.is_due(&retry) && timers.retried().count() == 0);
        assert_eq!(timers.ring(&retry, at(5)), Err("no such timer is set".into()));
    }

    #[test]
    fn a_lost_timer_is_set_again_for_the_same_moment_only() {
        let mut timers = Timers::default();
        let (retry, expiry) = (timer(TimerKind::Retry), timer(TimerKind::Expiry));
        timers.set(&retry, at(5)).and_then(|()| timers.ring(&retry, at(5))).expect("it is set");
        timers.set(&expiry, at(9)).expect("it is not set");
        timers.lose();
        assert_eq!(timers.lost().collect::<Vec<_>>(), [(&expiry, at(9))]);
        assert_eq!(timers.ring(&expiry, at(9)), Err("no such timer is set".into()));
        assert_eq!(timers.set(&expiry, at(8)), Err("this timer is set already".into()));
        assert_eq!(timers.set(&expiry, at(9)), Ok(()));
        assert!(timers.is_due(&retry), "what has come stays so");
    }

    #[test]
    fn the_timers_of_a_step_are_forgotten_together() {
        let mut timers = Timers::default();
        for kind in [TimerKind::Retry, TimerKind::Budget] {
            timers.set(&timer(kind), at(5)).expect("it is not set");
        }
        timers.forget_step("b");
        assert_eq!(timers.due(&timer(TimerKind::Budget)), Some(at(5)));
        timers.forget_step("a");
        assert_eq!(timers, Timers::default());
    }
}
