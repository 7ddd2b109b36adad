//! An event: one fact about a run, in the past tense, as the journal keeps it.
//!
//! Events name steps by path. A secret is never in one.

mod action;
mod clock;
pub mod exercise;
mod intervention;
mod nature;
mod note;
mod outcome;
mod person;
mod question;
mod start;
mod timer;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

pub use action::{
    End, Failure, FailureKind, Printed, Process, ProcessGone, Skip, StepEnded, Then, WatchSeen,
};
pub use clock::{Boot, Reading};
use exercise::{Discussed, ExerciseScored, InjectTold, OutcomeTold, Script};
pub use intervention::{
    Exec, ExecEnded, HandedOver, Letter, LetterTaken, Reminder, Sender, Wish, WishedChoice,
};
pub use note::{Milestone, Note, NoteKind};
pub use outcome::{Absence, Cause, Outcome, Stage, StopLevel, Verdict};
pub use person::{
    AnswerAsked, EvidenceAsked, EvidenceGiven, ItemTicked, OptionAsked, StepAnswered,
};
pub use question::{
    CheckRef, Decider, DoubtChoice, GateQuestion, HoldChoice, InvariantChoice, ItemQuestion,
    Purpose, Question, Sight, ValueWanted, VerdictChoice,
};
pub use start::{
    ChoicesListed, Durability, InputGiven, InputSource, Mode, Observes, OnFailureGiven,
    Predecessor, Resumed, RunStarted, RunbookAdopted, TakenOver,
};
pub use timer::{Timer, TimerKind, later};

/// A moment.
pub type Moment = DateTime<Utc>;

