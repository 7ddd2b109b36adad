//! An event: one fact about a run, in the past tense, as the journal keeps it.
//!
//! Events name steps by path. A secret is never in one.

#![expect(missing_docs, reason = "the fields of an event are named by the event they are in")]

mod action;
mod outcome;
mod question;
mod start;
mod timer;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

pub use action::{End, Failure, FailureKind, Printed, Process, Skip, StepEnded, Then};
pub use outcome::{Cause, Outcome, Stage, StopLevel, Verdict};
pub use question::{
    CheckRef, Decider, DoubtChoice, GateQuestion, HoldChoice, InvariantChoice, Purpose, Question,
    Sight, VerdictChoice,
};
pub use start::{InputGiven, InputSource, Mode, OnFailureGiven, Resumed, RunStarted};
pub use timer::{Timer, TimerKind, later};

/// A moment.
pub type Moment = DateTime<Utc>;

/// One fact about a run.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Event {
    /// The run began: always the first event.
    RunStarted(RunStarted),
    /// A driver took over an open run; what was under way is in doubt.
    Resumed(Resumed),
    /// An input got its value.
    InputGiven(InputGiven),
    /// The command that lists the choices of an input was begun.
    ChoicesSought { input: String, command: String },
    /// It listed them, or could not.
    ChoicesListed { input: String, choices: Vec<String>, problem: Option<String> },
    /// The run went on to its next stage.
    StageEntered { stage: Stage },
    /// A look was begun.
    CheckStarted { check: CheckRef, look: String },
    /// What it showed.
    CheckObserved { check: CheckRef, sight: Sight, detail: String, took_ms: u64 },
    /// A person let a check that does not hold pass.
    CheckWaived { check: CheckRef, by: String, reason: String },
    /// Nobody did; `by` says who decided so, where somebody was there.
    CheckRefused { check: CheckRef, by: Option<String>, detail: String },
    /// A question was put to whoever is there.
    QuestionAsked { question: Question },
    /// A gate was opened.
    GateApproved {
        step: String,
        digest: String,
        by: String,
        note: Option<String>,
        is_prepared: bool,
    },
    /// A gate was refused.
    GateRejected { step: String, digest: String, by: String, reason: String },
    /// The value of a switch chose a case.
    CaseChosen { step: String, case: String },
    /// The list of a fan-out is known: the step is repeated for each of these.
    ItemsListed { step: String, items: Vec<Json> },
    /// A group began.
    GroupEntered { step: String },
    /// The action of a step is about to begin: its intent.
    StepStarted { step: String, attempt: u32, command: String, digest: String },
    /// Its process runs.
    StepSpawned { step: String, attempt: u32, process: Process },
    /// Its action ended.
    StepEnded(Box<StepEnded>),
    /// A moment is waited for.
    TimerSet { timer: Timer, due: Moment },
    /// It has come.
    TimerDue { timer: Timer, due: Moment },
    /// The step succeeded, verified where that was asked.
    StepSucceeded { step: String },
    /// Its effect was there already.
    StepSatisfied { step: String },
    /// It was passed over.
    StepSkipped { step: String, why: Skip },
    /// It failed, and that is settled.
    StepFailed { step: String, failure: Failure, then: Then },
    /// It failed, and a person must decide.
    StepHeld { step: String, failure: Failure },
    /// A person decided about a held step.
    HoldResolved { step: String, choice: HoldChoice, by: String, reason: String },
    /// What it needs did not succeed, or the run ended before.
    StepNotReached { step: String },
    /// Whether the process of a step in doubt still runs is being looked at.
    ProcessSought { step: String },
    /// It runs no more, or nobody can tell.
    ProcessGone { step: String, is_certain: bool },
    /// A step in doubt was settled.
    DoubtSettled { step: String, choice: DoubtChoice, by: Decider, reason: String },
    /// The operator asked to stop, harder each time.
    StopRequested { level: StopLevel, signal: String },
    /// A person decided about an invariant that broke.
    InvariantResolved { check: CheckRef, choice: InvariantChoice, by: String, reason: String },
    /// The exit criteria were judged.
    VerdictReached { verdict: Verdict, detail: String },
    /// A person decided about a verdict that is not `recovered`.
    VerdictResolved { choice: VerdictChoice, by: String, reason: String },
    /// A person wants the run taken back; it may have ended already.
    UndoRequested { by: String, reason: String },
    /// The run waits for someone, and its driver left.
    Parked { waiting_for: Vec<Question> },
    /// The run ended: nothing of it is open any more.
    RunEnded { outcome: Outcome, verdict: Option<Verdict>, cause: Option<Cause> },
}

impl Event {
    /// Whether what it is about may have been overtaken by the time it is told.
    pub fn may_be_late(&self) -> bool {
        self.is_answer() || matches!(self, Event::TimerDue { .. })
    }

    /// Whether it is what a person answered to a question.
    pub fn is_answer(&self) -> bool {
        matches!(
            self,
            Event::GateApproved { .. }
                | Event::GateRejected { .. }
                | Event::HoldResolved { .. }
                | Event::DoubtSettled { by: Decider::Person { .. }, .. }
                | Event::CheckWaived { .. }
                | Event::CheckRefused { .. }
                | Event::VerdictResolved { .. }
                | Event::InvariantResolved { .. }
        )
    }
}
