//! The state of a run: the fold of its events, and nothing else.
//!
//! Only `apply` changes it. What a reader wants to know of a run is asked here.

mod exercise;
mod step;
mod undo;

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::{Form, Index, Inside, Plan, ROOT};
use crate::runbook::value::Value;

pub use exercise::Exercise;
pub use step::{Before, Checks, Doubt, Gate, Invariants, StepState, StepStatus, Trouble, Watched};

use super::clocks::Clocks;
use super::event::{
    Cause, CheckRef, Event, InputGiven, InputSource, Mode, Moment, Outcome, Purpose, Question,
    Reminder, RunStarted, Stage, StopLevel, Verdict,
};
use super::known::Seen;
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
    /// Where it runs, of the environments of its library.
    pub environment: Option<String>,
    /// Who drives it.
    pub operator: String,
    /// The number of this driver among those of the run, from 1.
    pub driver: u64,
    /// Whether somebody attends it: what needs a person waits for one.
    pub is_attended: bool,
    /// Whether whoever attends it can no longer be asked.
    pub is_left_alone: bool,
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
    /// How far the invariants have been looked at.
    pub invariants: Invariants,
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
    /// Whether each step that changes something is asked about first.
    pub is_stepwise: bool,
    /// The step that a person last wanted to go on at.
    pub jump: Option<Jump>,
    /// The letters that were taken out of the inbox.
    pub letters: BTreeSet<String>,
    /// The commands that are no steps, which have begun and not ended.
    pub execs: BTreeSet<String>,
    /// How many such commands have begun.
    pub execs_begun: u32,
    /// What the operator was reminded of, and when.
    pub reminded: BTreeMap<Reminder, Moment>,
    /// When those who wait were last written to, or the operator was reminded to.
    pub updated_at: Option<Moment>,
    /// What ended it early.
    pub cause: Option<Cause>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// How it would have ended, had all that was assumed been so.
    pub as_if: Option<Outcome>,
    /// Whether something was waived, marked done or skipped by a person.
    pub has_exceptions: bool,
    /// Whether any action has begun.
    pub has_started: bool,
    /// Whether its driver left it waiting.
    pub is_parked: bool,
    /// Whether its driver left it because the journal could not be written.
    pub is_paused: bool,
    /// How often the steps were begun that a changed runbook has at these paths no more.
    pub former: BTreeMap<String, u32>,
    /// Steps that wait for a step that they do not need directly: what stands between is done, and
    /// that one is open again. By the step that is waited for.
    pub late: BTreeMap<Index, BTreeSet<Index>>,
    /// How many steps have ended, to order undos by.
    pub endings: u64,
    /// The moments that steps wait for.
    pub timers: Timers,
    /// The clocks that its moments come from.
    pub clocks: Clocks,
    /// The secrets that steps handed on, by the name that each is kept under, and whether the
    /// driver still holds it.
    pub secrets: BTreeMap<String, bool>,
    /// What is known of the exercise, where it is one.
    pub exercise: Option<Box<Exercise>>,
    /// The last look of every check.
    pub seen: BTreeMap<CheckRef, Seen>,
}

/// A step that a person wants to go on at: those above it are passed over.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Jump {
    /// The path of the step.
    pub to: String,
    /// Who wants it.
    pub by: String,
    /// Why they want it.
    pub reason: String,
}

/// The choices of an input.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Choices {
    /// The lines.
    pub lines: Vec<String>,
    /// Why there are none.
    pub problem: Option<String>,
}

impl RunState {
    /// The state before the first event.
    pub fn new(plan: &Plan) -> RunState {
        let steps = plan.nodes.iter().map(StepStatus::new).collect();
        RunState {
            start: None,
            started_at: None,
            last_at: None,
            environment: None,
            operator: String::new(),
            driver: 1,
            is_attended: false,
            is_left_alone: false,
            stage: Stage::Inputs,
            inputs: BTreeMap::new(),
            choices: BTreeMap::new(),
            steps,
            active: BTreeSet::new(),
            ready: BTreeSet::new(),
            checks: Checks::default(),
            invariants: Invariants::default(),
            asked: Vec::new(),
            waived: BTreeMap::new(),
            stop: StopLevel::None,
            stopped_by: None,
            verdict: None,
            verdict_held: None,
            is_stepwise: false,
            jump: None,
            letters: BTreeSet::new(),
            execs: BTreeSet::new(),
            execs_begun: 0,
            reminded: BTreeMap::new(),
            updated_at: None,
            cause: None,
            outcome: None,
            as_if: None,
            has_exceptions: false,
            has_started: false,
            is_parked: false,
            is_paused: false,
            former: BTreeMap::new(),
            late: BTreeMap::new(),
            endings: 0,
            timers: Timers::default(),
            clocks: Clocks::default(),
            secrets: BTreeMap::new(),
            exercise: None,
            seen: BTreeMap::new(),
        }
    }

    /// The state in which a run would begin, with the defaults and the inputs that were given.
    pub fn assuming<'e>(
        plan: &Plan,
        environment: Option<&String>,
        given: impl IntoIterator<Item = &'e Event>,
    ) -> RunState {
        let mut state = RunState { environment: environment.cloned(), ..RunState::new(plan) };
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

    /// How it goes through its runbook; for real before that is said.
    pub fn mode(&self) -> Mode {
        self.start.as_ref().map_or(Mode::Live, |start| start.mode)
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

    /// Whether somebody is there to be asked.
    pub fn is_anybody_there(&self) -> bool {
        self.is_attended && !self.is_left_alone
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
                StepState::AtPerson(question) => (**question).clone(),
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
        waiting.retain(|question| !self.is_moot(plan, question));
        waiting
    }

    /// The reference to a check of a step or, at the root, of the run.
    pub fn check_ref(plan: &Plan, index: Index, purpose: Purpose, place: usize) -> CheckRef {
        let step = (index != ROOT).then(|| plan.nodes[index].path.clone());
        CheckRef { step, purpose, index: place }
    }
}
