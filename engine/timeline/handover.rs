//! What has happened in a run so far, as somebody who goes on with it must know it: what was tried
//! and what came of it, what was decided, what was said, and who was told what.
//!
//! It is gathered from the records alone. Where a run stands now is told from its state.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use schemars::JsonSchema;
use serde::Serialize;

use crate::journal::Record;
use crate::plan::Plan;
use crate::run;
use crate::run::event::{
    Decider, DoubtChoice, End, Event, Failure, HandedOver, HoldChoice, InvariantChoice, Moment,
    Note, NoteKind, Question, StepEnded,
};
use crate::run::{IllegalEvent, Plans, RunState};
use crate::runbook::action::Action;

use super::{Entry, Kind, entry, standing};

/// What has happened so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Past {
    /// The steps that were tried, in the order in which they were first.
    pub tried: Vec<Tried>,
    /// What was let pass, passed over or taken for granted by somebody.
    pub exceptions: Vec<Said>,
    /// What people decided.
    pub decisions: Vec<Said>,
    /// What people put on the timeline, and what nothing corrects.
    pub remarks: Vec<Remark>,
    /// The messages to those who wait.
    pub messages: Vec<Message>,
    /// The last time that somebody handed the run over in words.
    pub handed_over: Option<(Moment, HandedOver)>,
    /// The inputs that are secrets and were given.
    pub secrets: BTreeSet<String>,
    /// Since when a question waits, by the step that it is about; that of the run by no name.
    pub asked: BTreeMap<String, Moment>,
    places: HashMap<String, usize>,
}

/// How a step was tried.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tried {
    /// The path of the step.
    pub step: String,
    /// How often its action was begun.
    pub attempts: u32,
    /// What went wrong, in order.
    pub failures: Vec<Failed>,
}

/// One time that a step went wrong.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
pub struct Failed {
    /// When it went wrong.
    pub at: Moment,
    /// Which attempt it was; 0 where none had begun.
    pub attempt: u32,
    /// Why, as a lower-case sentence.
    pub why: String,
}

/// Something that is on the timeline, in words.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
pub struct Said {
    /// When it was recorded.
    pub at: Moment,
    /// The path of the step that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// What the timeline says.
    pub text: String,
}

/// Something that a person put on the timeline.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
pub struct Remark {
    /// The number of its record, by which another remark can correct it.
    pub seq: u64,
    /// When it was recorded.
    pub at: Moment,
    /// When that was which it tells of, where that was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<Moment>,
    /// Who says so.
    pub by: String,
    /// What sort of remark it is.
    pub kind: NoteKind,
    /// The remark.
    pub text: String,
}

/// A message to those who wait.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
pub struct Message {
    /// When it was sent or shown.
    pub at: Moment,
    /// The path of the step that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// What became of it.
    pub fate: Fate,
    /// The channel that it went to; none where it was shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The message.
    pub text: String,
    /// Why it was not delivered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// Its channel took it.
    Sent,
    /// It was shown to be passed on; whether somebody did is not on record.
    Shown,
    /// Its channel did not take it, or nobody knows whether it did.
    Failed,
    /// Nothing was sent: what is practised only assumes it.
    Assumed,
}

impl Past {
    /// What the records of a run tell, and the state after them.
    pub fn of(plans: &mut Plans, records: &[Record]) -> Result<(Past, RunState), IllegalEvent> {
        let mut state = RunState::new(&plans.current);
        let mut past = Past::default();
        for record in records {
            run::fold(plans, &mut state, record.at, &record.event)?;
            let plan = &plans.current;
            past.take(record, entry(record, plan, &state), (plan, &state));
        }
        past.remarks = standing(records).into_iter().map(remark).collect();
        Ok((past, state))
    }

    fn take(&mut self, record: &Record, entry: Option<Entry>, (plan, state): (&Plan, &RunState)) {
        self.take_step(record);
        if let Some(step) = answered(&record.event) {
            self.asked.remove(step);
        }
        self.messages.extend(doubtful(record, plan, state));
        match &record.event {
            Event::InputGiven(given) if given.is_secret => {
                self.secrets.insert(given.name.clone());
            }
            Event::QuestionAsked { question } => {
                // Asked once more by the next driver, it is waited for since the first time.
                match subject(question) {
                    "" => drop(self.asked.insert(String::new(), record.at)),
                    step => drop(self.asked.entry(step.to_owned()).or_insert(record.at)),
                }
            }
            Event::HandedOver(handed) => self.handed_over = Some((record.at, handed.clone())),
            _ => {}
        }
        let Some(entry) = entry else { return };
        if entry.kind == Kind::Message {
            self.messages.push(message(record, &entry, state));
        }
        let said = || Said { at: entry.at, step: entry.step.clone(), text: entry.text.clone() };
        if is_exception(&record.event) {
            self.exceptions.push(said());
        }
        if is_decision(&record.event) {
            self.decisions.push(said());
        }
    }

