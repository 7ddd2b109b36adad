//! The only place where the state of a run changes.
//!
//! Every event has its legal moments; any other is refused, and then never reaches the journal.

use crate::plan::{Index, Inside, Plan, ROOT, Role};

use super::event::{
    Cause, CheckRef, Decider, DoubtChoice, End, Event, Failure, FailureKind, HoldChoice, Moment,
    Purpose, Question, Sight, Skip, Stage, StepEnded, StopLevel, Then, Verdict, VerdictChoice,
};
use super::state::{Before, Checks, Choices, Doubt, Gate, RunState, StepState, StepStatus, Trouble};

/// An event that cannot happen in the state it was met in.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{event} cannot happen here: {reason}")]
pub struct IllegalEvent {
    /// The event's type, and its step where it has one.
    pub event: String,
    /// What it met instead.
    pub reason: String,
}

type Applied = Result<(), String>;

impl RunState {
    /// Folds all events of a run.
    pub fn replay<'e>(
        plan: &Plan,
        events: impl IntoIterator<Item = (Moment, &'e Event)>,
    ) -> Result<RunState, IllegalEvent> {
        let mut state = RunState::new(plan);
        for (at, event) in events {
            state.apply(plan, at, event)?;
        }
        Ok(state)
    }

    /// Folds one event, or refuses it and changes nothing that matters.
    pub fn apply(&mut self, plan: &Plan, at: Moment, event: &Event) -> Result<(), IllegalEvent> {
        self.transit(plan, at, event).map_err(|reason| {
            let json = serde_json::to_value(event).unwrap_or_default();
            let name = json["type"].as_str().unwrap_or_default();
            let step = json["step"].as_str().map(|step| format!(" of `{step}`")).unwrap_or_default();
            IllegalEvent { event: format!("{name}{step}"), reason }
        })?;
        self.last_at = Some(at);
        Ok(())
    }

    fn transit(&mut self, plan: &Plan, at: Moment, event: &Event) -> Applied {
        if self.start.is_none() != matches!(event, Event::RunStarted(_)) {
            return Err("a run begins once, and first".into());
        }
        if self.has_ended() {
            return Err("the run has ended".into());
        }
        match event {
            Event::RunStarted(start) => {
                self.operator.clone_from(&start.operator);
                self.is_attended = start.is_attended;
                self.waived.clone_from(&start.waived);
                self.started_at = Some(at);
                self.start = Some(start.clone());
            }
            Event::Resumed(resumed) => {
                self.operator.clone_from(&resumed.operator);
                self.is_attended = resumed.is_attended;
                self.waived.extend(resumed.waived.clone());
                self.resume(plan);
            }
            Event::InputGiven(given) => {
                self.asked.retain(|asked| {
                    !matches!(asked, Question::Input { name } if *name == given.name)
                });
                self.inputs.insert(given.name.clone(), given.clone());
            }
            Event::ChoicesSought { input, .. } => {
                self.choices.insert(input.clone(), None);
            }
            Event::ChoicesListed { input, choices, problem } => {
                let choices = Choices { lines: choices.clone(), problem: problem.clone() };
                self.choices.insert(input.clone(), Some(choices));
            }
            Event::StageEntered { stage } => self.enter(plan, *stage)?,
            Event::CheckStarted { check, .. } => self.start_check(plan, at, check)?,
            Event::CheckObserved { check, sight, detail, .. } => {
                self.observe(plan, check, *sight, detail)?;
            }
            Event::CheckWaived { check, .. } => self.waive(plan, check)?,
            Event::CheckRefused { check, .. } => {
                self.forget_check(check);
                self.refuse_check(plan, check)?;
            }
            Event::Asked { question } => self.ask(plan, at, question)?,
            Event::StopRequested { level, signal } => {
                self.stop = self.stop.max(*level);
                self.stopped_by.get_or_insert_with(|| signal.clone());
            }
            Event::VerdictReached { verdict, detail } => {
                self.verdict = Some(*verdict);
                let is_settled = *verdict == Verdict::Recovered || detail.is_empty();
                self.verdict_held = (!is_settled).then(|| detail.clone());
            }
            Event::VerdictResolved { choice, .. } => self.resolve_verdict(*choice)?,
            Event::Parked { .. } => self.is_parked = true,
            Event::RunEnded { outcome, verdict, cause } => {
                self.outcome = Some(*outcome);
                self.verdict = *verdict;
                if cause.is_some() {
                    self.cause.clone_from(cause);
                }
            }
            step_event => return self.transit_step(plan, at, step_event),
        }
        Ok(())
    }

