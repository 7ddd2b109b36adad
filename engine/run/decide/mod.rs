//! Says what comes next.
//!
//! The answer is either one decision to be put on record, or everything that may begin now.
//! Asking again without applying the intents gives the same answer.

mod consequence;
mod deputy;
mod doubt;
mod ending;
mod exercise;
mod gate;
mod group;
mod include;
mod intervene;
mod invariants;
mod items;
mod offer;
mod opening;
mod person;
mod preview;
mod retry;
mod secrets;
mod step;
mod undo;
mod wait;

pub use consequence::on_failure;
pub use ending::has_open_failure;
pub use offer::at_stake;
pub use preview::{foresee, gate_digests};

use crate::plan::{Index, Plan, ROOT};

use crate::runbook::probe::Check;

use super::apply::STEP_UNDO;
use super::effect::Effect;
use super::event::{Event, Purpose, Question, Stage, StopLevel};
use super::offer::Offer;
use super::scope::Names;
use super::state::{RunState, StepState, Trouble};

/// What comes next in a run.
pub fn decide(plan: &Plan, state: &RunState) -> Vec<Effect> {
    if state.start.is_none() || state.has_ended() {
        return Vec::new();
    }
    let run = Run { plan, state };
    if let Some(reminder) = run.reminder() {
        return vec![Effect::Record(Event::Reminded { reminder })];
    }
    if let Some(inject) = run.inject_due() {
        return vec![Effect::Record(inject)];
    }
    let mut effects = match state.stage {
        _ if run.state.is_ending() => run.end_early(),
        Stage::Inputs => run.gather_inputs(),
        Stage::Confirm => run.confirm(),
        Stage::Preconditions => run.preconditions(),
        Stage::Steps => run.with_invariants(run.go_through(ROOT)),
        Stage::ExitCriteria => run.exit_criteria(),
        Stage::Undo => run.take_back(),
        Stage::Finally => plan.finally.map(|all| run.go_through(all)).unwrap_or_default(),
    };
    if !effects.iter().any(|effect| matches!(effect, Effect::Record(_))) {
        effects.extend(run.lost_timers());
        effects.extend(run.reminders_ahead());
        effects.extend(run.inject_ahead());
    }
    if state.stop == StopLevel::None {
        return effects;
    }
    // What runs is let finish and what is known is put on record, but nothing new begins.
    let is_left_open = state.stopped_by.as_deref() == Some(STEP_UNDO);
    let is_known = |effect: &Effect| match effect {
        Effect::Record(event) => !is_left_open || !goes_on(event),
        effect => matches!(effect, Effect::Wake { .. }),
    };
    effects.into_iter().filter(is_known).collect()
}

/// Whether the run as a whole comes further by an event.
fn goes_on(event: &Event) -> bool {
    let ends = matches!(event, Event::RunEnded { .. } | Event::VerdictReached { .. });
    ends || matches!(event, Event::StageEntered { .. })
}

/// What the decisions are made from.
struct Run<'a> {
    plan: &'a Plan,
    state: &'a RunState,
}

/// What is wrong with a check, with the name that a person knows it by.
fn described(check: &Check, purpose: Purpose, trouble: &Trouble) -> String {
    let title = check.title.clone().or_else(|| check.id.as_ref().map(|id| id.value.clone()));
    let title = title.map(|title| format!(" \"{title}\"")).unwrap_or_default();
    let what = if trouble.is_unseen { "could not be seen" } else { "does not hold" };
    format!("{}{title} {what}: {}", purpose.noun(), trouble.detail)
}

/// Adds what is to begin, a question that several steps have only once.
fn add(begin: &mut Vec<Effect>, effect: Effect) {
    let is_shared = matches!(effect, Effect::Ask { .. } | Effect::SeekChoices { .. });
    if !is_shared || begin.iter().all(|other| other.intent() != effect.intent()) {
        begin.push(effect);
    }
}

/// What one step asks for: a decision, things that may begin, or nothing.
enum Next {
    Record(Event),
    Begin(Effect),
    Nothing,
}

impl Next {
    fn effects(self) -> Vec<Effect> {
        match self {
            Next::Record(event) => vec![Effect::Record(event)],
            Next::Begin(effect) => vec![effect],
            Next::Nothing => Vec::new(),
        }
    }

    fn ask(run: &Run<'_>, question: Question, offer: Offer) -> Next {
        Next::ask_with(run, question, || offer)
    }

    /// Asks, and works out what helps to answer only where the question is new.
    fn ask_with(run: &Run<'_>, question: Question, offer: impl FnOnce() -> Offer) -> Next {
        if run.state.is_asked(&question) {
            return Next::Nothing;
        }
        Next::Begin(Effect::Ask { question, offer: offer() })
    }
}

