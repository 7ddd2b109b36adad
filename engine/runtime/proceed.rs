//! The question before a step that changes something, where that is wanted.

use crate::run::Offer;
use crate::run::event::Event;

use super::world::Live;

/// What may be done with a step that is about to begin.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Way {
    Go,
    GoOnUnasked,
    Skip,
    Abort,
}

impl Live {
    /// Asks whether to go on with a step.
    pub(super) fn put_proceed(&self, step: &str, command: &str, offer: &Offer) -> Option<Event> {
        let mut text = format!("\nnext: {step}\n");
        for line in offer.why.as_deref().unwrap_or_default().lines() {
            text.push_str(&format!("  {line}\n"));
        }
        for line in command.lines() {
            text.push_str(&format!("    {line}\n"));
        }
        self.tell_decider(&text);
        let choices = [
            (Way::Go, "go"),
            (Way::GoOnUnasked, "go, and ask no more before steps without a gate"),
            (Way::Skip, "skip it: what needs it goes on without it"),
            (Way::Abort, "abort the run"),
        ];
        let (step, by) = (step.to_owned(), self.place.operator.clone());
        Some(match self.choose("Go on?", &choices)? {
            Way::Go => Event::StepReleased { step, by },
            Way::GoOnUnasked => Event::PaceSet { is_stepwise: false, by },
            Way::Skip => Event::StepPassedOver { step, by, reason: self.reason("Reason")? },
            Way::Abort => Event::AbortRequested { by, reason: self.reason("Reason")? },
        })
    }
}
