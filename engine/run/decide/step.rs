//! What comes next for one step: before its action, at it, and after it.

use crate::plan::{Around, Form, Index, Inside};
use crate::run::effect::{Effect, Execution, GRACE, Task};
use crate::run::event::{Event, Failure, FailureKind, Purpose, Question, Skip};
use crate::run::message;
use crate::run::scope::Names;
use crate::run::state::{Before, Gate, RunState, StepState};
use crate::runbook::action::Action;
use crate::runbook::expression::TemplateError;
use crate::runbook::probe::Probe;

use super::{Next, Run};

impl Run<'_> {
    /// What comes next for a node whose needs are met and that has not begun.
    pub(super) fn begin(&self, index: Index) -> Next {
        let node = &self.plan.nodes[index];
        if let Some(next) = self.pass_over(index) {
            return next;
        }
        let goes_on_anyway = self.is_closing(index) && !self.is_in_rung(index);
        if !goes_on_anyway && !self.are_needs_good(index) {
            return Next::Record(Event::StepNotReached { step: self.path(index) });
        }
        if let Some(next) = self.missing_input(&self.inputs_of_all_forms(index)) {
            return next;
        }
        if let Some(next) = self.lost_secret_at(index) {
            return next;
        }
        let whens = node.forms.first().and_then(|form| form.facets.when.as_ref());
        match whens.map(|when| when.holds(&self.names_at(index))) {
            Some(Err(error)) => return self.hold(index, FailureKind::When, &error),
            Some(Ok(false)) => {
                let why = Skip::When;
                return Next::Record(Event::StepSkipped { step: self.path(index), why });
            }
            Some(Ok(true)) | None => {}
        }
        if let Some(next) = self.need(index) {
            return next;
        }
        if let Some(next) = self.list_items(index) {
            return next;
        }
        match &node.switch {
            Some(_) if self.state.steps[index].form.is_none() => self.choose_case(index),
            _ => self.before_action(index, Before::Require),
        }
    }

    /// The inputs that a node needs whatever case it takes.
    fn inputs_of_all_forms(&self, index: Index) -> Vec<usize> {
        let (first, others) = match self.plan.nodes[index].forms.as_slice() {
            [] => return Vec::new(),
            [first, others @ ..] => (first, others),
        };
        let is_shared = |input: &&usize| others.iter().all(|form| form.inputs.contains(*input));
        first.inputs.iter().filter(is_shared).copied().collect()
    }

    /// What is to be done about an input that its form lacks since a new driver took over.
    pub(super) fn lacks_input(&self, index: Index) -> Option<Next> {
        let missing = self.missing_input(&self.state.form(self.plan, index)?.inputs);
        missing.or_else(|| self.lost_secret_at(index))
    }

    fn choose_case(&self, index: Index) -> Next {
        let node = &self.plan.nodes[index];
        let value = node.switch.as_ref().map(|on| on.evaluate(&self.names_at(index)));
        match value {
            Some(Ok(value)) => {
                let text = value.text().unwrap_or_default();
                let cases = node.forms.iter().filter_map(|form| form.case.as_ref());
                if cases.clone().any(|case| *case == text) {
                    return Next::Record(Event::CaseChosen { step: self.path(index), case: text });
                }
                let cases: Vec<&str> = cases.map(String::as_str).collect();
                let message =
                    format!("there is no case `{text}`; the cases are {}", cases.join(", "));
                self.hold(index, FailureKind::When, &TemplateError { message, range: None })
            }
            Some(Err(error)) => self.hold(index, FailureKind::When, &error),
            None => Next::Nothing,
        }
    }

    /// What a condition of the chosen case leads to; none when it holds, or there is none.
    fn case_when(&self, index: Index, form: &Form) -> Option<Next> {
        match form.facets.case_when.as_ref()?.holds(&self.names_at(index)) {
            Ok(true) => None,
            Ok(false) => {
                let why = Skip::When;
                Some(Next::Record(Event::StepSkipped { step: self.path(index), why }))
            }
            Err(error) => Some(self.hold(index, FailureKind::When, &error)),
        }
    }

    pub(super) fn hold(&self, index: Index, kind: FailureKind, error: &TemplateError) -> Next {
        Next::Record(self.consequence(index, Failure::new(kind, error.message.clone())))
    }

    /// What comes next before the action of a node.
    pub(super) fn before_action(&self, index: Index, before: Before) -> Next {
        let Some(form) = self.state.form(self.plan, index) else { return self.choose_case(index) };
        if before <= Before::Require {
            if let Some(next) = self.case_when(index, form) {
                return next;
            }
            if let Some(error) = self.wrong_input(form) {
                return self.hold(index, FailureKind::Template, &error);
            }
            if let Some(next) = self.check(index, Purpose::Require, form.required()) {
                return next;
            }
        }
        if before <= Before::DoneWhen
            && let Some(probe) = &form.facets.done_when
        {
            return self.done_when(index, probe, form);
        }
        if let Some(gate) = &form.facets.gate
            && self.state.steps[index].gate == Gate::Shut
        {
            return match self.gate_question(index, gate) {
                Ok(question) => {
                    Next::ask_with(self, Question::Gate(question), || self.about_gate(index))
                }
                Err(error) => self.hold(index, FailureKind::Template, &error),
            };
        }
        self.act(index, form)
    }

    /// What an included runbook is told and cannot take, if there is such a thing.
    fn wrong_input(&self, form: &Form) -> Option<TemplateError> {
        let included = form.included.as_ref()?;
        let names = Names { space: included.space, ..self.names() };
        let mut inputs = included.runbook.inputs.iter().filter(|input| !input.is_secret);
        inputs.find_map(|input| names.told(input).err())
    }

    /// The next look of a list of checks; none when all of them hold.
    fn check<'p>(
        &self,
        index: Index,
        purpose: Purpose,
        mut checks: impl Iterator<Item = Around<'p>>,
    ) -> Option<Next> {
        let progress = &self.state.steps[index].checks;
        if progress.is_looking {
            return Some(Next::Nothing);
        }
        let place = progress.next_for(purpose);
        let Around { check, setting, space } = checks.nth(place)?;
        let reference = RunState::check_ref(self.plan, index, purpose, place);
        let trouble = progress.trouble.as_ref().filter(|_| progress.purpose == Some(purpose));
        let Some(trouble) = trouble else {
            let space = space.unwrap_or(self.plan.nodes[index].space);
            let names = Names { space, ..self.names() };
            return Some(match check.probe.render(setting, &names) {
                Ok(observation) => Next::Begin(Effect::Observe { check: reference, observation }),
                Err(error) => self.hold(index, FailureKind::Template, &error),
            });
        };
        if purpose == Purpose::Require
            && let Some(next) = self.offer_waiver(check, &reference, &trouble.detail)
        {
            return Some(next);
        }
        let kind = match (purpose, trouble.is_unseen) {
            (_, true) => FailureKind::Unseen,
            (Purpose::Require, false) => FailureKind::Precondition,
            (_, false) => FailureKind::Verify,
        };
        let failure = Failure::new(kind, super::described(check, purpose, trouble));
        Some(Next::Record(self.consequence(index, failure)))
    }

    fn done_when(&self, index: Index, probe: &Probe, form: &Form) -> Next {
        let status = &self.state.steps[index];
        let progress = &status.checks;
        if progress.is_looking {
            return Next::Nothing;
        }
        let is_due = progress.purpose == Some(Purpose::DoneWhen);
        if is_due && progress.next > 0 {
            return Next::Record(Event::StepSatisfied { step: self.path(index) });
        }
        if let Some(trouble) = progress.trouble.as_ref().filter(|_| is_due) {
            let failure = Failure::new(FailureKind::Unseen, trouble.detail.clone());
            return Next::Record(self.consequence(index, failure));
        }
        self.look_for_effect(index, probe, form)
    }

    pub(super) fn look_for_effect(&self, index: Index, probe: &Probe, form: &Form) -> Next {
        match probe.render(&form.facets.setting, &self.names_at(index)) {
            Ok(observation) => {
                let check = RunState::check_ref(self.plan, index, Purpose::DoneWhen, 0);
                Next::Begin(Effect::Observe { check, observation })
            }
            Err(error) => self.hold(index, FailureKind::Template, &error),
        }
    }

    /// Begins the action, or enters the group.
    pub(super) fn act(&self, index: Index, form: &Form) -> Next {
        if !self.may_act(index) || self.is_being_undone(index) {
            return Next::Nothing;
        }
        let step = self.path(index);
        if !matches!(form.inside, Inside::Leaf) {
            return Next::Record(Event::GroupEntered { step });
        }
        if let Some(next) = self.ask_person(index) {
            return next;
        }
        let attempt = self.state.steps[index].attempts + 1;
        let execution = match self.execution(index, form, attempt) {
            None => return self.verify(index),
            Some(Ok(execution)) => execution,
            Some(Err(error)) => return self.hold(index, FailureKind::Template, &error),
        };
        if execution.is_on_terminal && !self.state.is_anybody_there() && !self.state.is_assumed() {
            let question = Question::Terminal { step, command: execution.shown };
            return Next::ask(self, question, self.why(index));
        }
        self.ask_to_proceed(index, form, &execution)
            .unwrap_or_else(|| Next::Begin(Effect::Execute(Box::new(execution))))
    }

    /// An attempt at the action of a form; nothing for a decision.
    pub(super) fn execution(
        &self,
        index: Index,
        form: &Form,
        attempt: u32,
    ) -> Option<Result<Execution, TemplateError>> {
        let attempted = |task: Task| {
            let expect = form.facets.expect.clone().unwrap_or_default();
            let (shown, digest) = super::gate::describe(&task);
            Ok(Execution {
                step: self.path(index),
                attempt,
                task,
                shown,
                digest,
                timeout: form.facets.timeout(),
                grace: form.facets.setting.grace.unwrap_or(GRACE),
                expect: expect.render(&self.names_at(index))?,
                outputs: form.facets.outputs.clone(),
                is_on_terminal: form.facets.tty.is_some(),
                keeps_stdout: self.plan.nodes[index].keeps_stdout,
            })
        };
        Some(self.task(index, form)?.and_then(attempted))
    }

    /// What the action of a form does; nothing for a decision.
    pub(super) fn task(&self, index: Index, form: &Form) -> Option<Result<Task, TemplateError>> {
        let names = self.names_at(index);
        let setting = &form.facets.setting;
        match &form.facets.action {
            Action::Run(script) => Some(script.render(setting, &names).map(Task::Run)),
            Action::Probe(probe) => {
                Some(probe.render(setting, &names).map(|look| Task::Look(Box::new(look))))
            }
            Action::Http(request) => {
                Some(request.render(&names).map(|request| Task::Http(Box::new(request))))
            }
            Action::Wait(wait) => Some(self.wait(index, wait, setting)),
            Action::Watch(watch) => Some(self.watch(index, watch, setting)),
            Action::Notify(notify) => Some(message::task(notify, &names)),
            Action::Steps(_)
            | Action::Ladder(_)
            | Action::Switch(_)
            | Action::Include(_)
            | Action::Manual(_)
            | Action::Checklist(_)
            | Action::Choose(_)
            | Action::Decision => None,
        }
    }

    /// What comes next once the action of a node, or all inside it, is done.
    pub(super) fn verify(&self, index: Index) -> Next {
        let Some(form) = self.state.form(self.plan, index) else { return Next::Nothing };
        match self.check(index, Purpose::Verify, form.verified()) {
            Some(next) => next,
            None => Next::Record(Event::StepSucceeded { step: self.path(index) }),
        }
    }

    /// Whether a node stands where its undo would be.
    pub(super) fn is_pending(&self, index: Index) -> bool {
        self.state.steps[index].state == StepState::Pending
    }
}
