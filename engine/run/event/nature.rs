//! What sort of thing an event tells.

use super::{Decider, Event, TimerKind};

impl Event {
    /// Whether what it is about may have been overtaken by the time it is told.
    pub fn may_be_late(&self) -> bool {
        self.is_answer()
            || self.is_intervention()
            || matches!(
                self,
                Event::TimerDue { .. }
                    | Event::AttendanceLost { .. }
                    | Event::OutcomeTold(_)
                    | Event::InjectTold(_)
            )
    }

    /// Whether it says something that holds only until the machine stops: which number a process
    /// has.
    pub fn is_of_this_boot(&self) -> bool {
        matches!(self, Event::StepSpawned { .. })
    }

    /// Whether it is what a person answered to a question.
    pub fn is_answer(&self) -> bool {
        matches!(
            self,
            Event::GateApproved { .. }
                | Event::NeedDecided { .. }
                | Event::GateRejected { .. }
                | Event::StepAnswered(_)
                | Event::StepGivenUp { .. }
                | Event::ItemTicked(_)
                | Event::HoldResolved { .. }
                | Event::DoubtSettled { by: Decider::Person { .. }, .. }
                | Event::CheckWaived { .. }
                | Event::CheckRefused { .. }
                | Event::VerdictResolved { .. }
                | Event::InvariantResolved { .. }
        )
    }

    /// Whether a person did it of their own accord.
    pub fn is_intervention(&self) -> bool {
        matches!(
            self,
            Event::PaceSet { .. }
                | Event::StepReleased { .. }
                | Event::StepPassedOver { .. }
                | Event::JumpRequested { .. }
                | Event::BackRequested { .. }
                | Event::StepUndoRequested { .. }
                | Event::AbortRequested { .. }
                | Event::HandedOver(_)
        )
    }

    /// Whether only an exercise at a table has it.
    pub fn is_of_exercise(&self) -> bool {
        matches!(
            self,
            Event::ExerciseBegun(_)
                | Event::OutcomeTold(_)
                | Event::InjectTold(_)
                | Event::Discussed(_)
                | Event::ExerciseScored(_)
        )
    }

    /// Whether it is said for somebody who should see it at once, whatever they are being asked.
    pub fn speaks_up(&self) -> bool {
        match self {
            Event::Reminded { .. } | Event::NoteAdded(_) | Event::InjectTold(_) => true,
            Event::LetterTaken(taken) => !taken.is_remark || taken.refused.is_some(),
            Event::TimerDue { timer, .. } => timer.kind == TimerKind::Budget,
            _ => false,
        }
    }

    /// Whether it may settle a question that somebody is asked elsewhere.
    pub fn may_settle_others(&self) -> bool {
        matches!(self, Event::LetterTaken(_)) || self.is_intervention() || self.is_answer()
    }

    /// Whether it may come after the end of the run.
    pub fn may_follow_end(&self) -> bool {
        self.is_remark() || matches!(self, Event::UndoRequested { .. })
    }

    /// Whether it may also come after the end of the run, and changes nothing of it.
    pub fn is_remark(&self) -> bool {
        matches!(
            self,
            Event::LetterTaken(_)
                | Event::NoteAdded(_)
                | Event::ExecStarted(_)
                | Event::ExecEnded(_)
                | Event::Discussed(_)
                | Event::ExerciseScored(_)
        )
    }
}
