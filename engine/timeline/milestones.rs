//! The milestones of an incident, as far as the records tell: when each was reached, who or what says
//! so, and how long it took. They are made from the records alone, so the frozen runbook is not
//! needed.
//!
//! What a person says in a note counts before what can be inferred; of several the last one said.
//! A milestone that nobody named and nothing shows is not known, and is never guessed.

use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::Serialize;

use crate::journal::Record;
use crate::run::event::{Event, Milestone, Moment, Note, NoteKind, Purpose, RunStarted, Sight};

use super::corrections::standing;
use super::drilled::recovered;

/// How far an incident has come.
#[derive(Clone, Debug, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Milestones {
    /// What times are told from; none where the start of the run is not on record.
    pub since: Option<Since>,
    /// Every milestone, in order.
    pub marks: Vec<Mark>,
    /// The end of the run, where it has ended and was not opened again.
    pub ended: Option<Reached>,
    /// How long after that which times are told from the last record was written, in milliseconds.
    pub lasted_ms: i64,
}

/// The moment that times are told from.
#[derive(Clone, Debug, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Since {
    /// When that was.
    pub at: Moment,
    /// Whether somebody said that the incident was detected then; else it is the start of the run.
    pub is_detection: bool,
}

/// A milestone, and whether it was reached.
#[derive(Clone, Debug, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Mark {
    /// Which it is.
    pub milestone: Milestone,
    /// When it was reached; none where that is not known.
    pub reached: Option<Reached>,
}

/// A moment of an incident.
#[derive(Clone, Debug, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Reached {
    /// When it was.
    pub at: Moment,
    /// How long after that which times are told from, in milliseconds; negative before it.
    pub after_ms: i64,
    /// How it is known.
    pub known: Known,
}

/// How the moment of a milestone is known.
#[derive(Clone, Debug, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Known {
    /// What tells it.
    pub from: Whence,
    /// The number of the record that tells it.
    pub seq: u64,
    /// When that was put on record.
    pub recorded_at: Moment,
    /// Who says so, where a person does: a name as given, not proven.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// What can tell the moment of a milestone.
#[derive(Clone, Copy, Debug, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Whence {
    /// A note that names it.
    Note,
    /// The run was begun with it: `--detected-at`.
    Given,
    /// The symptom was looked for and seen; it was there already.
    Symptom,
    /// A person began the run.
    Start,
    /// The first finding that was noted.
    Finding,
    /// The exit criteria said `recovered`.
    Verdict,
    /// The run ended.
    End,
}

impl Milestones {
    /// What the records of a run tell.
    pub fn of(records: &[Record]) -> Milestones {
        let clock = Clock::of(records);
        let found = Found::of(records);
        let said = |milestone| found.said(milestone);
        let start = found.start.map(|(record, _)| record);
        let given = found.start.and_then(|(record, start)| given(record, start));
        let detected = said(Milestone::Detected).or(given);
        let base = detected.clone().or_else(|| start.map(|record| begun(record, None)));
        let reached = |moment: Raw| {
            let from = base.as_ref().map(|base| clock.steady(base));
            let after = clock.steady(&moment) - from.unwrap_or(moment.at);
            let Raw { at, known } = moment;
            Reached { at, after_ms: after.num_milliseconds(), known }
        };
        let marks = Milestone::ALL.map(|milestone| {
            let moment = match milestone {
                Milestone::Detected => detected.clone().or_else(|| found.symptom()),
                other => said(other).or_else(|| found.inferred(other)),
            };
            Mark { milestone, reached: moment.map(reached) }
        });
        let is_detection = detected.is_some();
        // What is remarked after the end makes the run no longer.
        let last = found.ended.or(records.last()).map(|record| Raw::of(record, Whence::End));
        Milestones {
            since: base.as_ref().map(|base| Since { at: base.at, is_detection }),
            marks: marks.into(),
            ended: found.ended.map(|record| reached(Raw::of(record, Whence::End))),
            lasted_ms: last.map(|last| reached(last).after_ms).unwrap_or_default(),
        }
    }

    /// When a milestone was reached, and how that is known.
    pub fn reached(&self, milestone: Milestone) -> Option<&Reached> {
        let mark = self.marks.iter().find(|mark| mark.milestone == milestone);
        mark.and_then(|mark| mark.reached.as_ref())
    }
}

impl Known {
    /// That in words, to stand behind a moment.
    pub fn words(&self) -> String {
        let by = self.by.as_deref().unwrap_or("nobody");
        match self.from {
            Whence::Note => format!("says {by}, entry {}", self.seq),
            Whence::Given => format!("given by {by} when the run began"),
            Whence::Symptom => {
                "the symptom was seen; when it was first noticed, nobody said".into()
            }
            Whence::Start => format!("{by} began the run"),
            Whence::Finding => format!("the first finding, by {by}, entry {}", self.seq),
            Whence::Verdict => "the exit criteria said so".into(),
            Whence::End => "the run ended".into(),
        }
    }
}

