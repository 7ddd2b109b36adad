//! What really happened against what is on record.
//!
//! Each command writes `begin STEP.ATTEMPT.values PID` and `end …` to the file `effects`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::book::{Book, Kind, Step};
use crate::harness::{Bench, Journal, eventually};

/// Whether the last attempt of a step that began came to its end.
pub(super) fn is_done(effects: &[String], step: &str) -> bool {
    let of_step = |line: &&String| line.split_once(' ').is_some_and(|(_, rest)| is_of(rest, step));
    effects.iter().rfind(of_step).is_some_and(|line| line.starts_with("end"))
}

fn is_of(rest: &str, step: &str) -> bool {
    rest.strip_prefix(step).is_some_and(|rest| rest.starts_with('.'))
}

/// What really happened in one attempt.
#[derive(Default)]
struct Happened {
    begun: usize,
    ended: usize,
    pid: String,
}

/// Why an attempt was the next one.
#[derive(Debug, Eq, PartialEq)]
enum Consent {
    Person,
    /// Its keeper has on record that it was never begun.
    NeverBegun,
    Effect,
}

/// Compares them; a complaint where they differ.
pub(super) fn check(bench: &Bench, book: &Book) -> Result<(), String> {
    eventually("nothing is left behind", || bench.left_behind().is_empty());
    if !bench.keepers().is_empty() {
        return Err("a keeper is left".to_owned());
    }
    let journal = bench.sound_journal();
    bench.args(["verify"]).stdout_contains("").exit(0);
    if bench.status()["state"] != "succeeded" {
        return Err("it did not succeed".to_owned());
    }
    let effects = bench.effects();
    let complaints = book.steps.iter().filter_map(|step| complaint(step, &journal, &effects));
    let complaints: Vec<String> = complaints.collect();
    if complaints.is_empty() { Ok(()) } else { Err(complaints.join("\n")) }
}

fn complaint(step: &Step, journal: &Journal, effects: &[String]) -> Option<String> {
    let id = &step.id;
    let happened = match happened(step, effects) {
        Ok(happened) => happened,
        Err(why) => return Some(format!("{id}: {why}")),
    };
    let started = journal.count("step_started", id) as u64;
    if let Some((attempt, it)) = happened.iter().find(|(_, it)| it.begun > 1 || it.ended > 1) {
        return Some(format!("attempt {attempt} of {id} began {} times", it.begun));
    }
    if let Some((attempt, _)) = happened.iter().find(|(attempt, _)| **attempt > started) {
        return Some(format!("attempt {attempt} of {id} began without an intent"));
    }
    if !happened.values().any(|it| it.begun > 0) {
        return Some(format!("{id} succeeded and was never done"));
    }
    after_success(id, journal)
        .or_else(|| without_consent(step, journal, &happened))
        .or_else(|| untrue_end(id, journal, &happened))
}

/// The attempts of a step as they happened; a complaint when one began before another ended.
fn happened(step: &Step, effects: &[String]) -> Result<BTreeMap<u64, Happened>, String> {
    let mut all: BTreeMap<u64, Happened> = BTreeMap::new();
    let mut last = 0;
    for line in effects {
        let words: Vec<&str> = line.split(' ').collect();
        let [what, name, pid] = words[..] else { return Err(format!("what is this: {line}")) };
        if !is_of(name, &step.id) {
            continue;
        }
        let attempt = name.split('.').nth(1).and_then(|number| number.parse().ok());
        let attempt: u64 = attempt.ok_or_else(|| format!("what is this: {line}"))?;
        // What only reads may be done again while nobody knows where it is.
        if attempt < last && step.kind != Kind::Read {
            return Err(format!("attempt {attempt} went on beside attempt {last}"));
        }
        last = last.max(attempt);
        let it = all.entry(attempt).or_default();
        it.begun += usize::from(what == "begin");
        it.ended += usize::from(what == "end");
        it.pid = pid.to_owned();
    }
    Ok(all)
}

/// A completed step is never started again.
fn after_success(id: &str, journal: &Journal) -> Option<String> {
    let kinds: Vec<&str> = (journal.records().iter().map(|record| &record["event"]))
        .filter(|event| event["step"] == id)
        .filter_map(|event| event["type"].as_str())
        .collect();
    let success = kinds.iter().position(|kind| *kind == "step_succeeded")?;
    let again = kinds.iter().skip(success).any(|kind| *kind == "step_started");
    again.then(|| format!("{id} was started again after it had succeeded"))
}

/// Each further attempt has a reason that its step allows.
fn without_consent(
    step: &Step,
    journal: &Journal,
    happened: &BTreeMap<u64, Happened>,
) -> Option<String> {
    let mut consent = None;
    for event in journal.records().iter().map(|record| &record["event"]) {
        if event["step"] != step.id.as_str() {
            continue;
        }
        consent = consent_of(event).or(consent);
        let attempt = event["attempt"].as_u64().unwrap_or_default();
        if event["type"] != "step_started" || attempt == 1 {
            continue;
        }
        let had_begun = happened.get(&(attempt - 1)).is_some_and(|it| it.begun > 0);
        let is_fine = match consent.take() {
            None => false,
            Some(Consent::Person) => true,
            Some(Consent::NeverBegun) => !had_begun,
            Some(Consent::Effect) => matches!(step.kind, Kind::Read | Kind::Idempotent),
        };
        if !is_fine {
            return Some(format!("attempt {attempt} of {} had no good reason", step.id));
        }
    }
    None
}

fn consent_of(event: &Value) -> Option<Consent> {
    match event["type"].as_str()? {
        "hold_resolved" => Some(Consent::Person),
        "doubt_settled" if event["choice"] == "rerun" => match event["by"]["by"].as_str()? {
            "person" => Some(Consent::Person),
            "keeper" => Some(Consent::NeverBegun),
            _ => Some(Consent::Effect),
        },
        _ => None,
    }
}

/// An end on record is that of the attempt as it happened, with what it handed over.
fn untrue_end(id: &str, journal: &Journal, happened: &BTreeMap<u64, Happened>) -> Option<String> {
    for event in journal.about("step_ended", id) {
        let attempt = event["attempt"].as_u64().unwrap_or_default();
        let it = happened.get(&attempt);
        let is_good = event["end"]["code"] == 0;
        let has_happened = it.is_some_and(|it| (it.begun, it.ended) == (1, 1));
        if is_good && !has_happened {
            return Some(format!("attempt {attempt} of {id} ended well and did not happen"));
        }
        if is_good && it.is_some_and(|it| event["outputs"]["token"] != it.pid.as_str()) {
            return Some(format!("attempt {attempt} of {id} handed over something else: {event}"));
        }
        if event["end"]["how"] == "not_spawned" {
            return Some(format!("attempt {attempt} of {id} could not be started: {event}"));
        }
    }
    None
}
