//! Who did or said what an event tells.

use crate::run::event::exercise::Teller;
use crate::run::event::{Decider, Event};

/// The name of whoever did or said it, as given; none where the run did it by itself.
pub(super) fn who(event: &Event) -> Option<String> {
    of_answer(event).or_else(|| of_own_accord(event)).filter(|by| !by.is_empty()).map(str::to_owned)
}

fn of_answer(event: &Event) -> Option<&str> {
    Some(match event {
        Event::GateApproved { by, .. }
        | Event::GateRejected { by, .. }
        | Event::NeedDecided { by, .. }
        | Event::StepGivenUp { by, .. }
        | Event::HoldResolved { by, .. }
        | Event::CheckWaived { by, .. }
        | Event::CheckRefused { by: Some(by), .. }
        | Event::InvariantResolved { by, .. }
        | Event::VerdictResolved { by, .. }
        | Event::DoubtSettled { by: Decider::Person { name: by }, .. } => by,
        Event::StepAnswered(answered) => &answered.by,
        Event::ItemTicked(ticked) => &ticked.by,
        _ => return None,
    })
}

fn of_own_accord(event: &Event) -> Option<&str> {
    Some(match event {
        Event::PaceSet { by, .. }
        | Event::StepReleased { by, .. }
        | Event::StepPassedOver { by, .. }
        | Event::JumpRequested { by, .. }
        | Event::BackRequested { by, .. }
        | Event::StepUndoRequested { by, .. }
        | Event::UndoRequested { by, .. }
        | Event::AbortRequested { by, .. } => by,
        Event::RunStarted(start) => &start.operator,
        Event::Resumed(resumed) => &resumed.operator,
        Event::TakenOver(taken) => &taken.by,
        Event::RunbookAdopted(adopted) => &adopted.by,
        Event::LetterTaken(taken) => &taken.by,
        Event::NoteAdded(note) => &note.by,
        Event::HandedOver(handed) => &handed.by,
        Event::ExecStarted(exec) => &exec.by,
        Event::Discussed(said) => &said.by,
        Event::ExerciseScored(scored) => &scored.by,
        Event::InjectTold(told) => told.by.as_deref()?,
        Event::OutcomeTold(told) => match &told.teller {
            Teller::Person { name } => name,
            Teller::Runbook | Teller::Past => return None,
        },
        _ => return None,
    })
}
