//! When the injects of an exercise are told: at their time, or before the step that they belong to.

use crate::plan::Index;
use crate::run::effect::Effect;
use crate::run::event::exercise::{Inject, InjectTold};
use crate::run::event::{Event, Moment, Timer, TimerKind};

use super::{Next, Run};

const TIMER: TimerKind = TimerKind::Inject;

impl Run<'_> {
    /// The inject whose time has come.
    pub(super) fn inject_due(&self) -> Option<Event> {
        let now = self.now_for_injects();
        let (_, number, inject) = self.timed_injects().into_iter().find(|(due, ..)| *due <= now)?;
        Some(told(number, inject))
    }

    /// The moment of the next inject, where nobody waits for it yet.
    pub(super) fn inject_ahead(&self) -> Option<Effect> {
        let timer = Timer::of_run(TIMER);
        let (due, ..) = self.timed_injects().into_iter().next()?;
        let is_new = self.state.timers.due(&timer).is_none();
        is_new.then_some(Effect::Wake { timer, due })
    }

    /// The inject that is told before a node does what comes next for it: not before one that is only
    /// passed over.
    pub(super) fn inject_before(&self, index: Index, next: &Next) -> Option<Event> {
        let is_begun = match next {
            Next::Nothing => false,
            Next::Begin(_) => true,
            Next::Record(event) => !matches!(
                event,
                Event::StepSkipped { .. }
                    | Event::StepNotReached { .. }
                    | Event::StepHeld { .. }
                    | Event::StepFailed { .. }
            ),
        };
        let exercise = self.state.exercise.as_ref().filter(|_| is_begun)?;
        let node = &self.plan.nodes[index];
        let is_its = |inject: &Inject| {
            inject.before.as_ref().is_some_and(|name| *name == node.path || *name == node.id)
        };
        let (number, inject) = exercise.untold().find(|(_, inject)| is_its(inject))?;
        Some(told(number, inject))
    }

    /// The injects that are told by time, the next one first.
    fn timed_injects(&self) -> Vec<(Moment, usize, &Inject)> {
        let Some(exercise) = &self.state.exercise else { return Vec::new() };
        let timed = exercise.untold();
        let timed = timed.filter_map(|(number, it)| Some((exercise.due(it)?, number, it)));
        let mut timed: Vec<_> = timed.collect();
        timed.sort_by_key(|(due, number, _)| (*due, *number));
        timed
    }

    /// What time it is: the moment that was waited for has come, whatever the clock on the wall says.
    fn now_for_injects(&self) -> Moment {
        let timer = Timer::of_run(TIMER);
        let rung = self.state.timers.due(&timer).filter(|_| self.state.timers.is_due(&timer));
        let last = self.state.last_at.unwrap_or(Moment::MIN_UTC);
        rung.map_or(last, |rung| rung.max(last))
    }
}

fn told(number: usize, inject: &Inject) -> Event {
    Event::InjectTold(InjectTold { number: Some(number), text: inject.text.clone(), by: None })
}
