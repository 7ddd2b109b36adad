//! What comes before the first step: inputs, the symptom, the preconditions.

use crate::runbook::input::{CHOICES_TIMEOUT, Input};
use crate::runbook::probe::Check;

use crate::run::effect::Effect;
use crate::run::event::{
    Cause, CheckRef, ChoicesListed, Event, InputGiven, InputSource, Mode, Purpose, Question, Stage,
};
use crate::run::offer::Offer;
use crate::run::practice::NOBODY;

use super::{Next, Run};

impl Run<'_> {
    /// Asks for the inputs that are wanted at the start, one after the other.
    pub(super) fn gather_inputs(&self) -> Vec<Effect> {
        let inputs = &self.plan.runbook.inputs;
        let early: Vec<usize> = (0..inputs.len()).filter(|place| !inputs[*place].is_late).collect();
        match self.missing_input(&early) {
            Some(next) => next.effects(),
            None => self.enter(Stage::Confirm),
        }
    }

    /// What is to be done about the first of these inputs that has no value.
    pub(super) fn missing_input(&self, places: &[usize]) -> Option<Next> {
        let inputs = places.iter().filter_map(|place| self.plan.runbook.inputs.get(*place));
        let is_missing = |input: &&Input| !self.state.inputs.contains_key(&input.name.value);
        Some(self.supply(inputs.into_iter().find(is_missing)?))
    }

    fn supply(&self, input: &Input) -> Next {
        let name = input.name.value.clone();
        let value = input.default.as_ref().map(|value| value.to_json());
        if value.is_some() || input.is_optional {
            return Next::Record(Event::InputGiven(InputGiven {
                name,
                value,
                is_secret: false,
                from: InputSource::Default,
            }));
        }
        let question = Question::Input { name: name.clone() };
        match (&input.choices_from, self.state.choices.get(&name)) {
            (None, _) => {
                let choices = input.choices.iter().filter_map(|choice| choice.text()).collect();
                Next::ask(self, question, Offer { choices, ..Offer::default() })
            }
            (Some(_), Some(Some(found))) => {
                let choices = found.lines.clone();
                Next::ask(self, question, Offer { choices, ..Offer::default() })
            }
            (Some(_), Some(None)) => Next::Nothing,
            // Nobody would see the choices, so nothing is run to find them.
            (Some(_), None) if !self.state.is_anybody_there() => {
                Next::ask(self, question, Offer::default())
            }
            (Some(script), None) => {
                match script.render(&self.plan.runbook.defaults.setting, &self.names()) {
                    Ok(command) => Next::Begin(Effect::SeekChoices {
                        input: name,
                        command,
                        timeout: CHOICES_TIMEOUT,
                    }),
                    Err(error) => Next::Record(Event::ChoicesListed(ChoicesListed {
                        input: name,
                        choices: Vec::new(),
                        problem: Some(error.message),
                    })),
                }
            }
        }
    }

    /// Looks for the symptom. A person may go on without it; nobody else may.
    pub(super) fn confirm(&self) -> Vec<Effect> {
        let checks = &self.plan.runbook.confirm;
        self.run_checks(Purpose::Confirm, checks, Stage::Preconditions)
    }

    /// Looks at the preconditions. A person may waive one that has an id.
    pub(super) fn preconditions(&self) -> Vec<Effect> {
        let checks = &self.plan.runbook.preconditions;
        self.run_checks(Purpose::Precondition, checks, Stage::Steps)
    }

    fn run_checks(&self, purpose: Purpose, checks: &[Check], then: Stage) -> Vec<Effect> {
        let progress = &self.state.checks;
        if progress.is_looking {
            return Vec::new();
        }
        let place = progress.next_for(purpose);
        let Some(check) = checks.get(place) else { return self.enter(then) };
        if let Some(next) = self.missing_input(&self.plan.early_inputs) {
            return next.effects();
        }
        let reference = CheckRef { step: None, purpose, index: place };
        let Some(trouble) = &progress.trouble else { return vec![self.look(check, reference)] };
        let detail = super::described(check, purpose, trouble);
        match self.offer_waiver(check, &reference, &detail) {
            Some(next) => next.effects(),
            None => {
                vec![Effect::Record(Event::CheckRefused { check: reference, by: None, detail })]
            }
        }
    }

    /// A look at a check of the run; one that cannot be rendered ends the run before it began.
    pub(super) fn look(&self, check: &Check, reference: CheckRef) -> Effect {
        match check.probe.render(&self.plan.runbook.defaults.setting, &self.names()) {
            Ok(observation) => Effect::Observe { check: reference, observation },
            Err(error) => Effect::Record(Event::RunEnded {
                outcome: crate::run::event::Outcome::Aborted,
                as_if: None,
                verdict: None,
                cause: Some(Cause::NotStarted { detail: error.message }),
            }),
        }
    }

    /// What can be done about a check that does not hold: it was waived beforehand, somebody may
    /// waive it, or nothing.
    pub(super) fn offer_waiver(
        &self,
        check: &Check,
        reference: &CheckRef,
        detail: &str,
    ) -> Option<Next> {
        let id = check.id.as_ref().map(|id| id.value.as_str());
        if let Some(reason) = id.and_then(|id| self.state.waived.get(id)) {
            return Some(Next::Record(Event::CheckWaived {
                check: reference.clone(),
                by: self.state.operator.clone(),
                reason: reason.clone(),
            }));
        }
        if reference.purpose == Purpose::Confirm && self.state.mode() == Mode::Rehearsal {
            return Some(Next::Record(Event::CheckWaived {
                check: reference.clone(),
                by: NOBODY.to_owned(),
                reason: "a rehearsal needs no symptom".to_owned(),
            }));
        }
        let may_be_asked = id.is_some() || reference.purpose == Purpose::Confirm;
        if !self.state.is_attended || !may_be_asked {
            return None;
        }
        let question = Question::Check { check: reference.clone(), detail: detail.to_owned() };
        Some(Next::ask(self, question, Offer::default()))
    }

    pub(super) fn enter(&self, stage: Stage) -> Vec<Effect> {
        vec![Effect::Record(Event::StageEntered { stage })]
    }
}
