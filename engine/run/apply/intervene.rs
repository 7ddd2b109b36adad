//! What people do of their own accord: notes, skips, jumps, single undos, the end of the run.

use crate::plan::{Index, Plan, ROOT, Role};

use crate::run::event::{Cause, Event, Moment, Question, Skip, Stage, StopLevel};
use crate::run::state::{Jump, RunState, StepState};

use super::Applied;

/// Which signal is said to have stopped a run that was handed over.
pub const HAND_OVER: &str = "hand-over";

impl RunState {
    pub(super) fn intervene(&mut self, plan: &Plan, at: Moment, event: &Event) -> Applied {
        match event {
            Event::NoteAdded(_) => Ok(()),
            Event::LetterTaken(taken) => match self.letters.insert(taken.letter.clone()) {
                true => Ok(()),
                false => Err("this letter was taken before".into()),
            },
            Event::ExecStarted(exec) => {
                let next = exec_id(self.execs_begun + 1);
                if exec.id != next {
                    return Err(format!("{next} is next"));
                }
                self.execs_begun += 1;
                self.execs.insert(next);
                Ok(())
            }
            Event::ExecEnded(ended) => match self.execs.remove(&ended.id) {
                true => Ok(()),
                false => Err("no such command is under way".into()),
            },
            Event::PaceSet { is_stepwise, .. } => {
                self.is_stepwise = *is_stepwise;
                if !is_stepwise {
                    self.asked.retain(|asked| !matches!(asked, Question::Proceed { .. }));
                }
                Ok(())
            }
            Event::HandedOver { .. } => {
                self.stop = self.stop.max(StopLevel::Drain);
                self.stopped_by.get_or_insert_with(|| HAND_OVER.to_owned());
                Ok(())
            }
            Event::AbortRequested { by, reason } if self.cause.is_none() => {
                self.cause = Some(Cause::Person { by: by.clone(), reason: reason.clone() });
                self.verdict_held = None;
                Ok(())
            }
            Event::AbortRequested { .. } => Err("it is being ended already".into()),
            other => self.intervene_in_steps(plan, at, other),
        }
    }

    fn intervene_in_steps(&mut self, plan: &Plan, at: Moment, event: &Event) -> Applied {
        match event {
            Event::StepReleased { step, .. } => {
                let index = self.step(plan, step)?;
                if !self.asked.iter().any(|asked| is_to_proceed(asked, step)) {
                    return Err("nobody asked".into());
                }
                self.forget_step(step);
                self.steps[index].is_released = true;
            }
            Event::StepPassedOver { step, .. } => {
                let index = self.may_intervene(plan, step)?;
                self.is_not_begun(index)?;
                if self.is_inside_closed(plan, index) {
                    return Err("the group around it has not begun".into());
                }
                self.forget_inside(plan, index);
                self.skip(plan, index, at, Skip::Operator);
            }
            Event::JumpRequested { to, by, reason } => {
                let target = self.may_intervene(plan, to)?;
                if self.steps[target].state.is_settled() {
                    return Err(format!("the step is {}", self.steps[target].state.word()));
                }
                self.forget_above(plan, target, at);
                let (to, by, reason) = (to.clone(), by.clone(), reason.clone());
                self.jump = Some(Jump { to, by, reason });
            }
            Event::BackRequested { to, .. } => self.go_back(plan, to)?,
            Event::StepUndoRequested { step, .. } => self.undo_step(plan, at, step)?,
            _ => return Err("no person does so".into()),
        }
        Ok(())
    }

    /// The step that a person wants to intervene at, while the steps are gone through.
    fn may_intervene(&self, plan: &Plan, path: &str) -> Result<Index, String> {
        let index = self.step(plan, path)?;
        let node = &plan.nodes[index];
        if self.cause.is_some() || self.stage > Stage::Steps {
            return Err("the steps of this run are over".into());
        }
        if node.is_closing
            || plan.is_in_undo(index)
            || node.role == Role::Whole
            || node.patterns > 0
        {
            return Err("it is none of the steps that are gone through in order".into());
        }
        Ok(index)
    }