    fn transit_step(&mut self, plan: &Plan, at: Moment, event: &Event) -> Applied {
        match event {
            Event::GateApproved { step, digest, by, .. } => {
                let index = self.at_gate(plan, step, digest)?;
                self.forget_step(step);
                let status = &mut self.steps[index];
                status.gate = Gate::Opened { by: by.clone() };
                status.state = StepState::Ready(Before::Require);
                status.checks = Checks::default();
            }
            Event::GateRejected { step, digest, by, reason } => {
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
                self.begin(index, at)?;
                self.steps[index].form = Some(form.ok_or("there is no such case")?);
                self.pass_over_other_cases(plan, index, at);
            }
            Event::GroupEntered { step } => {
                let index = self.step(plan, step)?;
                self.begin(index, at)?;
                self.open_group(plan, index);
            }
            Event::StepStarted { step, attempt, command, digest } => {
                let index = self.step(plan, step)?;
                self.begin(index, at)?;
                let status = &mut self.steps[index];
                if status.attempts + 1 != *attempt {
                    return Err(format!("attempt {} is next", status.attempts + 1));
                }
                status.attempts = *attempt;
                status.process = None;
                status.command.clone_from(command);
                status.digest.clone_from(digest);
                status.state = StepState::Running;
                self.has_started = true;
            }
            Event::StepSpawned { step, process, .. } => {
                let index = self.in_state(plan, step, |s| matches!(s, StepState::Running))?;
                self.steps[index].process = Some(process.clone());
            }
            Event::StepEnded(ended) => self.end_action(plan, ended)?,
            Event::StepSucceeded { step } => {
                let index = self.in_state(plan, step, |s| !s.is_settled())?;
                self.settle(plan, index, at, StepState::Succeeded);
            }
            Event::StepSatisfied { step } => {
                let index = self.in_state(plan, step, |s| matches!(s, StepState::Ready(_)))?;
                self.settle_inside(plan, index, at, &StepState::Skipped(Skip::NotNeeded));
                self.settle(plan, index, at, StepState::Satisfied);
            }
            Event::StepSkipped { step, why } => {
                let index = self.step(plan, step)?;
                self.skip(plan, index, at, *why);
            }
            Event::StepFailed { step, failure, then } => {
                let index = self.in_state(plan, step, |s| !s.is_settled())?;
                self.fail(plan, index, at, failure, *then);
            }
            Event::StepHeld { step, failure } => {
                let index = self.step(plan, step)?;
                self.begin(index, at)?;
                self.steps[index].state = StepState::Held(failure.clone());
            }
            Event::HoldResolved { step, choice, by, reason } => {
                let index = self.in_state(plan, step, |s| matches!(s, StepState::Held(_)))?;
                self.forget_step(step);
                self.resolve_hold(plan, index, at, *choice, (by, reason));
            }
            Event::StepNotReached { step } => {
                let index = self.step(plan, step)?;
                self.settle_all(plan, index, at, &StepState::NotReached);
            }
            Event::ProcessSought { step } => {
                let is_due = |s: &StepState| matches!(s, StepState::InDoubt(Doubt::Process));
                let index = self.in_state(plan, step, is_due)?;
                self.steps[index].state = StepState::InDoubt(Doubt::Seeking);
            }
            Event::ProcessGone { step, is_certain } => {
                let is_due = |s: &StepState| matches!(s, StepState::InDoubt(Doubt::Seeking));
                let index = self.in_state(plan, step, is_due)?;
                self.steps[index].state =
                    StepState::InDoubt(Doubt::DoneWhen { is_certain: *is_certain });
                self.steps[index].checks = Checks::default();
            }
            Event::DoubtSettled { step, choice, .. } => {
                let index = self.in_state(plan, step, |s| matches!(s, StepState::InDoubt(_)))?;
                self.forget_step(step);
                self.settle_doubt(plan, index, at, *choice, event);
            }
            _ => return Err("this event belongs to the run".into()),
        }
        Ok(())
    }

