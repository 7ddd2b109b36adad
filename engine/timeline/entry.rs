//! One entry: one thing that happened, in words.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::journal::Record;
use crate::plan::Plan;
use crate::run::RunState;
use crate::run::event::{
    End, Event, ItemTicked, Milestone, Moment, Note, NoteKind, Printed, StepAnswered, StepEnded,
};

use super::who::who;
use super::words;

/// One thing that happened.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
pub struct Entry {
    /// The number of its record.
    pub seq: u64,
    /// When it was recorded.
    pub at: Moment,
    /// How long after the start of the run, in milliseconds.
    pub elapsed_ms: i64,
    /// What sort of thing it is.
    pub kind: Kind,
    /// The path of the step it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// What happened: one lower-case sentence, which goes on after the step's name.
    pub text: String,
    /// More lines, such as the command or the end of what was printed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<String>,
    /// Who did or said it, where a person did: a name as given, not proven.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Where it was: the target of a command, or the machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// How long it took, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub took_ms: Option<u64>,
    /// How long a person had been waited for, in milliseconds, from when it was first asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waited_ms: Option<u64>,
    /// The exit code, where a command ended with one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit: Option<i32>,
    /// What of it is only so in a remark.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remark: Option<Remark>,
    /// What was kept of what was printed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
}

/// A file in the run's folder that shows what was printed.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
pub struct Evidence {
    /// Its name in the run's folder.
    pub file: String,
    /// How many bytes were printed.
    pub bytes: u64,
    /// How many of them are not in the file.
    pub cut: u64,
    /// The SHA-256 of all of them in hex.
    pub sha256: String,
    /// The last lines, for people.
    pub excerpt: String,
}

/// What a remark says of itself.
#[derive(Clone, Debug, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Remark {
    /// What sort of remark it is.
    pub kind: NoteKind,
    /// When that was which it tells of, where that was said; when it was noted is the time of the
    /// entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<Moment>,
    /// The milestone that was reached with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub milestone: Option<Milestone>,
    /// The entry that it stands in place of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrects: Option<u64>,
    /// The entry that stands in its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrected_by: Option<u64>,
}

/// The sorts of things that happen.
#[derive(Clone, Copy, Debug, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The run began, was taken over, was left, or ended.
    Run,
    /// An input got its value.
    Input,
    /// A look at the world.
    Check,
    /// A question at a gate, or its answer.
    Gate,
    /// An action began.
    Started,
    /// A step succeeded, or its effect was there.
    Succeeded,
    /// A step failed.
    Failed,
    /// A step was passed over or not reached.
    Skipped,
    /// Somebody must decide.
    Waiting,
    /// Somebody, or a rule, decided.
    Decision,
    /// A remark, or something that a person did beside the steps.
    Note,
    /// A message to be passed on.
    Message,
    /// The verdict.
    Verdict,
    /// What is on record for the machine; only the raw view has it.
    Record,
}

impl Entry {
    /// An entry that says one thing and nothing more.
    pub(super) fn new(record: &Record, kind: Kind, step: Option<String>, text: String) -> Entry {
        Entry {
            seq: record.seq,
            at: record.at,
            elapsed_ms: 0,
            kind,
            step,
            text,
            lines: Vec::new(),
            by: None,
            place: None,
            took_ms: None,
            waited_ms: None,
            exit: None,
            remark: None,
            evidence: Vec::new(),
        }
    }

    /// When that was which it tells of: earlier than it was put on record, where a person says so.
    pub fn when(&self) -> Moment {
        self.remark.as_ref().and_then(|remark| remark.about).unwrap_or(self.at)
    }

    /// The entry that stands in its place, if one does.
    pub fn corrected_by(&self) -> Option<u64> {
        self.remark.as_ref().and_then(|remark| remark.corrected_by)
    }
}

/// What a record says, if it is worth an entry; `state` is the state after it.
pub fn entry(record: &Record, plan: &Plan, state: &RunState) -> Option<Entry> {
    let (kind, step, text) = words::sentence(&record.event, plan, state)?;
    let mut entry = Entry::new(record, kind, step, text);
    entry.by = who(&record.event);
    match &record.event {
        Event::StepStarted { command, .. } => entry.lines = lines(command),
        Event::StepEnded(ended) => add_ending(&mut entry, ended),
        Event::CheckObserved { took_ms, .. } => entry.took_ms = Some(*took_ms),
        Event::QuestionAsked { question } => entry.lines = words::behind(question),
        Event::Reminded { reminder } => {
            entry.lines = words::behind_reminder(reminder, plan, state);
        }
        Event::NoteAdded(note) => entry.remark = Some(remark(note)),
        Event::ExecEnded(ended) => {
            entry.took_ms = Some(ended.took_ms);
            entry.exit = exit(&ended.end);
            entry.evidence = [&ended.out, &ended.err].into_iter().flatten().map(evidence).collect();
        }
        Event::RunbookAdopted(adopted) => entry.lines = words::taken_over(adopted),
        Event::StepAnswered(StepAnswered { answers, secrets, evidence, .. }) => {
            entry.lines = words::handed_in(answers, secrets, evidence);
        }
        Event::ItemTicked(ItemTicked { evidence, .. }) => {
            entry.lines = words::handed_in(&BTreeMap::new(), &[], evidence);
        }
        _ => {}
    }
    entry.elapsed_ms = state.lasted(entry.when()).num_milliseconds();
    Some(entry)
}

fn remark(note: &Note) -> Remark {
    let Note { kind, about, milestone, corrects, .. } = *note;
    Remark { kind, about, milestone, corrects, corrected_by: None }
}

fn exit(end: &End) -> Option<i32> {
    match end {
        End::Exited { code } => Some(*code),
        _ => None,
    }
}

fn add_ending(entry: &mut Entry, ended: &StepEnded) {
    entry.took_ms = Some(ended.took_ms);
    entry.exit = exit(&ended.end);
    if let End::Shown { text } | End::Sent { text, .. } = &ended.end {
        entry.lines = lines(text);
        return;
    }
    for printed in [&ended.out, &ended.err].into_iter().flatten() {
        entry.evidence.push(evidence(printed));
    }
    if ended.failure.is_some() {
        let printed = ended.err.as_ref().or(ended.out.as_ref());
        entry.lines = printed.map(|printed| lines(&printed.tail)).unwrap_or_default();
    }
    entry.lines.extend(ended.notes.iter().cloned());
}

fn evidence(printed: &Printed) -> Evidence {
    let Printed { file, bytes, sha256, cut, tail } = printed.clone();
    Evidence { file, bytes, cut, sha256, excerpt: tail }
}

fn lines(text: &str) -> Vec<String> {
    text.trim_end().lines().map(str::to_owned).collect()
}
