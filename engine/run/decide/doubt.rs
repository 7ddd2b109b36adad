//! What comes next for a step in doubt: its process, its promise, its effect class, a person.

use crate::plan::{Form, Index, Role};
use crate::run::effect::{Effect, Execution, Task};
use crate::run::event::{Decider, DoubtChoice, Event, Question};
use crate::run::offer::Offer;
use crate::run::state::Doubt;
use crate::runbook::action::Action;
use crate::runbook::step::Repeat;

use super::{Next, Run};

/// After so many attempts in a row whose end was not seen, a person decides whatever the effect.
const MOST_LOSSES: u32 = 2;

impl Run<'_> {
    /// What comes next for a step whose start is on record and whose end is not.
    pub(super) fn look_into(&self, index: Index, doubt: Doubt) -> Next {
        let status = &self.state.steps[index];
        let Some(form) = self.state.form(self.plan, index) else { return Next::Nothing };
        match doubt {
            Doubt::Process => Next::Begin(Effect::SeekProcess {
                step: self.path(index),
                attempt: status.attempts,
                begun_by: status.begun_by,
                process: status.process.clone(),
                execution: self.kept(index, form).map(Box::new),
            }),
            Doubt::Seeking => Next::Nothing,
            Doubt::NeverBegun => self.begin_after_all(index, form),
            Doubt::DoneWhen { is_certain } => match &form.facets.done_when {
                _ if status.checks.is_looking => Next::Nothing,
                Some(_) if status.checks.next > 0 => {
                    self.settle(index, DoubtChoice::Done, Decider::DoneWhen, "its effect is there")
                }
                Some(probe) => self.look_for_effect(index, probe, form),
                None => self.decide_doubt(index, form, is_certain),
            },
            Doubt::Decide { is_certain } => self.decide_doubt(index, form, is_certain),
        }
    }

    /// What was begun, where a keeper watches over it: a command that has no terminal.
    fn kept(&self, index: Index, form: &Form) -> Option<Execution> {
        let execution = self.execution(index, form, self.state.steps[index].attempts)?.ok()?;
        let is_kept = matches!(execution.task, Task::Run(_)) && !execution.is_on_terminal;
        is_kept.then_some(execution)
    }

    /// What was certainly never begun may begin, unless nothing may any more.
    fn begin_after_all(&self, index: Index, form: &Form) -> Next {
        if self.state.steps[index].losses >= MOST_LOSSES {
            return self.decide_doubt(index, form, true);
        }
        let reason = "it had not begun";
        let choice = if self.state.is_ending() { DoubtChoice::Failed } else { DoubtChoice::Rerun };
        self.settle(index, choice, Decider::Keeper, reason)
    }

    fn decide_doubt(&self, index: Index, form: &Form, is_certain: bool) -> Next {
        let facets = &form.facets;
        if let Action::Notify(notify) = &facets.action {
            let to = notify.to.as_ref().map_or("", |to| to.value.as_str());
            let reason = match self.plan.runbook.library.channel(to) {
                Some(_) => "a message is not sent twice; its text lies in undelivered/",
                None => "a message is not shown twice",
            };
            return self.settle(index, DoubtChoice::Failed, Decider::Effect, reason);
        }
        let is_gated = self.is_gated(index, form) || facets.is_destructive;
        // What runs elsewhere may go on though the process that began it here is gone.
        let is_gone = is_certain && !self.is_elsewhere(index, form);
        let may_rerun = match facets.repeat() {
            _ if self.state.steps[index].losses >= MOST_LOSSES => false,
            Repeat::Read => !is_gated,
            Repeat::Idempotent => !is_gated && is_gone,
            Repeat::Once => false,
        };
        if may_rerun && self.state.is_ending() {
            let reason = "the run is ending";
            return self.settle(index, DoubtChoice::Failed, Decider::Effect, reason);
        }
        if may_rerun {
            let reason = "its effect may be repeated";
            return self.settle(index, DoubtChoice::Rerun, Decider::Effect, reason);
        }
        let command = self.state.steps[index].command.clone();
        let offer = Offer { is_ending: self.state.is_ending(), ..Offer::default() };
        Next::ask(self, Question::InDoubt { step: self.path(index), command }, offer)
    }

    /// Whether a gate stands before a step, or before the fan-out that it is an item of.
    fn is_gated(&self, index: Index, form: &Form) -> bool {
        let node = &self.plan.nodes[index];
        let whole = node.parent.filter(|_| node.role == Role::Item);
        let is_shut = |form: &Form| form.facets.gate.is_some();
        is_shut(form) || whole.is_some_and(|whole| self.plan.nodes[whole].forms.iter().any(is_shut))
    }

    /// Whether the action of a form may run on another machine.
    fn is_elsewhere(&self, index: Index, form: &Form) -> bool {
        let target = form.facets.setting.target.as_ref();
        target.is_some_and(|target| target.is_elsewhere(&self.names_at(index)))
    }

    fn settle(&self, index: Index, choice: DoubtChoice, by: Decider, reason: &str) -> Next {
        let (step, reason) = (self.path(index), reason.to_owned());
        Next::Record(Event::DoubtSettled { step, choice, by, reason })
    }
}
