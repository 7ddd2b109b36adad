//! What a letter from another terminal leads to.
//!
//! A letter counts once, and only for the question that it was written for: a gate with its digest
//! and the number of its asking, a step with the number of its attempts. Whatever becomes of it is
//! put on record, a refusal with its reason. The choice that it names is translated into the event
//! that the same choice at the terminal would have made.

use crate::plan::{Index, Plan};
use crate::runbook::answers::Prepared;
use crate::source::{Span, Spanned};

use super::approval::fits;
use super::event::exercise::{ExerciseScored, InjectTold, OutcomeTold, Teller};
use super::event::{
    CheckRef, Decider, DoubtChoice, Event, HoldChoice, InvariantChoice, Letter, LetterTaken,
    Moment, Question, Stage, VerdictChoice, Wish, WishedChoice,
};
use super::state::{RunState, StepState};

/// What is to be put on record of a letter: nothing for one that was taken before; none while its
/// time has not come.
pub fn receive(plan: &Plan, state: &RunState, now: Moment, letter: &Letter) -> Option<Vec<Event>> {
    if state.letters.contains(&letter.id) {
        return Some(Vec::new());
    }
    if is_early(plan, state, letter) {
        return None;
    }
    let (event, refused) = match led_to(plan, state, now, letter) {
        Ok(event) => (Some(event), None),
        Err(reason) => (None, Some(reason)),
    };
    let taken = Event::LetterTaken(Box::new(LetterTaken {
        letter: letter.id.clone(),
        sent_at: letter.sent_at,
        by: letter.by.clone(),
        sender: letter.sender.clone(),
        wish: letter.wish.said(),
        step: letter.wish.step().map(str::to_owned),
        is_remark: letter.wish.is_remark(),
        refused,
    }));
    Some(std::iter::once(taken).chain(event).collect())
}

/// Why a letter would come to nothing as things stand. What it leads to is not tried while its time
/// has not come.
pub fn refusal(plan: &Plan, state: &RunState, now: Moment, letter: &Letter) -> Option<String> {
    let led_to = match is_early(plan, state, letter) {
        true => answer(plan, state, letter),
        false => led_to(plan, state, now, letter),
    };
    led_to.err()
}

/// The event that a letter asks for, once the state has taken it.
fn led_to(plan: &Plan, state: &RunState, now: Moment, letter: &Letter) -> Result<Event, String> {
    let event = answer(plan, state, letter)?;
    let mut tried = state.clone();
    tried.apply(plan, now, &event).map_err(|illegal| illegal.reason)?;
    Ok(event)
}

/// Whether what a letter decides about will be asked, or can be decided, in a moment.
fn is_early(plan: &Plan, state: &RunState, letter: &Letter) -> bool {
    let Wish::Decide { step, choice, .. } = &letter.wish else { return false };
    if state.has_ended() {
        return false;
    }
    if let Some(name) = step.strip_prefix("invariant/") {
        let is_it =
            |asked: &Question| matches!(asked, Question::Invariant { id, .. } if id == name);
        return !state.asked.iter().any(is_it)
            && plan
                .runbook
                .invariants
                .iter()
                .any(|check| check.id.as_ref().is_some_and(|id| id.value == name));
    }
    let Some(index) = plan.at_path(step) else { return false };
    let status = &state.steps[index];
    let is_it =
        |asked: &Question| matches!(asked, Question::InDoubt { step: of, .. } if of == step);
    match status.state {
        StepState::InDoubt(_) => !state.asked.iter().any(is_it),
        StepState::Pending | StepState::Ready(_) | StepState::AtGate(_) => {
            *choice == WishedChoice::Skip && status.checks.is_looking
        }
        _ => false,
    }
}