    // ----- finding -----------------------------------------------------------------------------

    fn step(&self, plan: &Plan, path: &str) -> Result<Index, String> {
        plan.at_path(path).ok_or_else(|| "the runbook has no such step".into())
    }

    fn in_state(
        &self,
        plan: &Plan,
        path: &str,
        is_due: impl Fn(&StepState) -> bool,
    ) -> Result<Index, String> {
        let index = self.step(plan, path)?;
        let state = &self.steps[index].state;
        if is_due(state) { Ok(index) } else { Err(format!("the step is {}", state.word())) }
    }

    fn at_gate(&self, plan: &Plan, path: &str, digest: &str) -> Result<Index, String> {
        let index = self.step(plan, path)?;
        match &self.steps[index].state {
            StepState::AtGate(question) if question.digest == digest => Ok(index),
            StepState::AtGate(_) => Err("the answer was given for another question".into()),
            other => Err(format!("the step is {}", other.word())),
        }
    }

    // ----- questions ---------------------------------------------------------------------------

    fn ask(&mut self, plan: &Plan, at: Moment, question: &Question) -> Applied {
        if let Question::Gate(gate) = question {
            let index = self.step(plan, &gate.step)?;
            self.begin(index, at)?;
            let state = &self.steps[index].state;
            if !matches!(state, StepState::Ready(_) | StepState::AtGate(_)) {
                return Err(format!("the step is {}", state.word()));
            }
            self.steps[index].state = StepState::AtGate(Box::new(gate.clone()));
        }
        if self.is_asked(question) {
            return Err("this was asked already".into());
        }
        self.asked.push(question.clone());
        Ok(())
    }

    fn forget_step(&mut self, path: &str) {
        self.asked.retain(|question| match question {
            Question::Gate(gate) => gate.step != path,
            Question::Hold { step, .. } | Question::InDoubt { step, .. } => step != path,
            _ => true,
        });
    }

    fn forget_check(&mut self, about: &CheckRef) {
        self.asked.retain(|question| {
            !matches!(question, Question::Check { check, .. } if check == about)
        });
    }

    // ----- checks ------------------------------------------------------------------------------

    fn checks_mut(&mut self, plan: &Plan, check: &CheckRef) -> Result<&mut Checks, String> {
        match &check.step {
            None => Ok(&mut self.checks),
            Some(path) => {
                let index = self.step(plan, path)?;
                Ok(&mut self.steps[index].checks)
            }
        }
    }

    fn start_check(&mut self, plan: &Plan, at: Moment, check: &CheckRef) -> Applied {
        let checks = self.checks_mut(plan, check)?;
        if checks.is_looking || checks.next_for(check.purpose) != check.index {
            return Err("this check is not next".into());
        }
        *checks = Checks {
            purpose: Some(check.purpose),
            next: check.index,
            is_looking: true,
            trouble: None,
        };
        let Some(path) = &check.step else { return Ok(()) };
        let index = self.step(plan, path)?;
        self.begin(index, at)?;
        let state = &mut self.steps[index].state;
        match (check.purpose, &state) {
            (Purpose::DoneWhen, StepState::Ready(_)) => *state = StepState::Ready(Before::DoneWhen),
            (Purpose::Verify, StepState::Running) => *state = StepState::Verifying,
            _ => {}
        }
        Ok(())
    }

    fn observe(&mut self, plan: &Plan, check: &CheckRef, sight: Sight, detail: &str) -> Applied {
        let checks = self.checks_mut(plan, check)?;
        if !checks.is_looking || checks.next != check.index {
            return Err("nobody looked".into());
        }
        checks.is_looking = false;
        let is_good = matches!(sight, Sight::Holds | Sight::Warns);
        if is_good && check.purpose != Purpose::DoneWhen {
            checks.next += 1;
        }
        let is_unseen = sight == Sight::Unseen;
        checks.trouble = (!is_good).then(|| Trouble { is_unseen, detail: detail.to_owned() });
        if let (Purpose::DoneWhen, Some(path)) = (check.purpose, &check.step) {
            let index = self.step(plan, path)?;
            self.observe_done_when(index, is_good);
        }
        Ok(())
    }

