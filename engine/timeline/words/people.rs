//! The sentences about what people do.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::plan::Plan;
use crate::run::event::{Event, EvidenceGiven, ItemTicked, OptionAsked, Question, StepAnswered};
use crate::run::{Names, RunState};
use crate::runbook::action::Action;
use crate::runbook::rendered::Quoting;

use super::{Kind, Sentence, duration};

/// How many options a timeline shows; the journal has all of them.
const OPTIONS: usize = 20;

/// An answer within less milliseconds was given without reading the question.
pub(in crate::timeline) const HASTY: u64 = 2000;

/// What an event about something that a person does says.
pub(super) fn sentence(event: &Event, plan: &Plan, state: &RunState) -> Option<Sentence> {
    Some(match event {
        Event::GateApproved { step, by, is_bypass: true, .. } => {
            let text = format!("passed by with --yes by {by}: nobody approved it");
            (Kind::Gate, Some(step.clone()), text)
        }
        Event::GateApproved {
            step, by, note, is_prepared, value, wrong_words, took_ms, ..
        } => {
            let how = prepared(*is_prepared);
            let value = value.as_ref().map(|value| format!(", who reads {value}"));
            let note = note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
            let (value, care) = (value.unwrap_or_default(), care(*wrong_words, *took_ms));
            let text = format!("approved by {by}{how}{value}{note} (name as given){care}");
            (Kind::Gate, Some(step.clone()), text)
        }
        Event::GateRejected { step, by, reason, took_ms, .. } => {
            let text = format!("refused by {by}: {reason} (name as given){}", care(0, *took_ms));
            (Kind::Gate, Some(step.clone()), text)
        }
        Event::StepAnswered(StepAnswered { step, by, note, is_prepared, .. }) => {
            let note = note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
            let done = if is_choice(plan, state, step) { "chosen" } else { "done" };
            let text = format!("{done} by {by}{}{note}", prepared(*is_prepared));
            (Kind::Decision, Some(step.clone()), text)
        }
        Event::NeedDecided { step, is_needed, by, reason, is_prepared } => {
            let what = if *is_needed { "needed" } else { "not needed" };
            let text = format!("{what}, says {by}{}: {reason}", prepared(*is_prepared));
            (Kind::Decision, Some(step.clone()), text)
        }
        Event::ItemTicked(ItemTicked { step, item, by, waived, is_prepared, .. }) => {
            let item = item_text(plan, state, step, item);
            let text = match waived {
                None => format!("{item}: done by {by}{}", prepared(*is_prepared)),
                Some(reason) => {
                    format!("{item}: does not apply, says {by}{}: {reason}", prepared(*is_prepared))
                }
            };
            (Kind::Decision, Some(step.clone()), text)
        }
        // That it cannot be done is told with what follows from it.
        _ => return None,
    })
}

/// With how much care a gate was answered, where that is worth knowing.
fn care(wrong_words: u32, took_ms: Option<u64>) -> String {
    let mut text = match wrong_words {
        0 => String::new(),
        1 => ", after 1 wrong word".to_owned(),
        many => format!(", after {many} wrong words"),
    };
    if let Some(took_ms) = took_ms.filter(|took_ms| *took_ms < HASTY) {
        let took = duration(took_ms);
        text.push_str(&format!(", answered in {took}, too fast to have been read"));
    }
    text
}

/// What a question to a person who does something says.
pub(super) fn asked(question: &Question) -> Option<Sentence> {
    Some(match question {
        Question::Manual { step, .. } => {
            (Kind::Started, Some(step.clone()), "is to be done by hand".into())
        }
        Question::Needed { step, title } => {
            (Kind::Waiting, Some(step.clone()), format!("is optional: is it needed? {title}"))
        }
        Question::Terminal { step, .. } => {
            (Kind::Waiting, Some(step.clone()), "needs a terminal, and nobody is there".into())
        }
        Question::Choose { step, ask, .. } => {
            (Kind::Started, Some(step.clone()), format!("asks: {ask}"))
        }
        // What follows on the first item shows by its being ticked.
        Question::Item(asked) if asked.number == 1 => {
            let text = format!("is a checklist of {} items", asked.of);
            (Kind::Started, Some(asked.step.clone()), text)
        }
        _ => return None,
    })
}

/// The text of an item as it was shown.
fn item_text(plan: &Plan, state: &RunState, step: &str, item: &str) -> String {
    let index = plan.at_path(step);
    let form = index.and_then(|index| state.form(plan, index));
    let found = match form.map(|form| &form.facets.action) {
        Some(Action::Checklist(checklist)) => {
            checklist.items.iter().find(|known| known.name.value == item)
        }
        _ => None,
    };
    let names = index.map(|index| Names::at(plan, state, index));
    let text =
        found.zip(names).and_then(|(item, names)| item.text.render(&names, Quoting::Text).ok());
    text.map_or_else(|| item.to_owned(), |text| text.shown().trim_end().to_owned())
}

fn is_choice(plan: &Plan, state: &RunState, step: &str) -> bool {
    let form = plan.at_path(step).and_then(|index| state.form(plan, index));
    form.is_some_and(|form| matches!(form.facets.action, Action::Choose(_)))
}

/// What there is to choose from, line by line, as far as it fits on a screen.
pub(super) fn options(options: &[OptionAsked]) -> Vec<String> {
    let mut lines: Vec<String> =
        options.iter().take(OPTIONS).map(|option| option.label.clone()).collect();
    if options.len() > OPTIONS {
        lines.push(format!("… {} more", options.len() - OPTIONS));
    }
    lines
}

/// What a person handed in, line by line.
pub fn handed_in(
    answers: &BTreeMap<String, Json>,
    secrets: &[String],
    evidence: &BTreeMap<String, EvidenceGiven>,
) -> Vec<String> {
    let secrets = secrets.iter().map(|name| format!("{name}: ***"));
    let answers = answers.iter().map(|(name, value)| format!("{name}: {}", shown(value)));
    let evidence = evidence.iter().map(|(name, given)| format!("{name}: {}", given.shown()));
    answers.chain(secrets).chain(evidence).collect()
}

fn shown(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn prepared(is_prepared: bool) -> &'static str {
    if is_prepared { " with an answer prepared beforehand" } else { "" }
}
