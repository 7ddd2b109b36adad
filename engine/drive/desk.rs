//! The desk: answers and decisions that were prepared, and what each becomes when it is asked for.
//!
//! A decision is for one failure, and what was said of a step that a person does is said once: the
//! next time the question is a new one. What does not fit passes nothing.

mod by_hand;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value as Json;

use crate::run::event::{
    Decider, DoubtChoice, Event, EvidenceGiven, GateQuestion, HoldChoice, Question,
};
use crate::run::{Offer, fits};
use crate::runbook::Runbook;
use crate::runbook::answers::Prepared;
use crate::runbook::input::Input;
use crate::runbook::manual::EvidenceKind;
use crate::runbook::value::Value;

use super::decisions::{Decisions, Resolution};

pub use by_hand::{UNFIT, chosen};

/// Why a prepared answer passes nothing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unfit {
    /// The path of the step that asks.
    pub step: String,
    /// A lower-case sentence.
    pub reason: String,
}

/// The answers to a step that was done by hand.
#[derive(Default)]
pub struct Answers {
    /// What is kept, by name.
    pub open: BTreeMap<String, Json>,
    /// The names of those that are in memory only.
    pub secrets: Vec<String>,
}

/// How what people hand in goes on record.
pub trait Custody {
    /// A text without the secrets in it.
    fn masked(&self, text: &str) -> String;

    /// Evidence as it goes on record, or why it is none.
    fn evidence(&self, kind: EvidenceKind, text: &str) -> Result<EvidenceGiven, String>;

    /// Takes an answer: a secret into memory, any other to be kept.
    fn take_answer(
        &self,
        step: &str,
        answer: &Input,
        value: &Value,
        into: &mut Answers,
    ) -> Result<(), String>;
}

/// What was decided beforehand, and what of it was used.
pub struct Desk {
    decisions: Decisions,
    operator: String,
    runbook: Arc<Runbook>,
    /// Which of the decisions about steps and invariants were used.
    used: Mutex<BTreeSet<usize>>,
    /// What was answered with a prepared answer: the path of a step, and the item of a checklist.
    answered: Mutex<BTreeSet<(String, String)>>,
}

impl Desk {
    /// The desk of one driver.
    pub fn new(decisions: Decisions, operator: String, runbook: Arc<Runbook>) -> Desk {
        let (used, answered) = (Mutex::default(), Mutex::default());
        Desk { decisions, operator, runbook, used, answered }
    }

    /// What was prepared for a question, or why that passes nothing; none where nothing was. What
    /// is used up says nothing again. May read files that are handed in.
    pub fn answer(
        &self,
        question: &Question,
        offer: &Offer,
        custody: &impl Custody,
    ) -> Option<Result<Event, Unfit>> {
        let by = self.operator.clone();
        let reason = self.decisions.reason.clone();
        Some(Ok(match question {
            Question::Manual { .. } | Question::Item(_) | Question::Choose { .. } => {
                return self.by_hand(question, offer, custody);
            }
            Question::Gate(gate) => return self.gate(gate, offer),
            Question::Hold { step, .. } => {
                let choice = match self.resolution(step)? {
                    Resolution::Again => HoldChoice::Retry,
                    Resolution::Done => HoldChoice::Done,
                    Resolution::Failed => HoldChoice::Failed,
                    Resolution::Skip => HoldChoice::Skip,
                    Resolution::Undo => HoldChoice::Undo,
                    Resolution::Abort => HoldChoice::Abort,
                };
                Event::HoldResolved { step: step.clone(), choice, by, reason }
            }
            Question::InDoubt { step, .. } => {
                let choice = match self.resolution(step)? {
                    Resolution::Again => DoubtChoice::Rerun,
                    Resolution::Done => DoubtChoice::Done,
                    Resolution::Failed => DoubtChoice::Failed,
                    Resolution::Skip | Resolution::Undo | Resolution::Abort => return None,
                };
                let by = Decider::Person { name: by };
                Event::DoubtSettled { step: step.clone(), choice, by, reason }
            }
            Question::Invariant { id, check, .. } => {
                let mut decided = self.decisions.invariants.iter().enumerate();
                let wanted = |(place, _): &(usize, _)| self.is_unused(self.behind_steps(*place));
                let (place, (_, choice)) =
                    decided.by_ref().filter(|(_, (found, _))| found == id).find(wanted)?;
                self.use_up(self.behind_steps(place));
                Event::InvariantResolved { check: check.clone(), choice: *choice, by, reason }
            }
            Question::Needed { step, .. } => self.need(step, custody)?,
            Question::Verdict { .. } => {
                let choice = self.decisions.verdict?;
                Event::VerdictResolved { choice, by, reason }
            }
            Question::Input { .. }
            | Question::Check { .. }
            | Question::Terminal { .. }
            | Question::Proceed { .. } => return None,
        }))
    }

    fn gate(&self, gate: &GateQuestion, offer: &Offer) -> Option<Result<Event, Unfit>> {
        let prepared = self.prepared(&gate.step);
        let Some(prepared) = prepared.filter(|prepared| prepared.is_approval.is_some()) else {
            return self.bypass(gate).map(Ok);
        };
        let known = (self.operator.as_str(), &*self.runbook.library);
        let event = fits(prepared, gate, &offer.approved, known);
        Some(event.map_err(|reason| Unfit { step: gate.step.clone(), reason }))
    }

    fn bypass(&self, gate: &GateQuestion) -> Option<Event> {
        let may = gate.may_bypass && self.decisions.yes;
        may.then(|| Event::GateApproved {
            step: gate.step.clone(),
            digest: gate.digest.clone(),
            by: self.operator.clone(),
            note: None,
            is_prepared: false,
            value: None,
            is_bypass: true,
            wrong_words: 0,
            took_ms: None,
        })
    }

    fn need(&self, step: &str, custody: &impl Custody) -> Option<Event> {
        let prepared = self.prepared(step)?;
        Some(Event::NeedDecided {
            step: step.to_owned(),
            is_needed: prepared.is_needed?,
            by: self.by(prepared),
            reason: note(prepared, custody).unwrap_or_else(|| "prepared".to_owned()),
            is_prepared: true,
        })
    }

    /// Who says what was prepared.
    fn by(&self, prepared: &Prepared) -> String {
        prepared.by.as_ref().map_or_else(|| self.operator.clone(), |by| by.value.clone())
    }

    fn prepared(&self, step: &str) -> Option<&Prepared> {
        let mut answers = self.decisions.answers.iter();
        answers.find(|(path, _)| path == step).map(|(_, prepared)| prepared)
    }

    /// What was decided about a step, each decision once.
    fn resolution(&self, step: &str) -> Option<Resolution> {
        let mut steps = self.decisions.steps.iter().enumerate();
        let (place, (_, resolution)) =
            steps.find(|(place, (found, _))| found == step && self.is_unused(*place))?;
        self.use_up(place);
        Some(*resolution)
    }

    /// The place of a decision about an invariant among all decisions.
    fn behind_steps(&self, place: usize) -> usize {
        self.decisions.steps.len() + place
    }

    fn is_unused(&self, place: usize) -> bool {
        !lock(&self.used).contains(&place)
    }

    fn use_up(&self, place: usize) {
        lock(&self.used).insert(place);
    }
}

/// The remark beside what was prepared, as it goes on record.
fn note(prepared: &Prepared, custody: &impl Custody) -> Option<String> {
    prepared.note.as_deref().map(|note| custody.masked(note))
}

fn lock<T>(set: &Mutex<T>) -> MutexGuard<'_, T> {
    set.lock().unwrap_or_else(PoisonError::into_inner)
}
