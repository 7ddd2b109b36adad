//! What must hold all along: looked at before the next step, whenever something has happened since.

use crate::run::effect::Effect;
use crate::run::event::{CheckRef, Event, Failure, FailureKind, Purpose, Question, Stage};
use crate::run::offer::Offer;

use super::{Next, Run};

impl Run<'_> {
    /// What may begin, unless the invariants must be looked at first: then they come in place of
    /// the actions.
    pub(super) fn with_invariants(&self, effects: Vec<Effect>) -> Vec<Effect> {
        let invariants = &self.plan.runbook.invariants;
        let is_due = self.state.stage == Stage::Steps
            && !self.state.invariants.are_fresh
            && !invariants.is_empty();
        if !is_due || !effects.iter().any(acts) {
            return effects;
        }
        let mut effects: Vec<Effect> = effects.into_iter().filter(|it| !acts(it)).collect();
        match self.look_at_invariants() {
            Next::Record(event) => return vec![Effect::Record(event)],
            Next::Begin(effect) => effects.push(effect),
            Next::Nothing => {}
        }
        effects
    }

    fn look_at_invariants(&self) -> Next {
        let checks = &self.state.invariants.checks;
        if checks.is_looking {
            return Next::Nothing;
        }
        let place = checks.next_for(Purpose::Invariant);
        let Some(check) = self.plan.runbook.invariants.get(place) else { return Next::Nothing };
        let reference = CheckRef { step: None, purpose: Purpose::Invariant, index: place };
        let id = check.id.as_ref().map(|id| id.value.clone()).unwrap_or_default();
        if let Some(reason) = self.state.waived.get(&id) {
            let (by, reason) = (self.state.operator.clone(), reason.clone());
            return Next::Record(Event::CheckWaived { check: reference, by, reason });
        }
        if let Some(trouble) = &checks.trouble {
            let detail = super::described(check, Purpose::Invariant, trouble);
            let question = Question::Invariant { id, check: reference, detail };
            return Next::ask(self, question, Offer { undos: self.undos(), ..Offer::default() });
        }
        match check.probe.render(&self.plan.runbook.defaults.setting, &self.names()) {
            Ok(observation) => Next::Begin(Effect::Observe { check: reference, observation }),
            Err(error) => {
                let failure = Failure::new(FailureKind::Unseen, error.message);
                let question = Question::Invariant { id, check: reference, detail: failure.detail };
                Next::ask(self, question, Offer::default())
            }
        }
    }
}

/// Whether an effect does something, or leads a person to.
fn acts(effect: &Effect) -> bool {
    match effect {
        Effect::Execute(_) => true,
        Effect::Ask { question, .. } => question.by_hand().is_some(),
        _ => false,
    }
}
