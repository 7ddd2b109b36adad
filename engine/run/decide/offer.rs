//! What helps a person to answer: why a step is there, what is at stake, what is known.

use crate::plan::{Form, Index, Plan};
use crate::run::advice::advice;
use crate::run::cost::{failure_cost, skip_cost, title};
use crate::run::event::{Failure, FailureKind, Timer, TimerKind, later};
use crate::run::known::known;
use crate::run::offer::{Back, Held, Offer, Stakes};
use crate::run::state::RunState;
use crate::runbook::step::Repeat;
use crate::runbook::undo::Undo;

use super::Run;
use super::consequence::on_failure;
use super::gate::describe;

/// What helps a person to say how the action of a node would go.
pub fn at_stake(plan: &Plan, state: &RunState, index: Index) -> Offer {
    Run { plan, state }.about_gate(index)
}

impl Run<'_> {
    /// What a person may want to know before answering about a node.
    pub(super) fn why(&self, index: Index) -> Offer {
        let node = &self.plan.nodes[index];
        let title = node.title.as_ref().map(|_| title(self.plan, self.state, index));
        Offer { title, why: node.why.clone(), ..Offer::default() }
    }

    /// What helps to decide about a held step.
    pub(super) fn about_held(&self, index: Index, failure: &Failure) -> Offer {
        let form = self.state.form(self.plan, index);
        let held = form.map(|form| Box::new(self.held(index, form, failure)));
        let known = known(self.plan, self.state);
        Offer { undos: self.undos(), held, known, ..self.why(index) }
    }

    fn held(&self, index: Index, form: &Form, failure: &Failure) -> Held {
        let status = &self.state.steps[index];
        // What an earlier attempt left behind does not show why a gate was refused.
        let is_of_action = matches!(
            failure.kind,
            FailureKind::Exit | FailureKind::Timeout | FailureKind::Signal | FailureKind::Expect
        );
        let printed = if is_of_action { status.printed.clone() } else { Vec::new() };
        Held {
            command: status.command.clone(),
            end: status.end.clone().filter(|_| is_of_action),
            printed,
            attempts: status.attempts,
            repeat: form.facets.repeat(),
            is_gated: form.facets.gate.is_some(),
            failing: failure_cost(self.plan, self.state, index),
            skipping: skip_cost(self.plan, self.state, index),
            advice: advice(self.plan, self.state, index),
        }
    }

    /// What helps to answer a gate.
    pub(super) fn about_gate(&self, index: Index) -> Offer {
        let form = self.state.form(self.plan, index);
        let stakes = form.map(|form| Box::new(self.stakes(index, form)));
        let approved = self.state.steps[index].approved.clone();
        Offer { approved, stakes, ..self.why(index) }
    }

    fn stakes(&self, index: Index, form: &Form) -> Stakes {
        let place = form.facets.setting.place(&self.names_at(index));
        let target = Some(place.prefix().trim().trim_matches(['[', ']']).to_owned());
        let timer = Timer { step: self.path(index), kind: TimerKind::Expiry };
        Stakes {
            target: target.filter(|target| !target.is_empty()),
            repeat: form.facets.repeat(),
            is_destructive: form.facets.is_destructive,
            on_failure: on_failure(self.plan, self.state, index),
            is_in_rung: self.is_in_rung(index),
            back: self.way_back(form),
            until: self.state.timers.due(&timer).or_else(|| {
                // Its time begins to run with the question.
                Some(later(self.state.last_at?, form.facets.gate.as_ref()?.expires?))
            }),
        }
    }

    /// How a form is taken back; of a group, how what is inside it is.
    fn way_back(&self, form: &Form) -> Back {
        if let Some(Undo::None(reason)) = &form.facets.undo {
            return Back::Never(reason.clone());
        }
        let inside = form.inside.children().iter();
        let inside = inside.flat_map(|inner| self.plan.nodes[*inner].forms.iter());
        let undos = inside.filter_map(|inner| inner.undo);
        let undos: Vec<Index> = form.undo.into_iter().chain(undos).collect();
        if undos.is_empty() {
            let is_safe = form.facets.repeat() == Repeat::Read && !form.facets.is_destructive;
            return if is_safe { Back::Needless } else { Back::Unknown };
        }
        Back::By(undos.into_iter().map(|undo| self.undo_shown(undo)).collect())
    }

    /// What an undo does, as far as that is known before it is done.
    fn undo_shown(&self, undo: Index) -> String {
        let node = &self.plan.nodes[undo];
        let form = node.forms.first();
        let task = form.and_then(|form| self.task(undo, form));
        match (task, form) {
            (Some(Ok(task)), _) => describe(&task).0,
            (_, Some(form)) => form.facets.action.written(),
            (_, None) => node.path.clone(),
        }
    }
}
