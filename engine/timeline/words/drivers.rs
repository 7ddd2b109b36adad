//! The sentences about drivers: who took over, and why one left.

use crate::run::STEP_UNDO;
use crate::run::event::{Durability, Event, Mode, Predecessor, StopLevel, TakenOver};

use super::super::Kind;
use super::Sentence;

/// What an event of a driver says.
pub(super) fn sentence(event: &Event, mode: Mode) -> Option<Sentence> {
    Some(match event {
        Event::Resumed(resumed) => {
            let text = format!("taken over by {} on {}", resumed.operator, resumed.host);
            (Kind::Run, None, text)
        }
        Event::TakenOver(TakenOver { from, by, reason }) => {
            let Predecessor { operator, host, pid, since } = from;
            let since = since.format("%H:%M:%S");
            let text = format!(
                "{by} ended the driver of {operator} on {host} (process {pid}, since {since} UTC): {reason}"
            );
            (Kind::Decision, None, text)
        }
        Event::StopRequested { level, signal } => (Kind::Run, None, stop(*level, signal)),
        Event::Parked { waiting_for } => {
            let text = match waiting_for.len() {
                // Nobody can go on with it.
                _ if mode.is_assumed() || mode == Mode::Lab => "left before its end".to_owned(),
                0 => "left open; `holdpoint resume` goes on".to_owned(),
                _ => "left waiting for a person".to_owned(),
            };
            (Kind::Run, None, text)
        }
        Event::Paused { reason } => {
            let text = format!("paused, since the journal could not be written: {reason}");
            (Kind::Failed, None, text)
        }
        _ => return None,
    })
}

fn stop(level: StopLevel, signal: &str) -> String {
    if signal == STEP_UNDO {
        return "only that step was to be taken back, so nothing else begins".to_owned();
    }
    let what = match level {
        StopLevel::None | StopLevel::Drain => {
            "nothing new starts, what runs is let finish (once more: ask it to end)"
        }
        StopLevel::Interrupt => "what runs is asked to end (once more: kill it)",
        StopLevel::Kill => "what runs is killed (once more: leave at once)",
    };
    format!("{signal}: {what}")
}

/// What records survive, by the word for it.
pub fn durability(level: Durability) -> &'static str {
    match level {
        Durability::Process => {
            "process: records survive the end of the process, not a loss of power"
        }
        Durability::Power => "power: records survive a loss of power",
    }
}
