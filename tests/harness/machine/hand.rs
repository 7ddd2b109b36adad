//! What a person of a scripted world does and says who is asked to do a step.
//!
//! Where nothing is said, whoever is there does what is asked and hands in what is asked for.

use std::collections::BTreeMap;

use holdpoint::run::event::{
    AnswerAsked, Event, EvidenceAsked, EvidenceGiven, ItemTicked, Question, StepAnswered,
};
use serde_json::Value as Json;

use super::script::{Act, Script, Tally, nth};

/// How it goes when a person is asked to do something.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Hand {
    /// It is done.
    Does,
    /// It cannot be done.
    GivesUp,
    /// It does not apply.
    Waives,
    /// Nothing is said.
    Leaves,
}

impl Script {
    /// How it goes each time that a person is asked to do a step; the last stands for all that
    /// follow.
    pub(crate) fn hands(&mut self, step: &str, hands: &[Hand]) {
        self.hands.insert(step.into(), hands.to_vec());
    }

    pub(super) fn handed_in(
        &self,
        question: &Question,
        is_attended: bool,
        tally: &Tally,
    ) -> Option<Event> {
        let step = question.by_hand()?.to_owned();
        let hand = match self.hands.get(&step) {
            Some(hands) => nth(hands, tally.of(&format!("hand {step}")))?,
            None if !is_attended => Hand::Leaves,
            None => self.likely_hand(&step),
        };
        let (by, is_prepared) = ("ada".to_owned(), !is_attended);
        match hand {
            Hand::Leaves => None,
            Hand::GivesUp => {
                let reason = "as the script says".to_owned();
                let item = question.item().map(str::to_owned);
                Some(Event::StepGivenUp { step, item, by, reason, is_prepared })
            }
            Hand::Waives => {
                let item = question.item()?.to_owned();
                let (waived, evidence) = (Some("as the script says".into()), BTreeMap::new());
                let ticked = ItemTicked { step, item, by, evidence, waived, is_prepared };
                Some(Event::ItemTicked(ticked))
            }
            Hand::Does => Some(self.done(question, step, by, is_prepared)),
        }
    }

    fn likely_hand(&self, step: &str) -> Hand {
        match self.likely_act(step) {
            Act::Exit(_) => Hand::GivesUp,
            _ => Hand::Does,
        }
    }

    fn done(&self, question: &Question, step: String, by: String, is_prepared: bool) -> Event {
        let given =
            |asked: &EvidenceAsked| (asked.name.clone(), EvidenceGiven::Text { text: "1".into() });
        let (answers, evidence): (&[AnswerAsked], &[EvidenceAsked]) = match question {
            Question::Manual { answers, evidence, .. } => (answers, evidence),
            Question::Item(asked) => {
                let item = asked.item.clone();
                let evidence = asked.evidence.iter().map(given).collect();
                let waived = None;
                let ticked = ItemTicked { step, item, by, evidence, waived, is_prepared };
                return Event::ItemTicked(ticked);
            }
            Question::Choose { options, .. } => {
                let key = (step.clone(), "choice".to_owned());
                let first = || options.first().map(|option| option.value.clone());
                let choice = self.outputs.get(&key).cloned().or_else(first).unwrap_or_default();
                let answers = BTreeMap::from([("choice".to_owned(), choice)]);
                let evidence = BTreeMap::new();
                return Event::StepAnswered(StepAnswered {
                    step,
                    by,
                    answers,
                    secrets: Vec::new(),
                    evidence,
                    note: None,
                    is_prepared,
                });
            }
            _ => (&[], &[]),
        };
        let value = |answer: &AnswerAsked| {
            let key = (step.clone(), answer.name.clone());
            (answer.name.clone(), self.outputs.get(&key).cloned().unwrap_or_else(|| "1".into()))
        };
        let secret = answers.iter().filter(|answer| answer.is_secret);
        let secrets = secret.map(|answer| answer.name.clone()).collect();
        let open = answers.iter().filter(|answer| !answer.is_secret);
        let answers: BTreeMap<String, Json> = open.map(value).collect();
        let evidence = evidence.iter().map(given).collect();
        Event::StepAnswered(StepAnswered {
            step,
            by,
            answers,
            secrets,
            evidence,
            note: None,
            is_prepared,
        })
    }
}
