//! What happens in an exercise at a table, and what in it waits for somebody to say how it goes.

use crate::plan::Plan;
use crate::run::event::exercise::{
    BEST, Discussed, ExerciseScored, InjectTold, OutcomeTold, Script, Subject, Told,
};
use crate::run::event::{Event, Mode, Moment, Timer, TimerKind};
use crate::run::state::{Exercise, RunState};
use crate::runbook::action::Action;
use crate::runbook::wait::Wait;

use super::Applied;

impl RunState {
    pub(super) fn exercise(&mut self, plan: &Plan, at: Moment, event: &Event) -> Applied {
        if self.mode() != Mode::Tabletop {
            return Err("this run is no exercise at a table".into());
        }
        match event {
            Event::ExerciseBegun(script) => return self.begin_exercise(at, script),
            Event::OutcomeTold(told) => return self.tell_outcome(told),
            _ => {}
        }
        let exercise = self.exercise.as_mut().ok_or("the exercise has not begun")?;
        match event {
            Event::InjectTold(told) => {
                exercise.tell(at, told)?;
                // The next one is waited for anew.
                self.timers.forget(&Timer::of_run(TimerKind::Inject));
                Ok(())
            }
            Event::Discussed(Discussed { step: Some(step), .. }) => self.step(plan, step).map(drop),
            Event::Discussed(_) => Ok(()),
            Event::ExerciseScored(scored) => exercise.score(scored),
            _ => Err("nothing in an exercise is so".into()),
        }
    }

    fn begin_exercise(&mut self, at: Moment, script: &Script) -> Applied {
        if self.exercise.is_some() {
            return Err("the exercise has begun".into());
        }
        if self.has_started || self.checks.is_looking {
            return Err("the run has gone on without it".into());
        }
        self.exercise = Some(Box::new(Exercise::of(script.clone(), at)));
        Ok(())
    }

    fn tell_outcome(&mut self, told: &OutcomeTold) -> Applied {
        let exercise = self.exercise.as_mut().ok_or("the exercise has not begun")?;
        if let (Subject::Check { .. }, Told::TimesOut) = (&told.subject, &told.outcome) {
            return Err("a look has no time to run out of".into());
        }
        let waiting = &mut exercise.waiting;
        let place = waiting.iter().position(|subject| *subject == told.subject);
        waiting.remove(place.ok_or("nobody has to say how this goes")?);
        Ok(())
    }

    /// Notes what somebody has to say of what has begun, and of what is over.
    pub(super) fn follow_exercise(&mut self, plan: &Plan, event: &Event) {
        let subject = match event {
            Event::StepStarted { step, attempt, .. } => {
                Subject::Step { step: step.clone(), attempt: *attempt }
            }
            Event::StepEnded(ended) => {
                Subject::Step { step: ended.step.clone(), attempt: ended.attempt }
            }
            Event::CheckStarted { check, .. } | Event::CheckObserved { check, .. } => {
                Subject::Check { check: check.clone() }
            }
            _ => return,
        };
        let is_begun = matches!(event, Event::StepStarted { .. } | Event::CheckStarted { .. });
        let is_said = is_begun && !self.goes_by_itself(plan, &subject);
        let Some(exercise) = &mut self.exercise else { return };
        exercise.waiting.retain(|waiting| *waiting != subject);
        if is_said {
            exercise.waiting.push(subject);
        }
    }

    /// Whether nobody is asked how something goes: a message is only shown, at a table no hour passes,
    /// and some looks go without saying.
    fn goes_by_itself(&self, plan: &Plan, subject: &Subject) -> bool {
        match subject {
            Subject::Step { step, .. } => {
                let form = plan.at_path(step).and_then(|index| self.form(plan, index));
                let action = form.map(|form| &form.facets.action);
                matches!(action, Some(Action::Notify(_) | Action::Wait(Wait::For(_))))
            }
            Subject::Check { check } => {
                self.exercise.as_ref().is_some_and(|it| it.goes_without_saying(check))
            }
        }
    }
}

impl Exercise {
    fn tell(&mut self, at: Moment, told: &InjectTold) -> Applied {
        let Some(number) = told.number else {
            return match (&told.by, told.text.trim()) {
                (None, _) => Err("what is made up is told by somebody".into()),
                (_, "") => Err("it says nothing".into()),
                _ => Ok(()),
            };
        };
        let inject = number.checked_sub(1).and_then(|place| self.script.injects.get(place));
        match inject {
            None => return Err(format!("the script has no inject {number}")),
            Some(inject) if inject.text != told.text => {
                return Err(format!("inject {number} says something else"));
            }
            Some(_) => {}
        }
        match self.told.insert(number, at) {
            None => Ok(()),
            Some(before) => {
                self.told.insert(number, before);
                Err(format!("inject {number} was told already"))
            }
        }
    }

    fn score(&mut self, scored: &ExerciseScored) -> Applied {
        if self.is_scored {
            return Err("it was scored already".into());
        }
        let count = self.script.objectives.len();
        if scored.objectives.len() != count {
            return Err(format!("it has {count} objectives"));
        }
        if scored.score.is_some_and(|score| !(1..=BEST).contains(&score)) {
            return Err(format!("a score is from 1 to {BEST}"));
        }
        self.is_scored = true;
        Ok(())
    }
}