/// One fact about a run.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Event {
    /// The run began: always the first event.
    RunStarted(RunStarted),
    /// A driver took over an open run; what was under way is in doubt.
    Resumed(Resumed),
    /// The driver before it was ended for that.
    TakenOver(TakenOver),
    /// A changed runbook was taken over: from here on it is the plan of the run.
    RunbookAdopted(Box<RunbookAdopted>),
    /// An input got its value.
    InputGiven(InputGiven),
    /// The command that lists the choices of an input was begun.
    ChoicesSought {
        /// The name of the input.
        input: String,
        /// The command, as a person reads it.
        command: String,
    },
    /// It listed them, or could not.
    ChoicesListed(ChoicesListed),
    /// The run went on to its next stage.
    StageEntered {
        /// The stage that begins.
        stage: Stage,
    },
    /// A look was begun.
    CheckStarted {
        /// The check, by its place.
        check: CheckRef,
        /// What is looked at, as a person reads it.
        look: String,
    },
    /// What it showed.
    CheckObserved {
        /// The check, by its place.
        check: CheckRef,
        /// Whether it holds.
        sight: Sight,
        /// What was seen, in words.
        detail: String,
        /// How long it was looked, in milliseconds.
        took_ms: u64,
        /// Whether nobody looked, and this was assumed.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_assumed: bool,
    },
    /// A person let a check that does not hold pass.
    CheckWaived {
        /// The check, by its place.
        check: CheckRef,
        /// Who let it pass.
        by: String,
        /// Why it may pass.
        reason: String,
    },
    /// Nobody did; `by` says who decided so, where somebody was there.
    CheckRefused {
        /// The check, by its place.
        check: CheckRef,
        /// Who decided so; none where nobody was there.
        by: Option<String>,
        /// What was seen, in words.
        detail: String,
    },
    /// A question was put to whoever is there.
    QuestionAsked {
        /// What was asked.
        question: Question,
    },
    /// The operator decided whether a step is needed.
    NeedDecided {
        /// The path of the step that is optional.
        step: String,
        /// Whether it is needed.
        is_needed: bool,
        /// Who decided, as given.
        by: String,
        /// Why, in the words of whoever decided.
        reason: String,
        /// Whether the answer was prepared beforehand.
        is_prepared: bool,
    },
    /// A gate was opened.
    GateApproved {
        /// The path of the step behind the gate.
        step: String,
        /// The digest of the question that was answered.
        digest: String,
        /// Who approved.
        by: String,
        /// A remark of the person who approved.
        note: Option<String>,
        /// Whether the answer was prepared beforehand.
        is_prepared: bool,
        /// The number that was read, where the gate asks for one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<String>,
        /// Whether nobody approved it, and `--yes` passed it by.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_bypass: bool,
        /// How many wrong words were typed before the right one.
        #[serde(default, skip_serializing_if = "is_zero")]
        wrong_words: u32,
        /// How long the question stood at the terminal, in milliseconds, where it was answered there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        took_ms: Option<u64>,
    },
    /// A gate was refused.
    GateRejected {
        /// The path of the step behind the gate.
        step: String,
        /// The digest of the question that was answered.
        digest: String,
        /// Who refused.
        by: String,
        /// Why it was refused.
        reason: String,
        /// How long the question stood at the terminal, in milliseconds, where it was answered there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        took_ms: Option<u64>,
    },
    /// A person did a step, and said what was asked for.
    StepAnswered(StepAnswered),
    /// A person said that a step, or an item of its checklist, cannot be done.
    StepGivenUp {
        /// The path of the step.
        step: String,
        /// The item, by its text as it is written.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        item: Option<String>,
        /// Who says so: a name as given, not proven.
        by: String,
        /// What stands in the way.
        reason: String,
        /// Whether the answer was prepared beforehand.
        is_prepared: bool,
    },
    /// A person ticked an item of a checklist, or said why it does not apply.
    ItemTicked(ItemTicked),
    /// The value of a switch chose a case.
    CaseChosen {
        /// The path of the step.
        step: String,
        /// The name of the case.
        case: String,
    },
    /// The list of a fan-out is known: the step is repeated for each of these.
    ItemsListed {
        /// The path of the step.
        step: String,
        /// The items, in order.
        items: Vec<Json>,
    },
    /// A group began.
    GroupEntered {
        /// The path of the group.
        step: String,
    },
    /// The action of a step is about to begin: its intent.
    StepStarted {
        /// The path of the step.
        step: String,
        /// Which attempt, from 1.
        attempt: u32,
        /// What runs, as a person reads it.
        command: String,
        /// The SHA-256 of all that it is, in hex.
        digest: String,
    },
    /// Its process runs.
    StepSpawned {
        /// The path of the step.
        step: String,
        /// Which attempt, from 1.
        attempt: u32,
        /// The process that runs.
        process: Process,
    },
    /// Whoever watched over its process is gone, so that its end was not seen: it is in doubt.
    StepLost {
        /// The path of the step.
        step: String,
        /// Which attempt, from 1.
        attempt: u32,
        /// What happened, in words.
        reason: String,
    },
    /// A step in doubt was found: its keeper watched over it all the time, and knows its end or
    /// will.
    StepFound {
        /// The path of the step.
        step: String,
        /// Which attempt, from 1.
        attempt: u32,
        /// The process that runs, or ran.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        process: Option<Process>,
    },
    /// What a step watches does not look as it did before.
    WatchSeen(WatchSeen),
    /// Its action ended.
    StepEnded(Box<StepEnded>),
    /// A moment is waited for.
    TimerSet {
        /// The step that waits, and for what.
        timer: Timer,
        /// The moment that is waited for.
        due: Moment,
    },
    /// It has come.
    TimerDue {
        /// The step that waits, and for what.
        timer: Timer,
        /// The moment that was waited for.
        due: Moment,
    },
    /// The step succeeded, verified where that was asked.
    StepSucceeded {
        /// The path of the step.
        step: String,
    },
    /// Its effect was there already.
    StepSatisfied {
        /// The path of the step.
        step: String,
    },
    /// It was passed over.
    StepSkipped {
        /// The path of the step.
        step: String,
        /// Why it was passed over.
        why: Skip,
    },
    /// It failed, and that is settled.
    StepFailed {
        /// The path of the step.
        step: String,
        /// Why it failed.
        failure: Failure,
        /// What follows from it.
        then: Then,
    },
    /// It failed, and a person must decide.
    StepHeld {
        /// The path of the step.
        step: String,
        /// Why it is held.
        failure: Failure,
    },
    /// A person decided about a held step.
    HoldResolved {
        /// The path of the step.
        step: String,
        /// What was decided.
        choice: HoldChoice,
        /// Who decided.
        by: String,
        /// Why it was decided so.
        reason: String,
    },
    /// What it needs did not succeed, or the run ended before.
    StepNotReached {
        /// The path of the step.
        step: String,
    },
    /// Whether the process of a step in doubt still runs is being looked at.
    ProcessSought {
        /// The path of the step.
        step: String,
    },
    /// It runs no more, or nobody can tell.
    ProcessGone(ProcessGone),
    /// A step in doubt was settled.
    DoubtSettled {
        /// The path of the step.
        step: String,
        /// How it was settled.
        choice: DoubtChoice,
        /// Who or what settled it.
        by: Decider,
        /// Why it was settled so.
        reason: String,
    },
    /// The operator asked to stop, harder each time.
    StopRequested {
        /// How hard it is stopped.
        level: StopLevel,
        /// What asked for it: the key or the signal.
        signal: String,
    },
    /// Whoever attended the run can no longer be asked; it goes on as far as it needs nobody.
    AttendanceLost {
        /// What showed it.
        cause: Absence,
    },
    /// The clock on the wall was found to have been set: it has gone otherwise than time has passed.
    ClockSet {
        /// How far it was set forward, in milliseconds; back where that is negative.
        by_ms: i64,
    },
    /// The machine was found to have slept.
    Slept {
        /// For how long, in milliseconds.
        ms: u64,
    },
    /// A person decided about an invariant that broke.
    InvariantResolved {
        /// The check, by its place.
        check: CheckRef,
        /// What was decided.
        choice: InvariantChoice,
        /// Who decided.
        by: String,
        /// Why it was decided so.
        reason: String,
    },
    /// The exit criteria were judged.
    VerdictReached {
        /// What they say together.
        verdict: Verdict,
        /// What was seen, in words.
        detail: String,
    },
    /// A person decided about a verdict that is not `recovered`.
    VerdictResolved {
        /// What was decided.
        choice: VerdictChoice,
        /// Who decided.
        by: String,
        /// Why it was decided so.
        reason: String,
    },
    /// An answer or a wish from another terminal was taken out of the inbox. What follows from it
    /// comes next.
    LetterTaken(Box<LetterTaken>),
    /// A person put a remark on the timeline; the run may have ended already.
    NoteAdded(Note),
    /// A person has each step that changes something asked about first, or no more.
    PaceSet {
        /// Whether it is asked about.
        is_stepwise: bool,
        /// Who wants it so.
        by: String,
    },
    /// A person let a step begin that was asked about.
    StepReleased {
        /// The path of the step.
        step: String,
        /// Who let it begin.
        by: String,
    },
    /// A person passed a step over that had not begun, and all inside it.
    StepPassedOver {
        /// The path of the step.
        step: String,
        /// Who passed it over.
        by: String,
        /// Why it was passed over.
        reason: String,
    },
    /// A person wants to go on at a step: those above it are passed over.
    JumpRequested {
        /// The path of the step.
        to: String,
        /// Who wants it.
        by: String,
        /// Why they want it.
        reason: String,
    },
    /// A person wants to go back to a step: it and all below it are open again.
    BackRequested {
        /// The path of the step.
        to: String,
        /// Who wants it.
        by: String,
        /// Why they want it.
        reason: String,
    },
    /// A person wants what one step has done taken back.
    StepUndoRequested {
        /// The path of the step.
        step: String,
        /// Who wants it.
        by: String,
        /// Why they want it.
        reason: String,
    },
    /// A person ends the run.
    AbortRequested {
        /// Who ends it.
        by: String,
        /// Why it is ended.
        reason: String,
    },
    /// Whoever drives the run leaves it to somebody else.
    HandedOver(HandedOver),
    /// A command that is no step is about to be run by a person.
    ExecStarted(Exec),
    /// It ended.
    ExecEnded(Box<ExecEnded>),
    /// An exercise at a table begins.
    ExerciseBegun(Box<Script>),
    /// It was said how something goes in an exercise.
    OutcomeTold(OutcomeTold),
    /// Something was told to the players of an exercise.
    InjectTold(InjectTold),
    /// A question of an exercise was talked about.
    Discussed(Discussed),
    /// It was said what an exercise has shown.
    ExerciseScored(ExerciseScored),
    /// The operator was reminded of something.
    Reminded {
        /// What the operator was reminded of.
        reminder: Reminder,
    },
    /// A person wants the run taken back; it may have ended already.
    UndoRequested {
        /// Who wants it.
        by: String,
        /// Why they want it.
        reason: String,
    },
    /// The run waits for someone, and its driver left.
    Parked {
        /// What was asked and is not answered.
        waiting_for: Vec<Question>,
    },
    /// The journal could not be written, and its driver left before anything else began.
    Paused {
        /// What failed, in words.
        reason: String,
    },
    /// The run ended: nothing of it is open any more.
    RunEnded {
        /// How it ended.
        outcome: Outcome,
        /// How it would have ended, had all that was assumed been so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        as_if: Option<Outcome>,
        /// What the exit criteria said, where they were judged.
        verdict: Option<Verdict>,
        /// What ended it before its end, if anything did.
        cause: Option<Cause>,
    },
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}
