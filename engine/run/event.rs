//! An event: one fact about a run, in the past tense, as the journal keeps it.
//!
//! Events name steps by path. A secret is never in one.

#![expect(missing_docs, reason = "the fields of an event are named by the event they are in")]

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

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
    /// A person did not.
    CheckRefused { check: CheckRef, by: String },
    /// A question was put to whoever is there.
    Asked { question: Question },
    /// A gate was opened.
    GateApproved { step: String, digest: String, by: String, note: Option<String>, is_prepared: bool },
    /// A gate was refused.
    GateRejected { step: String, digest: String, by: String, reason: String },
    /// The value of a switch chose a case.
    CaseChosen { step: String, case: String },
    /// A group began.
    GroupEntered { step: String },
    /// The action of a step is about to begin: its intent.
    StepStarted { step: String, attempt: u32, command: String, digest: String },
    /// Its process runs.
    StepSpawned { step: String, attempt: u32, process: Process },
    /// Its action ended.
    StepEnded(Box<StepEnded>),
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
    /// The exit criteria were judged.
    VerdictReached { verdict: Verdict, detail: String },
    /// A person decided about a verdict that is not `recovered`.
    VerdictResolved { choice: VerdictChoice, by: String, reason: String },
    /// The run waits for someone, and its driver left.
    Parked { waiting_for: Vec<Question> },
    /// The run ended: nothing of it is open any more.
    RunEnded { outcome: Outcome, verdict: Option<Verdict>, cause: Option<Cause> },
}

/// How a run began.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RunStarted {
    /// The id of the run.
    pub run: String,
    /// The version of Holdpoint that began it.
    pub version: String,
    /// The id of the runbook.
    pub runbook: String,
    /// Its title.
    pub title: String,
    /// The file as it was named.
    pub file: String,
    /// The SHA-256 of the frozen runbook.
    pub digest: String,
    /// How the run goes through the runbook.
    pub mode: Mode,
    /// Who drives it, as far as is known.
    pub operator: String,
    /// Where.
    pub host: String,
    /// The folder in which `run` was typed, absolute.
    pub cwd: String,
    /// Whether somebody is there to be asked.
    pub is_attended: bool,
    /// What a failure leads to where no step says, when that was given.
    pub on_failure: Option<OnFailureGiven>,
    /// How many steps may run at a time.
    pub parallel: usize,
    /// When the incident was noticed.
    pub detected_at: Option<Moment>,
    /// The incident's number elsewhere.
    pub incident: Option<String>,
    /// Checks that were waived beforehand, with the reasons.
    pub waived: BTreeMap<String, String>,
}

/// How a driver took over.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Resumed {
    /// Who drives now.
    pub operator: String,
    /// Where.
    pub host: String,
    /// Whether somebody is there to be asked.
    pub is_attended: bool,
    /// Checks that were waived beforehand, with the reasons.
    pub waived: BTreeMap<String, String>,
}

/// An input and its value.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct InputGiven {
    /// Its name.
    pub name: String,
    /// Its value; none for a secret, and none for an optional input that was left out.
    pub value: Option<Json>,
    /// Whether it is a secret that the driver holds.
    pub is_secret: bool,
    /// Where the value came from.
    pub from: InputSource,
}

/// Where the value of an input came from.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum InputSource {
    /// `--input`.
    Flag,
    /// `--inputs`.
    File,
    /// An environment variable.
    Environment,
    /// The runbook.
    Default,
    /// A person at the terminal.
    Prompt,
}

/// How a run goes through its runbook.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// For real.
    Live,
}

/// What `--on-failure` may say.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OnFailureGiven {
    /// A person decides.
    Hold,
    /// The run ends.
    Abort,
}

/// The parts that a run goes through, in order.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
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
    /// The closing steps are done.
    Finally,
}

/// Which check of which step or stage.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CheckRef {
    /// The step; none for a check of the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// What it is for.
    pub purpose: Purpose,
    /// Its place in its list, from 0.
    pub index: usize,
}

/// What a check is for.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// It shows the symptom.
    Confirm,
    /// It must hold before the first step.
    Precondition,
    /// It must hold before a step.
    Require,
    /// It tells that the effect of a step is there already.
    DoneWhen,
    /// It must hold after a step.
    Verify,
    /// It gives the verdict.
    ExitCriterion,
}

/// What a look showed.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sight {
    /// It holds.
    Holds,
    /// It holds, with a warning.
    Warns,
    /// It does not hold.
    Fails,
    /// It could not be seen.
    Unseen,
}

