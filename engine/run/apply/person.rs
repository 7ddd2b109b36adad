//! A step that a person does: begun with the question, ended with the answer.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::plan::{Index, Plan};

use crate::run::event::{Event, Failure, FailureKind, Moment, Question};
use crate::run::state::{Checks, RunState, StepState};

use super::Applied;

impl RunState {
    /// Begins a step that a person does, or asks again about one that has begun.
    pub(super) fn ask_person(
        &mut self,
        plan: &Plan,
        at: Moment,
        step: &str,
        question: &Question,
    ) -> Applied {
        let index = self.step(plan, step)?;
        match &self.steps[index].state {
            StepState::AtPerson(open) if **open == *question => return Ok(()),
            StepState::AtPerson(_) => return Err("another question is open".into()),
            _ => self.begin_action(plan, index, at)?,
        }
        let status = &mut self.steps[index];
        status.attempts += 1;
        status.owes_undo = true;
        status.acted_at = Some(at);
        status.process = None;
        status.command = question.told().to_owned();
        status.digest.clear();
        status.state = StepState::AtPerson(Box::new(question.clone()));
        self.has_started = true;
        Ok(())
    }

    pub(super) fn transit_person(&mut self, plan: &Plan, event: &Event) -> Applied {
        match event {
            Event::StepAnswered { step, answers, .. } => {
                let index = self.at_person(plan, step)?;
                self.steps[index].may_answer(answers)?;
                self.end_by_hand(index, step);
                let status = &mut self.steps[index];
                status.outputs.clone_from(answers);
                status.state = StepState::Verifying;
            }
            Event::StepGivenUp { step, by, reason, .. } => {
                let index = self.at_person(plan, step)?;
                self.end_by_hand(index, step);
                let detail = format!("{by} says that it cannot be done: {reason}");
                let failure = Failure::new(FailureKind::Person, detail);
                self.steps[index].state = StepState::Failing(failure);
            }
            _ => return Err("no person says so".into()),
        }
        Ok(())
    }

    fn at_person(&self, plan: &Plan, step: &str) -> Result<Index, String> {
        self.in_state(plan, step, |state| matches!(state, StepState::AtPerson(_)))
    }

    fn end_by_hand(&mut self, index: Index, step: &str) {
        self.forget_step(step);
        self.doubt_invariants();
        self.endings += 1;
        let status = &mut self.steps[index];
        status.ended_as = self.endings;
        status.exit = None;
        status.stdout = None;
        status.outputs.clear();
        status.checks = Checks::default();
    }
}

impl crate::run::state::StepStatus {
    /// Whether these are answers to what was asked.
    fn may_answer(&self, answers: &BTreeMap<String, Json>) -> Applied {
        let StepState::AtPerson(question) = &self.state else {
            return Err("nothing was asked".into());
        };
        let Question::Manual { answers: asked, .. } = &**question else {
            return Err("this question has no such answer".into());
        };
        if let Some(name) = answers.keys().find(|name| !asked.iter().any(|it| it.name == **name)) {
            return Err(format!("nobody asked for `{name}`"));
        }
        let missing = asked.iter().find(|it| !it.is_optional && !answers.contains_key(&it.name));
        match missing {
            Some(missing) => Err(format!("`{}` is missing", missing.name)),
            None => Ok(()),
        }
    }
}