    /// What a record says about the trying of a step.
    fn take_step(&mut self, record: &Record) {
        match &record.event {
            Event::StepStarted { step, attempt, .. } => {
                let tried = self.tried(step);
                tried.attempts = tried.attempts.max(*attempt);
            }
            Event::StepEnded(ended) => {
                if let StepEnded { step, attempt, failure: Some(failure), .. } = &**ended {
                    self.failed(step, record.at, *attempt, &failure.detail);
                }
            }
            Event::StepLost { step, attempt, reason } => {
                self.failed(step, record.at, *attempt, reason);
            }
            Event::StepHeld { step, failure } => {
                self.asked.insert(step.clone(), record.at);
                self.settled_badly(step, record.at, failure);
            }
            Event::StepFailed { step, failure, .. } => {
                self.settled_badly(step, record.at, failure);
            }
            _ => {}
        }
    }

    /// A failure that is not told already by how the last attempt ended.
    fn settled_badly(&mut self, step: &str, at: Moment, failure: &Failure) {
        let tried = self.tried(step);
        let (attempt, last) = (tried.attempts, tried.failures.last());
        let is_new = last.is_none_or(|last| last.attempt != attempt || last.why != failure.detail);
        if is_new {
            self.failed(step, at, attempt, &failure.detail);
        }
    }

    fn failed(&mut self, step: &str, at: Moment, attempt: u32, why: &str) {
        self.tried(step).failures.push(Failed { at, attempt, why: why.to_owned() });
    }

    fn tried(&mut self, step: &str) -> &mut Tried {
        let next = self.tried.len();
        let place = *self.places.entry(step.to_owned()).or_insert(next);
        if place == next {
            self.tried.push(Tried { step: step.to_owned(), ..Tried::default() });
        }
        &mut self.tried[place]
    }
}

/// The step of which a question is answered, or no longer open.
fn answered(event: &Event) -> Option<&str> {
    match event {
        Event::GateApproved { step, .. }
        | Event::GateRejected { step, .. }
        | Event::NeedDecided { step, .. }
        | Event::StepGivenUp { step, .. }
        | Event::HoldResolved { step, .. }
        | Event::DoubtSettled { step, .. }
        | Event::StepStarted { step, .. } => Some(step),
        Event::StepAnswered(answered) => Some(&answered.step),
        Event::ItemTicked(ticked) => Some(&ticked.step),
        _ => None,
    }
}

/// What a question is about: a step, or the run by no name.
pub fn subject(question: &Question) -> &str {
    match question {
        Question::Gate(gate) => &gate.step,
        Question::Item(asked) => &asked.step,
        Question::Manual { step, .. }
        | Question::Needed { step, .. }
        | Question::Choose { step, .. }
        | Question::Terminal { step, .. }
        | Question::Proceed { step, .. }
        | Question::Hold { step, .. }
        | Question::InDoubt { step, .. } => step,
        Question::Check { check, .. } => check.step.as_deref().unwrap_or_default(),
        Question::Input { .. } | Question::Invariant { .. } | Question::Verdict { .. } => "",
    }
}

/// Whether something was let pass, passed over or taken for granted by a person.
fn is_exception(event: &Event) -> bool {
    match event {
        Event::CheckWaived { .. }
        | Event::StepPassedOver { .. }
        | Event::JumpRequested { .. }
        | Event::TakenOver(_)
        | Event::RunbookAdopted(_)
        | Event::DoubtSettled { by: Decider::Person { .. }, .. } => true,
        Event::GateApproved { is_bypass, .. } => *is_bypass,
        Event::ItemTicked(ticked) => ticked.waived.is_some(),
        Event::InvariantResolved { choice, .. } => *choice == InvariantChoice::Waive,
        Event::HoldResolved { choice, .. } => {
            matches!(choice, HoldChoice::Done | HoldChoice::Failed | HoldChoice::Skip)
        }
        _ => false,
    }
}

/// Whether a person said how it goes on.
fn is_decision(event: &Event) -> bool {
    let is_work = matches!(event, Event::StepAnswered(_) | Event::ItemTicked(_));
    let is_way = matches!(event, Event::UndoRequested { .. } | Event::RunbookAdopted(_))
        || event.is_intervention();
    let is_pace = matches!(event, Event::PaceSet { .. } | Event::StepReleased { .. });
    (event.is_answer() && !is_work) || (is_way && !is_pace)
}