/// A moment before it is known what times are told from.
#[derive(Clone)]
struct Raw {
    at: Moment,
    known: Known,
}

impl Raw {
    fn of(record: &Record, from: Whence) -> Raw {
        let known = Known { from, seq: record.seq, recorded_at: record.at, by: None };
        Raw { at: record.at, known }
    }

    fn by(mut self, by: &str) -> Raw {
        self.known.by = Some(by.to_owned());
        self
    }
}

fn given(record: &Record, start: &RunStarted) -> Option<Raw> {
    let raw = Raw::of(record, Whence::Given).by(&start.operator);
    start.detected_at.map(|at| Raw { at, ..raw })
}

fn begun(record: &Record, by: Option<&str>) -> Raw {
    let raw = Raw::of(record, Whence::Start);
    by.map(|by| raw.clone().by(by)).unwrap_or(raw)
}

/// What of the records bears on milestones.
struct Found<'r> {
    start: Option<(&'r Record, &'r RunStarted)>,
    symptom: Option<&'r Record>,
    recovered: Option<&'r Record>,
    ended: Option<&'r Record>,
    notes: Vec<(&'r Record, &'r Note)>,
}

impl<'r> Found<'r> {
    fn of(records: &'r [Record]) -> Found<'r> {
        let start = records.first().and_then(|record| match &record.event {
            Event::RunStarted(start) => Some((record, start)),
            _ => None,
        });
        // What was only assumed restores no service.
        let is_real = start.is_some_and(|(_, start)| !start.mode.is_assumed());
        Found {
            start,
            symptom: records.iter().find(|record| is_real && shows_symptom(&record.event)),
            recovered: recovered(records).filter(|_| is_real),
            ended: ended(records),
            notes: standing(records),
        }
    }

    /// The last note that names a milestone.
    fn said(&self, milestone: Milestone) -> Option<Raw> {
        let names = |(_, note): &&(_, &Note)| note.milestone == Some(milestone);
        let (record, note) = self.notes.iter().rev().find(names)?;
        let raw = Raw::of(record, Whence::Note).by(&note.by);
        Some(Raw { at: note.about.unwrap_or(record.at), ..raw })
    }

    fn symptom(&self) -> Option<Raw> {
        self.symptom.map(|record| Raw::of(record, Whence::Symptom))
    }

    /// What the records show of a milestone that nobody named.
    fn inferred(&self, milestone: Milestone) -> Option<Raw> {
        match milestone {
            Milestone::Acknowledged => {
                self.start.map(|(record, start)| begun(record, Some(&start.operator)))
            }
            Milestone::Investigated => self.first_finding(),
            Milestone::Restored => self.recovered.map(|record| Raw::of(record, Whence::Verdict)),
            Milestone::Detected | Milestone::RootCause | Milestone::Mitigated => None,
        }
    }

    fn first_finding(&self) -> Option<Raw> {
        let findings = self.notes.iter().filter(|(_, note)| note.kind == NoteKind::Finding);
        let moments = findings.map(|(record, note)| {
            let raw = Raw::of(record, Whence::Finding).by(&note.by);
            Raw { at: note.about.unwrap_or(record.at), ..raw }
        });
        moments.min_by_key(|raw| (raw.at, raw.known.seq))
    }
}

fn shows_symptom(event: &Event) -> bool {
    matches!(
        event,
        Event::CheckObserved { check, sight: Sight::Holds | Sight::Warns, is_assumed: false, .. }
            if check.purpose == Purpose::Confirm
    )
}

/// The record that ended the run, where nothing opened it again.
fn ended(records: &[Record]) -> Option<&Record> {
    let decides = |record: &&Record| {
        matches!(record.event, Event::RunEnded { .. } | Event::UndoRequested { .. })
    };
    let last = records.iter().rev().find(decides)?;
    matches!(last.event, Event::RunEnded { .. }).then_some(last)
}

/// How far the clock on the wall had been set by the time of each record.
struct Clock(Vec<(u64, TimeDelta)>);

impl Clock {
    fn of(records: &[Record]) -> Clock {
        let mut set_by = TimeDelta::zero();
        let mut steps = Vec::new();
        for record in records {
            let Event::ClockSet { by_ms } = record.event else { continue };
            let by = TimeDelta::try_milliseconds(by_ms).unwrap_or_default();
            set_by = set_by.checked_add(&by).unwrap_or(set_by);
            steps.push((record.seq, set_by));
        }
        Clock(steps)
    }

    /// A moment by the clock as it was when the run began. What somebody says of the past is told by
    /// the clock of the time when they say it.
    fn steady(&self, moment: &Raw) -> Moment {
        let before = self.0.partition_point(|(seq, _)| *seq <= moment.known.seq);
        let set_by = before.checked_sub(1).map(|at| self.0[at].1).unwrap_or_default();
        moment.at.checked_sub_signed(set_by).unwrap_or(moment.at)
    }
}

#[cfg(test)]
mod tests;
