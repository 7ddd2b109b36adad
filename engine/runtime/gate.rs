//! A gate at the terminal, and its conditions: who may open it, and with which number.
//!
//! A name is asserted, not proven. Whoever drives the run is kept out where the gate says so, and
//! nobody counts twice.

use std::cell::Cell;
use std::time::Instant;

use crate::document::millis;
use crate::run::event::{Event, GateQuestion};
use crate::run::{Offer, may_open};

use super::people::{given, panel};
use super::prompt;
use super::world::Live;

/// What somebody at the terminal said to a gate.
struct Said {
    is_yes: bool,
    /// How many wrong words were typed before.
    wrong_words: u32,
    /// How long the question stood there.
    took_ms: Option<u64>,
}

impl Live {
    /// Puts a gate at the terminal.
    pub(super) fn put_gate(&self, gate: &GateQuestion, offer: &Offer) -> Option<Event> {
        self.tell_decider(&panel::gate(gate, offer, self.place.environment.as_deref()));
        let said = self.hear_gate(gate)?;
        if said.is_yes {
            return self.open_gate(gate, offer, &said);
        }
        let (step, digest) = (gate.step.clone(), gate.digest.clone());
        let (by, reason) = (self.place.operator.clone(), self.reason("Reason for the refusal")?);
        Some(Event::GateRejected { step, digest, by, reason, took_ms: said.took_ms })
    }

    /// Hears yes or no, or the word of the gate. A wrong word is counted, and is neither.
    fn hear_gate(&self, gate: &GateQuestion) -> Option<Said> {
        let (began, wrong_words) = (Instant::now(), Cell::new(0_u32));
        let is_yes = match &gate.word {
            None => given(prompt::confirm("Go on?", &self.interrupt))?,
            Some(word) => {
                let question = format!("Type {word} to go on, or no to refuse");
                let check = |typed: &str| match typed.trim() {
                    typed if typed == word || typed == "no" => Ok(()),
                    "" => Err("an empty answer is none".to_owned()),
                    _ => {
                        wrong_words.set(wrong_words.get().saturating_add(1));
                        let tries = wrong_words.get();
                        Err(format!("that is neither {word} nor no (wrong word {tries})"))
                    }
                };
                given(prompt::line(&question, check, None, &self.interrupt))?.trim() == word
            }
        };
        let took_ms = Some(millis(began.elapsed()));
        Some(Said { is_yes, wrong_words: wrong_words.get(), took_ms })
    }

    /// The approval of somebody at the terminal, once all that the gate wants is given.
    fn open_gate(&self, gate: &GateQuestion, offer: &Offer, said: &Said) -> Option<Event> {
        let value = match &gate.value {
            None => None,
            Some(wanted) => {
                let question = wanted.question();
                let check = |typed: &str| wanted.admits(typed);
                let typed = given(prompt::line(&question, check, None, &self.interrupt))?;
                Some(typed.trim().to_owned())
            }
        };
        let by = self.approver(gate, offer)?;
        let (step, digest) = (gate.step.clone(), gate.digest.clone());
        Some(Event::GateApproved {
            step,
            digest,
            by,
            note: None,
            is_prepared: false,
            value,
            is_bypass: false,
            wrong_words: said.wrong_words,
            took_ms: said.took_ms,
        })
    }

    /// Who opens a gate: the operator, or one of those who may.
    fn approver(&self, gate: &GateQuestion, offer: &Offer) -> Option<String> {
        let is_open_to_all = gate.approvers.is_empty() && gate.quorum == 1;
        if is_open_to_all && gate.barred.is_none() {
            return Some(self.place.operator.clone());
        }
        let may = match gate.approvers.is_empty() {
            true => "anybody".to_owned(),
            false => format!("one of: {}", gate.approvers.join(", ")),
        };
        let count = match gate.quorum {
            1 => String::new(),
            quorum => format!(" ({} of {quorum})", offer.approved.len() + 1),
        };
        let question = format!("Who approves this{count}? ({may})");
        let check =
            |typed: &str| may_open(typed.trim(), gate, &offer.approved, &self.runbook.library);
        let name = given(prompt::line(&question, check, None, &self.interrupt))?;
        Some(name.trim().to_owned())
    }
}
