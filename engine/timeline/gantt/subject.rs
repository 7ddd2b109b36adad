//! Which step an event is about.

use crate::run::event::{Decider, DoubtChoice, Event, HoldChoice};

/// The path of the step that an event is about.
pub(super) fn step(event: &Event) -> Option<&str> {
    match event {
        Event::NeedDecided { step, .. }
        | Event::GateApproved { step, .. }
        | Event::GateRejected { step, .. }
        | Event::StepGivenUp { step, .. }
        | Event::CaseChosen { step, .. }
        | Event::ItemsListed { step, .. }
        | Event::GroupEntered { step }
        | Event::StepStarted { step, .. }
        | Event::StepSpawned { step, .. }
        | Event::StepLost { step, .. }
        | Event::StepFound { step, .. }
        | Event::StepSucceeded { step }
        | Event::StepSatisfied { step }
        | Event::StepSkipped { step, .. }
        | Event::StepFailed { step, .. }
        | Event::StepHeld { step, .. }
        | Event::HoldResolved { step, .. }
        | Event::StepNotReached { step }
        | Event::ProcessSought { step }
        | Event::DoubtSettled { step, .. }
        | Event::StepReleased { step, .. }
        | Event::StepPassedOver { step, .. }
        | Event::StepUndoRequested { step, .. } => Some(step),
        Event::StepAnswered(answered) => Some(&answered.step),
        Event::ItemTicked(ticked) => Some(&ticked.step),
        Event::WatchSeen(seen) => Some(&seen.step),
        Event::StepEnded(ended) => Some(&ended.step),
        Event::ProcessGone(gone) => Some(&gone.step),
        Event::CheckStarted { check, .. }
        | Event::CheckObserved { check, .. }
        | Event::CheckWaived { check, .. }
        | Event::CheckRefused { check, .. } => check.step.as_deref(),
        Event::TimerSet { timer, .. } | Event::TimerDue { timer, .. } => {
            Some(timer.step.as_str()).filter(|step| !step.is_empty())
        }
        Event::QuestionAsked { question } => question.step(),
        Event::OutcomeTold(told) => told.subject.step(),
        _ => None,
    }
}

/// Whether an event about no step changes nothing of any step: a look at the run itself, a remark.
pub(super) fn is_aside(event: &Event) -> bool {
    event.is_remark()
        || matches!(
            event,
            Event::CheckStarted { .. }
                | Event::CheckObserved { .. }
                | Event::TimerSet { .. }
                | Event::TimerDue { .. }
                | Event::Reminded { .. }
                | Event::InputGiven(_)
                | Event::ClockSet { .. }
                | Event::Slept { .. }
                | Event::InjectTold(_)
        )
}

/// Who did something to a step, or answered for it.
pub(super) fn person(event: &Event) -> Option<&str> {
    match event {
        Event::NeedDecided { by, .. }
        | Event::GateApproved { by, .. }
        | Event::GateRejected { by, .. }
        | Event::StepGivenUp { by, .. }
        | Event::HoldResolved { by, .. }
        | Event::StepReleased { by, .. }
        | Event::StepPassedOver { by, .. }
        | Event::CheckWaived { by, .. }
        | Event::DoubtSettled { by: Decider::Person { name: by }, .. } => Some(by),
        Event::StepAnswered(answered) => Some(&answered.by),
        Event::ItemTicked(ticked) => Some(&ticked.by),
        _ => None,
    }
}

/// What an answer to a step was, in words.
pub(super) fn answer(event: &Event) -> Option<&'static str> {
    Some(match event {
        Event::GateApproved { is_bypass: true, .. } => "passed by with --yes, approved by nobody",
        Event::GateApproved { .. } => "approved",
        Event::GateRejected { .. } => "refused",
        Event::StepAnswered(_) => "done",
        Event::StepGivenUp { .. } => "given up",
        Event::StepPassedOver { .. } => "passed over",
        Event::NeedDecided { is_needed: true, .. } => "needed",
        Event::NeedDecided { .. } => "not needed",
        Event::HoldResolved { choice, .. } => match choice {
            HoldChoice::Retry => "to be tried again",
            HoldChoice::Done => "marked as done",
            HoldChoice::Failed => "counted as failed",
            HoldChoice::Skip => "skipped",
            HoldChoice::Abort => "the run is aborted",
            HoldChoice::Undo => "the run is taken back",
        },
        Event::DoubtSettled { choice, .. } => match choice {
            DoubtChoice::Done => "counted as done",
            DoubtChoice::Rerun => "to be done again",
            DoubtChoice::Failed => "counted as failed",
        },
        Event::StepFound { .. } => "found again under its keeper",
        _ => return None,
    })
}
