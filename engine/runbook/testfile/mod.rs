//! A file of tests of a runbook: what its world does, what people answer, and what must come of it.
//!
//! Only the form is checked here; whether the steps exist, and whether what is said of them can be,
//! is asked where the plan is known. Every part knows where it stands in its file.

mod read;
mod shape;

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value as Json;

use crate::source::{Span, Spanned};

use super::answers::Prepared;

pub use read::{check, check_document, read, read_document};
pub use shape::SHAPE;

/// How many steps run at a time where a case does not say.
pub const PARALLEL: usize = 4;

/// A file of tests.
#[derive(Clone, Debug)]
pub struct TestFile {
    /// The runbook, by its path from the file.
    pub runbook: Spanned<String>,
    /// The tests.
    pub cases: Vec<Case>,
}

/// Things by their names.
pub type Named<T> = Vec<(Spanned<String>, T)>;

/// One way through a runbook.
#[derive(Clone, Debug)]
pub struct Case {
    /// What it shows.
    pub name: Spanned<String>,
    /// Where it runs, of the environments of the library.
    pub environment: Option<Spanned<String>>,
    /// What the runbook is told.
    pub inputs: Named<Spanned<Json>>,
    /// What is listed for inputs.
    pub choices: Named<Vec<String>>,
    /// Whether somebody is there to be asked.
    pub is_attended: bool,
    /// How many steps may run at a time.
    pub parallel: usize,
    /// When it begins, where that is said.
    pub starts: Option<DateTime<Utc>>,
    /// Whether gates that let themselves be bypassed are opened unasked, and where that is said.
    pub yes: Option<Spanned<bool>>,
    /// The checks that are let pass, with the reasons.
    pub waive: Named<String>,
    /// What the actions of steps do, attempt by attempt.
    pub mocks: Named<Vec<Spanned<Mock>>>,
    /// What looks show, look by look.
    pub checks: Named<Vec<Spanned<Shown>>>,
    /// Where its driver dies.
    pub crashes: Vec<Crash>,
    /// What people answer, each under the step that asks.
    pub answers: Vec<Prepared>,
    /// What the operator decides, one after the other.
    pub decisions: Named<Vec<Spanned<Decision>>>,
    /// What must come of it.
    pub expect: Expect,
}

/// What an action does.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mock {
    /// What a command does, or what an answer is.
    pub seen: Seen,
    /// What a look, a wait or a watch amounts to.
    pub looks: Option<Sees>,
    /// How it fails without an end that says so.
    pub fails: Option<Breaks>,
    /// What it hands on.
    pub outputs: Named<Spanned<Json>>,
}

/// What a command does, or what an answer is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    /// The exit code.
    pub exit: Option<i64>,
    /// Standard output.
    pub stdout: Option<String>,
    /// Standard error.
    pub stderr: Option<String>,
    /// The status of an answer.
    pub status: Option<i64>,
    /// The body of an answer.
    pub body: Option<String>,
    /// The headers of an answer.
    pub headers: Vec<(String, String)>,
    /// How long it takes.
    pub takes: Option<Duration>,
}

/// What a look shows.
#[derive(Clone, Debug, PartialEq)]
pub enum Shown {
    /// What it amounts to.
    Sight(Sees),
    /// What is seen, which is held against what is expected.
    Seen(Seen),
}

/// What a look amounts to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sees {
    /// It holds.
    Holds,
    /// It holds, with a warning.
    Warns,
    /// It does not hold.
    Fails,
    /// Nothing could be seen.
    Unseen,
}

/// How an action fails without an end that says so.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Breaks {
    /// It takes longer than it may.
    Timeout,
    /// A signal ends it.
    Signal,
    /// It cannot be started.
    Spawn,
    /// Its end is not seen.
    Unseen,
}