/// The event that a letter asks for, or why there is none.
fn answer(plan: &Plan, state: &RunState, letter: &Letter) -> Result<Event, String> {
    if letter.by.trim().is_empty() {
        return Err("an empty name is none".into());
    }
    let by = letter.by.clone();
    match &letter.wish {
        Wish::Approve { step, digest, asked, note, word, value } => {
            let prepared = prepared(&by, digest, true, note.clone(), word.clone(), value.clone());
            at_gate(plan, state, (step, *asked), &prepared)
        }
        Wish::Reject { step, digest, asked, reason } => {
            let prepared = prepared(&by, digest, false, Some(reason.clone()), None, None);
            at_gate(plan, state, (step, *asked), &prepared)
        }
        Wish::Decide { step, choice, attempts, reason } => {
            decide(plan, state, (step, *attempts), *choice, (by, reason.clone()))
        }
        Wish::Undo { step: None, reason } => {
            if let Some(why) = state.no_way_back() {
                return Err(why.into());
            }
            Ok(Event::UndoRequested { by, reason: reason.clone() })
        }
        Wish::Undo { step: Some(step), reason } => {
            let (step, reason) = (step.clone(), reason.clone());
            Ok(Event::StepUndoRequested { step, by, reason })
        }
        Wish::Abort { reason } => Ok(Event::AbortRequested { by, reason: reason.clone() }),
        Wish::Outcome { subject, outcome } => {
            let (subject, outcome) = (subject.clone(), outcome.clone());
            let teller = Teller::Person { name: by };
            Ok(Event::OutcomeTold(OutcomeTold { subject, outcome, teller }))
        }
        Wish::Inject { number, text } => {
            let (number, text) = (*number, text.clone());
            Ok(Event::InjectTold(InjectTold { number, text, by: Some(by) }))
        }
        Wish::Score { objectives, score } => {
            let (objectives, score) = (objectives.clone(), *score);
            Ok(Event::ExerciseScored(ExerciseScored { by, objectives, score }))
        }
        Wish::Note(note) => Ok(Event::NoteAdded(note.clone())),
        Wish::ExecStarted(exec) => Ok(Event::ExecStarted(exec.clone())),
        Wish::ExecEnded(ended) => Ok(Event::ExecEnded(ended.clone())),
    }
}

fn prepared(
    by: &str,
    digest: &str,
    is_approval: bool,
    note: Option<String>,
    word: Option<String>,
    value: Option<String>,
) -> Prepared {
    Prepared {
        step: Spanned::new(String::new(), Span::default()),
        is_approval: Some(is_approval),
        by: Some(Spanned::new(by.to_owned(), Span::default())),
        note,
        word,
        digest: Some(digest.to_owned()),
        value,
        is_needed: None,
        by_hand: None,
    }
}

fn at_gate(
    plan: &Plan,
    state: &RunState,
    (path, asked): (&str, u32),
    prepared: &Prepared,
) -> Result<Event, String> {
    let index = step(plan, path)?;
    let status = &state.steps[index];
    let StepState::AtGate(gate) = &status.state else {
        return Err(format!(
            "its gate is not open to answers: the step is {}",
            status.state.word()
        ));
    };
    if state.gives_up(plan, index) {
        return Err("the run is being ended".into());
    }
    if status.gate_asked != asked {
        return Err("it was given for an earlier question".into());
    }
    let library = &plan.runbook.library;
    let mut event = fits(prepared, gate, &status.approved, (&state.operator, library))?;
    if let Event::GateRejected { by, .. } = &event
        && !library.may_approve(by, &gate.approvers)
    {
        return Err(format!("{by} may not refuse it; {} may", gate.approvers.join(", ")));
    }
    // It was given for a question that is open, by somebody who could see it.
    if let Event::GateApproved { is_prepared, .. } = &mut event {
        *is_prepared = false;
    }
    Ok(event)
}