/// A process, so that it can be told from another with the same number.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// When it began, in clock ticks since the machine did.
    pub start_time: u64,
    /// Which start of the machine.
    pub boot_id: String,
}

/// How an action ended.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct StepEnded {
    /// The path of the step.
    pub step: String,
    /// Which attempt.
    pub attempt: u32,
    /// How it ended.
    pub end: End,
    /// Why that is no success, if it is none.
    pub failure: Option<Failure>,
    /// What it hands to later steps.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub outputs: BTreeMap<String, Json>,
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
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "how", rename_all = "snake_case", deny_unknown_fields)]
pub enum End {
    /// Its process exited.
    Exited { code: i32 },
    /// A signal ended its process.
    Signalled { signal: i32 },
    /// Its time was up.
    TimedOut,
    /// It was stopped because the operator asked.
    Stopped,
    /// Its process could not be started.
    NotSpawned { reason: String },
    /// It looked and saw.
    Looked { detail: String },
    /// It was shown to be passed on.
    Shown { text: String },
}

/// What is kept of a stream.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
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
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    /// The kind, one word.
    pub kind: FailureKind,
    /// A lower-case sentence.
    pub detail: String,
}

/// The kinds of failure.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
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
    /// Something inside failed.
    Inner,
    /// A probe could not see.
    Unseen,
    /// Its condition could not be decided.
    When,
    /// Its gate was refused.
    Rejected,
    /// A person said so of a step in doubt.
    Doubt,
    /// The operator stopped it.
    Stopped,
}

/// What follows from a failure that is settled.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
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
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Skip {
    /// Its condition is false.
    When,
    /// The operator said so.
    Operator,
    /// Another rung or case did.
    NotNeeded,
}

/// What is asked of a person.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Question {
    /// May this happen?
    Gate(GateQuestion),
    /// A step failed: what now?
    Hold { step: String, failure: Failure },
    /// A step may or may not have happened: which?
    InDoubt { step: String, command: String },
    /// What is the value of this input?
    Input { name: String },
    /// A check does not hold: go on all the same?
    Check { check: CheckRef, detail: String },
    /// The exit criteria do not hold, or could not be seen: what now?
    Verdict { verdict: Verdict, detail: String },
}

/// The question of a gate, frozen when it is put.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct GateQuestion {
    /// The path of the step behind it.
    pub step: String,
    /// The words of the question.
    pub ask: String,
    /// The word that must be typed.
    pub word: Option<String>,
    /// Who may answer; anybody when empty.
    pub approvers: Vec<String>,
    /// What would run, as a person reads it.
    pub commands: Vec<String>,
    /// The SHA-256 of question and commands; an answer binds to it.
    pub digest: String,
}

/// What a person may do with a held step.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldChoice {
    /// Do it again, its gate included.
    Retry,
    /// Count it as done.
    Done,
    /// Count it as failed.
    Failed,
    /// Pass it over.
    Skip,
    /// End the run.
    Abort,
}

/// How a step in doubt is settled.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DoubtChoice {
    /// It happened.
    Done,
    /// It is done again.
    Rerun,
    /// It failed.
    Failed,
}

/// Who or what settled a step in doubt.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
pub enum Decider {
    /// Its `done_when` holds.
    DoneWhen,
    /// Its effect may be repeated.
    Effect,
    /// A person.
    Person { name: String },
}

/// How hard a run is being stopped. It only ever rises.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
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

/// What the exit criteria say.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// All of them hold.
    Recovered,
    /// One does not.
    NotRecovered,
    /// There are none, or one could not be seen.
    Unverified,
}

/// What a person may do with a verdict.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum VerdictChoice {
    /// Look again.
    Retry,
    /// End with it.
    End,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
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
}

/// What ended a run before its end.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "why", rename_all = "snake_case", deny_unknown_fields)]
pub enum Cause {
    /// The symptom or a precondition was not there; no step began.
    NotStarted { detail: String },
    /// A person ended it.
    Person { by: String, reason: String },
    /// A gate was refused and nobody was there.
    Rejected { step: String },
    /// A step failed whose `on_failure` is `abort`.
    Step { step: String },
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

impl Failure {
    /// A failure of a kind, with a sentence.
    pub fn new(kind: FailureKind, detail: impl Into<String>) -> Failure {
        Failure { kind, detail: detail.into() }
    }
}

impl StepEnded {
    /// Whether it was a message to be passed on, which nothing printed.
    pub fn is_message(&self) -> bool {
        matches!(self.end, End::Shown { .. })
    }
}
