//! What people do of their own accord: notes, skips, jumps, single undos, the end of the run.

use crate::plan::{Index, Plan, ROOT, Role};

use crate::run::event::{Cause, Event, Moment, Question, Skip, Stage, StopLevel};
use crate::run::state::{Checks, Jump, RunState, StepState};

use super::Applied;

/// Which signal is said to have stopped a run that was handed over.
pub const HAND_OVER: &str = "hand-over";

/// What a run is left by that was driven for the undo of one step only.
pub const STEP_UNDO: &str = "undo";

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
            Event::HandedOver(_) => {
                self.stop = self.stop.max(StopLevel::Drain);
                self.stopped_by.get_or_insert_with(|| HAND_OVER.to_owned());
                Ok(())
            }
            Event::AbortRequested { by, reason } => {
                if let Some(why) = self.no_early_end() {
                    return Err(why.into());
                }
                self.cause = Some(Cause::Person { by: by.clone(), reason: reason.clone() });
                self.verdict_held = None;
                Ok(())
            }
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
                let is_early = self.steps[index].unmet > 0;
                self.skip(plan, index, at, Skip::Operator);
                if is_early {
                    self.wait_behind(plan);
                }
            }
            Event::JumpRequested { to, by, reason } => {
                let target = self.may_intervene(plan, to)?;
                if self.steps[target].state.is_settled() {
                    return Err(format!("the step is {}", self.steps[target].state.word()));
                }
                self.mark_above(plan, target);
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
        if self.are_steps_over() {
            return Err("the steps of this run are over".into());
        }
        if !is_of_steps(plan, index) {
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
        group.is_some_and(|group| !self.steps[group].is_entered)
    }

    /// What needs a step that was passed over before its turn waits for what that one waited for.
    fn wait_behind(&mut self, plan: &Plan) {
        let is_waiting = |index: &Index| {
            self.steps[*index].state == StepState::Pending && plan.nodes[*index].patterns == 0
        };
        let waiting: Vec<Index> = (0..plan.nodes.len()).filter(is_waiting).collect();
        for index in waiting {
            self.await_needs(plan, index);
            if self.steps[index].unmet > 0 {
                self.ready.remove(&index);
            }
        }
    }

    /// Asks no longer about a step and what is inside it.
    fn forget_inside(&mut self, plan: &Plan, index: Index) {
        let mut open = vec![index];
        while let Some(index) = open.pop() {
            open.extend(plan.nodes[index].within());
            self.forget_step(&plan.nodes[index].path);
        }
    }

    /// Marks what stands above a step and has not begun; it is passed over when its turn comes, and
    /// what is under way goes on.
    fn mark_above(&mut self, plan: &Plan, target: Index) {
        for index in 0..plan.nodes.len() {
            let is_waiting = matches!(
                self.steps[index].state,
                StepState::Pending | StepState::Ready(_) | StepState::AtGate(_)
            );
            let is_above = is_of_steps(plan, index) && plan.is_above(index, target);
            if is_waiting && is_above && !is_in_other_case(plan, index, target) {
                self.steps[index].is_jumped_over = true;
            }
        }
    }

    /// Opens a step again and all below it, as if the run stood there once more.
    fn go_back(&mut self, plan: &Plan, to: &str) -> Applied {
        let target = self.may_intervene(plan, to)?;
        if self.stage < Stage::Steps {
            return Err("no step has begun".into());
        }
        if plan.is_in_item(target) {
            return Err("it is one of several items: go back to the whole step".into());
        }
        self.is_at_rest(plan)?;
        let around: Vec<Index> =
            std::iter::successors(plan.nodes[target].parent, |at| plan.nodes[*at].parent).collect();
        if self.is_in_passed_over(plan, target) {
            return Err("the group around it was passed over: go back to that".into());
        }
        if around.iter().any(|group| self.is_passed_case(plan, target, *group)) {
            return Err("its case was not chosen".into());
        }
        for index in 0..plan.nodes.len() {
            let is_there = index == target || plan.is_above(target, index);
            let is_chosen = || around.iter().all(|group| !self.is_passed_case(plan, index, *group));
            if is_there && is_of_steps(plan, index) && is_chosen() {
                self.open_anew(plan, index);
            }
        }
        for group in around.into_iter().filter(|group| *group != ROOT) {
            self.open_around(plan, group);
        }
        self.reopen_around(plan, target);
        self.recount(plan);
        Ok(())
    }

    /// Whether nothing is acted, looked at or taken back just now.
    fn is_at_rest(&self, plan: &Plan) -> Applied {
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
        match self.undos_under_way(plan).next() {
            Some(undo) => Err(format!("{} is not over", plan.nodes[undo].path)),
            None => Ok(()),
        }
    }

    /// Lets a node begin anew, and asks no more about it and what is inside.
    fn open_anew(&mut self, plan: &Plan, index: Index) {
        self.forget_inside(plan, index);
        self.renew_all(plan, index);
    }

    /// Lets a group go on that was entered and has come to something else than its end.
    fn open_around(&mut self, plan: &Plan, group: Index) {
        let forms = &plan.nodes[group].forms;
        if let Some(closing) = forms.iter().find_map(|form| form.included.as_ref()?.finally) {
            self.open_anew(plan, closing);
        }
        let status = &mut self.steps[group];
        match (status.is_entered, status.state.is_settled()) {
            (true, false) => {
                status.state = StepState::Running;
                status.checks = Checks::default();
                status.decided = None;
                self.forget_step(&plan.nodes[group].path);
            }
            // It came to its end with nothing inside begun, so it begins with its own condition.
            (false, true) => self.renew_all(plan, group),
            _ => {}
        }
    }

    /// Whether a node stands in a case of a group that was not chosen there.
    fn is_passed_case(&self, plan: &Plan, index: Index, group: Index) -> bool {
        let place = case_around(plan, index, group);
        let chosen = self.steps[group].form;
        place.is_some() && chosen.is_some() && place != chosen
    }

    /// Calls for the undo of one step.
    fn undo_step(&mut self, plan: &Plan, at: Moment, path: &str) -> Applied {
        let index = self.step(plan, path)?;
        if self.are_steps_over() {
            return Err("the steps of this run are over".into());
        }
        let undo = self.acted_form(plan, index).and_then(|form| form.undo);
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
        let mut around =
            std::iter::successors(plan.nodes[index].parent, |at| plan.nodes[*at].parent);
        if around.any(|group| self.steps[group].state == StepState::Verifying) {
            return Err("the group around it is being verified; say it again in a moment".into());
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

/// Whether a node is one of the steps that are gone through in order, or a group of them.
fn is_of_steps(plan: &Plan, index: Index) -> bool {
    let node = &plan.nodes[index];
    let is_called = node.is_closing || node.role == Role::Whole || plan.is_in_undo(index);
    !is_called && node.patterns == 0
}

/// Whether two nodes stand in different cases of one step.
fn is_in_other_case(plan: &Plan, one: Index, other: Index) -> bool {
    let mut around = std::iter::successors(plan.nodes[one].parent, |at| plan.nodes[*at].parent);
    around.any(|group| match (case_around(plan, one, group), case_around(plan, other, group)) {
        (Some(one), Some(other)) => one != other,
        _ => false,
    })
}

/// The form of a group in which a node stands.
fn case_around(plan: &Plan, index: Index, group: Index) -> Option<usize> {
    plan.nodes[group].forms.iter().position(|form| {
        let mut children = form.inside.children().iter();
        children.any(|child| plan.is_inside(index, *child))
    })
}

fn is_to_proceed(question: &Question, path: &str) -> bool {
    matches!(question, Question::Proceed { step, .. } if step == path)
}
