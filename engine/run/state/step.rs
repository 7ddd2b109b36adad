//! What is known of one node, and of a list of checks.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::plan::Node;

use crate::run::event::{
    End, Failure, GateQuestion, HoldChoice, Moment, Process, Purpose, Question, Sight, Skip, Then,
};

/// How far a list of checks has come.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checks {
    /// What they are for.
    pub purpose: Option<Purpose>,
    /// The next one.
    pub next: usize,
    /// Whether it is being looked at.
    pub is_looking: bool,
    /// What the last look showed when it was not good.
    pub trouble: Option<Trouble>,
}

/// How far the invariants have been looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Invariants {
    /// How far the list has come.
    pub checks: Checks,
    /// Whether nothing has happened since all of them held.
    pub are_fresh: bool,
    /// Whether something has happened since the first of them was looked at.
    pub is_outdated: bool,
}

/// A check that does not hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Trouble {
    /// Whether it could not be seen at all.
    pub is_unseen: bool,
    /// What was seen.
    pub detail: String,
}

/// What is known of one node.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StepStatus {
    /// Where it stands.
    pub state: StepState,
    /// The form it takes, once that is chosen.
    pub form: Option<usize>,
    /// The form that its last attempt took.
    pub acted_as: Option<usize>,
    /// Whether it is a group that was entered since it last began.
    pub is_entered: bool,
    /// How many attempts were begun.
    pub attempts: u32,
    /// How many of them the step made by itself, since a person last said so.
    pub retries: u32,
    /// Of how many attempts in a row, up to the last, the end was not seen.
    pub losses: u32,
    /// Whether it has begun and its paired undo has not put that back yet.
    pub owes_undo: bool,
    /// How many of the nodes it needs are not settled.
    pub unmet: usize,
    /// How many nodes inside it are not settled.
    pub open_inside: usize,
    /// How far the current list of checks has come.
    pub checks: Checks,
    /// Who opened its gate.
    pub gate: Gate,
    /// How often its gate has been asked, each time another question.
    pub gate_asked: u32,
    /// Whether a person let it begin, after being asked about it.
    pub is_released: bool,
    /// Whether a person goes on below it: it is passed over when its turn comes.
    pub is_jumped_over: bool,
    /// Whether it takes back what a person wants taken back.
    pub is_wanted_back: bool,
    /// Whether its gate was not answered in time.
    pub is_expired: bool,
    /// Who has approved the question of its gate so far.
    pub approved: Vec<String>,
    /// When it began.
    pub started_at: Option<Moment>,
    /// When its action first began, since it was last to begin anew: waiting counts from there.
    pub since: Option<Moment>,
    /// What it has seen so far of what it watches.
    pub watched: Watched,
    /// When its last attempt began, after all waiting at its gate.
    pub acted_at: Option<Moment>,
    /// When it was settled.
    pub ended_at: Option<Moment>,
    /// When the action of its last attempt ended, among all endings.
    pub ended_as: u64,
    /// The exit code of its last attempt.
    pub exit: Option<i32>,
    /// What it printed, where that is kept.
    pub stdout: Option<String>,
    /// How its last attempt ended, where it failed.
    pub end: Option<End>,
    /// Whether it was assumed how that ended.
    pub is_assumed: bool,
    /// Whether its last attempt printed something that is kept.
    pub has_printed: bool,
    /// The last lines that it printed, where it failed.
    pub printed: Vec<String>,
    /// What it hands on.
    pub outputs: BTreeMap<String, Json>,
    /// Which driver began its last attempt.
    pub begun_by: u64,
    /// The process of its last attempt.
    pub process: Option<Process>,
    /// The command of its last attempt.
    pub command: String,
    /// The digest of that command.
    pub digest: String,
    /// Whether the operator needs it, once that is decided.
    pub is_needed: Option<bool>,
    /// Whether a person marked it done.
    pub is_marked_done: bool,
    /// What a person decided about it, while something must still be done before it is settled.
    pub decided: Option<HoldChoice>,
    /// The items that it is repeated for, once they are known.
    pub items: Option<Vec<Json>>,
    /// The items of its checklist that were ticked or do not apply.
    pub ticks: BTreeSet<String>,
}