    /// A `done_when` that does not hold lets the step go on; one that holds or cannot be seen is
    /// for `decide` to settle.
    fn observe_done_when(&mut self, index: Index, holds: bool) {
        let status = &mut self.steps[index];
        match status.state {
            StepState::Ready(Before::DoneWhen) if !holds => {
                let is_unseen = status.checks.trouble.as_ref().is_some_and(|t| t.is_unseen);
                if !is_unseen {
                    status.state = StepState::Ready(Before::Gate);
                    status.checks = Checks::default();
                }
            }
            StepState::InDoubt(Doubt::DoneWhen { is_certain }) if !holds => {
                status.state = StepState::InDoubt(Doubt::Decide { is_certain });
                status.checks = Checks::default();
            }
            _ if holds => status.checks.next = 1,
            _ => {}
        }
    }

    fn waive(&mut self, plan: &Plan, check: &CheckRef) -> Applied {
        self.forget_check(check);
        let checks = self.checks_mut(plan, check)?;
        if checks.next != check.index || checks.is_looking {
            return Err("this check is not next".into());
        }
        *checks = Checks { next: check.index + 1, is_looking: false, trouble: None, ..*checks };
        // A symptom that a person knows better about is no exception of the run.
        self.has_exceptions |= check.purpose != Purpose::Confirm;
        Ok(())
    }

    fn refuse_check(&mut self, plan: &Plan, check: &CheckRef) -> Applied {
        let checks = self.checks_mut(plan, check)?;
        let detail = checks.trouble.take().map(|trouble| trouble.detail).unwrap_or_default();
        match &check.step {
            Some(path) => {
                let index = self.step(plan, path)?;
                let failure = Failure::new(FailureKind::Precondition, detail);
                self.steps[index].state = StepState::Failing(failure);
            }
            None => self.cause = Some(Cause::NotStarted { detail }),
        }
        Ok(())
    }

    fn resolve_verdict(&mut self, choice: VerdictChoice) -> Applied {
        if self.verdict_held.take().is_none() {
            return Err("no verdict waits".into());
        }
        self.asked.retain(|question| !matches!(question, Question::Verdict { .. }));
        if choice == VerdictChoice::Retry {
            self.verdict = None;
            self.checks = Checks::default();
        }
        Ok(())
    }

    // ----- stages ------------------------------------------------------------------------------

