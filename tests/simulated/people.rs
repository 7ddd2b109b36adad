//! The people of a simulated run: what they answer, and what they were asked when they did.

use std::collections::BTreeMap;

use holdpoint::plan::Plan;
use holdpoint::run::event::{
    CheckRef, Decider, DoubtChoice, Event, HoldChoice, InputGiven, InputSource, InvariantChoice,
    ItemTicked, Purpose, Question, Sight, StepAnswered, VerdictChoice,
};

use super::chance::Chance;

/// How they answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Mood {
    /// Whether everything is let come to an end.
    pub(crate) is_calm: bool,
    /// Whether answers were prepared, because nobody is there.
    pub(crate) is_prepared: bool,
}

/// What a person answers; nothing where nobody would.
pub(crate) fn answer(question: &Question, mood: Mood, chance: &mut Chance) -> Option<Event> {
    let by = || "ada".to_owned();
    let reason = || "so it is".to_owned();
    let is_prepared = mood.is_prepared;
    Some(match question {
        Question::Gate(gate) => {
            let (step, digest) = (gate.step.clone(), gate.digest.clone());
            match !mood.is_calm && chance.one_in(6) {
                true => {
                    Event::GateRejected { step, digest, by: by(), reason: reason(), took_ms: None }
                }
                false => Event::GateApproved {
                    step,
                    digest,
                    by: by(),
                    note: None,
                    is_prepared,
                    value: None,
                    is_bypass: false,
                    wrong_words: 0,
                    took_ms: None,
                },
            }
        }
        Question::Manual { .. } | Question::Item(_) | Question::Choose { .. } => {
            by_hand(question, mood, chance)?
        }
        Question::Needed { step, .. } => Event::NeedDecided {
            step: step.clone(),
            is_needed: chance.roll(2) == 0,
            by: by(),
            reason: reason(),
            is_prepared,
        },
        Question::Input { name } => Event::InputGiven(InputGiven {
            name: name.clone(),
            value: Some(format!("v{}", chance.roll(9)).into()),
            is_secret: false,
            from: InputSource::Prompt,
        }),
        _ if is_prepared => return None,
        Question::Hold { step, .. } => {
            let (step, choice) = (step.clone(), hold(mood, chance));
            Event::HoldResolved { step, choice, by: by(), reason: reason() }
        }
        Question::InDoubt { step, .. } => {
            let choices = [DoubtChoice::Done, DoubtChoice::Rerun, DoubtChoice::Failed];
            let choice = choices[chance.choose(3)];
            let (step, by) = (step.clone(), Decider::Person { name: by() });
            Event::DoubtSettled { step, choice, by, reason: reason() }
        }
        Question::Proceed { step, .. } => Event::StepReleased { step: step.clone(), by: by() },
        Question::Terminal { .. } => return None,
        other => decision(other, mood, chance)?,
    })
}

fn decision(question: &Question, mood: Mood, chance: &mut Chance) -> Option<Event> {
    let by = || "ada".to_owned();
    let reason = || "so it is".to_owned();
    Some(match question {
        Question::Check { check, detail } => {
            let (check, detail) = (check.clone(), detail.clone());
            match mood.is_calm || chance.roll(2) == 0 {
                true => Event::CheckWaived { check, by: by(), reason: reason() },
                false => Event::CheckRefused { check, by: Some(by()), detail },
            }
        }
        Question::Invariant { check, .. } => {
            let choice = match chance.roll(6) {
                1..3 if !mood.is_calm => InvariantChoice::Retry,
                3 if !mood.is_calm => InvariantChoice::Abort,
                _ => InvariantChoice::Waive,
            };
            let check = check.clone();
            Event::InvariantResolved { check, choice, by: by(), reason: reason() }
        }
        Question::Verdict { .. } => {
            let choice = match chance.roll(6) {
                1 if !mood.is_calm => VerdictChoice::Retry,
                2 => VerdictChoice::Undo,
                _ => VerdictChoice::End,
            };
            Event::VerdictResolved { choice, by: by(), reason: reason() }
        }
        _ => return None,
    })
}

