//! The stages of a run, how it is stopped, and how it ends.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The parts that a run goes through, in order.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Inputs are gathered.
    #[default]
    Inputs,
    /// The symptom is looked for.
    Confirm,
    /// The preconditions are looked at.
    Preconditions,
    /// The steps are done.
    Steps,
    /// The exit criteria are looked at.
    ExitCriteria,
    /// What was done is taken back.
    Undo,
    /// The closing steps are done.
    Finally,
}

/// How hard a run is being stopped. It only ever rises.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "snake_case")]
pub enum StopLevel {
    /// It is not.
    #[default]
    None,
    /// Nothing new starts.
    Drain,
    /// What runs is asked to end.
    Interrupt,
    /// What runs is killed.
    Kill,
}

/// What shows that whoever attended a run can no longer be asked.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Absence {
    /// SIGHUP.
    HangUp,
    /// The terminal answers no more.
    TerminalGone,
}

/// What the exit criteria say.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// All of them hold.
    Recovered,
    /// One does not.
    NotRecovered,
    /// There are none, or one could not be seen.
    Unverified,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// All went as planned.
    Succeeded,
    /// It went, but something was left failed, skipped, marked done or waived.
    SucceededWithExceptions,
    /// It did not.
    Failed,
    /// A person ended it, or it never began.
    Aborted,
    /// It came to its end, and what its actions did was assumed.
    Rehearsed,
}

/// What ended a run before its end.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(tag = "why", rename_all = "snake_case", deny_unknown_fields)]
pub enum Cause {
    /// The symptom or a precondition was not there; no step began.
    NotStarted {
        /// What was not there.
        detail: String,
    },
    /// A person ended it.
    Person {
        /// Who ended it.
        by: String,
        /// Why it was ended.
        reason: String,
    },
    /// A person had it taken back.
    Undone {
        /// Who had it taken back.
        by: String,
        /// Why they had it taken back.
        reason: String,
    },
    /// A gate was refused and nobody was there.
    Rejected {
        /// The path of the step behind the gate.
        step: String,
    },
    /// A step failed whose `on_failure` is `abort`.
    Step {
        /// The path of the step.
        step: String,
    },
}

impl StopLevel {
    /// The next harder level.
    pub fn raised(self) -> StopLevel {
        match self {
            StopLevel::None => StopLevel::Drain,
            StopLevel::Drain => StopLevel::Interrupt,
            StopLevel::Interrupt | StopLevel::Kill => StopLevel::Kill,
        }
    }
}
