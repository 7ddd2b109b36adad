//! The state of a run: the fold of its events, and nothing else.
//!
//! Only `apply` changes it. What a reader wants to know of a run is asked here.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::plan::{Form, Index, Inside, Node, Plan, ROOT};
use crate::runbook::value::Value;

use super::event::{
    Cause, CheckRef, Event, Failure, GateQuestion, HoldChoice, InputGiven, InputSource, Moment,
    Outcome, Process, Purpose, Question, RunStarted, Skip, Stage, StopLevel, Then, Verdict,
};
use super::timers::Timers;

/// All that is known of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct RunState {
    /// How it began; none before its first event.
    pub start: Option<RunStarted>,
    /// When it began.
    pub started_at: Option<Moment>,
    /// When the last event happened.
    pub last_at: Option<Moment>,
    /// Who drives it.
    pub operator: String,
    /// Whether somebody is there to be asked.
    pub is_attended: bool,
    /// The part it is in.
    pub stage: Stage,
    /// The inputs that have a value.
    pub inputs: BTreeMap<String, InputGiven>,
    /// The choices listed for inputs; none while they are being listed.
    pub choices: BTreeMap<String, Option<Choices>>,
    /// The state of each node, by its index in the plan.
    pub steps: Vec<StepStatus>,
    /// Nodes that have begun and are not settled.
    pub active: BTreeSet<Index>,
    /// Nodes whose needs are met and that have not begun.
    pub ready: BTreeSet<Index>,
    /// The checks of the run's own stage.
    pub checks: Checks,
    /// Questions that were put in this session and wait for an answer.
    pub asked: Vec<Question>,
    /// Checks that were waived beforehand, by their id, with the reasons.
    pub waived: BTreeMap<String, String>,
    /// How hard it is being stopped.
    pub stop: StopLevel,
    /// Which signal asked for that.
    pub stopped_by: Option<String>,
    /// What the exit criteria said.
    pub verdict: Option<Verdict>,
    /// Whether somebody must decide about the verdict, and why.
    pub verdict_held: Option<String>,
    /// What ended it early.
    pub cause: Option<Cause>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Whether something was waived, marked done or skipped by a person.
    pub has_exceptions: bool,
    /// Whether any action has begun.
    pub has_started: bool,
    /// Whether its driver left it waiting.
    pub is_parked: bool,
    /// How many steps have ended, to order undos by.
    pub endings: u64,
    /// The moments that steps wait for.
    pub timers: Timers,
}

/// The choices of an input.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Choices {
    /// The lines.
    pub lines: Vec<String>,
    /// Why there are none.
    pub problem: Option<String>,
}

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
    /// How many attempts were begun.
    pub attempts: u32,
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
    /// When it began.
    pub started_at: Option<Moment>,
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
    /// What it hands on.
    pub outputs: BTreeMap<String, Json>,
    /// The process of its last attempt.
    pub process: Option<Process>,
    /// The command of its last attempt.
    pub command: String,
    /// The digest of that command.
    pub digest: String,
    /// Whether a person marked it done.
    pub is_marked_done: bool,
    /// What a person decided about it, while something must still be done before it is settled.
    pub decided: Option<HoldChoice>,
    /// The items that it is repeated for, once they are known.
    pub items: Option<Vec<Json>>,
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
            StepState::Running => "running",
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
        }
    }
}

impl RunState {
    /// The state before the first event.
    pub fn new(plan: &Plan) -> RunState {
        let steps = plan.nodes.iter().map(StepStatus::new).collect();
        RunState {
            start: None,
            started_at: None,
            last_at: None,
            operator: String::new(),
            is_attended: false,
            stage: Stage::Inputs,
            inputs: BTreeMap::new(),
            choices: BTreeMap::new(),
            steps,
            active: BTreeSet::new(),
            ready: BTreeSet::new(),
            checks: Checks::default(),
            asked: Vec::new(),
            waived: BTreeMap::new(),
            stop: StopLevel::None,
            stopped_by: None,
            verdict: None,
            verdict_held: None,
            cause: None,
            outcome: None,
            has_exceptions: false,
            has_started: false,
            is_parked: false,
            endings: 0,
            timers: Timers::default(),
        }
    }