fn hold(mood: Mood, chance: &mut Chance) -> HoldChoice {
    match chance.roll(10) {
        1..5 if !mood.is_calm => HoldChoice::Retry,
        5 => HoldChoice::Done,
        6 => HoldChoice::Failed,
        7 if !mood.is_calm => HoldChoice::Undo,
        8 if !mood.is_calm => HoldChoice::Abort,
        _ => HoldChoice::Skip,
    }
}

fn by_hand(question: &Question, mood: Mood, chance: &mut Chance) -> Option<Event> {
    let (by, is_prepared) = ("ada".to_owned(), mood.is_prepared);
    let step = question.by_hand()?.to_owned();
    if !mood.is_calm && chance.one_in(6) {
        let item = question.item().map(str::to_owned);
        let reason = "it is not there".to_owned();
        return Some(Event::StepGivenUp { step, item, by, reason, is_prepared });
    }
    let answers = match question {
        Question::Item(asked) => {
            let waived = (asked.may_be_waived && chance.one_in(4)).then(|| "not today".to_owned());
            let (item, evidence) = (asked.item.clone(), BTreeMap::new());
            let ticked = ItemTicked { step, item, by, evidence, waived, is_prepared };
            return Some(Event::ItemTicked(ticked));
        }
        Question::Choose { options, .. } => {
            let option = options.get(chance.roll(options.len()))?;
            BTreeMap::from([("choice".to_owned(), option.value.clone())])
        }
        _ => BTreeMap::new(),
    };
    Some(Event::StepAnswered(StepAnswered {
        step,
        by,
        answers,
        secrets: Vec::new(),
        evidence: BTreeMap::new(),
        note: None,
        is_prepared,
    }))
}

/// An answer to something that was not asked, or not so.
pub(crate) fn wrong(plan: &Plan, chance: &mut Chance) -> Event {
    let step = plan.nodes[chance.roll(plan.nodes.len())].path.clone();
    let (by, reason) = ("mallory".to_owned(), "a mistake".to_owned());
    match chance.roll(5) {
        0 => Event::GateApproved {
            step,
            digest: "0".repeat(64),
            by,
            note: None,
            is_prepared: false,
            value: None,
            is_bypass: false,
            wrong_words: 0,
            took_ms: None,
        },
        1 => Event::GateRejected { step, digest: "0".repeat(64), by, reason, took_ms: None },
        2 => Event::StepAnswered(StepAnswered {
            step,
            by,
            answers: BTreeMap::from([("nothing".to_owned(), 1.into())]),
            secrets: Vec::new(),
            evidence: BTreeMap::new(),
            note: None,
            is_prepared: false,
        }),
        3 => {
            let check = CheckRef { step: Some(step), purpose: Purpose::Require, index: 99 };
            Event::CheckWaived { check, by, reason }
        }
        _ => {
            let item = "nothing of the kind".to_owned();
            let (evidence, waived) = (BTreeMap::new(), Some(reason));
            Event::ItemTicked(ItemTicked { step, item, by, evidence, waived, is_prepared: false })
        }
    }
}

/// What a look shows; whether a step is done already is seen as it is.
pub(crate) fn look(check: &CheckRef, is_done: bool, is_calm: bool, chance: &mut Chance) -> Event {
    let sight = match (check.purpose, is_calm) {
        (_, false) if chance.one_in(14) => Sight::Unseen,
        (Purpose::DoneWhen, _) => {
            if is_done {
                Sight::Holds
            } else {
                Sight::Fails
            }
        }
        (_, false) if chance.one_in(10) => Sight::Fails,
        (_, false) if chance.one_in(10) => Sight::Warns,
        _ => Sight::Holds,
    };
    let detail = format!("{sight:?}").to_lowercase();
    Event::CheckObserved { check: check.clone(), sight, detail, took_ms: 1, is_assumed: false }
}