/// The event with which a person decides about a step as it stands.
fn decide(
    plan: &Plan,
    state: &RunState,
    (path, attempts): (&str, u32),
    choice: WishedChoice,
    (by, reason): (String, String),
) -> Result<Event, String> {
    if path == "verdict" {
        return about_verdict(state, choice, by, reason);
    }
    if let Some(id) = path.strip_prefix("invariant/") {
        return about_invariant(state, id, choice, by, reason);
    }
    let index = step(plan, path)?;
    let status = &state.steps[index];
    let is_early =
        matches!(status.state, StepState::Pending | StepState::Ready(_) | StepState::AtGate(_));
    if status.attempts != attempts && !is_early {
        return Err("the step has been tried again since".into());
    }
    let step = path.to_owned();
    match (&status.state, choice) {
        (StepState::Held(_), _) if state.gives_up(plan, index) => {
            Err("the run is being ended".into())
        }
        (StepState::Held(_), choice) => {
            let choice = match choice {
                WishedChoice::Retry => HoldChoice::Retry,
                WishedChoice::Done => HoldChoice::Done,
                WishedChoice::Fail => HoldChoice::Failed,
                WishedChoice::Skip => HoldChoice::Skip,
            };
            Ok(Event::HoldResolved { step, choice, by, reason })
        }
        (StepState::InDoubt(_), WishedChoice::Skip) => {
            Err("it is in doubt: say first whether it happened (done, retry or fail)".into())
        }
        (StepState::InDoubt(_), WishedChoice::Retry) if state.is_ending() => Err(
            "the run is being ended, so it is not done again: say what became of it (done or fail)"
                .into(),
        ),
        (StepState::InDoubt(_), choice) => {
            let choice = match choice {
                WishedChoice::Retry => DoubtChoice::Rerun,
                WishedChoice::Done => DoubtChoice::Done,
                WishedChoice::Fail | WishedChoice::Skip => DoubtChoice::Failed,
            };
            Ok(Event::DoubtSettled { step, choice, by: Decider::Person { name: by }, reason })
        }
        (_, WishedChoice::Skip) if is_early => Ok(Event::StepPassedOver { step, by, reason }),
        (other, choice) => Err(out_of_place(other, choice)),
    }
}

/// Why a step as it stands is not decided about so.
fn out_of_place(state: &StepState, choice: WishedChoice) -> String {
    let stands = match state {
        StepState::RetryWait(_) => "waits to be tried again".to_owned(),
        other => format!("is {}", other.word().replace('_', " ")),
    };
    let is_for = match choice {
        WishedChoice::Skip => "has not begun or is held",
        _ => "is held or in doubt",
    };
    format!("the step {stands}: `{}` is for one that {is_for}", choice.word())
}

fn about_verdict(
    state: &RunState,
    choice: WishedChoice,
    by: String,
    reason: String,
) -> Result<Event, String> {
    if state.stage != Stage::ExitCriteria || state.verdict_held.is_none() {
        return Err("no verdict waits".into());
    }
    let choice = match choice {
        WishedChoice::Retry => VerdictChoice::Retry,
        WishedChoice::Done | WishedChoice::Fail => VerdictChoice::End,
        WishedChoice::Skip => return Err("a verdict cannot be skipped".into()),
    };
    Ok(Event::VerdictResolved { choice, by, reason })
}

fn about_invariant(
    state: &RunState,
    name: &str,
    choice: WishedChoice,
    by: String,
    reason: String,
) -> Result<Event, String> {
    let check = state.asked.iter().find_map(|asked| match asked {
        Question::Invariant { id, check, .. } if id == name => Some(check.clone()),
        _ => None,
    });
    let check: CheckRef = check.ok_or("nobody is asked about this invariant")?;
    let choice = match choice {
        WishedChoice::Retry => InvariantChoice::Retry,
        WishedChoice::Skip => InvariantChoice::Waive,
        _ => return Err("an invariant can be looked at again (retry) or let pass (skip)".into()),
    };
    Ok(Event::InvariantResolved { check, choice, by, reason })
}

fn step(plan: &Plan, path: &str) -> Result<Index, String> {
    plan.at_path(path).ok_or_else(|| "the runbook has no such step".into())
}