    /// The state in which a run would begin, with the defaults and the inputs that were given.
    pub fn assuming<'e>(plan: &Plan, given: impl IntoIterator<Item = &'e Event>) -> RunState {
        let mut state = RunState::new(plan);
        for input in &plan.runbook.inputs {
            let name = input.name.value.clone();
            let value = input.default.as_ref().map(Value::to_json);
            let from = InputSource::Default;
            if value.is_some() {
                let given = InputGiven { name: name.clone(), value, is_secret: false, from };
                state.inputs.insert(name, given);
            }
        }
        for event in given {
            if let Event::InputGiven(given) = event {
                state.inputs.insert(given.name.clone(), given.clone());
            }
        }
        state
    }

    /// Whether the run has ended.
    pub fn has_ended(&self) -> bool {
        self.outcome.is_some()
    }

    /// The form that a node takes; the only one, or the one that was chosen.
    pub fn form<'p>(&self, plan: &'p Plan, index: Index) -> Option<&'p Form> {
        let node = &plan.nodes[index];
        match self.steps[index].form {
            Some(form) => node.forms.get(form),
            None if node.switch.is_none() => node.forms.first(),
            None => None,
        }
    }

    /// Whether a node acts itself, as far as its form is chosen.
    pub fn is_leaf(&self, plan: &Plan, index: Index) -> bool {
        self.form(plan, index).is_none_or(|form| matches!(form.inside, Inside::Leaf))
    }

    /// The nodes inside the chosen form; of a fan-out, the copies for the items that there are.
    pub fn children<'p>(&self, plan: &'p Plan, index: Index) -> &'p [Index] {
        match self.form(plan, index).map(|form| &form.inside) {
            Some(Inside::Each(items)) => {
                let count = self.steps[index].items.as_ref().map_or(0, Vec::len);
                items.copies.get(..count).unwrap_or_default()
            }
            Some(inside) => inside.children(),
            None => &[],
        }
    }

    /// The closing steps that an included runbook has not done, though steps of it have begun.
    pub fn owed_closing(&self, plan: &Plan, index: Index) -> Option<Index> {
        let closing = self.form(plan, index)?.included.as_ref()?.finally?;
        let has_begun = |inner: &Index| self.steps[*inner].attempts > 0;
        let is_owed = self.children(plan, index).iter().any(has_begun);
        (is_owed && !self.steps[closing].state.is_settled()).then_some(closing)
    }

    /// Whether a question waits for an answer.
    pub fn is_asked(&self, question: &Question) -> bool {
        self.asked.contains(question)
    }

    /// Whether somebody waits for a decision before anything new may begin.
    pub fn is_blocked(&self) -> bool {
        self.active.iter().any(|index| {
            matches!(self.steps[*index].state, StepState::Held(_) | StepState::InDoubt(_))
        })
    }

    /// How many steps are under way: acting, or being looked at.
    pub fn under_way(&self, plan: &Plan) -> usize {
        self.active.iter().filter(|index| self.is_under_way(plan, **index)).count()
    }

    /// How many actions are under way.
    pub fn acting(&self, plan: &Plan) -> usize {
        let is_acting = |index: &&Index| {
            self.steps[**index].state == StepState::Running && self.is_leaf(plan, **index)
        };
        self.active.iter().filter(is_acting).count()
    }

    fn is_under_way(&self, plan: &Plan, index: Index) -> bool {
        let status = &self.steps[index];
        match status.state {
            StepState::Running => self.is_leaf(plan, index),
            StepState::Ready(_) | StepState::Verifying => true,
            _ => false,
        }
    }

    /// What waits for someone, in file order.
    pub fn waiting_for(&self, plan: &Plan) -> Vec<Question> {
        let mut waiting: Vec<Question> = self.asked.clone();
        for (index, node) in plan.nodes.iter().enumerate() {
            let question = match &self.steps[index].state {
                StepState::AtGate(question) => Question::Gate((**question).clone()),
                StepState::Held(failure) => {
                    Question::Hold { step: node.path.clone(), failure: failure.clone() }
                }
                StepState::InDoubt(_) => Question::InDoubt {
                    step: node.path.clone(),
                    command: self.steps[index].command.clone(),
                },
                _ => continue,
            };
            if !waiting.contains(&question) {
                waiting.push(question);
            }
        }
        waiting
    }

    /// The reference to a check of a step or, at the root, of the run.
    pub fn check_ref(plan: &Plan, index: Index, purpose: Purpose, place: usize) -> CheckRef {
        let step = (index != ROOT).then(|| plan.nodes[index].path.clone());
        CheckRef { step, purpose, index: place }
    }

    /// The paired undos inside a group that have not run though what they take back has begun,
    /// the last ended first.
    pub fn open_pairs(&self, plan: &Plan, group: Index) -> Vec<Index> {
        let begun = self.begun_pairs(plan, group);
        let is_open = |undo: &Index| !self.steps[*undo].state.is_settled();
        let mut pairs: Vec<(u64, Index)> = begun
            .filter(|(undo, _)| is_open(undo))
            .map(|(undo, of)| (self.steps[of].ended_as, undo))
            .collect();
        pairs.sort_by(|one, other| other.cmp(one));
        pairs.into_iter().map(|(_, undo)| undo).collect()
    }

    /// Whether a paired undo inside a group has failed.
    pub fn has_failed_pair(&self, plan: &Plan, group: Index) -> bool {
        self.begun_pairs(plan, group).any(|(undo, _)| {
            self.steps[undo].state.is_settled() && !self.steps[undo].state.is_good()
        })
    }

    /// The paired undos inside a group whose steps have begun, with those steps.
    fn begun_pairs<'a>(
        &'a self,
        plan: &'a Plan,
        group: Index,
    ) -> impl Iterator<Item = (Index, Index)> + 'a {
        plan.pairs.iter().copied().filter(move |(undo, of)| {
            let is_chosen = self.form(plan, *of).is_some_and(|form| form.undo == Some(*undo));
            let is_inside = *of != group && plan.is_inside(*of, group);
            self.steps[*of].owes_undo && is_chosen && is_inside
        })
    }
}
