//! A tally: how much of a script the records of a run have used.

use std::collections::{BTreeMap, BTreeSet};

use crate::journal::Record;
use crate::run::event::{CheckRef, Decider, Event, Question, TimerKind};
use crate::runbook::answers::{ByHand, Prepared};
use crate::runbook::testfile::Decision;

use super::script::Script;
use super::script::people::Decided;
use super::script::place::Matter;

/// The reason that is given for decisions.
pub const DECIDED: &str = "as the test decides";

/// What of a step an answer is about.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum About {
    /// Its gate.
    Gate,
    /// Whether it is needed.
    Need,
    /// What a person does: the whole, or an item of a checklist.
    Deed(String),
}

/// How much of a script was used.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// How often each check was looked at.
    pub looks: BTreeMap<CheckRef, usize>,
    /// How many attempts of each step were begun.
    pub attempts: BTreeMap<String, u32>,
    /// How many answers were given, by the step and what of it they are about.
    pub answers: BTreeMap<(String, About), usize>,
    /// How many of the decisions of a matter were made, by its place in the script.
    pub decisions: BTreeMap<usize, usize>,
    /// The steps that have begun and whose end is not on record.
    pub under_way: BTreeSet<String>,
    /// The checks that were let pass.
    pub waived: Vec<CheckRef>,
    /// Whether a gate was bypassed.
    pub has_bypassed: bool,
}

impl Tally {
    /// What records have used.
    pub fn of<'r>(script: &Script, records: impl IntoIterator<Item = &'r Record>) -> Tally {
        let mut tally = Tally::default();
        records.into_iter().for_each(|record| tally.see(script, &record.event));
        tally
    }

    /// Counts an event.
    pub fn see(&mut self, script: &Script, event: &Event) {
        match event {
            Event::CheckObserved { check, .. } => {
                *self.looks.entry(check.clone()).or_default() += 1
            }
            Event::StepStarted { step, attempt, .. } => {
                self.attempts.insert(step.clone(), *attempt);
                self.under_way.insert(step.clone());
            }
            Event::StepEnded(ended) => drop(self.under_way.remove(&ended.step)),
            Event::GateApproved { is_bypass: true, .. } => self.has_bypassed = true,
            Event::GateApproved { step, .. } | Event::GateRejected { step, .. } => {
                self.answered(step, About::Gate);
            }
            Event::NeedDecided { step, .. } => self.answered(step, About::Need),
            Event::StepAnswered(answered) => {
                self.answered(&answered.step, About::Deed(String::new()));
            }
            Event::StepGivenUp { step, item, .. } => {
                self.answered(step, About::Deed(item.clone().unwrap_or_default()));
            }
            Event::ItemTicked(ticked) => {
                self.answered(&ticked.step, About::Deed(ticked.item.clone()));
            }
            _ => self.see_decision(script, event),
        }
    }

    fn answered(&mut self, step: &str, about: About) {
        *self.answers.entry((step.to_owned(), about)).or_default() += 1;
    }

    fn see_decision(&mut self, script: &Script, event: &Event) {
        let is_about = |matter: &Matter| match (matter, event) {
            (Matter::Step(..), Event::HoldResolved { step, .. }) => matter.is_step(step),
            (Matter::Step(..), Event::DoubtSettled { step, by: Decider::Person { .. }, .. }) => {
                matter.is_step(step)
            }
            (Matter::Step(..), Event::TimerDue { timer, .. }) => {
                timer.kind == TimerKind::Expiry && matter.is_step(&timer.step)
            }
            (Matter::Verdict, Event::VerdictResolved { .. }) => true,
            (Matter::Invariant(_, place), Event::InvariantResolved { check, .. }) => {
                *place == check.index
            }
            (Matter::Checks(places), Event::CheckWaived { check, reason, .. }) => {
                reason == DECIDED && places.iter().any(|place| place.holds(check))
            }
            (Matter::Checks(places), Event::CheckRefused { check, by: Some(_), .. }) => {
                places.iter().any(|place| place.holds(check))
            }
            _ => false,
        };
        if let Event::CheckWaived { check, reason, .. } = event
            && reason != DECIDED
        {
            self.waived.push(check.clone());
        }
        let decided = script.decisions.iter().position(|decided| is_about(&decided.matter));
        let Some(place) = decided else { return };
        let is_expiry = matches!(event, Event::TimerDue { .. });
        let next = self.next(script, place);
        if !is_expiry || next == Some(Decision::Expires) {
            *self.decisions.entry(place).or_default() += 1;
        }
    }

    /// The next decision of a matter, by its place in the script.
    pub fn next(&self, script: &Script, place: usize) -> Option<Decision> {
        let made = self.decisions.get(&place).copied().unwrap_or_default();
        let decided: &Decided = script.decisions.get(place)?;
        decided.decisions.get(made).map(|decision| decision.value)
    }

    /// How many answers about something of a step were given.
    pub fn answers_to(&self, step: &str, about: &About) -> usize {
        self.answers.get(&(step.to_owned(), about.clone())).copied().unwrap_or_default()
    }
}

impl About {
    /// What a question to a person is about; none where an answer is no answer to it.
    pub fn of(question: &Question) -> Option<About> {
        match question {
            Question::Gate(_) => Some(About::Gate),
            Question::Needed { .. } => Some(About::Need),
            Question::Manual { .. } | Question::Choose { .. } | Question::Item(_) => {
                Some(About::Deed(question.item().unwrap_or_default().to_owned()))
            }
            _ => None,
        }
    }

    /// Whether an answer says something about it.
    pub fn is_in(&self, prepared: &Prepared) -> bool {
        match self {
            About::Gate => prepared.is_approval.is_some(),
            About::Need => prepared.is_needed.is_some(),
            About::Deed(item) => prepared.by_hand.as_ref().is_some_and(|said| match said {
                ByHand::Ticks(ticks) => ticks.iter().any(|(known, _)| known.value == *item),
                _ => true,
            }),
        }
    }
}
