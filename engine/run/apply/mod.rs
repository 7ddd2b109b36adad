//! The only place where the state of a run changes.
//!
//! Every event has its legal moments; any other is refused, and then never reaches the journal.

mod adopt;
mod checks;
mod exercise;
mod intervene;
mod invariants;
mod items;
mod person;
mod settle;
mod stages;
mod steps;
mod timers;
mod undo;
mod watch;

use crate::plan::Plan;

pub use intervene::{HAND_OVER, STEP_UNDO, exec_id};

use super::event::{ChoicesListed, Event, Moment, Question, Verdict};
use super::plans::{Plans, fold};
use super::state::{Choices, RunState};

/// An event that cannot happen in the state it was met in.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{event} cannot happen here: {reason}")]
pub struct IllegalEvent {
    /// The event's type, and its step where it has one.
    pub event: String,
    /// What it met instead.
    pub reason: String,
}

impl IllegalEvent {
    /// An event, and what it met instead.
    pub(super) fn of(event: &Event, reason: String) -> IllegalEvent {
        let json = serde_json::to_value(event).unwrap_or_default();
        let name = json["type"].as_str().unwrap_or_default();
        let step = json["step"].as_str().map(|step| format!(" of `{step}`")).unwrap_or_default();
        IllegalEvent { event: format!("{name}{step}"), reason }
    }
}

/// Lets a plan grow with an event: the items of a fan-out become steps of it. Comes before `apply`.
pub fn grow(plan: &mut Plan, event: &Event) {
    if let Event::ItemsListed { step, items } = event
        && let Some(index) = plan.at_path(step)
    {
        plan.grow(index, items.len());
    }
}

/// Nothing, or why an event cannot happen.
type Applied = Result<(), String>;

impl RunState {
    /// Folds all events of a run; its plan grows with them, or gives way to the next.
    pub fn replay<'e>(
        plans: &mut Plans,
        events: impl IntoIterator<Item = (Moment, &'e Event)>,
    ) -> Result<RunState, IllegalEvent> {
        let mut state = RunState::new(&plans.current);
        for (at, event) in events {
            fold(plans, &mut state, at, event)?;
        }
        Ok(state)
    }

    /// Folds one event, or refuses it and changes nothing that matters.
    pub fn apply(&mut self, plan: &Plan, at: Moment, event: &Event) -> Result<(), IllegalEvent> {
        // What is remarked afterwards makes a run that has ended no longer.
        let is_afterwards = self.has_ended() && event.is_remark();
        self.transit(plan, at, event).map_err(|reason| IllegalEvent::of(event, reason))?;
        self.follow_exercise(plan, event);
        if self.is_ending() {
            let asked = std::mem::take(&mut self.asked);
            self.asked = asked.into_iter().filter(|it| !self.is_moot(plan, it)).collect();
        }
        if !is_afterwards {
            self.last_at = Some(at);
        }
        Ok(())
    }