/// What has been seen of what a step watches.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Watched {
    /// What was seen last, where that was told.
    pub sight: Option<Sight>,
    /// How often it broke.
    pub breaks: u32,
}

/// Where the gate of a step stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Gate {
    /// It has not been asked, or must be asked again.
    #[default]
    Shut,
    /// It was opened, and what is required must be looked at once more.
    Opened {
        /// By whom.
        by: String,
    },
}

/// Where a node stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum StepState {
    /// Its needs are not met, or it has not been looked at.
    #[default]
    Pending,
    /// Its needs are met; what stands before its action is being looked at.
    Ready(Before),
    /// Its gate waits for an answer.
    AtGate(Box<GateQuestion>),
    /// Its action, or what is inside it, is under way.
    Running,
    /// A person does it, or is asked about it.
    AtPerson(Box<Question>),
    /// Its action is done; what must hold afterwards is being looked at.
    Verifying,
    /// It failed; what follows is being decided.
    Failing(Failure),
    /// Its action failed, and is tried again at the moment of its timer.
    RetryWait(Failure),
    /// It failed, and a person must decide.
    Held(Failure),
    /// Its start is on record and its end is not.
    InDoubt(Doubt),
    /// It succeeded.
    Succeeded,
    /// Its effect was there already.
    Satisfied,
    /// It was passed over.
    Skipped(Skip),
    /// It failed.
    Failed(Failure, Then),
    /// Its gate was refused.
    Rejected,
    /// It was never begun, because what it needs failed or the run ended.
    NotReached,
    /// It was taken back.
    Undone,
}

/// What is looked at before an action, in order.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Before {
    /// What it requires.
    Require,
    /// Whether its effect is there already.
    DoneWhen,
    /// Its gate.
    Gate,
    /// Nothing: it may begin.
    Go,
}

/// How far a step in doubt has been looked into.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Doubt {
    /// Whether its process still runs is not known.
    Process,
    /// That is being looked at.
    Seeking,
    /// It was never begun, which is certain.
    NeverBegun,
    /// Its process is gone; whether its effect is there is not known.
    DoneWhen {
        /// Whether it is certain that the process is gone.
        is_certain: bool,
    },
    /// Its effect is not there, or nobody can tell.
    Decide {
        /// Whether it is certain that the process is gone.
        is_certain: bool,
    },
}

impl StepStatus {
    /// What is known of a node before anything happened. A pattern is never run.
    pub fn new(node: &Node) -> StepStatus {
        let state = match node.patterns {
            0 => StepState::Pending,
            _ => StepState::Skipped(Skip::NotNeeded),
        };
        StepStatus { state, unmet: node.needs.len(), ..StepStatus::default() }
    }
}

impl Checks {
    /// The next check for a purpose; the first where another was looked at before.
    pub fn next_for(&self, purpose: Purpose) -> usize {
        if self.purpose == Some(purpose) { self.next } else { 0 }
    }
}

impl StepState {
    /// Whether nothing more happens to it.
    pub fn is_settled(&self) -> bool {
        matches!(
            self,
            StepState::Succeeded
                | StepState::Satisfied
                | StepState::Skipped(_)
                | StepState::Failed(..)
                | StepState::Rejected
                | StepState::NotReached
                | StepState::Undone
        )
    }

    /// Whether what needs it may go on.
    pub fn is_good(&self) -> bool {
        matches!(
            self,
            StepState::Succeeded
                | StepState::Satisfied
                | StepState::Skipped(_)
                | StepState::Failed(_, Then::Continue)
        )
    }

    /// The word for it.
    pub fn word(&self) -> &'static str {
        match self {
            StepState::Pending => "pending",
            StepState::Ready(_) => "ready",
            StepState::AtGate(_) => "at_gate",
            StepState::Running | StepState::AtPerson(_) => "running",
            StepState::Verifying | StepState::Failing(_) => "verifying",
            StepState::RetryWait(_) => "retry_wait",
            StepState::Held(_) => "held",
            StepState::InDoubt(_) => "in_doubt",
            StepState::Succeeded => "succeeded",
            StepState::Satisfied => "satisfied",
            StepState::Skipped(_) => "skipped",
            StepState::Failed(..) => "failed",
            StepState::Rejected => "rejected",
            StepState::NotReached => "not_reached",
            StepState::Undone => "undone",
        }
    }
}
