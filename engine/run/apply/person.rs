//! A step that a person does: begun with the question, ended with the answer.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::plan::{Index, Plan};

use crate::run::event::{
    Event, EvidenceAsked, EvidenceGiven, Failure, FailureKind, ItemQuestion, ItemTicked, Moment,
    Question, StepAnswered,
};
use crate::run::scope::secret_name;
use crate::run::state::{Checks, RunState, StepState};
use crate::runbook::action::Action;
use crate::runbook::choose::CHOICE;

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
        status.acted_at = Some(at);
        status.process = None;
        status.command = question.told().to_owned();
        status.digest.clear();
        status.state = StepState::AtPerson(Box::new(question.clone()));
        self.has_started = true;
        self.owe_undo(plan, index);
        Ok(())
    }

    pub(super) fn transit_person(&mut self, plan: &Plan, event: &Event) -> Applied {
        match event {
            Event::StepAnswered(StepAnswered { step, answers, secrets, evidence, .. }) => {
                let (index, question) = self.at_person(plan, step)?;
                may_answer(question, answers, secrets, evidence)?;
                self.end_by_hand(index, step);
                self.secrets.extend(secrets.iter().map(|name| (secret_name(step, name), true)));
                let status = &mut self.steps[index];
                status.outputs.clone_from(answers);
                status.state = StepState::Verifying;
            }
            Event::StepGivenUp { step, item, by, reason, .. } => {
                let (index, question) = self.at_person(plan, step)?;
                if item.as_deref() != question.item() {
                    return Err("this item is not asked about".into());
                }
                let what = item.as_ref().map(|_| format!("\"{}\"", question.told()));
                let what = what.unwrap_or_else(|| "it".into());
                self.end_by_hand(index, step);
                let detail = format!("{by} says that {what} cannot be done: {reason}");
                let failure = Failure::new(FailureKind::Person, detail);
                self.steps[index].state = StepState::Failing(failure);
            }
            Event::NeedDecided { step, is_needed, .. } => {
                let index = self.step(plan, step)?;
                let is_it =
                    |it: &Question| matches!(it, Question::Needed { step: of, .. } if of == step);
                if !self.asked.iter().any(is_it) {
                    return Err("nobody asked".into());
                }
                self.forget_step(step);
                self.steps[index].is_needed = Some(*is_needed);
            }
            Event::ItemTicked(ItemTicked { step, item, evidence, waived, .. }) => {
                self.tick(plan, (step, item), evidence, waived.is_some())?;
            }
            _ => return Err("no person says so".into()),
        }
        Ok(())
    }

    fn tick(
        &mut self,
        plan: &Plan,
        (step, item): (&str, &str),
        evidence: &BTreeMap<String, EvidenceGiven>,
        is_waived: bool,
    ) -> Applied {
        let (index, question) = self.at_person(plan, step)?;
        match question {
            Question::Item(asked) if asked.item != item => {
                return Err("this item is not asked about".into());
            }
            Question::Item(ItemQuestion { may_be_waived: false, .. }) if is_waived => {
                return Err("this item always applies".into());
            }
            Question::Item(_) if is_waived => {}
            Question::Item(asked) => compare_evidence(&asked.evidence, evidence)?,
            _ => return Err("it is no checklist".into()),
        }
        self.forget_step(step);
        let mut ticked = vec![item.to_owned()];
        if let Some(Action::Checklist(checklist)) = self.action(plan, index)
            && let Some(place) = checklist.place(item).filter(|_| is_waived)
        {
            ticked.extend(checklist.nested(place).iter().map(|item| item.name.value.clone()));
        }
        self.steps[index].ticks.extend(ticked);
        let next = self.by_hand(plan, index);
        if !matches!(next, Some(Ok(_))) {
            self.end_by_hand(index, step);
        }
        self.steps[index].state = match next {
            Some(Ok(next)) => StepState::AtPerson(Box::new(next)),
            Some(Err(failure)) => StepState::Failing(failure),
            None => StepState::Verifying,
        };
        Ok(())
    }

    /// What of its ticks a checklist keeps when it begins anew: all, as long as some are missing.
    pub(super) fn kept_ticks(&self, plan: &Plan, index: Index) -> BTreeSet<String> {
        let is_done = self.open_item(plan, index).is_none();
        if is_done { BTreeSet::new() } else { self.steps[index].ticks.clone() }
    }

    fn action<'p>(&self, plan: &'p Plan, index: Index) -> Option<&'p Action> {
        self.form(plan, index).map(|form| &form.facets.action)
    }

    fn at_person(&self, plan: &Plan, step: &str) -> Result<(Index, &Question), String> {
        let index = self.step(plan, step)?;
        match &self.steps[index].state {
            StepState::AtPerson(question) => Ok((index, question)),
            other => Err(format!("the step is {}", other.word())),
        }
    }

    fn end_by_hand(&mut self, index: Index, step: &str) {
        self.forget_step(step);
        self.doubt_invariants();
        self.endings += 1;
        let status = &mut self.steps[index];
        status.ended_as = self.endings;
        status.exit = None;
        status.end = None;
        status.printed.clear();
        status.stdout = None;
        status.outputs.clear();
        status.checks = Checks::default();
    }
}

/// Whether a question can be answered so.
fn may_answer(
    question: &Question,
    answers: &BTreeMap<String, Json>,
    secrets: &[String],
    evidence: &BTreeMap<String, EvidenceGiven>,
) -> Applied {
    match question {
        Question::Manual { answers: asked, evidence: wanted, .. } => {
            let named = |is_secret: bool| {
                let asked = asked.iter().filter(move |answer| answer.is_secret == is_secret);
                asked.map(|answer| (&answer.name, answer.is_optional))
            };
            compare(named(false), &answers.keys().collect())?;
            compare(named(true), &secrets.iter().collect())?;
            compare_evidence(wanted, evidence)
        }
        Question::Choose { options, has_none, .. } => {
            compare([(&CHOICE.to_owned(), false)].into_iter(), &answers.keys().collect())?;
            compare([].into_iter(), &secrets.iter().collect())?;
            compare_evidence(&[], evidence)?;
            let chosen = answers.get(CHOICE).unwrap_or(&Json::Null);
            let is_one = options.iter().any(|option| option.value == *chosen);
            match is_one || *has_none && chosen.is_null() {
                true => Ok(()),
                false => Err(format!("{chosen} is none of the options")),
            }
        }
        _ => Err("its question has no such answer".into()),
    }
}

fn compare_evidence(wanted: &[EvidenceAsked], given: &BTreeMap<String, EvidenceGiven>) -> Applied {
    let names = wanted.iter().map(|evidence| (&evidence.name, evidence.is_optional));
    compare(names, &given.keys().collect())
}

/// Whether what was handed in is what was asked for.
fn compare<'a>(
    asked: impl Iterator<Item = (&'a String, bool)>,
    given: &BTreeSet<&String>,
) -> Applied {
    let asked: BTreeMap<&String, bool> = asked.collect();
    if let Some(name) = given.iter().find(|name| !asked.contains_key(*name)) {
        return Err(format!("nobody asked for `{name}`"));
    }
    match asked.iter().find(|(name, is_optional)| !**is_optional && !given.contains(*name)) {
        Some((missing, _)) => Err(format!("`{missing}` is missing")),
        None => Ok(()),
    }
}