/// A remark as it is told.
fn remark((record, note): (&Record, &Note)) -> Remark {
    let (at, seq, kind, about) = (record.at, record.seq, note.kind, note.about);
    Remark { seq, at, about, by: note.by.clone(), kind, text: note.text.clone() }
}

/// A message whose end nobody saw: its channel may have taken it.
fn doubtful(record: &Record, plan: &Plan, state: &RunState) -> Option<Message> {
    let Event::DoubtSettled { step, choice: DoubtChoice::Failed, .. } = &record.event else {
        return None;
    };
    let index = plan.at_path(step)?;
    let Action::Notify(notify) = &state.form(plan, index)?.facets.action else { return None };
    Some(Message {
        at: record.at,
        step: Some(step.clone()),
        fate: Fate::Failed,
        to: notify.to.as_ref().map(|to| to.value.clone()),
        text: state.steps[index].command.clone(),
        why: Some("its end was not seen: it may have been taken all the same".to_owned()),
    })
}

/// A message, by how the step ended that it belongs to; another one by its entry.
fn message(record: &Record, entry: &Entry, state: &RunState) -> Message {
    let (mut fate, mut to, mut why) = (Fate::Shown, None, None);
    if let Event::StepEnded(ended) = &record.event
        && let End::Sent { to: channel, .. } = &ended.end
    {
        to = Some(channel.clone());
        why = ended.failure.as_ref().map(|failure| failure.detail.clone());
        fate = if why.is_some() { Fate::Failed } else { Fate::Sent };
    }
    if state.mode().is_assumed() {
        fate = Fate::Assumed;
    }
    let text = match entry.lines.is_empty() {
        true => entry.text.clone(),
        false => entry.lines.join("\n"),
    };
    Message { at: record.at, step: entry.step.clone(), fate, to, text, why }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::event::{Mode, RunStarted, Skip, Then};
    use crate::source::{Problems, Source};
    use crate::timeline::sample::{records, start};

    const BOOK: &str = "
holdpoint: 1
id: book
title: Book
steps: [{id: one, run: 'true'}, {id: two, run: 'true'}]
";

    fn plans() -> Plans {
        let mut problems = Problems::default();
        let runbook = crate::runbook::read(&Source::new("book.yaml", BOOK), &mut problems);
        crate::plan::build(runbook.unwrap(), &mut problems).unwrap().into()
    }

    fn past(events: Vec<(i64, Event)>) -> Past {
        Past::of(&mut plans(), &records(events)).unwrap().0
    }

    fn begun(mode: Mode) -> (i64, Event) {
        (0, Event::RunStarted(RunStarted { mode, ..start() }))
    }

    #[test]
    fn a_remark_that_was_corrected_is_not_handed_on() {
        let note = |kind, text: &str| Note::new("ann", kind, text);
        let corrected = Note { corrects: Some(2), ..note(NoteKind::Todo, "raise the quota") };
        let past = past(vec![
            begun(Mode::Live),
            (1, Event::NoteAdded(note(NoteKind::Todo, "rise the quota"))),
            (2, Event::NoteAdded(note(NoteKind::Finding, "the disk is full"))),
            (3, Event::NoteAdded(corrected)),
        ]);
        let told: Vec<(u64, &str)> =
            past.remarks.iter().map(|remark| (remark.seq, remark.text.as_str())).collect();
        assert_eq!(told, [(3, "the disk is full"), (4, "raise the quota")]);
    }

    #[test]
    fn a_failure_is_told_once_though_the_end_and_the_settlement_both_say_it() {
        let failure = |detail: &str| Failure::new(crate::run::event::FailureKind::Exit, detail);
        let mut past = Past::default();
        let step = || "one".to_owned();
        let mut ended = StepEnded::new("one", 1, End::Exited { code: 1 });
        ended.failure = Some(failure("exit 1"));
        let (command, digest) = (String::new(), String::new());
        let events = vec![
            (0, Event::StepStarted { step: step(), attempt: 1, command, digest }),
            (1, Event::StepEnded(Box::new(ended))),
            (2, Event::StepHeld { step: step(), failure: failure("exit 1") }),
            (3, Event::StepFailed { step: step(), failure: failure("exit 1"), then: Then::Fail }),
            (4, Event::StepFailed { step: step(), failure: failure("no"), then: Then::Fail }),
            (5, Event::StepSkipped { step: "two".into(), why: Skip::When }),
        ];
        records(events).iter().for_each(|record| past.take_step(record));
        let told: Vec<(i64, &str)> = past.tried[0]
            .failures
            .iter()
            .map(|failed| (failed.at.timestamp(), failed.why.as_str()))
            .collect();
        assert_eq!((past.tried.len(), told), (1, vec![(1, "exit 1"), (4, "no")]));
        assert_eq!(past.asked["one"].timestamp(), 2, "it is asked about since it was held");
    }
}
