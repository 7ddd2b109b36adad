//! The sentences of an exercise at a table. What is not told yet is in none of them.

use crate::run::RunState;
use crate::run::event::exercise::{BEST, ExerciseScored};
use crate::run::event::{End, Event, Mode};
use crate::timeline::Kind;

use super::Sentence;

/// What an event of an exercise says. How something goes is said by what follows.
pub(super) fn sentence(event: &Event, state: &RunState) -> Option<Sentence> {
    Some(match event {
        Event::ExerciseBegun(script) => {
            let scenario = script.scenario.as_deref().unwrap_or("no scenario is written down");
            (Kind::Note, None, format!("the exercise begins: {}", scenario.trim()))
        }
        Event::InjectTold(told) => {
            let by = told.by.as_ref().map(|by| format!(" (told by {by})")).unwrap_or_default();
            let number = told.number.map(|number| format!(" {number}")).unwrap_or_default();
            (Kind::Note, None, format!("INJECT{number}{by}: {}", told.text.trim()))
        }
        Event::Discussed(said) => {
            let text = format!("{} {} answers: {}", said.question.trim(), said.by, said.answer);
            (Kind::Decision, said.step.clone(), text)
        }
        Event::ExerciseScored(scored) => (Kind::Note, None, score(scored, state)),
        _ => return None,
    })
}

fn score(scored: &ExerciseScored, state: &RunState) -> String {
    let met = scored.objectives.iter().filter(|is_met| **is_met).count();
    let of = state.exercise.as_ref().map_or(0, |exercise| exercise.script.objectives.len());
    let score = scored.score.map(|score| format!(", and gives it {score} of {BEST}"));
    format!("{} finds {met} of {of} objectives met{}", scored.by, score.unwrap_or_default())
}

/// A sentence as an exercise says it: no message of it is ever sent.
pub(super) fn labelled(event: &Event, state: &RunState, sentence: Sentence) -> Sentence {
    let (kind, step, text) = sentence;
    let text = match event {
        Event::StepEnded(ended) if state.mode() == Mode::Tabletop => match &ended.end {
            End::Sent { to, .. } => format!("would be sent to {to}; in an exercise nothing is"),
            End::Shown { .. } => "would be passed on; in an exercise nothing is".to_owned(),
            _ => text,
        },
        _ => text,
    };
    (kind, step, text)
}
