//! What an entry cannot tell from its record alone: where it was, how long a person had been waited
//! for, what corrects it, and whether a look showed anything new.

use std::collections::HashMap;

use crate::journal::Record;
use crate::plan::Plan;
use crate::run::event::{CheckRef, Decider, Event, InputSource, Question, Sight};
use crate::run::{Names, RunState};
use crate::runbook::target::Destination;

use super::{Corrections, Entry};

/// What was learnt on the way through the records.
pub(super) struct Course {
    corrections: Corrections,
    /// The machine of the driver.
    host: Option<String>,
    asked: HashMap<Matter, Asked>,
    seen: HashMap<CheckRef, (Sight, String)>,
}

/// What a question is about.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
enum Matter {
    Gate(String),
    Needed(String),
    ByHand(String),
    Proceed(String),
    Hold(String),
    Doubt(String),
    Check(CheckRef),
    Invariant(CheckRef),
    Input(String),
    Verdict,
}

/// Since when something is asked, after the start of the run.
struct Asked {
    since_ms: i64,
    is_answered: bool,
}

impl Course {
    /// Before the first of these records.
    pub(super) fn of(records: &[Record]) -> Course {
        Course {
            corrections: Corrections::of(records),
            host: None,
            asked: HashMap::new(),
            seen: HashMap::new(),
        }
    }

    /// Learns from a record, and adds to its entry what that cannot know; `state` is the state after
    /// it. Says whether the record tells anything new.
    pub(super) fn hear(
        &mut self,
        record: &Record,
        entry: Option<&mut Entry>,
        plan: &Plan,
        state: &RunState,
    ) -> bool {
        let event = &record.event;
        match event {
            Event::RunStarted(start) => self.host = Some(start.host.clone()),
            Event::Resumed(resumed) => self.host = Some(resumed.host.clone()),
            _ => {}
        }
        let now = state.lasted(record.at).num_milliseconds();
        let waited_ms = self.waited(event, now);
        if let Some(entry) = entry {
            entry.place = self.place(event, plan, state);
            entry.waited_ms = waited_ms;
            if let Some(remark) = &mut entry.remark {
                remark.corrected_by = self.corrections.of_record(record.seq);
            }
        }
        self.is_new(event)
    }

    /// Whether a look showed anything else than the one before.
    fn is_new(&mut self, event: &Event) -> bool {
        let Event::CheckObserved { check, sight, detail, .. } = event else { return true };
        let now = (*sight, detail.clone());
        let before = self.seen.insert(check.clone(), now);
        before.is_none_or(|(was, said)| was != *sight || said != *detail)
    }

    /// Takes note of a question; of an answer it says how long that was waited for.
    fn waited(&mut self, event: &Event, now: i64) -> Option<u64> {
        if let Event::QuestionAsked { question } = event {
            let fresh = Asked { since_ms: now, is_answered: false };
            let asked = self.asked.entry(matter(question)?).or_insert(fresh);
            // It may be asked anew while nobody has answered, by the next driver for one.
            if asked.is_answered {
                *asked = Asked { since_ms: now, is_answered: false };
            }
            return None;
        }
        let asked = self.asked.get_mut(&answered(event)?)?;
        // A second approver is waited for from the same moment on.
        asked.is_answered = true;
        u64::try_from(now - asked.since_ms).ok()
    }

    fn place(&self, event: &Event, plan: &Plan, state: &RunState) -> Option<String> {
        match event {
            Event::RunStarted(_) | Event::Resumed(_) => self.host.clone(),
            Event::RunbookAdopted(adopted) => Some(adopted.host.clone()),
            Event::ExecStarted(exec) => Some(exec.host.clone()),
            Event::LetterTaken(taken) => Some(taken.sender.host.clone()),
            Event::StepStarted { step, .. } => self.target(step, plan, state),
            Event::StepEnded(ended) => self.target(&ended.step, plan, state),
            _ => None,
        }
    }

    /// Where the action of a step is.
    fn target(&self, step: &str, plan: &Plan, state: &RunState) -> Option<String> {
        let index = plan.at_path(step)?;
        let facets = &state.form(plan, index)?.facets;
        let setting = match facets.action.probe() {
            Some(probe) => &probe.setting.over(&facets.setting),
            None => &facets.setting,
        };
        match setting.place(&Names::at(plan, state, index)) {
            Destination::Local => self.host.clone(),
            elsewhere => Some(elsewhere.shown()),
        }
    }
}

fn matter(question: &Question) -> Option<Matter> {
    Some(match question {
        Question::Gate(gate) => Matter::Gate(gate.step.clone()),
        Question::Needed { step, .. } => Matter::Needed(step.clone()),
        Question::Manual { step, .. } | Question::Choose { step, .. } => {
            Matter::ByHand(step.clone())
        }
        Question::Item(item) => Matter::ByHand(item.step.clone()),
        Question::Proceed { step, .. } => Matter::Proceed(step.clone()),
        Question::Hold { step, .. } => Matter::Hold(step.clone()),
        Question::InDoubt { step, .. } => Matter::Doubt(step.clone()),
        Question::Check { check, .. } => Matter::Check(check.clone()),
        Question::Invariant { check, .. } => Matter::Invariant(check.clone()),
        Question::Input { name, .. } => Matter::Input(name.clone()),
        Question::Verdict { .. } => Matter::Verdict,
        Question::Terminal { .. } => return None,
    })
}

fn answered(event: &Event) -> Option<Matter> {
    Some(match event {
        Event::GateApproved { step, .. } | Event::GateRejected { step, .. } => {
            Matter::Gate(step.clone())
        }
        Event::NeedDecided { step, .. } => Matter::Needed(step.clone()),
        Event::StepAnswered(answered) => Matter::ByHand(answered.step.clone()),
        Event::ItemTicked(ticked) => Matter::ByHand(ticked.step.clone()),
        Event::StepGivenUp { step, .. } => Matter::ByHand(step.clone()),
        Event::StepReleased { step, .. } => Matter::Proceed(step.clone()),
        Event::HoldResolved { step, .. } => Matter::Hold(step.clone()),
        Event::DoubtSettled { step, by: Decider::Person { .. }, .. } => Matter::Doubt(step.clone()),
        Event::CheckWaived { check, .. } | Event::CheckRefused { check, by: Some(_), .. } => {
            Matter::Check(check.clone())
        }
        Event::InvariantResolved { check, .. } => Matter::Invariant(check.clone()),
        Event::InputGiven(given) if given.from == InputSource::Prompt => {
            Matter::Input(given.name.clone())
        }
        Event::VerdictResolved { .. } => Matter::Verdict,
        _ => return None,
    })
}
