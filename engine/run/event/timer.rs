//! A timer: a moment that a step, or the run itself, waits for, as data.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Moment;

/// The most that a timer lies ahead: ten years.
const MOST: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// Which timer of which step; a step, or the run, has at most one of a kind.
#[derive(
    Clone, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(deny_unknown_fields)]
pub struct Timer {
    /// The path of the step; empty where the run itself waits.
    pub step: String,
    /// What it is for.
    pub kind: TimerKind,
}

/// What a timer is for.
#[derive(
    Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "snake_case")]
pub enum TimerKind {
    /// The next attempt of an action that failed.
    Retry,
    /// The end of the time that a gate may be answered in.
    Expiry,
    /// The end of the time that a phase should take.
    Budget,
    /// A part of the time until service must be back is spent.
    Rto,
    /// An update to those who wait is due.
    Update,
    /// Somebody else is to be told.
    Escalation,
    /// The players of an exercise are told something.
    Inject,
}

impl Timer {
    /// A timer of the run itself.
    pub fn of_run(kind: TimerKind) -> Timer {
        Timer { step: String::new(), kind }
    }
}

impl TimerKind {
    /// Whether the run itself waits for it, and no step.
    pub fn is_of_run(self) -> bool {
        matches!(
            self,
            TimerKind::Rto | TimerKind::Update | TimerKind::Escalation | TimerKind::Inject
        )
    }
}

/// The moment a while after another; ten years at most.
pub fn later(at: Moment, pause: Duration) -> Moment {
    at + chrono::TimeDelta::from_std(pause.min(MOST)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_that_lies_too_far_ahead_is_ten_years_away() {
        let at = Moment::UNIX_EPOCH;
        assert_eq!(later(at, Duration::from_millis(1500)).timestamp_millis(), 1500);
        assert_eq!(later(at, Duration::MAX).timestamp(), 10 * 365 * 86_400);
    }
}
