//! A past run as the script of an exercise: what happened then is what happens, and what went wrong or
//! was found out is told at the time at which it was.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::journal::Record;
use crate::run::event::exercise::{Inject, Past, PastLook, PastStep, Script, Subject, Told};
use crate::run::event::{End, Event, Failure, FailureKind, NoteKind, Sight, StepEnded};
use crate::run::{IllegalEvent, Plans, RunState, fold};

/// The script of an exercise that goes through a run once more.
pub fn script_of_run(plans: &mut Plans, records: &[Record]) -> Result<Script, IllegalEvent> {
    let mut state = RunState::new(&plans.current);
    let (mut injects, mut steps, mut looks) = (Vec::new(), Vec::new(), Vec::new());
    for record in records {
        fold(plans, &mut state, record.at, &record.event)?;
        let elapsed = state.lasted(record.at).num_milliseconds();
        let at_ms = Some(u64::try_from(elapsed).unwrap_or_default());
        let inject = |text: String| Inject { at_ms, before: None, text, is_hidden: true };
        match &record.event {
            Event::StepEnded(ended) if !ended.is_message() => steps.push(past_step(ended)),
            Event::CheckObserved { check, sight, detail, .. } => {
                let (check, detail) = (check.clone(), detail.clone());
                looks.push(PastLook { check, sight: *sight, detail });
            }
            Event::StepFailed { step, failure, .. } | Event::StepHeld { step, failure } => {
                injects.push(inject(format!("{step} failed: {}", failure.detail)));
            }
            Event::NoteAdded(note) if note.kind == NoteKind::Finding => {
                injects.push(inject(format!("{} finds: {}", note.by, note.text)));
            }
            _ => {}
        }
        if state.has_ended() {
            break;
        }
    }
    let start = state.start.as_ref();
    let run = start.map(|start| start.run.clone()).unwrap_or_default();
    let said = super::script(plans.current.runbook.knowledge.tabletop.as_ref());
    let scenario = Some(scenario(&run, &state, &plans.current.runbook.knowledge.symptoms));
    Ok(Script { scenario, injects, past: Some(Past { run, steps, looks }), ..said })
}

fn scenario(run: &str, state: &RunState, symptoms: &[String]) -> String {
    let title = state.start.as_ref().map(|start| start.title.as_str()).unwrap_or_default();
    let day = state.started_at.map(|at| at.format("%Y-%m-%d %H:%M UTC").to_string());
    let begun = day.map(|day| format!(", begun {day}")).unwrap_or_default();
    let mut text = format!("{run} once more: {title}{begun}.");
    for symptom in symptoms {
        text.push_str(&format!("\n{symptom}"));
    }
    text
}

fn past_step(ended: &StepEnded) -> PastStep {
    let outcome = match &ended.failure {
        None => Told::Well { outputs: ended.outputs.iter().map(text_of).collect() },
        Some(failure) => failed(failure, &ended.end),
    };
    PastStep { step: ended.step.clone(), attempt: ended.attempt, outcome }
}

fn failed(failure: &Failure, end: &End) -> Told {
    let reason = failure.detail.clone();
    let (exit, signal) = match end {
        End::Exited { code } => (Some(*code), None),
        End::Signalled { signal } => (None, Some(*signal)),
        _ => (None, None),
    };
    match failure.kind {
        FailureKind::Timeout => Told::TimesOut,
        FailureKind::Unseen => Told::Unseen { reason },
        _ => Told::Fails { reason, exit, signal },
    }
}

fn text_of((name, value): (&String, &Json)) -> (String, String) {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    (name.clone(), text)
}

/// How something went in the past run; of a look, the one with this number of its check, from 0, or
/// the last. None where that run did not come so far.
pub fn recorded(past: &Past, subject: &Subject, turn: usize) -> Option<Told> {
    match subject {
        Subject::Step { step, attempt } => {
            let mut steps = past.steps.iter();
            let found = steps.find(|past| past.step == *step && past.attempt == *attempt);
            found.map(|past| past.outcome.clone())
        }
        Subject::Check { check } => {
            let looks: Vec<&PastLook> =
                past.looks.iter().filter(|look| look.check == *check).collect();
            looks.get(turn).or(looks.last()).map(|look| shown(look))
        }
    }
}

fn shown(look: &PastLook) -> Told {
    let reason = look.detail.clone();
    match look.sight {
        Sight::Holds | Sight::Warns => Told::Well { outputs: BTreeMap::new() },
        Sight::Fails => Told::fails(reason),
        Sight::Unseen => Told::Unseen { reason },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::event::{CheckRef, Purpose};

    #[test]
    fn each_look_shows_what_it_showed_then_and_later_ones_what_the_last_did() {
        let check = CheckRef { step: None, purpose: Purpose::ExitCriterion, index: 0 };
        let look =
            |sight, detail: &str| PastLook { check: check.clone(), sight, detail: detail.into() };
        let looks = vec![look(Sight::Fails, "503"), look(Sight::Holds, "")];
        let past = Past { run: "x".into(), steps: Vec::new(), looks };
        let subject = Subject::Check { check: check.clone() };
        let told = |turn| recorded(&past, &subject, turn);
        assert_eq!(told(0), Some(Told::fails("503")));
        assert_eq!((told(1), told(7)), (Some(Told::well()), Some(Told::well())));
        let other = Subject::Step { step: "a".into(), attempt: 1 };
        assert_eq!(recorded(&past, &other, 0), None);
    }

    #[test]
    fn how_a_command_was_ended_is_known_by_its_code_or_its_signal() {
        let failed = |end| {
            let failure = Some(Failure::new(FailureKind::Signal, "it broke off"));
            let ended = StepEnded { failure, ..StepEnded::new("a", 1, end) };
            past_step(&ended).outcome
        };
        let told = |exit, signal| Told::Fails { reason: "it broke off".into(), exit, signal };
        assert_eq!(failed(End::Signalled { signal: 9 }), told(None, Some(9)));
        assert_eq!(failed(End::Exited { code: 7 }), told(Some(7), None));
        assert_eq!(failed(End::Answered { status: 500 }), told(None, None));
    }

    #[test]
    fn an_attempt_goes_as_it_went_then() {
        let outcome =
            Told::Fails { reason: "it exited with 7".into(), exit: Some(7), signal: None };
        let step = PastStep { step: "a".into(), attempt: 1, outcome: outcome.clone() };
        let past = Past { run: "x".into(), steps: vec![step], looks: Vec::new() };
        let attempt = |attempt| Subject::Step { step: "a".into(), attempt };
        assert_eq!(recorded(&past, &attempt(1), 0), Some(outcome));
        assert_eq!(recorded(&past, &attempt(2), 0), None);
    }
}