/// What an operator decides.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Decision {
    /// Do it again, look again.
    Retry,
    /// The same of a step in doubt.
    Rerun,
    /// It counts as done.
    Done,
    /// It counts as failed.
    Failed,
    /// It is passed over.
    Skip,
    /// What was done is taken back.
    Undo,
    /// The run is aborted.
    Abort,
    /// The check may pass.
    Waive,
    /// The check may not pass.
    Refuse,
    /// The run ends with its verdict.
    End,
    /// Nobody answers the gate until its time is up.
    Expires,
}

/// Where the driver of a run dies.
#[derive(Clone, Debug)]
pub struct Crash {
    /// At which moment.
    pub when: When,
    /// Of what, by its name.
    pub of: Spanned<String>,
    /// What became of the command.
    pub process: Left,
    /// Where all of it stands.
    pub span: Span,
}

/// At which moment a driver dies.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum When {
    /// Right after the intent is on record.
    During,
    /// Right after the end is on record.
    After,
    /// While an answer is waited for.
    Asking,
}

/// What became of the command of a step whose driver died.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Left {
    /// It is gone, and nobody saw its end.
    #[default]
    Gone,
    /// It has ended, and its keeper knows how.
    Ended,
    /// It was never begun.
    NeverBegun,
    /// Nobody can tell.
    Unknown,
}

/// What must come of a case; what is not said may be as it likes.
#[derive(Clone, Debug, Default)]
pub struct Expect {
    /// How the run stands.
    pub outcome: Option<Spanned<String>>,
    /// What the exit criteria say.
    pub verdict: Option<Spanned<String>>,
    /// The steps whose action started.
    pub path: Option<Spanned<Vec<Spanned<String>>>>,
    /// Where steps stand.
    pub states: Named<Spanned<String>>,
    /// What became of gates.
    pub gates: Named<Spanned<String>>,
    /// What steps handed on.
    pub outputs: Named<Named<Spanned<Json>>>,
    /// The steps that were taken back.
    pub undone: Option<Spanned<Vec<Spanned<String>>>>,
    /// Parts of the messages.
    pub messages: Vec<Spanned<String>>,
    /// Parts of the entries of the timeline.
    pub timeline: Vec<Spanned<String>>,
    /// What the run waits for.
    pub waiting_for: Option<Spanned<Vec<Spanned<String>>>>,
    /// How long it takes at least.
    pub at_least: Option<Spanned<Duration>>,
    /// How long it takes at most.
    pub at_most: Option<Spanned<Duration>>,
}

const SIGHTS: &[(&str, Sees)] = &[
    ("holds", Sees::Holds),
    ("warns", Sees::Warns),
    ("fails", Sees::Fails),
    ("unseen", Sees::Unseen),
];

const BREAKS: &[(&str, Breaks)] = &[
    ("timeout", Breaks::Timeout),
    ("signal", Breaks::Signal),
    ("spawn", Breaks::Spawn),
    ("unseen", Breaks::Unseen),
];

const DECISIONS: &[(&str, Decision)] = &[
    ("retry", Decision::Retry),
    ("rerun", Decision::Rerun),
    ("done", Decision::Done),
    ("failed", Decision::Failed),
    ("skip", Decision::Skip),
    ("undo", Decision::Undo),
    ("abort", Decision::Abort),
    ("waive", Decision::Waive),
    ("refuse", Decision::Refuse),
    ("end", Decision::End),
    ("expires", Decision::Expires),
];

const LEFT: &[(&str, Left)] = &[
    ("gone", Left::Gone),
    ("ended", Left::Ended),
    ("never_begun", Left::NeverBegun),
    ("unknown", Left::Unknown),
];

impl Decision {
    /// The word for it.
    pub fn word(self) -> &'static str {
        DECISIONS.iter().find(|(_, known)| *known == self).map_or("", |(word, _)| word)
    }
}

impl Seen {
    /// Whether it says something of a command.
    pub fn is_of_command(&self) -> bool {
        self.exit.is_some() || self.stdout.is_some() || self.stderr.is_some()
    }

    /// Whether it says something of an answer.
    pub fn is_of_answer(&self) -> bool {
        self.status.is_some() || self.body.is_some() || !self.headers.is_empty()
    }
}
