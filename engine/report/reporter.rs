//! A reporter: it shows records as they are committed.

use std::io::{self, Write};

use crate::journal::Record;
use crate::plan::Plan;
use crate::run::RunState;
use crate::run::event::{End, Event, Mode, StopLevel};
use crate::run::state::StepState;
use crate::timeline::entry;

use super::standing::Standing;
use super::{Bell, Terminal, lines};

/// Shows a run as it goes.
pub enum Reporter {
    /// Lines for people, and a bell for when they look elsewhere.
    Text(Terminal, Bell),
    /// The records as they stand in the journal, for programs.
    Jsonl,
    /// Nothing.
    Silent,
}

impl Reporter {
    /// Shows one record. What cannot be shown never stops a run.
    pub fn show(&mut self, record: &Record, plan: &Plan, state: &RunState) {
        match self {
            Reporter::Text(terminal, bell) => {
                show_text(terminal, record, plan, state);
                bell.hear(record, plan, state);
            }
            Reporter::Jsonl => {
                let mut out = io::stdout().lock();
                if out.write_all(record.line().as_bytes()).and_then(|()| out.flush()).is_err() {
                    *self = Reporter::Silent;
                }
            }
            Reporter::Silent => {}
        }
    }

    /// Shows nothing that moves any more: the driver is about to leave.
    pub fn rest(&self) {
        if let Reporter::Text(terminal, _) = self {
            terminal.rest();
        }
    }

    /// Says at once what stands in no record.
    pub fn warn(&self, text: &str) {
        match self {
            Reporter::Text(terminal, _) => terminal.line(text),
            // Where nobody listens, the exit code still says it.
            Reporter::Jsonl => drop(writeln!(io::stderr().lock(), "{text}")),
            Reporter::Silent => {}
        }
    }
}

/// How many lines of a command are shown as it starts; the timeline has all of them.
const COMMAND: usize = 8;

fn show_text(terminal: &Terminal, record: &Record, plan: &Plan, state: &RunState) {
    let event = &record.event;
    match event {
        Event::StepEnded(ended) => terminal.end(&ended.step, ended.failure.is_some()),
        Event::StepLost { step, .. } => terminal.end(step, true),
        Event::StepStarted { .. } if tells_place(terminal, plan, state) => {
            let told = Standing::of(plan, state).told(record.at);
            terminal.line(&format!("          {told}"));
        }
        _ => {}
    }
    if let Some(entry) = entry(record, plan, state) {
        let lines = shown(event, state, lines(&entry), terminal.ellipsis());
        match event.speaks_up() && !is_lent(plan, state) {
            true => terminal.urgent(&lines),
            false => terminal.lines(&lines),
        }
    }
    match event {
        Event::RunEnded { .. } | Event::Parked { .. } => terminal.rest(),
        _ if terminal.has_screen() => terminal.stand(Standing::of(plan, state)),
        _ => {}
    }
}

/// Whether it is said in a line where the run stands: to whoever sees no screen, and wherever else
/// a clock runs or it is a drill.
fn tells_place(terminal: &Terminal, plan: &Plan, state: &RunState) -> bool {
    let start = state.start.as_ref();
    let is_worth_it = matches!(state.mode(), Mode::Drill | Mode::Tabletop)
        || plan.runbook.knowledge.objectives.rto.is_some()
        || start.is_some_and(|start| start.detected_at.is_some() || start.incident.is_some());
    terminal.is_spoken() || (is_worth_it && !terminal.has_screen())
}

/// Whether a command has the terminal to itself.
fn is_lent(plan: &Plan, state: &RunState) -> bool {
    state.active.iter().any(|index| {
        let form = state.form(plan, *index);
        let is_running = state.steps[*index].state == StepState::Running;
        is_running && form.is_some_and(|form| form.facets.tty.is_some())
    })
}

/// The lines of an entry that are worth showing while the run goes on.
fn shown(event: &Event, state: &RunState, mut lines: Vec<String>, ellipsis: &str) -> Vec<String> {
    match event {
        // The question itself is about to be put.
        Event::QuestionAsked { .. } if state.is_anybody_there() => Vec::new(),
        // Its success, or what is verified, follows at once, unless the run is being stopped.
        Event::StepEnded(ended)
            if ended.failure.is_none() && !ended.is_message() && state.stop == StopLevel::None =>
        {
            Vec::new()
        }
        // What it printed was shown as it came; an answer was not.
        Event::StepEnded(ended)
            if !ended.is_message() && !matches!(ended.end, End::Answered { .. }) =>
        {
            lines.into_iter().take(1).collect()
        }
        Event::StepStarted { .. } if lines.len() > COMMAND + 1 => {
            let more = lines.len() - COMMAND - 1;
            lines.truncate(COMMAND + 1);
            lines.push(format!("          | {ellipsis} {more} more lines"));
            lines
        }
        _ => lines,
    }
}
