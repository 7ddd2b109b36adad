//! A step on its way: its gate, its action, and how that ended.

use crate::plan::{Index, Inside, Plan, Role};

use crate::run::event::{
    Decider, End, Event, Failure, FailureKind, Moment, ProcessGone, Question, StepEnded, Timer,
    TimerKind, WatchSeen,
};
use crate::run::scope::secret_name;
use crate::run::state::{Before, Checks, Doubt, Gate, RunState, StepState};

use super::Applied;

impl RunState {
    pub(super) fn transit_step(&mut self, plan: &Plan, at: Moment, event: &Event) -> Applied {
        match event {
            Event::GateApproved { step, digest, by, is_bypass, .. } => {
                let index = self.at_gate(plan, step, digest)?;
                self.approve(index, step, by, *is_bypass)?;
            }
            Event::GateRejected { step, digest, by, reason, .. } => {
                let index = self.at_gate(plan, step, digest)?;
                self.forget_step(step);
                let detail = format!("refused by {by}: {reason}");
                self.steps[index].state =
                    StepState::Failing(Failure::new(FailureKind::Rejected, detail));
            }
            Event::CaseChosen { step, case } => {
                let index = self.step(plan, step)?;
                let forms = &plan.nodes[index].forms;
                let form = forms.iter().position(|form| form.case.as_ref() == Some(case));
                let form = form.ok_or("there is no such case")?;
                self.begin_action(plan, index, at)?;
                self.steps[index].form = Some(form);
                self.pass_over_other_cases(plan, index, at);
            }
            Event::ItemsListed { step, items } => {
                let index = self.step(plan, step)?;
                self.list_items(plan, index, at, items)?;
            }
            Event::GroupEntered { step } => self.enter_group(plan, at, step)?,
            Event::StepStarted { step, attempt, command, digest } => {
                self.start_action(plan, at, step, *attempt, (command, digest))?;
            }
            Event::StepSpawned { step, process, .. } => {
                let index = self.in_state(plan, step, |s| matches!(s, StepState::Running))?;
                self.steps[index].process = Some(process.clone());
            }
            Event::StepEnded(ended) => self.end_action(plan, at, ended)?,
            Event::WatchSeen(WatchSeen { step, attempt, sight, .. }) => {
                self.see_watched(plan, step, *attempt, *sight)?;
            }
            Event::NeedDecided { .. }
            | Event::StepAnswered(_)
            | Event::StepGivenUp { .. }
            | Event::ItemTicked(_) => {
                self.transit_person(plan, event)?;
            }
            other => return self.transit_doubt(plan, at, other),
        }
        Ok(())
    }

    /// A step whose end was not seen, and what is found out about it.
    fn transit_doubt(&mut self, plan: &Plan, at: Moment, event: &Event) -> Applied {
        match event {
            Event::StepLost { step, attempt, .. } => {
                let index = self.in_state(plan, step, |s| matches!(s, StepState::Running))?;
                self.is_attempt(index, *attempt)?;
                let status = &mut self.steps[index];
                status.losses = status.losses.saturating_add(1);
                status.state = StepState::InDoubt(Doubt::Process);
            }
            Event::StepFound { step, attempt, process } => {
                let is_due = |s: &StepState| matches!(s, StepState::InDoubt(Doubt::Seeking));
                let index = self.in_state(plan, step, is_due)?;
                self.is_attempt(index, *attempt)?;
                self.steps[index].process.clone_from(process);
                self.steps[index].state = StepState::Running;
            }
            Event::ProcessSought { step } => {
                let is_due = |s: &StepState| matches!(s, StepState::InDoubt(Doubt::Process));
                let index = self.in_state(plan, step, is_due)?;
                self.steps[index].state = StepState::InDoubt(Doubt::Seeking);
            }
            Event::ProcessGone(ProcessGone { step, is_certain, has_begun }) => {
                let is_due = |s: &StepState| matches!(s, StepState::InDoubt(Doubt::Seeking));
                let index = self.in_state(plan, step, is_due)?;
                let is_certain = *is_certain;
                self.steps[index].state = StepState::InDoubt(match has_begun {
                    true => Doubt::DoneWhen { is_certain },
                    false => Doubt::NeverBegun,
                });
                self.steps[index].checks = Checks::default();
            }
            Event::DoubtSettled { step, choice, by, .. } => {
                let index = self.in_state(plan, step, |s| matches!(s, StepState::InDoubt(_)))?;
                // An answer of before may come while its process is looked for, or runs.
                if matches!(by, Decider::Person { .. }) && !self.is_doubt_asked(step) {
                    return Err("nobody asked".into());
                }
                self.forget_step(step);
                self.settle_doubt(plan, index, at, *choice, event);
            }
            other => return self.transit_settlement(plan, at, other),
        }
        Ok(())
    }

