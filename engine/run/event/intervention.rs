//! What people do to a run of their own accord, here or from another terminal.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::exercise::{Subject, Told};
use super::{End, Moment, Note, Printed, Timer, TimerKind};

/// What somebody at another terminal wants of a run. It waits in the inbox until a driver takes it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Letter {
    /// The version of this form: 1.
    pub v: u32,
    /// What tells it from every other letter.
    pub id: String,
    /// When it was written.
    pub sent_at: Moment,
    /// Who says so: a name as given, not proven.
    pub by: String,
    /// Where it comes from.
    pub sender: Sender,
    /// What is wanted.
    pub wish: Wish,
}

/// Where a letter comes from, as the machine knows it.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Sender {
    /// The user of the machine.
    pub user: String,
    /// The machine.
    pub host: String,
}

/// What is wanted of a run. An answer names the question that it was given for, so that it is void
/// when another one is open.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "wish", rename_all = "snake_case", deny_unknown_fields)]
pub enum Wish {
    /// Open a gate.
    Approve {
        /// The path of the step behind it.
        step: String,
        /// The digest of its question.
        digest: String,
        /// How often it had been asked.
        asked: u32,
        /// A remark.
        note: Option<String>,
        /// The word that it asks for.
        word: Option<String>,
        /// The number that it asks for.
        value: Option<String>,
    },
    /// Refuse a gate.
    Reject {
        /// The path of the step behind it.
        step: String,
        /// The digest of its question.
        digest: String,
        /// How often it had been asked.
        asked: u32,
        /// Why.
        reason: String,
    },
    /// Decide about a step that is held, in doubt or not begun, about an invariant (`invariant/ID`)
    /// or about the verdict (`verdict`).
    Decide {
        /// The path of the step.
        step: String,
        /// What is to become of it.
        choice: WishedChoice,
        /// How many attempts it had begun.
        attempts: u32,
        /// Why.
        reason: String,
    },
    /// Take back what one step has done.
    Undo {
        /// The path of the step; none for the whole run.
        step: Option<String>,
        /// Why.
        reason: String,
    },
    /// End the run.
    Abort {
        /// Why.
        reason: String,
    },
    /// Say how something goes in an exercise.
    Outcome {
        /// What it is about.
        subject: Subject,
        /// How it goes.
        outcome: Told,
    },
    /// Tell the players of an exercise something now.
    Inject {
        /// Its number in the script; none where it is made up.
        number: Option<usize>,
        /// What is told.
        text: String,
    },
    /// Say what an exercise has shown.
    Score {
        /// Whether each objective was met.
        objectives: Vec<bool>,
        /// How well it went, from 1 to 5.
        score: Option<u8>,
    },
    /// Put something on the timeline.
    Note(Note),
    /// A command that is no step is about to be run.
    ExecStarted(Exec),
    /// It ended.
    ExecEnded(Box<ExecEnded>),
}

/// What somebody at another terminal wants to become of a step.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WishedChoice {
    /// It is done again.
    Retry,
    /// It counts as done.
    Done,
    /// It counts as failed.
    Fail,
    /// It is passed over.
    Skip,
}

/// A letter that was taken out of the inbox.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LetterTaken {
    /// What tells it from every other letter.
    pub letter: String,
    /// When it was written.
    pub sent_at: Moment,
    /// Who says so: a name as given, not proven.
    pub by: String,
    /// Where it comes from.
    pub sender: Sender,
    /// What is wanted, in words.
    pub wish: String,
    /// The step that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// Whether it only puts something on the timeline.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_remark: bool,
    /// Why nothing follows from it, if that is so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// A command that is no step, run by a person.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Exec {
    /// What tells it from every other one of the run.
    pub id: String,
    /// Who runs it: a name as given, not proven.
    pub by: String,
    /// The command, as a person reads it.
    pub command: String,
    /// The folder that it runs in.
    pub cwd: String,
    /// The machine that it runs on.
    pub host: String,
    /// Whether it has a terminal, so that what it prints is not kept.
    pub is_on_terminal: bool,
}

/// How such a command ended.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ExecEnded {
    /// What tells it from every other one of the run.
    pub id: String,
    /// How it ended.
    pub end: End,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// What is kept of what it printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub out: Option<Printed>,
    /// What is kept of standard error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub err: Option<Printed>,
}

/// What the operator is reminded of.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(tag = "of", rename_all = "snake_case", deny_unknown_fields)]
pub enum Reminder {
    /// The time until service must be back runs out, or has.
    Rto {
        /// How much of it is spent, in per cent: 75, 90 or 100.
        spent: u8,
    },
    /// An update is due.
    Update {
        /// The how manieth it is.
        number: u32,
        /// The update, ready to be sent.
        text: String,
    },
    /// Somebody else is to be told now.
    Escalation {
        /// Its place in the list of the runbook, from 0.
        place: usize,
        /// Who is to be told.
        to: String,
    },
}

impl Reminder {
    /// The timer that its moment is waited for by.
    pub fn timer(&self) -> Timer {
        Timer::of_run(match self {
            Reminder::Rto { .. } => TimerKind::Rto,
            Reminder::Update { .. } => TimerKind::Update,
            Reminder::Escalation { .. } => TimerKind::Escalation,
        })
    }
}

impl WishedChoice {
    /// What is wanted, as it is typed.
    pub fn word(self) -> &'static str {
        match self {
            WishedChoice::Retry => "retry",
            WishedChoice::Done => "done",
            WishedChoice::Fail => "fail",
            WishedChoice::Skip => "skip",
        }
    }
}

impl Wish {
    /// The step that it is about.
    pub fn step(&self) -> Option<&str> {
        match self {
            Wish::Approve { step, .. } | Wish::Reject { step, .. } | Wish::Decide { step, .. } => {
                Some(step)
            }
            Wish::Undo { step, .. } => step.as_deref(),
            Wish::Outcome { subject, .. } => subject.step(),
            _ => None,
        }
    }

    /// Whether only the facilitator of an exercise wants it.
    fn is_of_facilitator(&self) -> bool {
        matches!(self, Wish::Outcome { .. } | Wish::Inject { .. } | Wish::Score { .. })
    }

    /// Whether it only puts something on the timeline, or what it leads to says all of it.
    pub fn is_remark(&self) -> bool {
        matches!(self, Wish::Note(_) | Wish::ExecStarted(_) | Wish::ExecEnded(_))
            || self.is_of_facilitator()
    }

    /// What is wanted, in words.
    pub fn said(&self) -> String {
        match self {
            Wish::Approve { .. } => "approve".into(),
            Wish::Reject { reason, .. } => format!("reject: {reason}"),
            Wish::Decide { choice, reason, .. } => format!("{}: {reason}", choice.word()),
            Wish::Undo { reason, .. } => format!("undo: {reason}"),
            Wish::Abort { reason } => format!("abort: {reason}"),
            Wish::Outcome { outcome, .. } => format!("outcome: {}", outcome.said()),
            Wish::Inject { .. } => "inject".into(),
            Wish::Score { .. } => "score".into(),
            Wish::Note(_) => "note".into(),
            Wish::ExecStarted(_) | Wish::ExecEnded(_) => "exec".into(),
        }
    }
}

/// Whoever drives the run leaves it to somebody else.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct HandedOver {
    /// Who leaves it.
    pub by: String,
    /// To whom, where that was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// What the next one must know.
    pub reason: String,
}
