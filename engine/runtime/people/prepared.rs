//! What was prepared for a step that a person does.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use serde_json::Value as Json;

use crate::report::visible_str;
use crate::run::Offer;
use crate::run::event::{
    Event, EvidenceAsked, EvidenceGiven, ItemQuestion, Question, StepAnswered,
};
use crate::runbook::answers::{ByHand, HandedIn, Prepared, Tick, TickSaid};
use crate::runbook::choose::same;
use crate::runbook::input::Input;
use crate::source::Spanned;

use super::super::world::Live;
use super::UNFIT;
use super::by_hand::chosen;
use super::evidence::Answers;

impl Live {
    /// What was prepared for a step that a person does. What is used up says nothing again.
    pub(super) async fn prepared_by_hand(
        self: &Arc<Self>,
        question: &Question,
        offer: &Offer,
    ) -> Option<Event> {
        let step = question.by_hand()?;
        let mut answers = self.decisions.answers.iter();
        let (_, prepared) = answers.find(|(path, _)| path == step)?;
        let said = prepared.by_hand.clone().filter(|said| is_about(said, question))?;
        let about = format!("{step}\n{}", question.item().unwrap_or_default());
        let answered = || self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        if answered().contains(&about) {
            return None;
        }
        let (world, question, offer) = (Arc::clone(self), question.clone(), offer.clone());
        let prepared = prepared.clone();
        // A file that was handed in may be large.
        let fit = move || world.fitted(&question, &offer, &prepared, &said);
        match tokio::task::spawn_blocking(fit).await.ok()? {
            Ok(event) => {
                answered().insert(about);
                Some(event)
            }
            Err(reason) => {
                let line = format!("the prepared answer passes nothing: {reason}");
                self.say(&format!("          {step}: {}", visible_str(&line)));
                None
            }
        }
    }

    /// What was prepared for an optional step.
    pub(super) fn prepared_need(&self, step: &str) -> Option<Event> {
        let mut answers = self.decisions.answers.iter();
        let (_, prepared) = answers.find(|(path, _)| path == step)?;
        let by = prepared.by.as_ref().map(|by| by.value.clone());
        Some(Event::NeedDecided {
            step: step.to_owned(),
            is_needed: prepared.is_needed?,
            by: by.unwrap_or_else(|| self.place.operator.clone()),
            reason: prepared.note.clone().unwrap_or_else(|| "prepared".to_owned()),
            is_prepared: true,
        })
    }

    /// The event that a prepared answer makes, or why it passes nothing.
    fn fitted(
        &self,
        question: &Question,
        offer: &Offer,
        prepared: &Prepared,
        said: &ByHand,
    ) -> Result<Event, String> {
        let by = prepared.by.as_ref().map(|by| by.value.clone());
        let by = by.unwrap_or_else(|| self.place.operator.clone());
        match (question, said) {
            (Question::Manual { step, evidence, .. }, ByHand::Done(handed_in)) => {
                let answers = self.prepared_answers(step, &offer.answers, handed_in)?;
                let note = prepared.note.clone();
                let note = note.map(|note| self.masked(&note));
                Ok(Event::StepAnswered(StepAnswered {
                    step: step.clone(),
                    by,
                    answers: answers.open,
                    secrets: answers.secrets,
                    evidence: self.prepared_evidence(evidence, &handed_in.evidence)?,
                    note,
                    is_prepared: true,
                }))
            }
            (Question::Choose { options, has_none, .. }, ByHand::Choice(choice)) => {
                let mut values = options.iter().map(|option| &option.value);
                let value = match values.find(|value| same(value, choice)) {
                    Some(value) => value.clone(),
                    None if *has_none && choice.is_null() => Json::Null,
                    None => return Err(format!("{} is none of the options", choice.value)),
                };
                let note = prepared.note.as_deref().map(|note| self.masked(note));
                Ok(chosen(question.by_hand().unwrap_or_default(), by, value, note, true))
            }
            (Question::Item(asked), ByHand::Ticks(ticks)) => self.ticked(asked, ticks, by),
            (question, ByHand::Failed(reason)) => Ok(self.given_up(question, by, reason)),
            _ => Err("it is for another kind of question".into()),
        }
    }

    fn ticked(
        &self,
        asked: &ItemQuestion,
        ticks: &[(Spanned<String>, Tick)],
        by: String,
    ) -> Result<Event, String> {
        let tick = ticks.iter().find(|(item, _)| item.value == asked.item);
        let (_, tick) = tick.ok_or("nothing is said of this item")?;
        let by = tick.by.as_ref().map_or(by, |by| by.value.clone());
        let (evidence, waived) = match &tick.said {
            TickSaid::Failed(reason) => {
                return Ok(self.given_up(&Question::Item(asked.clone()), by, reason));
            }
            TickSaid::Done(given) => (self.prepared_evidence(&asked.evidence, given)?, None),
            TickSaid::Waived(reason) => (BTreeMap::new(), Some(self.masked(reason))),
        };
        if waived.is_some() && !asked.may_be_waived {
            return Err("the item always applies".into());
        }
        let (step, item) = (asked.step.clone(), asked.item.clone());
        Ok(Event::ItemTicked { step, item, by, evidence, waived, is_prepared: true })
    }

    fn given_up(&self, question: &Question, by: String, reason: &str) -> Event {
        Event::StepGivenUp {
            step: question.by_hand().unwrap_or_default().to_owned(),
            item: question.item().map(str::to_owned),
            by,
            reason: self.masked(reason),
            is_prepared: true,
        }
    }

    fn prepared_answers(
        &self,
        step: &str,
        asked: &[Input],
        handed_in: &HandedIn,
    ) -> Result<Answers, String> {
        let mut answers = Answers::default();
        for answer in asked {
            let name = &answer.name.value;
            let given = handed_in.answers.iter().find(|(given, _)| given.value == *name);
            let value = match given {
                Some((_, json)) => {
                    let why = |why| match answer.is_secret {
                        true => format!("{name}: {UNFIT}"),
                        false => format!("{name}: {why}"),
                    };
                    Some(answer.taken(json).map_err(why)?)
                }
                None => answer.default.clone(),
            };
            match value {
                Some(value) => self.take_answer(step, answer, &value, &mut answers)?,
                None if answer.is_optional => {}
                None => return Err(format!("`{name}` is missing")),
            }
        }
        Ok(answers)
    }

    fn prepared_evidence(
        &self,
        asked: &[EvidenceAsked],
        given: &[(Spanned<String>, Spanned<Json>)],
    ) -> Result<BTreeMap<String, EvidenceGiven>, String> {
        let mut found = BTreeMap::new();
        for evidence in asked {
            let name = &evidence.name;
            match given.iter().find(|(given, _)| given.value == *name) {
                Some((_, json)) => {
                    let given =
                        evidence.kind.text(json).and_then(|it| self.take(evidence.kind, &it));
                    found.insert(name.clone(), given.map_err(|why| format!("{name}: {why}"))?);
                }
                None if evidence.is_optional => {}
                None => return Err(format!("the evidence `{name}` is missing")),
            }
        }
        Ok(found)
    }
}

/// Whether what was prepared says anything of a question.
fn is_about(said: &ByHand, question: &Question) -> bool {
    match (said, question) {
        (ByHand::Ticks(ticks), Question::Item(asked)) => {
            ticks.iter().any(|(item, _)| item.value == asked.item)
        }
        _ => true,
    }
}
