//! `holdpoint watch`: a run as it goes, seen from another terminal.
//!
//! It shows the same as the terminal of its driver, from the same records, and changes nothing.

use crate::journal::{Lock, Record, Store};
use crate::plan::Plan;
use crate::report::{self, Bell, Reporter, Terminal};
use crate::run::event::Event;
use crate::run::{Plans, RunState, fold};

use super::args::{self, RunFormat};
use super::failure::{Exit, Failure};
use super::find::{self, Found};
use super::finish;
use super::follow::{EVERY, Follower};

/// How many of the last records are shown at first.
const BEFORE: usize = 20;

/// Shows a run until it ends, or until nobody drives it.
pub fn watch(store: &Store, args: &args::Watch) -> Result<Exit, Failure> {
    let found = find::newest(store, args.run.as_deref())?;
    if let Some(reason) = found.damage() {
        return Err(Failure::Journal { run: found.folder.run.clone(), reason });
    }
    let reporter = match args.format {
        RunFormat::Jsonl => Reporter::Jsonl,
        format => Reporter::Text(Terminal::new(format == RunFormat::Plain), Bell::new()),
    };
    let plans = found.plans()?;
    let state = RunState::new(&plans.current);
    let mut watcher = Watcher { plans, state, reporter };
    let shown = match args.format {
        RunFormat::Jsonl => 0,
        _ => found.reading.records.len().saturating_sub(BEFORE),
    };
    for (place, record) in found.reading.records.iter().enumerate() {
        watcher.take(record, place >= shown)?;
    }
    watcher.follow(&found)?;
    watcher.reporter.rest();
    if args.format != RunFormat::Jsonl {
        super::print(&watcher.last_words(&found))?;
    }
    Ok(Exit::Done)
}

struct Watcher {
    plans: Plans,
    state: RunState,
    reporter: Reporter,
}

impl Watcher {
    fn take(&mut self, record: &Record, is_shown: bool) -> Result<(), Failure> {
        fold(&mut self.plans, &mut self.state, record.at, &record.event)?;
        if !is_shown {
            return Ok(());
        }
        match record.event {
            // Whoever is at the driver's terminal sees the question itself; here its words must do.
            Event::QuestionAsked { .. } => {
                let state = RunState { is_left_alone: true, ..self.state.clone() };
                self.reporter.show(record, &self.plans.current, &state);
            }
            _ => self.reporter.show(record, &self.plans.current, &self.state),
        }
        Ok(())
    }

    fn follow(&mut self, found: &Found) -> Result<(), Failure> {
        let folder = &found.folder;
        let mut journal = Follower::behind(folder.journal(), &found.reading);
        while !self.state.has_ended() && !matches!(self.reporter, Reporter::Silent) {
            // Looked at first, so that the last words of a driver that leaves are still read.
            let is_driven = Lock::is_held(&folder.lock());
            let records = journal.more().map_err(|error| Failure::journal(&folder.run, &error))?;
            let is_new = !records.is_empty();
            records.iter().try_for_each(|record| self.take(record, true))?;
            if !is_driven && !is_new {
                break;
            }
            std::thread::sleep(EVERY);
        }
        Ok(())
    }

    /// What there is to say when there is nothing more to see.
    fn last_words(&self, found: &Found) -> String {
        if self.state.has_ended() {
            return finish::ended(&self.state);
        }
        let plan: &Plan = &self.plans.current;
        let state = self.state.clone();
        let state = if state.is_parked { state } else { state.left(plan) };
        let status = report::status_text(plan, &state);
        format!("\nnobody drives the run now\n{status}\n{}\n", finish::go_on(&found.folder))
    }
}
