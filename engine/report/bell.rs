//! A bell for whoever looks elsewhere: it rings when the run begins to wait for a person, when a
//! step is held, when somebody is reminded of something, and at the end of a run that took long.
//!
//! It rings on a terminal only. Where the terminal is known to show notifications, it is handed
//! one sentence as well; that names the runbook and the step, and says nothing that was printed.

use std::io::{self, IsTerminal, Write};

use chrono::TimeDelta;

use crate::journal::Record;
use crate::plan::Plan;
use crate::run::RunState;
use crate::run::event::{Event, Moment};
use crate::timeline::{entry, outcome};

use super::visible_str;

/// The variable that turns it off.
const OFF: &str = "HOLDPOINT_NO_BELL";

/// How long nobody was asked anything before a question is worth a bell.
const QUIET: TimeDelta = TimeDelta::seconds(10);

/// How long a run took whose end is worth one.
const LONG: TimeDelta = TimeDelta::seconds(30);

/// The most that a notification says, in characters.
const MOST: usize = 160;

/// A bell, and what it remembers of the run.
#[derive(Debug)]
pub struct Bell {
    way: Way,
    /// Since when nobody is asked anything.
    quiet_since: Option<Moment>,
    /// Whether a question was open after the last event.
    was_asked: bool,
}

/// How somebody is called.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Way {
    /// Not at all.
    Silent,
    /// With the bell of the terminal.
    Bell,
    /// With that, and the notification that iTerm2 began with.
    Osc9,
    /// With that, and the notification that rxvt began with, which has a title.
    Osc777,
}

impl Bell {
    /// The bell of this process.
    pub fn new() -> Bell {
        let is_terminal = io::stderr().is_terminal();
        Bell::that(way(|name| std::env::var(name).ok(), is_terminal))
    }

    fn that(way: Way) -> Bell {
        Bell { way, quiet_since: None, was_asked: false }
    }

    /// Rings if a record is worth it; `state` is the state after it.
    pub fn hear(&mut self, record: &Record, plan: &Plan, state: &RunState) {
        let Some(sentence) = self.call(record, plan, state) else { return };
        let call = written(self.way, &plan.runbook.id, &state.mode().stamped(&sentence));
        // Nobody is there where a terminal is gone.
        let _ = io::stderr().lock().write_all(call.as_bytes());
    }

    /// What is worth a bell in a record, in a short sentence.
    fn call(&mut self, record: &Record, plan: &Plan, state: &RunState) -> Option<String> {
        let at = record.at;
        let quiet_since = *self.quiet_since.get_or_insert(at);
        let is_asked = !state.asked.is_empty();
        if self.was_asked || is_asked || matches!(record.event, Event::StepHeld { .. }) {
            self.quiet_since = Some(at);
        }
        self.was_asked = is_asked;
        match &record.event {
            Event::StepHeld { step, .. } => Some(format!("{step} failed and is held")),
            Event::QuestionAsked { .. } => {
                let is_news = state.is_anybody_there() && at - quiet_since >= QUIET;
                is_news.then(|| "it waits for you".to_owned())
            }
            Event::RunEnded { outcome: ended, .. } => {
                (state.lasted(at) > LONG).then(|| format!("the run {}", outcome(*ended)))
            }
            event if event.speaks_up() => {
                let entry = entry(record, plan, state)?;
                let step = entry.step.map(|step| format!("{step} ")).unwrap_or_default();
                Some(format!("{step}{}", entry.text))
            }
            _ => None,
        }
    }
}

impl Default for Bell {
    fn default() -> Bell {
        Bell::new()
    }
}

/// How somebody can be called, by what the environment says of the terminal.
fn way(variable: impl Fn(&str) -> Option<String>, is_terminal: bool) -> Way {
    let is_set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
    let is = |name: &str, value: &str| variable(name).as_deref() == Some(value);
    let term = variable("TERM").unwrap_or_default();
    let program = variable("TERM_PROGRAM").unwrap_or_default();
    if !is_terminal || is_set(OFF) || is_set("CI") || term.is_empty() || term == "dumb" {
        return Way::Silent;
    }
    // What they pass on of a notification depends on how they are set up.
    let is_within = is_set("TMUX") || is_set("STY") || is_set("ZELLIJ");
    if is_within || term.starts_with("screen") || term.starts_with("tmux") {
        return Way::Bell;
    }
    let takes_9 = ["iTerm.app", "WezTerm", "ghostty", "WarpTerminal"].contains(&program.as_str())
        || ["xterm-kitty", "xterm-ghostty", "wezterm"].contains(&term.as_str())
        || is("LC_TERMINAL", "iTerm2")
        || is_set("KITTY_WINDOW_ID")
        || is_set("WEZTERM_PANE")
        || is_set("GHOSTTY_RESOURCES_DIR");
    if takes_9 {
        return Way::Osc9;
    }
    let takes_777 = is_set("VTE_VERSION") || term.starts_with("foot") || term.starts_with("rxvt");
    if takes_777 { Way::Osc777 } else { Way::Bell }
}

/// What is written to call somebody.
fn written(way: Way, runbook: &str, sentence: &str) -> String {
    let (runbook, sentence) = (inert(runbook), inert(sentence));
    match way {
        Way::Silent => String::new(),
        Way::Bell => "\x07".to_owned(),
        Way::Osc9 => format!("\x07\x1b]9;{runbook}: {sentence}\x1b\\"),
        Way::Osc777 => format!("\x07\x1b]777;notify;{runbook};{sentence}\x1b\\"),
    }
}

/// A text that neither ends a notification nor divides it.
fn inert(text: &str) -> String {
    let text = visible_str(text).replace(['\n', '\t'], " ").replace(';', ",");
    text.chars().take(MOST).collect()
}

#[cfg(test)]
mod tests;
