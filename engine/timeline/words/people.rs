//! The sentences about what people do.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::run::event::{Event, EvidenceGiven, Question};

use super::{Kind, Sentence};

/// What an event about something that a person does says.
pub(super) fn sentence(event: &Event) -> Option<Sentence> {
    Some(match event {
        Event::StepAnswered { step, by, note, is_prepared, .. } => {
            let note = note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
            let text = format!("done by {by}{}{note}", prepared(*is_prepared));
            (Kind::Decision, Some(step.clone()), text)
        }
        // That it cannot be done is told with what follows from it.
        _ => return None,
    })
}

/// What a question to a person who does something says.
pub(super) fn asked(question: &Question) -> Option<Sentence> {
    Some(match question {
        Question::Manual { step, .. } => {
            (Kind::Started, Some(step.clone()), "is to be done by hand".into())
        }
        _ => return None,
    })
}

/// What a person handed in, line by line.
pub fn handed_in(
    answers: &BTreeMap<String, Json>,
    evidence: &BTreeMap<String, EvidenceGiven>,
) -> Vec<String> {
    let answers = answers.iter().map(|(name, value)| format!("{name}: {}", shown(value)));
    let evidence = evidence.iter().map(|(name, given)| format!("{name}: {}", given.shown()));
    answers.chain(evidence).collect()
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