    /// Counts an approval; with the last that is wanted the gate opens.
    fn approve(&mut self, index: Index, step: &str, by: &str, is_bypass: bool) -> Applied {
        let status = &mut self.steps[index];
        let StepState::AtGate(question) = &status.state else {
            return Err("it asks nothing".into());
        };
        if status.approved.iter().any(|name| name == by) {
            return Err(format!("{by} has approved it already"));
        }
        status.approved.push(by.to_owned());
        if is_bypass || status.approved.len() >= question.quorum {
            status.gate = Gate::Opened { by: status.approved.join(", ") };
            status.state = StepState::Ready(Before::Require);
            status.checks = Checks::default();
            self.forget_step(step);
        } else {
            self.asked.retain(|it| !matches!(it, Question::Gate(gate) if gate.step == step));
        }
        Ok(())
    }

    fn enter_group(&mut self, plan: &Plan, at: Moment, step: &str) -> Applied {
        let index = self.step(plan, step)?;
        if self.is_leaf(plan, index) {
            return Err("nothing is inside".into());
        }
        self.begin_action(plan, index, at)?;
        self.open_group(plan, index);
        Ok(())
    }

    pub(super) fn step(&self, plan: &Plan, path: &str) -> Result<Index, String> {
        plan.at_path(path).ok_or_else(|| "the runbook has no such step".into())
    }

    pub(super) fn in_state(
        &self,
        plan: &Plan,
        path: &str,
        is_due: impl Fn(&StepState) -> bool,
    ) -> Result<Index, String> {
        let index = self.step(plan, path)?;
        let state = &self.steps[index].state;
        if is_due(state) { Ok(index) } else { Err(format!("the step is {}", state.word())) }
    }

    pub(super) fn at_gate(&self, plan: &Plan, path: &str, digest: &str) -> Result<Index, String> {
        let index = self.step(plan, path)?;
        match &self.steps[index].state {
            StepState::AtGate(question) if question.digest == digest => Ok(index),
            StepState::AtGate(_) => Err("the answer was given for another question".into()),
            other => Err(format!("the step is {}", other.word())),
        }
    }

    /// Marks a node as begun, if it was not.
    pub(super) fn begin(&mut self, plan: &Plan, index: Index, at: Moment) -> Applied {
        let state = &self.steps[index].state;
        let is_called = matches!(plan.nodes[index].role, Role::Undo { .. } | Role::Closing);
        let is_early = *state == StepState::Pending && !self.ready.contains(&index) && !is_called;
        if state.is_settled() || is_early {
            return Err(format!("the step is {}", state.word()));
        }
        self.ready.remove(&index);
        self.active.insert(index);
        let status = &mut self.steps[index];
        status.started_at.get_or_insert(at);
        if status.state == StepState::Pending {
            status.state = StepState::Ready(Before::Require);
        }
        Ok(())
    }

    /// Marks a node as begun whose action, or what is inside it, is about to begin.
    pub(super) fn begin_action(&mut self, plan: &Plan, index: Index, at: Moment) -> Applied {
        self.begin(plan, index, at)?;
        match &self.steps[index].state {
            StepState::Ready(_) => Ok(()),
            other => Err(format!("the step is {}", other.word())),
        }
    }

    pub(super) fn open_group(&mut self, plan: &Plan, index: Index) {
        self.steps[index].state = StepState::Running;
        self.steps[index].attempts += 1;
        self.steps[index].is_entered = true;
        self.owe_undo(plan, index);
        let children = self.children(plan, index);
        let is_open = |child: &&Index| !self.steps[**child].state.is_settled();
        let open: Vec<Index> = children.iter().filter(is_open).copied().collect();
        self.steps[index].open_inside = open.len();
        match self.form(plan, index).map(|form| &form.inside) {
            Some(Inside::Ladder(_)) => self.ready.extend(open.first()),
            Some(Inside::Each(items)) => self.open_items(plan, index, items),
            _ => {
                let is_free = |child: &&Index| self.steps[**child].unmet == 0;
                self.ready.extend(open.iter().filter(is_free));
            }
        }
    }

