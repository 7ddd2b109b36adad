//! The clocks of a run in words: what is left, what is over, how old something is.

use std::time::Duration;

use crate::document::duration_text;
use crate::run::event::Moment;

use super::{Doing, Incident, Rto, Running, Standing};

/// How pressing something is; the words say it too.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(in crate::report) enum Urgency {
    /// There is time.
    Calm,
    /// A quarter is left, or an estimate is over.
    Soon,
    /// A tenth is left, or nothing.
    Late,
}

/// A length of time that is read at a glance: `0:42`, `12:05`, `2:14:03`.
pub(in crate::report) fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds / 3600 {
        0 => format!("{}:{:02}", seconds / 60, seconds % 60),
        _ => long_clock(time),
    }
}

/// The same with its hours, always.
pub(in crate::report) fn long_clock(time: Duration) -> String {
    let seconds = time.as_secs();
    format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// How long ago something was; a clock that was set back makes that nothing.
pub(super) fn since(moment: Moment, now: Moment) -> Duration {
    (now - moment).to_std().unwrap_or_default()
}

impl Standing {
    /// Which step it is: `step 5 of 12`, `steps 5-6 of 12`, `12 of 12 steps`.
    pub(in crate::report) fn place(&self) -> String {
        let Standing { settled, begun, total, .. } = *self;
        match begun {
            _ if settled >= total => format!("{settled} of {total} steps"),
            0 | 1 => format!("step {} of {total}", settled + 1),
            _ => format!("steps {}-{} of {total}", settled + 1, settled + begun),
        }
    }

    /// The same facts in one sentence, for a line that is read aloud.
    pub(in crate::report) fn told(&self, now: Moment) -> String {
        let mut told = self.stamp.map(|stamp| format!("{stamp}, ")).unwrap_or_default();
        told.push_str(&self.place());
        told.extend(self.part.iter().map(|part| format!(" in {part}")));
        let environment = self.environment.iter().map(|name| format!("environment {name}"));
        let rto = self.rto.iter().map(|rto| rto.told(now).0);
        let incident = self.incident.iter().map(|incident| incident.told(now));
        for fact in environment.chain(rto).chain(incident) {
            told.push_str(", ");
            told.push_str(&fact);
        }
        told
    }
}

impl Rto {
    /// How much is left, and how pressing that is.
    pub(in crate::report) fn told(&self, now: Moment) -> (String, Urgency) {
        let (passed, promise) = (since(self.since, now), self.promise);
        let Some(left) = promise.checked_sub(passed).filter(|left| !left.is_zero()) else {
            let over = long_clock(passed.saturating_sub(promise));
            return (format!("!! RTO spent {over} ago"), Urgency::Late);
        };
        let of = format!("{} left of {}", long_clock(left), duration_text(promise));
        match left {
            _ if left <= promise / 10 => (format!("!! RTO only {of}"), Urgency::Late),
            _ if left <= promise / 4 => (format!("! RTO {of}"), Urgency::Soon),
            _ => (format!("RTO {of}"), Urgency::Calm),
        }
    }
}

impl Incident {
    /// How old it is.
    pub(in crate::report) fn told(&self, now: Moment) -> String {
        let id = self.id.iter().map(|id| format!("{} ", super::shown(id))).collect::<String>();
        format!("incident {id}{}", long_clock(since(self.since, now)))
    }
}

impl Running {
    /// What it does and for how long, and how pressing that is.
    pub(in crate::report) fn told(&self, now: Moment) -> (String, Urgency) {
        match self.doing {
            Doing::Acts { since: began } => self.acting(since(began, now)),
            Doing::Looks(word) => (word.to_owned(), Urgency::Calm),
            Doing::Asks => ("waits for a person".to_owned(), Urgency::Calm),
            Doing::Retries { due } => {
                let left = due.map(|due| clock((due - now).to_std().unwrap_or_default()));
                let left = left.map(|left| format!(" in {left}")).unwrap_or_default();
                (format!("failed, is tried again{left}"), Urgency::Soon)
            }
        }
    }

    fn acting(&self, passed: Duration) -> (String, Urgency) {
        let mut told = clock(passed);
        let mut urgency = Urgency::Calm;
        if let Some(estimate) = &self.estimate {
            told.push_str(&format!(" of {}", estimate.text));
            if let Some(over) = passed.checked_sub(estimate.high).filter(|it| it.as_secs() > 0) {
                told.push_str(&format!(", {} over its estimate", clock(over)));
                urgency = Urgency::Soon;
            }
        }
        if self.attempt > 1 {
            told.push_str(&format!(", attempt {}", self.attempt));
        }
        if let Some(limit) = self.timeout.filter(|limit| passed >= *limit - *limit / 5) {
            match limit.checked_sub(passed) {
                Some(left) => told.push_str(&format!(", times out in {}", clock(left))),
                None => told.push_str(", past its time-out"),
            }
            urgency = Urgency::Late;
        }
        (told, urgency)
    }
}
