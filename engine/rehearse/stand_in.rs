//! What is assumed to be said where nobody is there: whatever lets the rehearsal go on, under a name
//! that says that nobody said it.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::run::Offer;
use crate::run::event::{
    CheckRef, Decider, DoubtChoice, Event, GateQuestion, HoldChoice, InputGiven, InputSource,
    InvariantChoice, ItemTicked, Question, StepAnswered, VerdictChoice,
};
use crate::run::practice::NOBODY;
use crate::runbook::choose::CHOICE;
use crate::runbook::input::Input;
use crate::runbook::simulate::Simulate;

use super::assumption::Assumption;
use super::placeholder;

/// Why something was decided that nobody decided.
const ALONE: &str = "nobody was there to decide";

/// What is known that helps to stand in for a person.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hints<'a> {
    /// What the runbook says is to be assumed of the step.
    pub simulate: Option<&'a Simulate>,
    /// What somebody wants assumed of it.
    pub assumed: Option<&'a Assumption>,
    /// The input that is asked for.
    pub input: Option<&'a Input>,
}

/// The answer to a question that nobody answers; none where nothing can stand in for a person.
pub fn answer(question: &Question, offer: &Offer, hints: Hints<'_>) -> Option<Event> {
    let by = NOBODY.to_owned();
    let reason = ALONE.to_owned();
    Some(match question {
        Question::Gate(gate) => approved(gate, &offer.approved),
        Question::Manual { .. } | Question::Item(_) | Question::Choose { .. } => {
            by_hand(question, offer, hints)
        }
        Question::Needed { step, .. } => Event::NeedDecided {
            step: step.clone(),
            is_needed: true,
            by,
            reason: "a rehearsal goes through it".to_owned(),
            is_prepared: false,
        },
        Question::Hold { step, .. } => {
            Event::HoldResolved { step: step.clone(), choice: HoldChoice::Failed, by, reason }
        }
        Question::InDoubt { step, .. } => Event::DoubtSettled {
            step: step.clone(),
            choice: DoubtChoice::Failed,
            by: Decider::Person { name: by },
            reason,
        },
        Question::Input { name } => input(name, hints.input?),
        Question::Check { check, .. } => {
            Event::CheckWaived { check: CheckRef::clone(check), by, reason }
        }
        Question::Invariant { check, .. } => Event::InvariantResolved {
            check: check.clone(),
            choice: InvariantChoice::Waive,
            by,
            reason,
        },
        Question::Verdict { .. } => {
            Event::VerdictResolved { choice: VerdictChoice::End, by, reason }
        }
        // Neither is asked in a rehearsal.
        Question::Terminal { .. } | Question::Proceed { .. } => return None,
    })
}

/// What stands in for an input. A secret has no value: what needs it cannot be looked at.
pub fn input(name: &str, input: &Input) -> Event {
    let value = (!input.is_secret).then(|| placeholder::of_input(input).to_json());
    let (name, from) = (name.to_owned(), InputSource::Assumed);
    Event::InputGiven(InputGiven { name, value, is_secret: input.is_secret, from })
}

fn approved(gate: &GateQuestion, approved: &[String]) -> Event {
    // Where several must approve, nobody counts twice.
    let by = match approved.len() {
        0 => NOBODY.to_owned(),
        more => format!("{NOBODY}, {}", more + 1),
    };
    let number = |wanted: &crate::run::event::ValueWanted| {
        let bound = wanted.at_least.clone().or_else(|| wanted.at_most.clone());
        bound.unwrap_or_else(|| "0".to_owned())
    };
    Event::GateApproved {
        step: gate.step.clone(),
        digest: gate.digest.clone(),
        by,
        note: None,
        is_prepared: false,
        value: gate.value.as_ref().map(number),
        is_bypass: false,
        wrong_words: 0,
        took_ms: None,
    }
}

/// What is assumed to be done by hand.
fn by_hand(question: &Question, offer: &Offer, hints: Hints<'_>) -> Event {
    let step = question.by_hand().unwrap_or_default().to_owned();
    let by = NOBODY.to_owned();
    if hints.assumed == Some(&Assumption::Fails) {
        let (item, reason) = (question.item().map(str::to_owned), "assumed to fail".to_owned());
        return Event::StepGivenUp { step, item, by, reason, is_prepared: false };
    }
    let said = hints.simulate.map(|simulate| &simulate.answers);
    let said = |name: &str| said.and_then(|answers| answers.get(name)).cloned();
    match question {
        Question::Item(asked) => Event::ItemTicked(ItemTicked {
            step,
            item: asked.item.clone(),
            by,
            evidence: placeholder::of_evidence(&asked.evidence),
            waived: None,
            is_prepared: false,
        }),
        Question::Choose { options, has_none, .. } => {
            let is_one = |value: &Json| options.iter().any(|option| option.value == *value);
            let value = said(CHOICE).filter(|value| is_one(value) || *has_none && value.is_null());
            let first = options.first().map(|option| option.value.clone());
            let value = value.or(first).unwrap_or(Json::Null);
            answered(step, BTreeMap::from([(CHOICE.to_owned(), value)]), Vec::new(), question)
        }
        _ => {
            let (secrets, open): (Vec<&Input>, Vec<&Input>) = offer
                .answers
                .iter()
                .filter(|answer| !answer.is_optional)
                .partition(|answer| answer.is_secret);
            let value = |answer: &Input| {
                let said = said(&answer.name).filter(|json| answer.taken(json).is_ok());
                said.unwrap_or_else(|| placeholder::of_input(answer).to_json())
            };
            let open = open.into_iter().map(|it| (it.name.value.clone(), value(it))).collect();
            let secrets = secrets.into_iter().map(|it| it.name.value.clone()).collect();
            answered(step, open, secrets, question)
        }
    }
}

fn answered(
    step: String,
    answers: BTreeMap<String, Json>,
    secrets: Vec<String>,
    question: &Question,
) -> Event {
    let evidence = match question {
        Question::Manual { evidence, .. } => placeholder::of_evidence(evidence),
        _ => BTreeMap::new(),
    };
    Event::StepAnswered(StepAnswered {
        step,
        by: NOBODY.to_owned(),
        answers,
        secrets,
        evidence,
        note: None,
        is_prepared: false,
    })
}
