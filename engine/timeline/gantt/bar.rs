//! A bar: what something did from one point to another, and who was there.

use crate::run::Moment;
use crate::timeline::duration;

/// A point in time, by the clock on the wall and by what has passed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Point {
    /// When, as it was recorded.
    pub at: Moment,
    /// How long after the start of the run, in milliseconds, whatever was done to the clock.
    pub after_ms: i64,
}

/// What something did from one point to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// What it was at.
    pub sort: Sort,
    /// Since when.
    pub from: Point,
    /// Until when; of one that is open until the last record.
    pub to: Point,
    /// Whether it was not over by the last record.
    pub is_open: bool,
    /// Which attempt it was, from 1; 0 where it was none.
    pub attempt: u32,
    /// Who did it, or answered.
    pub who: Vec<String>,
    /// How it ended, where that says more.
    pub ended: Option<String>,
    /// Which step it is of, where its lane stands for several.
    pub of: Option<String>,
}

/// What a bar shows.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Sort {
    /// A group was under way.
    Group,
    /// An action went on, and did not fail.
    Action,
    /// An action went on, and failed.
    Failed,
    /// Something was looked at.
    Look,
    /// A gate was shut.
    Gate,
    /// A person was to do something, or to say something.
    Person,
    /// It was tried again later.
    Retry,
    /// It was held.
    Hold,
    /// It was in doubt.
    Doubt,
    /// Somebody drove.
    Driver,
    /// Nobody drove.
    Away,
    /// A person ran a command that is no step.
    Beside,
}

impl Sort {
    /// All of them, in the order of a legend.
    pub const ALL: [Sort; 12] = [
        Sort::Group,
        Sort::Action,
        Sort::Failed,
        Sort::Look,
        Sort::Gate,
        Sort::Person,
        Sort::Retry,
        Sort::Hold,
        Sort::Doubt,
        Sort::Driver,
        Sort::Away,
        Sort::Beside,
    ];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Sort::Group => "group",
            Sort::Action => "action",
            Sort::Failed => "failed action",
            Sort::Look => "looked at",
            Sort::Gate => "gate",
            Sort::Person => "by a person",
            Sort::Retry => "waited to try again",
            Sort::Hold => "held",
            Sort::Doubt => "in doubt",
            Sort::Driver => "driven",
            Sort::Away => "nobody drove",
            Sort::Beside => "command beside the steps",
        }
    }

    /// Whether somebody is waited for.
    pub fn is_wait(self) -> bool {
        matches!(self, Sort::Gate | Sort::Person | Sort::Hold | Sort::Doubt)
    }

    /// How much it says about a run that went otherwise than by itself.
    pub(super) fn weight(self) -> u32 {
        match self {
            Sort::Failed | Sort::Hold | Sort::Doubt => 3,
            Sort::Gate | Sort::Person | Sort::Retry => 2,
            _ => 0,
        }
    }
}

impl Bar {
    /// One that begins.
    pub(super) fn begun(sort: Sort, from: Point, attempt: u32) -> Bar {
        Bar { sort, from, to: from, is_open: true, attempt, who: Vec::new(), ended: None, of: None }
    }

    /// The same when it ends; no bar ends before it begins.
    pub(super) fn close(&mut self, to: Point) {
        self.to = if to.after_ms < self.from.after_ms { self.from } else { to };
        self.is_open = false;
    }

    /// How long it took, in milliseconds.
    pub fn took_ms(&self) -> u64 {
        u64::try_from(self.to.after_ms - self.from.after_ms).unwrap_or_default()
    }

    /// It in words: what, who, how long, how it ended.
    pub fn told(&self) -> String {
        let mut told = match (self.sort, self.who.join(", ")) {
            (Sort::Driver, who) => format!("driven by {who}"),
            (sort, who) if who.is_empty() => sort.word().to_owned(),
            (sort, who) => format!("{}: {who}", sort.word()),
        };
        if let Some(of) = &self.of {
            told = format!("{of}: {told}");
        }
        if self.attempt > 1 {
            told.push_str(&format!(", attempt {}", self.attempt));
        }
        told.push_str(&format!(", {}", duration(self.took_ms())));
        told.extend(self.ended.iter().map(|ended| format!(", {ended}")));
        if self.is_open {
            told.push_str(", not over by the last record");
        }
        told
    }
}
