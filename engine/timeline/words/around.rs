//! The sentences about what happened around a run: to its terminal, and to the clocks.

use crate::run::event::{Absence, Event};
use crate::timeline::Kind;

use super::{Sentence, duration};

/// What an event of the surroundings says.
pub(super) fn sentence(event: &Event) -> Option<Sentence> {
    let text = match event {
        Event::AttendanceLost { cause } => {
            let cause = match cause {
                Absence::HangUp => "SIGHUP",
                Absence::TerminalGone => "the terminal is gone",
            };
            format!("{cause}: nobody is asked any more, and the run goes on as far as it can")
        }
        Event::ClockSet { by_ms } => {
            let way = if *by_ms < 0 { "back" } else { "forward" };
            format!("the clock was set {way} by {}", duration(by_ms.unsigned_abs()))
        }
        Event::Slept { ms } => format!("the machine slept for {}", duration(*ms)),
        _ => return None,
    };
    Some((Kind::Run, None, text))
}
