//! An action: its process, its end, and what a failure is.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::Sight;

/// A process, so that it can be told from another with the same number.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Process {
    /// The number of the process.
    pub pid: u32,
    /// When it began, in clock ticks since the machine did.
    pub start_time: u64,
    /// Which start of the machine.
    pub boot_id: String,
}

/// How an action ended.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct StepEnded {
    /// The path of the step.
    pub step: String,
    /// Which attempt, from 1.
    pub attempt: u32,
    /// How it ended.
    pub end: End,
    /// Why that is no success, if it is none.
    pub failure: Option<Failure>,
    /// Whether what it did elsewhere may still go on, or may have been done: the end was not seen.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_unseen: bool,
    /// Whether nothing was done, and all of this was assumed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_assumed: bool,
    /// What it hands to later steps.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub outputs: BTreeMap<String, Json>,
    /// The names of the secrets that it hands to later steps, which are in no record.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<String>,
    /// What it measured, by the objective that it is held against.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub measured: BTreeMap<String, Json>,
    /// What it printed, where a template asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stdout: Option<String>,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// What is kept of standard output.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub out: Option<Printed>,
    /// What is kept of standard error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub err: Option<Printed>,
    /// What else is worth knowing, such as a stream that something left behind still holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// How an action ended.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(tag = "how", rename_all = "snake_case", deny_unknown_fields)]
pub enum End {
    /// Its process exited.
    Exited {
        /// The exit code of the process.
        code: i32,
    },
    /// A signal ended its process.
    Signalled {
        /// The number of the signal.
        signal: i32,
    },
    /// Its time was up.
    TimedOut,
    /// It was stopped because the operator asked.
    Stopped,
    /// Its process could not be started.
    NotSpawned {
        /// Why it could not.
        reason: String,
    },
    /// It ran, and how it ended could not be seen.
    Lost {
        /// Why its end could not be seen.
        reason: String,
    },
    /// Its request was answered.
    Answered {
        /// The status of the answer.
        status: u16,
    },
    /// It looked and saw.
    Looked {
        /// What was seen, in words.
        detail: String,
    },
    /// The time that it waited for has passed.
    Waited,
    /// It watched.
    Watched {
        /// How often what it watched broke.
        breaks: u32,
    },
    /// It was shown to be passed on.
    Shown {
        /// The message that was shown.
        text: String,
    },
    /// It was handed to a channel, or was to be, where there is a failure.
    Sent {
        /// The name of the channel.
        to: String,
        /// The message that was handed over.
        text: String,
    },
}

/// What is kept of a stream.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Printed {
    /// The file in the run's folder.
    pub file: String,
    /// How many bytes were printed, after masking.
    pub bytes: u64,
    /// The SHA-256 of all of them in hex.
    pub sha256: String,
    /// How many bytes in the middle were not kept.
    pub cut: u64,
    /// The last lines, for people.
    pub tail: String,
}

/// Why a step failed or is held.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    /// The kind, one word.
    pub kind: FailureKind,
    /// A lower-case sentence.
    pub detail: String,
}

/// The kinds of failure.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// A bad exit code.
    Exit,
    /// Out of time.
    Timeout,
    /// Ended by a signal.
    Signal,
    /// Could not be started.
    Spawn,
    /// What it requires does not hold.
    Precondition,
    /// What it printed or answered is not what was expected.
    Expect,
    /// What must hold afterwards does not.
    Verify,
    /// A template had no value.
    Template,
    /// The list that it is repeated over is empty.
    Empty,
    /// Something inside failed.
    Inner,
    /// A probe could not see.
    Unseen,
    /// Its condition could not be decided.
    When,
    /// Its gate was refused.
    Rejected,
    /// Its gate was not answered in time.
    Expired,
    /// A person said so of a step in doubt.
    Doubt,
    /// The operator stopped it.
    Stopped,
    /// A person said that it cannot be done.
    Person,
}

/// What follows from a failure that is settled.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Then {
    /// What needs it is not reached; in a ladder the next rung is tried.
    Fail,
    /// The run goes on.
    Continue,
    /// The run ends.
    Abort,
}

/// Why a step was passed over.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Skip {
    /// Its condition is false.
    When,
    /// The operator said so.
    Operator,
    /// It is optional, and the operator did not need it.
    Declined,
    /// Another rung or case did.
    NotNeeded,
}

impl FailureKind {
    /// Whether a gate was refused, in words or by time.
    pub fn is_refusal(self) -> bool {
        matches!(self, FailureKind::Rejected | FailureKind::Expired)
    }
}

impl Failure {
    /// A failure of a kind, with a sentence.
    pub fn new(kind: FailureKind, detail: impl Into<String>) -> Failure {
        Failure { kind, detail: detail.into() }
    }
}

/// The most lines of an output that a question shows.
const LAST: usize = 10;

impl StepEnded {
    /// An end with nothing known beyond it.
    pub fn new(step: impl Into<String>, attempt: u32, end: End) -> StepEnded {
        StepEnded {
            step: step.into(),
            attempt,
            end,
            failure: None,
            is_unseen: false,
            is_assumed: false,
            outputs: BTreeMap::new(),
            secrets: Vec::new(),
            measured: BTreeMap::new(),
            stdout: None,
            took_ms: 0,
            out: None,
            err: None,
            notes: Vec::new(),
        }
    }

    /// The last lines that it printed, those of standard error at the end, which say most.
    pub fn last_lines(&self) -> Vec<String> {
        let of = |printed: &Option<Printed>| -> Vec<String> {
            let tail = printed.as_ref().map(|it| it.tail.as_str()).unwrap_or_default();
            tail.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect()
        };
        let mut lines = of(&self.out);
        lines.extend(of(&self.err));
        lines.split_off(lines.len().saturating_sub(LAST))
    }

    /// Whether it was a message to be passed on, which nothing printed.
    pub fn is_message(&self) -> bool {
        matches!(self.end, End::Shown { .. } | End::Sent { .. })
    }
}

/// What a step watches does not look as it did before.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct WatchSeen {
    /// The path of the step.
    pub step: String,
    /// Which attempt, from 1.
    pub attempt: u32,
    /// What it shows now.
    pub sight: Sight,
    /// That in words.
    pub detail: String,
}

/// It runs no more, or nobody can tell.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ProcessGone {
    /// The path of the step.
    pub step: String,
    /// Whether it is certain that the process has ended.
    pub is_certain: bool,
    /// Whether there was a process at all; where there certainly was none, the step was never
    /// begun.
    #[serde(default = "yes", skip_serializing_if = "Clone::clone")]
    pub has_begun: bool,
}

fn yes() -> bool {
    true
}
