//! `holdpoint watch`: a run as it goes, seen from another terminal.
//!
//! It shows the same as the terminal of its driver, from the same records, and changes nothing.

use std::time::Duration;

use tokio::signal::ctrl_c;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::journal::{Lock, Record, Store};
use crate::plan::Plan;
use crate::report::{self, Bell, Reporter, Terminal};
use crate::run::event::Event;
use crate::run::{Plans, RunState, fold};
use crate::runtime::prompt::Keyboard;

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
    if found.start().is_some_and(|start| start.mode.stamp().is_some()) {
        // Those of its records that say so may be older than what is shown.
        reporter.warn(&found.stamped(&found.folder.run));
    }
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
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(Failure::Setup)?.block_on(watcher.follow(&found, &mut Leaving::heard()?))?;
    watcher.reporter.rest();
    if args.format != RunFormat::Jsonl {
        super::print(&watcher.last_words(&found))?;
    }
    Ok(Exit::Done)
}

/// Whether somebody wants to look no more: `q` or Ctrl-C.
struct Leaving {
    keys: UnboundedReceiver<char>,
    /// Nothing is echoed while it is there.
    _keyboard: Option<Keyboard>,
}

impl Leaving {
    fn heard() -> Result<Leaving, Failure> {
        let (sender, keys) = unbounded_channel();
        let _keyboard = Keyboard::open(sender).map_err(Failure::Setup)?;
        Ok(Leaving { keys, _keyboard })
    }

    async fn is_wanted_within(&mut self, pause: Duration) -> bool {
        tokio::select! {
            _ = ctrl_c() => true,
            Some(key) = self.keys.recv() => key == 'q',
            () = tokio::time::sleep(pause) => false,
        }
    }
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

    async fn follow(&mut self, found: &Found, leaving: &mut Leaving) -> Result<(), Failure> {
        let folder = &found.folder;
        let mut journal = Follower::behind(folder.journal(), &found.reading);
        while !self.state.has_ended() && !matches!(self.reporter, Reporter::Silent) {
            // Looked at first, so that the last words of a driver that leaves are still read.
            let is_driven = Lock::is_held(&folder.lock());
            let records = journal.more().map_err(|error| Failure::journal(&folder.run, &error))?;
            let is_new = !records.is_empty();
            records.iter().try_for_each(|record| self.take(record, true))?;
            if !is_driven && !is_new || leaving.is_wanted_within(EVERY).await {
                break;
            }
        }
        Ok(())
    }

    /// What there is to say when there is nothing more to see.
    fn last_words(&self, found: &Found) -> String {
        if self.state.has_ended() {
            return finish::ended(&self.state);
        }
        if Lock::is_held(&found.folder.lock()) {
            return format!("\n{}\n", found.stamped("the run goes on"));
        }
        let plan: &Plan = &self.plans.current;
        let state = self.state.clone();
        let state = if state.is_parked { state } else { state.left(plan) };
        let status = report::status_text(plan, &state);
        let text = found.stamped("nobody drives the run now");
        format!("\n{text}\n{status}\n{}\n", finish::go_on(&found.folder))
    }
}