    fn transit(&mut self, plan: &Plan, at: Moment, event: &Event) -> Applied {
        if self.start.is_none() != matches!(event, Event::RunStarted(_)) {
            return Err("a run begins once, and first".into());
        }
        if self.has_ended() && !event.may_follow_end() {
            return Err("the run has ended".into());
        }
        match event {
            Event::RunStarted(start) => {
                self.environment.clone_from(&start.environment);
                self.operator.clone_from(&start.operator);
                self.is_attended = start.is_attended;
                self.waived.clone_from(&start.waived);
                self.started_at = Some(at);
                self.clocks.anchor(at, start.boot.as_ref());
                self.start = Some(start.clone());
            }
            Event::Resumed(resumed) => {
                self.operator.clone_from(&resumed.operator);
                self.driver += 1;
                self.is_attended = resumed.is_attended;
                self.is_left_alone = false;
                self.clocks.anchor(at, resumed.boot.as_ref());
                self.waived.extend(resumed.waived.clone());
                self.resume(plan);
            }
            Event::RunbookAdopted(_) => return Err("no plan is at hand to go on with".into()),
            Event::InputGiven(given) => {
                self.asked.retain(
                    |asked| !matches!(asked, Question::Input { name } if *name == given.name),
                );
                match self.secrets.get_mut(&given.name) {
                    Some(is_held) => *is_held = true,
                    None => drop(self.inputs.insert(given.name.clone(), given.clone())),
                }
            }
            Event::ChoicesSought { input, .. } => {
                self.choices.insert(input.clone(), None);
            }
            Event::ChoicesListed(ChoicesListed { input, choices, problem }) => {
                let choices = Choices { lines: choices.clone(), problem: problem.clone() };
                self.choices.insert(input.clone(), Some(choices));
            }
            Event::StageEntered { stage } => self.enter(plan, at, *stage)?,
            Event::StopRequested { level, signal } => {
                self.stop = self.stop.max(*level);
                self.stopped_by.get_or_insert_with(|| signal.clone());
            }
            Event::TakenOver(_) => {}
            Event::Parked { .. } => self.is_parked = true,
            Event::Paused { .. } => (self.is_parked, self.is_paused) = (true, true),
            Event::RunEnded { outcome, as_if, verdict, cause } => {
                self.end(plan, at, cause.as_ref())?;
                (self.outcome, self.as_if) = (Some(*outcome), *as_if);
                self.verdict = *verdict;
            }
            other => return self.transit_check(plan, at, other),
        }
        Ok(())
    }

    fn transit_check(&mut self, plan: &Plan, at: Moment, event: &Event) -> Applied {
        match event {
            Event::CheckStarted { check, look } => self.start_check(plan, at, (check, look))?,
            Event::CheckObserved { check, sight, detail, .. } => {
                self.observe(plan, at, check, (*sight, detail))?;
            }
            Event::CheckWaived { check, .. } => self.waive(plan, check)?,
            Event::CheckRefused { check, detail, .. } => {
                self.forget_check(check);
                self.refuse_check(plan, check, detail)?;
            }
            Event::QuestionAsked { question } => self.ask(plan, at, question)?,
            Event::VerdictReached { verdict, detail } => {
                self.verdict = Some(*verdict);
                let is_settled = *verdict == Verdict::Recovered || detail.is_empty();
                self.verdict_held = (!is_settled).then(|| detail.clone());
            }
            Event::VerdictResolved { choice, by, reason } => {
                self.resolve_verdict(*choice, (by, reason))?;
            }
            Event::InvariantResolved { check, choice, by, reason } => {
                self.resolve_invariant(plan, check, *choice, (by, reason))?;
            }
            Event::UndoRequested { by, reason } => self.request_undo(plan, by, reason)?,
            Event::TimerSet { timer, due } => self.set_timer(plan, timer, *due)?,
            Event::TimerDue { timer, due } => self.ring(plan, timer, *due)?,
            other => return self.transit_around(plan, at, other),
        }
        Ok(())
    }

    /// What happens around a run: to whoever attends it, and to the clocks.
    fn transit_around(&mut self, plan: &Plan, at: Moment, event: &Event) -> Applied {
        match event {
            Event::AttendanceLost { .. } if !self.is_anybody_there() => {
                Err("nobody was there".into())
            }
            Event::AttendanceLost { .. } => {
                self.is_left_alone = true;
                Ok(())
            }
            Event::ClockSet { by_ms } => self.set_clock(*by_ms),
            Event::Slept { ms } => {
                self.sleep(*ms);
                Ok(())
            }
            other if other.is_of_exercise() => self.exercise(plan, at, other),
            other if other.is_intervention() || other.is_remark() => {
                self.intervene(plan, at, other)
            }
            Event::Reminded { reminder } => self.remind(at, reminder),
            other => self.transit_step(plan, at, other),
        }
    }
}