    fn start_action(
        &mut self,
        plan: &Plan,
        at: Moment,
        step: &str,
        attempt: u32,
        (command, digest): (&String, &String),
    ) -> Applied {
        let index = self.step(plan, step)?;
        if self.steps[index].attempts + 1 != attempt {
            return Err(format!("attempt {} is next", self.steps[index].attempts + 1));
        }
        let retry = Timer { step: step.to_owned(), kind: TimerKind::Retry };
        let is_retry = matches!(self.steps[index].state, StepState::RetryWait(_));
        if !is_retry || !self.timers.is_due(&retry) {
            self.begin_action(plan, index, at)?;
        }
        self.timers.forget(&retry);
        let begun_by = self.driver;
        // Nobody has seen an end of what is not begun.
        let is_assumed = !self.is_begun(plan, index);
        let status = &mut self.steps[index];
        status.is_assumed = is_assumed;
        status.attempts = attempt;
        status.begun_by = begun_by;
        status.acted_at = Some(at);
        status.since = status.since.filter(|_| !is_retry).or(Some(at));
        status.process = None;
        status.command.clone_from(command);
        status.digest.clone_from(digest);
        status.state = StepState::Running;
        self.has_started = true;
        self.owe_undo(plan, index);
        Ok(())
    }

    /// What a node does now may be taken back, even where what it did before was; and so may what the
    /// groups around it do.
    pub(super) fn owe_undo(&mut self, plan: &Plan, index: Index) {
        self.owe_own_undo(plan, index);
        let mut inner = index;
        while let Some(group) = plan.nodes[inner].parent.filter(|_| !plan.is_in_undo(index)) {
            if self.steps[group].is_entered && !self.steps[group].owes_undo {
                self.owe_own_undo(plan, group);
            }
            inner = group;
        }
    }

    fn owe_own_undo(&mut self, plan: &Plan, index: Index) {
        self.steps[index].owes_undo = true;
        self.steps[index].acted_as = self.steps[index].form;
        let undo = self.form(plan, index).and_then(|form| form.undo);
        if let Some(undo) = undo.filter(|undo| self.steps[*undo].state.is_settled()) {
            self.renew_all(plan, undo);
        }
    }

    fn is_attempt(&self, index: Index, attempt: u32) -> Applied {
        let under_way = self.steps[index].attempts;
        if under_way == attempt { Ok(()) } else { Err(format!("attempt {under_way} is under way")) }
    }

    pub(super) fn end_action(&mut self, plan: &Plan, at: Moment, ended: &StepEnded) -> Applied {
        let index = self.in_state(plan, &ended.step, |s| matches!(s, StepState::Running))?;
        self.is_attempt(index, ended.attempt)?;
        self.doubt_invariants();
        self.endings += 1;
        let status = &mut self.steps[index];
        status.ended_as = self.endings;
        status.is_assumed = ended.is_assumed;
        status.exit = match ended.end {
            End::Exited { code } => Some(code),
            _ => None,
        };
        let has_failed = ended.failure.is_some();
        status.end = has_failed.then(|| ended.end.clone());
        status.printed = if has_failed { ended.last_lines() } else { Vec::new() };
        status.stdout.clone_from(&ended.stdout);
        status.has_printed = ended.out.is_some() || ended.err.is_some();
        status.outputs.clone_from(&ended.outputs);
        let kept = ended.secrets.iter().map(|name| (secret_name(&ended.step, name), true));
        self.secrets.extend(kept);
        let status = &mut self.steps[index];
        status.checks = Checks::default();
        status.losses = if ended.is_unseen { status.losses.saturating_add(1) } else { 0 };
        status.state = match &ended.failure {
            _ if ended.is_unseen => StepState::InDoubt(Doubt::DoneWhen { is_certain: false }),
            None => StepState::Verifying,
            Some(failure) => StepState::Failing(failure.clone()),
        };
        if ended.is_message() && ended.failure.is_none() && !ended.is_unseen {
            self.update(at);
        }
        Ok(())
    }
}
