//! The conditions of a gate: who may open it, and with which number.
//!
//! A name is asserted, not proven. Whoever drives the run is kept out where the gate says so, and
//! nobody counts twice.

use crate::run::event::{Event, GateQuestion};
use crate::run::{Offer, may_open};

use super::people::given;
use super::prompt;
use super::world::Live;

impl Live {
    /// The approval of somebody at the terminal, once all that the gate wants is given.
    pub(super) fn open_gate(&self, gate: &GateQuestion, offer: &Offer) -> Option<Event> {
        let value = match &gate.value {
            None => None,
            Some(wanted) => {
                let question = format!("{} It must be {}", wanted.prompt, wanted.range());
                let check = |typed: &str| wanted.admits(typed);
                let typed = given(prompt::line(&question, check, None, &self.interrupt))?;
                Some(typed.trim().to_owned())
            }
        };
        let by = self.approver(gate, offer)?;
        let (step, digest) = (gate.step.clone(), gate.digest.clone());
        let (note, is_prepared, is_bypass) = (None, false, false);
        Some(Event::GateApproved { step, digest, by, note, is_prepared, value, is_bypass })
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
        let question = format!("Who approves this{count}? It must be {may}");
        let check =
            |typed: &str| may_open(typed.trim(), gate, &offer.approved, &self.runbook.library);
        let name = given(prompt::line(&question, check, None, &self.interrupt))?;
        Some(name.trim().to_owned())
    }

    /// The approval that `--yes` stands for, where the gate lets itself be passed by.
    pub(super) fn bypass(&self, gate: &GateQuestion) -> Option<Event> {
        let may = gate.may_bypass && self.decisions.yes;
        may.then(|| Event::GateApproved {
            step: gate.step.clone(),
            digest: gate.digest.clone(),
            by: self.place.operator.clone(),
            note: None,
            is_prepared: false,
            value: None,
            is_bypass: true,
        })
    }
}