impl<'a> Run<'a> {
    /// The names of the runbook itself.
    fn names(&self) -> Names<'a> {
        Names::of(self.plan, self.state)
    }

    /// The names at a node.
    fn names_at(&self, index: Index) -> Names<'a> {
        Names::at(self.plan, self.state, index)
    }

    /// The timers that an earlier driver set, for the same moments.
    fn lost_timers(&self) -> impl Iterator<Item = Effect> {
        let lost = self.state.timers.lost();
        lost.map(|(timer, due)| Effect::Wake { timer: timer.clone(), due })
    }

    fn path(&self, index: Index) -> String {
        self.plan.nodes[index].path.clone()
    }

    /// Whether anything new may begin.
    fn may_begin(&self) -> bool {
        let is_held_up = self.state.is_blocked() || self.state.is_putting_back(self.plan);
        self.state.stop == StopLevel::None && !is_held_up && !self.state.is_ending()
    }

    /// Whether the action of a node may begin: the closing steps of an included runbook are done
    /// even when the run is ending.
    fn may_act(&self, index: Index) -> bool {
        let is_closing = self.state.is_ending() && self.plan.nodes[index].is_closing;
        match is_closing || self.state.is_wanted_back(self.plan, index) {
            true => self.state.stop == StopLevel::None,
            false => self.may_begin(),
        }
    }

    /// Whether a node waits while nothing else may begin: not where a person wants it taken back.
    fn is_held_back(&self, index: Index) -> bool {
        !self.state.is_wanted_back(self.plan, index) || !self.may_act(index)
    }

    /// What comes next among the steps of a whole.
    fn go_through(&self, whole: Index) -> Vec<Effect> {
        let mut begin = Vec::new();
        let mut room = self.parallel().saturating_sub(self.state.acting(self.plan));
        for index in &self.state.active {
            let next = if *index == whole { Next::Nothing } else { self.next_of(*index) };
            match next {
                Next::Record(event) => return vec![Effect::Record(event)],
                Next::Begin(Effect::Execute(_)) if room == 0 => {}
                Next::Begin(effect) => {
                    room -= usize::from(matches!(effect, Effect::Execute(_)));
                    add(&mut begin, effect);
                }
                Next::Nothing => {}
            }
        }
        // What has begun comes first: it may take the room, or be what a ready step waits for.
        if !begin.is_empty() {
            return begin;
        }
        if let Some(event) = self.begin_ready(&mut begin) {
            return vec![Effect::Record(event)];
        }
        if begin.is_empty() && self.state.steps[whole].open_inside == 0 {
            return self.end_whole(whole);
        }
        begin
    }

    /// Adds what may begin among the ready steps, in file order, as far as there is room.
    fn begin_ready(&self, begin: &mut Vec<Effect>) -> Option<Event> {
        let may_begin = self.may_begin();
        if !may_begin && self.state.undos_under_way(self.plan).next().is_none() {
            return None;
        }
        // What waits until a step is taken back keeps no room from what takes it back.
        let busy = match may_begin {
            true => self.state.under_way(self.plan),
            false => self.state.acting(self.plan),
        };
        let mut room = self.parallel().saturating_sub(busy);
        for index in &self.state.ready {
            if room == 0 {
                break;
            }
            if !may_begin && self.is_held_back(*index) {
                continue;
            }
            let next = self.begin(*index);
            if let Some(inject) = self.inject_before(*index, &next) {
                return Some(inject);
            }
            match next {
                Next::Record(event) => return Some(event),
                Next::Begin(effect) => {
                    room -= usize::from(!matches!(effect, Effect::Ask { .. }));
                    add(begin, effect);
                }
                Next::Nothing => {}
            }
        }
        None
    }

    /// How many actions may be under way at a time.
    fn parallel(&self) -> usize {
        self.state.start.as_ref().map_or(1, |start| start.parallel.max(1))
    }

    /// What comes next for a node that has begun; before an included runbook is settled, its
    /// closing steps are done.
    fn next_of(&self, index: Index) -> Next {
        self.closing_first(index, self.go_on(index))
    }

    fn go_on(&self, index: Index) -> Next {
        let status = &self.state.steps[index];
        match &status.state {
            StepState::Ready(_) | StepState::AtGate(_) if self.is_passed_over(index) => {
                self.pass_over(index).unwrap_or(Next::Nothing)
            }
            StepState::Ready(_) | StepState::Verifying | StepState::RetryWait(_)
                if self.lacks_input(index).is_some() =>
            {
                self.lacks_input(index).unwrap_or(Next::Nothing)
            }
            StepState::Ready(before) => self.before_action(index, *before),
            StepState::AtGate(question) => self.at_gate(index, question),
            StepState::AtPerson(question) => {
                Next::ask(self, (**question).clone(), self.help(index))
            }
            StepState::Running if !self.state.is_leaf(self.plan, index) => self.go_on_group(index),
            StepState::Verifying => self.verify(index),
            StepState::Failing(failure) => {
                match (status.decided, self.next_retry(index, failure)) {
                    (Some(choice), _) => Next::Record(self.decided(index, choice, failure)),
                    (None, Some(wait)) => Next::Begin(wait),
                    (None, None) => Next::Record(self.consequence(index, failure.clone())),
                }
            }
            StepState::RetryWait(failure) => self.try_again(index, failure),
            StepState::Held(failure) => {
                let question = Question::Hold { step: self.path(index), failure: failure.clone() };
                Next::ask_with(self, question, || self.about_held(index, failure))
            }
            StepState::InDoubt(doubt) => self.look_into(index, *doubt),
            _ => Next::Nothing,
        }
    }
}
