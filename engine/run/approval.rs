//! Who may open a gate, and which answer to it fits.
//!
//! A name is asserted, not proven. Whoever drives the run is kept out where the gate says so, and
//! nobody counts twice.

use super::event::{Event, GateQuestion};
use crate::runbook::answers::Prepared;
use crate::runbook::library::Library;

/// The event that an answer given beforehand, or from elsewhere, makes, or why it passes nothing.
pub fn fits(
    prepared: &Prepared,
    gate: &GateQuestion,
    approved: &[String],
    (operator, library): (&str, &Library),
) -> Result<Event, String> {
    let by = prepared.by.as_ref().map_or_else(|| operator.to_owned(), |by| by.value.clone());
    if prepared.digest.as_ref().is_some_and(|digest| *digest != gate.digest) {
        return Err("it was given for another question".into());
    }
    let (step, digest) = (gate.step.clone(), gate.digest.clone());
    if prepared.is_approval == Some(false) {
        let reason = prepared.note.clone().unwrap_or_else(|| "prepared".into());
        return Ok(Event::GateRejected { step, digest, by, reason, took_ms: None });
    }
    let is_strict = gate.quorum > 1 || gate.barred.is_some();
    if is_strict && prepared.digest.is_none() {
        return Err(format!("it must carry the digest of the question: {}", gate.digest));
    }
    may_open(&by, gate, approved, library)?;
    match (&gate.word, &prepared.word) {
        (Some(_), None) => return Err("the gate asks for a word".into()),
        (Some(word), Some(given)) if word != given => return Err("its word is wrong".into()),
        _ => {}
    }
    let value = match (&gate.value, &prepared.value) {
        (Some(_), None) => return Err("the gate asks for a number".into()),
        (Some(wanted), Some(value)) => {
            wanted.admits(value)?;
            Some(value.clone())
        }
        (None, _) => None,
    };
    Ok(Event::GateApproved {
        step,
        digest,
        by,
        note: prepared.note.clone(),
        is_prepared: true,
        value,
        is_bypass: false,
        wrong_words: 0,
        took_ms: None,
    })
}

/// Whether somebody may open a gate, or why not.
pub fn may_open(
    by: &str,
    gate: &GateQuestion,
    approved: &[String],
    library: &Library,
) -> Result<(), String> {
    if by.is_empty() {
        return Err("an empty name is none".into());
    }
    if gate.barred.as_deref() == Some(by) {
        return Err(format!("{by} drives the run and may not approve it"));
    }
    if approved.iter().any(|name| name == by) {
        return Err(format!("{by} has approved it already; it must be somebody else"));
    }
    match library.may_approve(by, &gate.approvers) {
        true => Ok(()),
        false => Err(format!("{by} may not approve it; {} may", gate.approvers.join(", "))),
    }
}