    /// Whether a step waits for its turn, for its gate or for a person's go.
    fn is_not_begun(&self, index: Index) -> Applied {
        let status = &self.steps[index];
        match status.state {
            StepState::Pending | StepState::Ready(_) | StepState::AtGate(_)
                if status.checks.is_looking =>
            {
                Err("it is being looked at; say it again in a moment".into())
            }
            StepState::Pending | StepState::Ready(_) | StepState::AtGate(_) => Ok(()),
            StepState::Held(_) => Err("the step is held: it is decided about there".into()),
            ref other => Err(format!("the step is {}", other.word())),
        }
    }

    fn is_inside_closed(&self, plan: &Plan, index: Index) -> bool {
        let group = plan.nodes[index].parent.filter(|group| *group != ROOT);
        group.is_some_and(|group| self.steps[group].state == StepState::Pending)
    }

    /// Asks no longer about a step and what is inside it.
    fn forget_inside(&mut self, plan: &Plan, index: Index) {
        let mut open = vec![index];
        while let Some(index) = open.pop() {
            open.extend(plan.nodes[index].within());
            self.forget_step(&plan.nodes[index].path);
        }
    }

    /// Passes over what stands above a step and waits for a person; what is under way goes on.
    fn forget_above(&mut self, plan: &Plan, target: Index, at: Moment) {
        let is_open = |state: &StepState| matches!(state, StepState::AtGate(_));
        let above: Vec<Index> = self
            .active
            .iter()
            .copied()
            .filter(|index| is_open(&self.steps[*index].state) && plan.is_above(*index, target))
            .collect();
        for index in above {
            self.forget_inside(plan, index);
            self.skip(plan, index, at, Skip::Operator);
        }
        let is_above = |question: &Question| match question {
            Question::Proceed { step, .. } | Question::Needed { step, .. } => {
                plan.at_path(step).is_some_and(|index| plan.is_above(index, target))
            }
            _ => false,
        };
        self.asked.retain(|question| !is_above(question));
    }

    /// Opens a step again and all below it, as if the run stood there once more.
    fn go_back(&mut self, plan: &Plan, to: &str) -> Applied {
        let target = self.may_intervene(plan, to)?;
        if plan.is_in_item(target) {
            return Err("it is one of several items: go back to the whole step".into());
        }
        let is_busy = |index: &Index| {
            let status = &self.steps[*index];
            let is_acting = matches!(status.state, StepState::Running | StepState::InDoubt(_));
            is_acting && self.is_leaf(plan, *index)
                || matches!(status.state, StepState::AtPerson(_) | StepState::Verifying)
                || status.checks.is_looking
        };
        if self.active.iter().any(is_busy) || self.invariants.checks.is_looking {
            return Err("something is under way; let it finish first".into());
        }
        let is_below = |index: Index| {
            let node = &plan.nodes[index];
            let is_step = !matches!(node.role, Role::Whole | Role::Undo { .. });
            let is_there = index == target || plan.is_above(target, index);
            is_step && is_there && node.patterns == 0 && !node.is_closing
        };
        for index in (0..plan.nodes.len()).filter(|index| is_below(*index)) {
            self.forget_step(&plan.nodes[index].path);
            self.renew_all(plan, index);
        }
        self.jump = None;
        self.reopen_around(plan, target);
        self.recount(plan);
        Ok(())
    }

    /// Calls for the undo of one step.
    fn undo_step(&mut self, plan: &Plan, at: Moment, path: &str) -> Applied {
        let index = self.step(plan, path)?;
        if self.cause.is_some() || self.stage > Stage::Steps {
            return Err("the steps of this run are over".into());
        }
        let undo = self.form(plan, index).and_then(|form| form.undo);
        let undo = undo.ok_or("it does not say how it is undone")?;
        if !self.steps[index].owes_undo {
            return Err("nothing of it is there to be taken back".into());
        }
        if !self.steps[index].state.is_settled()
            && !matches!(self.steps[index].state, StepState::Held(_))
        {
            return Err(format!("the step is {}", self.steps[index].state.word()));
        }
        if self.active.contains(&undo) {
            return Err("it is being taken back".into());
        }
        if self.steps[undo].state.is_settled() {
            self.renew_all(plan, undo);
        }
        self.begin(plan, undo, at)?;
        self.steps[undo].is_wanted_back = true;
        Ok(())
    }
}

/// What a command that is no step is called.
pub fn exec_id(number: u32) -> String {
    format!("exec-{number}")
}

fn is_to_proceed(question: &Question, path: &str) -> bool {
    matches!(question, Question::Proceed { step, .. } if step == path)
}
