//! A reporter: it shows records as they are committed.

use std::io::{self, Write};

use crate::journal::Record;
use crate::plan::Plan;
use crate::run::RunState;
use crate::run::event::Event;
use crate::timeline::entry;

use super::{Terminal, lines};

/// Shows a run as it goes.
pub enum Reporter {
    /// Lines for people.
    Text(Terminal),
    /// The records as they stand in the journal, for programs.
    Jsonl,
    /// Nothing.
    Silent,
}

impl Reporter {
    /// Shows one record. What cannot be shown never stops a run.
    pub fn show(&mut self, record: &Record, plan: &Plan, state: &RunState) {
        match self {
            Reporter::Text(terminal) => show_text(terminal, record, plan, state),
            Reporter::Jsonl => {
                let mut out = io::stdout().lock();
                if out.write_all(record.line().as_bytes()).and_then(|()| out.flush()).is_err() {
                    *self = Reporter::Silent;
                }
            }
            Reporter::Silent => {}
        }
    }
}

fn show_text(terminal: &Terminal, record: &Record, plan: &Plan, state: &RunState) {
    if let Some(entry) = entry(record, plan, state) {
        // What a step printed was shown as it came.
        let is_shown = matches!(&record.event, Event::StepEnded(ended) if !ended.is_message());
        for line in lines(&entry).iter().take(if is_shown { 1 } else { usize::MAX }) {
            terminal.line(line);
        }
    }
    match &record.event {
        Event::StepStarted { step, .. } => terminal.begin(step),
        Event::StepEnded(ended) => terminal.end(&ended.step),
        Event::CheckStarted { check, .. } => {
            terminal.begin(check.step.as_deref().unwrap_or("looking"));
        }
        Event::CheckObserved { check, .. } => {
            terminal.end(check.step.as_deref().unwrap_or("looking"));
        }
        _ => {}
    }
}