    fn enter(&mut self, plan: &Plan, stage: Stage) -> Applied {
        if stage <= self.stage {
            return Err(format!("the run is past that: it is at {:?}", self.stage));
        }
        self.stage = stage;
        self.checks = Checks::default();
        match stage {
            Stage::Steps => self.open_group_at(plan, ROOT),
            Stage::Finally => {
                self.close(plan);
                if let Some(finally) = plan.finally {
                    self.open_group_at(plan, finally);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn open_group_at(&mut self, plan: &Plan, whole: Index) {
        self.active.insert(whole);
        self.open_group(plan, whole);
    }

    /// Settles what is left of the steps once nothing more of them will be done.
    fn close(&mut self, plan: &Plan) {
        for (index, node) in plan.nodes.iter().enumerate() {
            if plan.finally.is_some_and(|finally| plan.is_inside(index, finally)) {
                continue;
            }
            let state = &mut self.steps[index].state;
            if !state.is_settled() {
                let is_undo = matches!(node.role, Role::Undo { .. });
                *state = match is_undo {
                    true => StepState::Skipped(Skip::NotNeeded),
                    false => StepState::NotReached,
                };
            }
        }
        self.active.clear();
        self.ready.clear();
    }

    // ----- steps -------------------------------------------------------------------------------

    /// Marks a node as begun, if it was not.
    fn begin(&mut self, index: Index, at: Moment) -> Applied {
        if self.steps[index].state.is_settled() {
            return Err(format!("the step is {}", self.steps[index].state.word()));
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

    fn open_group(&mut self, plan: &Plan, index: Index) {
        self.steps[index].state = StepState::Running;
        self.steps[index].attempts += 1;
        let children = self.children(plan, index);
        self.steps[index].open_inside = children.len();
        let is_ladder = self
            .form(plan, index)
            .is_some_and(|form| matches!(form.inside, Inside::Ladder(_)));
        if is_ladder {
            self.ready.extend(children.first());
        } else {
            self.ready.extend(children.iter().filter(|child| self.steps[**child].unmet == 0));
        }
    }

    fn end_action(&mut self, plan: &Plan, ended: &StepEnded) -> Applied {
        let index = self.in_state(plan, &ended.step, |s| matches!(s, StepState::Running))?;
        self.endings += 1;
        let endings = self.endings;
        let status = &mut self.steps[index];
        if status.attempts != ended.attempt {
            return Err(format!("attempt {} is under way", status.attempts));
        }
        status.ended_as = endings;
        status.exit = match ended.end {
            End::Exited { code } => Some(code),
            _ => None,
        };
        status.stdout.clone_from(&ended.stdout);
        status.outputs.clone_from(&ended.outputs);
        status.checks = Checks::default();
        status.state = match &ended.failure {
            None => StepState::Verifying,
            Some(failure) => StepState::Failing(failure.clone()),
        };
        Ok(())
    }

    /// Settles a node, and tells its group and what waits for it.
    fn settle(&mut self, plan: &Plan, index: Index, at: Moment, state: StepState) {
        let status = &mut self.steps[index];
        if status.state.is_settled() {
            return;
        }
        status.state = state;
        status.ended_at = Some(at);
        status.started_at.get_or_insert(at);
        self.active.remove(&index);
        self.ready.remove(&index);
        let node = &plan.nodes[index];
        if matches!(node.role, Role::Undo { .. }) {
            return;
        }
        if let Some(parent) = node.parent {
            self.steps[parent].open_inside = self.steps[parent].open_inside.saturating_sub(1);
            self.open_next_rung(plan, index, parent);
        }
        for dependent in &node.dependents {
            let waiting = &mut self.steps[*dependent];
            waiting.unmet = waiting.unmet.saturating_sub(1);
            if waiting.unmet == 0 && waiting.state == StepState::Pending {
                self.ready.insert(*dependent);
            }
        }
    }

    fn open_next_rung(&mut self, plan: &Plan, index: Index, ladder: Index) {
        let is_passed = matches!(
            self.steps[index].state,
            StepState::Failed(..) | StepState::Skipped(Skip::When | Skip::Operator) | StepState::Rejected
        );
        if plan.nodes[index].role != Role::Rung || !is_passed {
            return;
        }
        let rungs = self.children(plan, ladder);
        let next = rungs.iter().skip_while(|rung| **rung != index).nth(1).copied();
        self.ready.extend(next.filter(|next| self.steps[*next].state == StepState::Pending));
    }

    /// Settles a node and all that is inside it the same way.
    fn settle_all(&mut self, plan: &Plan, index: Index, at: Moment, state: &StepState) {
        let mut open = vec![index];
        while let Some(index) = open.pop() {
            open.extend(plan.nodes[index].children());
            if !self.steps[index].state.is_settled() {
                self.settle(plan, index, at, state.clone());
            }
        }
        // What waited inside was never to begin.
        self.ready.retain(|ready| !self.steps[*ready].state.is_settled());
    }

    /// Settles all that is inside a node the same way.
    fn settle_inside(&mut self, plan: &Plan, index: Index, at: Moment, state: &StepState) {
        for child in plan.nodes[index].children() {
            self.settle_all(plan, child, at, state);
        }
    }

    fn skip(&mut self, plan: &Plan, index: Index, at: Moment, why: Skip) {
        self.has_exceptions |= why == Skip::Operator;
        self.settle_all(plan, index, at, &StepState::Skipped(why));
    }

    fn pass_over_other_cases(&mut self, plan: &Plan, index: Index, at: Moment) {
        let chosen = self.steps[index].form;
        for (place, form) in plan.nodes[index].forms.iter().enumerate() {
            if Some(place) != chosen {
                for child in form.inside.children() {
                    self.settle_all(plan, *child, at, &StepState::Skipped(Skip::NotNeeded));
                }
            }
        }
    }

    fn fail(&mut self, plan: &Plan, index: Index, at: Moment, failure: &Failure, then: Then) {
        let step = plan.nodes[index].path.clone();
        self.settle_inside(plan, index, at, &StepState::NotReached);
        let is_rejected = failure.kind == FailureKind::Rejected;
        let state = match is_rejected {
            true => StepState::Rejected,
            false => StepState::Failed(failure.clone(), then),
        };
        self.settle(plan, index, at, state);
        if then == Then::Abort {
            let cause = match is_rejected {
                true => Cause::Rejected { step },
                false => Cause::Step { step },
            };
            self.cause.get_or_insert(cause);
        }
    }

    fn resolve_hold(
        &mut self,
        plan: &Plan,
        index: Index,
        at: Moment,
        choice: HoldChoice,
        (by, reason): (&String, &String),
    ) {
        let StepState::Held(failure) = self.steps[index].state.clone() else { return };
        match choice {
            HoldChoice::Retry => self.reset(plan, index),
            HoldChoice::Done => {
                self.steps[index].is_marked_done = true;
                self.has_exceptions = true;
                self.settle_inside(plan, index, at, &StepState::Skipped(Skip::NotNeeded));
                self.settle(plan, index, at, StepState::Succeeded);
            }
            HoldChoice::Failed => self.fail(plan, index, at, &failure, Then::Fail),
            HoldChoice::Skip => self.skip(plan, index, at, Skip::Operator),
            HoldChoice::Abort => {
                let (by, reason) = (by.clone(), reason.clone());
                self.cause = Some(Cause::Person { by, reason });
            }
        }
    }

    fn settle_doubt(
        &mut self,
        plan: &Plan,
        index: Index,
        at: Moment,
        choice: DoubtChoice,
        event: &Event,
    ) {
        let is_promised =
            matches!(event, Event::DoubtSettled { by: Decider::DoneWhen, .. });
        self.endings += 1;
        self.steps[index].ended_as = self.endings;
        match choice {
            DoubtChoice::Done if is_promised => {
                self.settle(plan, index, at, StepState::Succeeded);
            }
            DoubtChoice::Done => {
                self.steps[index].checks = Checks::default();
                self.steps[index].state = StepState::Verifying;
            }
            DoubtChoice::Rerun => self.reset(plan, index),
            DoubtChoice::Failed => {
                let failure = Failure::new(FailureKind::Doubt, "it was in doubt and counted as failed");
                self.steps[index].state = StepState::Failing(failure);
            }
        }
    }

    /// Lets a node, and all inside it, begin anew; attempts go on counting.
    fn reset(&mut self, plan: &Plan, index: Index) {
        let mut open: Vec<Index> = plan.nodes[index].children().collect();
        while let Some(inner) = open.pop() {
            open.extend(plan.nodes[inner].children());
            open.extend(plan.nodes[inner].forms.iter().filter_map(|form| form.undo));
            self.renew(plan, inner);
        }
        let started_at = self.steps[index].started_at;
        self.renew(plan, index);
        self.steps[index].started_at = started_at;
        self.steps[index].unmet = 0;
        self.ready.insert(index);
    }

    fn renew(&mut self, plan: &Plan, index: Index) {
        self.active.remove(&index);
        self.ready.remove(&index);
        let unmet = plan.nodes[index].needs.len();
        let attempts = self.steps[index].attempts;
        self.steps[index] = StepStatus { attempts, unmet, ..StepStatus::default() };
    }

    /// What a new driver finds: looks begin anew, questions are put again, and an action whose
    /// end is not on record is in doubt.
    fn resume(&mut self, plan: &Plan) {
        self.asked.clear();
        self.choices.retain(|_, choices| choices.is_some());
        self.inputs.retain(|_, given| !given.is_secret);
        self.stop = StopLevel::None;
        self.stopped_by = None;
        self.is_parked = false;
        self.checks.is_looking = false;
        self.checks.trouble = None;
        for index in self.active.clone() {
            let is_leaf = self.is_leaf(plan, index);
            let status = &mut self.steps[index];
            status.checks.is_looking = false;
            status.checks.trouble = None;
            let is_in_doubt = match status.state {
                StepState::Running => is_leaf,
                StepState::InDoubt(_) => true,
                _ => false,
            };
            if is_in_doubt {
                status.state = StepState::InDoubt(Doubt::Process);
            }
        }
    }
}
