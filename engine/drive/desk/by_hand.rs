//! What was prepared for a step that a person does.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::run::Offer;
use crate::run::event::{
    Event, EvidenceAsked, EvidenceGiven, ItemQuestion, ItemTicked, Question, StepAnswered,
};
use crate::runbook::answers::{ByHand, HandedIn, Prepared, Tick, TickSaid};
use crate::runbook::choose::{CHOICE, same};
use crate::runbook::input::Input;
use crate::source::Spanned;

use super::{Answers, Custody, Desk, Unfit, lock, note};

/// Why a secret does not fit: its value and what is wrong with it are not shown.
pub const UNFIT: &str = "it does not fit";

impl Desk {
    /// What was prepared for a step that a person does.
    pub(super) fn by_hand(
        &self,
        question: &Question,
        offer: &Offer,
        custody: &impl Custody,
    ) -> Option<Result<Event, Unfit>> {
        let step = question.by_hand()?;
        let prepared = self.prepared(step)?;
        let said = prepared.by_hand.as_ref().filter(|said| is_about(said, question))?;
        let about = (step.to_owned(), question.item().unwrap_or_default().to_owned());
        if lock(&self.answered).contains(&about) {
            return None;
        }
        let event = self.fitted(question, offer, (prepared, said), custody);
        if event.is_ok() {
            lock(&self.answered).insert(about);
        }
        Some(event.map_err(|reason| Unfit { step: step.to_owned(), reason }))
    }

    /// The event that a prepared answer makes, or why it passes nothing.
    fn fitted(
        &self,
        question: &Question,
        offer: &Offer,
        (prepared, said): (&Prepared, &ByHand),
        custody: &impl Custody,
    ) -> Result<Event, String> {
        let by = self.by(prepared);
        match (question, said) {
            (Question::Manual { step, evidence, .. }, ByHand::Done(handed_in)) => {
                let answers = answers(step, &offer.answers, handed_in, custody)?;
                Ok(Event::StepAnswered(StepAnswered {
                    step: step.clone(),
                    by,
                    answers: answers.open,
                    secrets: answers.secrets,
                    evidence: evidence_of(evidence, &handed_in.evidence, custody)?,
                    note: note(prepared, custody),
                    is_prepared: true,
                }))
            }
            (Question::Choose { step, options, has_none, .. }, ByHand::Choice(choice)) => {
                let mut values = options.iter().map(|option| &option.value);
                let value = match values.find(|value| same(value, choice)) {
                    Some(value) => value.clone(),
                    None if *has_none && choice.is_null() => Json::Null,
                    None => return Err(format!("{} is none of the options", choice.value)),
                };
                Ok(chosen(step, by, value, note(prepared, custody), true))
            }
            (Question::Item(asked), ByHand::Ticks(ticks)) => ticked(asked, ticks, by, custody),
            (question, ByHand::Failed(reason)) => {
                Ok(given_up(question, by, custody.masked(reason)))
            }
            _ => Err("it is for another kind of question".into()),
        }
    }
}

fn ticked(
    asked: &ItemQuestion,
    ticks: &[(Spanned<String>, Tick)],
    by: String,
    custody: &impl Custody,
) -> Result<Event, String> {
    let tick = ticks.iter().find(|(item, _)| item.value == asked.item);
    let (_, tick) = tick.ok_or("nothing is said of this item")?;
    let by = tick.by.as_ref().map_or(by, |by| by.value.clone());
    let (evidence, waived) = match &tick.said {
        TickSaid::Failed(reason) => {
            let question = Question::Item(asked.clone());
            return Ok(given_up(&question, by, custody.masked(reason)));
        }
        TickSaid::Done(given) => (evidence_of(&asked.evidence, given, custody)?, None),
        TickSaid::Waived(reason) => (BTreeMap::new(), Some(custody.masked(reason))),
    };
    if waived.is_some() && !asked.may_be_waived {
        return Err("the item always applies".into());
    }
    let (step, item) = (asked.step.clone(), asked.item.clone());
    Ok(Event::ItemTicked(ItemTicked { step, item, by, evidence, waived, is_prepared: true }))
}

fn given_up(question: &Question, by: String, reason: String) -> Event {
    Event::StepGivenUp {
        step: question.by_hand().unwrap_or_default().to_owned(),
        item: question.item().map(str::to_owned),
        by,
        reason,
        is_prepared: true,
    }
}

fn answers(
    step: &str,
    asked: &[Input],
    handed_in: &HandedIn,
    custody: &impl Custody,
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
            Some(value) => custody.take_answer(step, answer, &value, &mut answers)?,
            None if answer.is_optional => {}
            None => return Err(format!("`{name}` is missing")),
        }
    }
    Ok(answers)
}

fn evidence_of(
    asked: &[EvidenceAsked],
    given: &[(Spanned<String>, Spanned<Json>)],
    custody: &impl Custody,
) -> Result<BTreeMap<String, EvidenceGiven>, String> {
    let mut found = BTreeMap::new();
    for evidence in asked {
        let name = &evidence.name;
        match given.iter().find(|(given, _)| given.value == *name) {
            Some((_, json)) => {
                let given =
                    evidence.kind.text(json).and_then(|it| custody.evidence(evidence.kind, &it));
                found.insert(name.clone(), given.map_err(|why| format!("{name}: {why}"))?);
            }
            None if evidence.is_optional => {}
            None => return Err(format!("the evidence `{name}` is missing")),
        }
    }
    Ok(found)
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

/// The event that a choice makes.
pub fn chosen(
    step: &str,
    by: String,
    value: Json,
    note: Option<String>,
    is_prepared: bool,
) -> Event {
    Event::StepAnswered(StepAnswered {
        step: step.to_owned(),
        by,
        answers: BTreeMap::from([(CHOICE.to_owned(), value)]),
        secrets: Vec::new(),
        evidence: BTreeMap::new(),
        note,
        is_prepared,
    })
}
