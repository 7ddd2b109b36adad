//! What holds for every journal, whatever the run was: complaints where it does not.
//!
//! An attempt is open from its start until its end is on record, or until somebody or something
//! settled the doubt about it. A step has one open attempt at most, nothing is spawned without a
//! start, a step behind a gate starts only after an approval of its own, and a run that has ended
//! leaves nothing open.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Journal;

/// What has been seen so far.
#[derive(Default)]
struct Seen<'j> {
    /// The attempt that is open, by step, and whether a new driver took over since it began.
    open: BTreeMap<&'j str, (u64, bool)>,
    /// How many attempts were begun, by step.
    begun: BTreeMap<&'j str, u64>,
    /// Steps behind a gate.
    gated: BTreeSet<&'j str>,
    /// Those of them that may start, once.
    approved: BTreeSet<&'j str>,
    /// Steps that a person is asked to do.
    by_hand: BTreeSet<&'j str>,
    has_ended: bool,
}

impl Journal {
    /// Fails when the journal tells something that cannot have happened.
    #[track_caller]
    pub(crate) fn assert_sound(&self) {
        let complaints = self.complaints();
        assert!(complaints.is_empty(), "{}\n{self}", complaints.join("\n"));
    }

    pub(crate) fn complaints(&self) -> Vec<String> {
        let mut complaints = self.breaks_of_order();
        let mut seen = Seen::default();
        for record in self.records() {
            if let Some(complaint) = seen.complaint(&record["event"]) {
                complaints.push(format!("record {}: {complaint}", record["seq"]));
            }
        }
        complaints
    }

    /// Where the numbers are not 1, 2, 3, or a driver writes without having taken over.
    fn breaks_of_order(&self) -> Vec<String> {
        let mut complaints = Vec::new();
        let mut epoch = 1;
        let (mut has_ended, mut is_opened) = (false, false);
        for (record, seq) in self.records().iter().zip(1..) {
            let kind = &record["event"]["type"];
            // Whoever takes back a run that has ended drives it from that wish on.
            let is_driven = kind == "resumed" && !is_opened;
            is_opened = has_ended && kind == "undo_requested";
            has_ended = kind == "run_ended" || has_ended && !is_opened;
            epoch += u64::from(is_opened || is_driven || kind == "runbook_adopted");
            if record["seq"] != seq || record["epoch"] != epoch {
                complaints.push(format!("seq {seq} of epoch {epoch} was expected: {record}"));
            }
            if (seq == 1) != (kind == "run_started") {
                complaints.push(format!("a run begins once, and first: {record}"));
            }
        }
        complaints
    }
}

/// Whether a person does what a question is about.
fn is_by_hand(question: &Value) -> bool {
    ["manual", "item", "choose"].iter().any(|kind| question["kind"] == *kind)
}

/// Only remarks stand behind the end of a run, until it is to be taken back.
fn after_the_end(event: &Value) -> Option<String> {
    let remarks = ["letter_taken", "note_added", "exec_started", "exec_ended"];
    let may_follow = remarks.iter().any(|remark| event["type"] == *remark);
    let is_reopened = event["type"] == "undo_requested";
    (!may_follow && !is_reopened).then(|| "something happened after the end".to_owned())
}

impl<'j> Seen<'j> {
    fn complaint(&mut self, event: &'j Value) -> Option<String> {
        if self.has_ended {
            self.has_ended = event["type"] != "undo_requested";
            return after_the_end(event);
        }
        let step = event["step"].as_str().unwrap_or_default();
        match event["type"].as_str().unwrap_or_default() {
            "question_asked" if event["question"]["kind"] == "gate" => {
                let step = event["question"]["step"].as_str().unwrap_or_default();
                self.approved.remove(step);
                self.gated.insert(step);
            }
            "gate_approved" => {
                self.approved.insert(step);
            }
            // The next attempt of an action that failed needs no new approval.
            "timer_due" if event["timer"]["kind"] == "retry" => {
                self.approved.insert(event["timer"]["step"].as_str().unwrap_or_default());
            }
            "step_started" => return self.start(step, event["attempt"].as_u64()),
            "step_spawned" | "step_ended" | "step_lost" | "step_found" => {
                let open = self.open.get(step).copied();
                if open.map(|(attempt, _)| attempt) != event["attempt"].as_u64() {
                    return Some(format!("this attempt of {step} is not open"));
                }
                let doubt = |it: &mut (u64, bool)| it.1 = true;
                match event["type"].as_str().unwrap_or_default() {
                    // An end elsewhere that was not seen leaves the step in doubt.
                    "step_ended" if event["is_unseen"] == true => {
                        self.open.entry(step).and_modify(doubt);
                    }
                    "step_ended" => drop(self.open.remove(step)),
                    "step_lost" => drop(self.open.entry(step).and_modify(doubt)),
                    "step_found" if open.is_some_and(|(_, is_in_doubt)| !is_in_doubt) => {
                        return Some(format!("{step} was found and had not been in doubt"));
                    }
                    "step_found" => drop(self.open.entry(step).and_modify(|it| it.1 = false)),
                    _ => {}
                }
            }
            // What was approved before was said of another runbook.
            "runbook_adopted" => {
                self.gated.clear();
                self.approved.clear();
            }
            "resumed" => self.open.values_mut().for_each(|(_, is_in_doubt)| *is_in_doubt = true),
            "doubt_settled" => {
                let open = self.open.remove(step);
                return (!open.is_some_and(|(_, is_in_doubt)| is_in_doubt))
                    .then(|| format!("{step} was not in doubt"));
            }
            "run_ended" => {
                self.has_ended = true;
                let open = self.open.keys().next()?;
                return Some(format!("{open} is still open"));
            }
            _ => return self.by_hand(event, step),
        }
        None
    }

    /// A step that a person does begins with a question, and ends with an answer to it.
    fn by_hand(&mut self, event: &'j Value, step: &'j str) -> Option<String> {
        let nobody = || Some(format!("nobody was asked to do {step}"));
        match event["type"].as_str().unwrap_or_default() {
            "question_asked" if is_by_hand(&event["question"]) => {
                let step = event["question"]["step"].as_str().unwrap_or_default();
                let has_begun = !self.by_hand.insert(step);
                if !has_begun && self.gated.contains(step) && !self.approved.remove(step) {
                    return Some(format!("the gate of {step} was not opened"));
                }
            }
            "item_ticked" if !self.by_hand.contains(step) => return nobody(),
            "step_answered" | "step_given_up" if !self.by_hand.remove(step) => return nobody(),
            "step_succeeded" | "step_failed" | "hold_resolved" => {
                self.by_hand.remove(step);
            }
            _ => {}
        }
        None
    }

    fn start(&mut self, step: &'j str, attempt: Option<u64>) -> Option<String> {
        let begun = self.begun.entry(step).or_default();
        *begun += 1;
        let begun = *begun;
        let is_open = self.open.insert(step, (begun, false)).is_some();
        if is_open {
            return Some(format!("{step} was under way already"));
        }
        if attempt != Some(begun) {
            return Some(format!("attempt {begun} of {step} was next"));
        }
        if self.gated.contains(step) && !self.approved.remove(step) {
            return Some(format!("the gate of {step} was not opened"));
        }
        None
    }
}
