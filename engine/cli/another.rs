//! Another run of a runbook that has an open run already.
//!
//! Two runs of one runbook in one environment undo each other's work, and at night it is easily
//! forgotten that the first one waits. So a second one is asked about, and refused where nobody can
//! be asked; `--another` says that it is meant. A drill acts as a live run does, so in the same
//! environment it counts too, and what it is stands beside it. In another environment neither is in
//! the way of the other.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use chrono::Utc;

use crate::journal::{Ending, Folder, Lock, Store, Turn};
use crate::plan::Plan;
use crate::report::visible_str;
use crate::run::event::Mode;

use super::consent::is_agreed;
use super::failure::Failure;
use super::find::{Found, Glance, glances};
use super::home::standing;
use super::session;

/// The run that is about to begin.
pub struct Begun<'r> {
    /// The id of its runbook.
    runbook: &'r str,
    /// Where it will run.
    environment: Option<&'r str>,
    /// Whether it is a drill.
    mode: Mode,
    /// Whether it was said that another is meant.
    is_meant: bool,
    /// Whether somebody can be asked.
    is_attended: bool,
}

impl<'r> Begun<'r> {
    /// A run of a plan that is about to begin.
    pub fn of(
        plan: &'r Plan,
        environment: Option<&'r str>,
        mode: Mode,
        is_meant: bool,
        is_attended: bool,
    ) -> Begun<'r> {
        Begun { runbook: &plan.runbook.id, environment, mode, is_meant, is_attended }
    }

    /// A new folder for it, and the right to drive it; none when somebody says no to another run.
    pub fn taken(&self, store: &Store, operator: &str) -> Result<Option<(Folder, Lock)>, Failure> {
        // Held until whoever looks next finds the lock of this run.
        let Some(_turn) = admitted(store, self)? else { return Ok(None) };
        let folder = store.create(self.runbook, Utc::now())?;
        let lock = session::lock(&folder, operator)?;
        Ok(Some((folder, lock)))
    }
}

/// The turn at beginning a run, once it is certain that no other run of the runbook is open here, or
/// that another one is meant. None when somebody says no.
fn admitted(store: &Store, begun: &Begun<'_>) -> Result<Option<Turn>, Failure> {
    let turn = store.turn()?;
    if begun.is_meant {
        return Ok(Some(turn));
    }
    let open = open(store, begun)?;
    let Some(newest) = open.first() else { return Ok(Some(turn)) };
    if !begun.is_attended {
        return Err(refused(newest, open.len(), begun));
    }
    // Nobody else is kept waiting while somebody thinks.
    drop(turn);
    // Where the question stands: standard output may be read by a program.
    let _ = io::stderr().lock().write_all(visible_str(&shown(&open, begun)).as_bytes());
    match is_agreed("Begin another run all the same?")? {
        Some(true) => Ok(Some(store.turn()?)),
        Some(false) => Ok(None),
        None => Err(Failure::BrokenOff),
    }
}

/// The open runs of the same runbook in the same environment, the newest first.
fn open(store: &Store, begun: &Begun<'_>) -> Result<Vec<Found>, Failure> {
    let whole = glances(store)?.into_iter().filter_map(|glance| match glance {
        Glance::Whole(found) => Some(begins(found, begun)),
        Glance::Ended(_) => None,
    });
    let mut open: Vec<Found> = whole.filter(|found| stands_in_the_way(found, begun)).collect();
    open.sort_by_key(|found| std::cmp::Reverse(found.started_at()));
    Ok(open)
}

/// How long the first record of a run that somebody is beginning is waited for.
const PATIENCE: Duration = Duration::from_secs(2);
const AGAIN: Duration = Duration::from_millis(5);

/// A run as it is once it has begun, where its driver has locked it and is about to.
fn begins(mut found: Found, begun: &Begun<'_>) -> Found {
    let since = Instant::now();
    while is_beginning(&found, begun) && since.elapsed() < PATIENCE {
        std::thread::sleep(AGAIN);
        match Found::in_folder(found.folder.clone()) {
            Ok(again) => found = again,
            Err(_) => break,
        }
    }
    found
}

/// Whether a driver has made a run of this runbook and put nothing on record yet.
fn is_beginning(found: &Found, begun: &Begun<'_>) -> bool {
    found.start().is_none()
        && is_id_of(&found.folder.run, begun.runbook)
        && Lock::is_held(&found.folder.lock())
}

/// Whether the id of a run, `DATE-RUNBOOK-xyz`, is that of a runbook.
fn is_id_of(run: &str, runbook: &str) -> bool {
    let inner = run.split_once('-').and_then(|(_, rest)| rest.rsplit_once('-'));
    inner.is_some_and(|(id, _)| id == runbook)
}

/// Whether a run is of the same runbook in the same environment, and may still act or be gone on
/// with. A damaged one that nobody drives can do neither.
fn stands_in_the_way(found: &Found, begun: &Begun<'_>) -> bool {
    let Some(start) = found.start() else { return is_beginning(found, begun) };
    let is_newer = matches!(found.reading.ending, Ending::Newer { .. });
    let may_act = found.is_open() || is_newer || Lock::is_held(&found.folder.lock());
    start.runbook == begun.runbook
        && start.environment.as_deref() == begun.environment
        && !found.has_ended()
        && may_act
}

/// Which run it is, what it is where that is not the same, and how it stands, in half a sentence.
fn named(found: &Found, begun: &Begun<'_>) -> String {
    let mode = found.start().map(|start| start.mode);
    let what = match mode {
        Some(mode @ Mode::Drill) => format!(", a {}", mode.stamp().unwrap_or(mode.word())),
        Some(Mode::Live) if begun.mode == Mode::Drill => ", a live run".to_owned(),
        _ => String::new(),
    };
    format!("{}{what}, {}", found.folder.run, standing(found))
}

/// What goes on with it, or shows it where somebody else drives it.
fn command(found: &Found) -> String {
    let what = if Lock::is_held(&found.folder.lock()) { "status" } else { "resume" };
    format!("holdpoint {}{what} {}", found.folder.option(), found.folder.run)
}

fn what(begun: &Begun<'_>) -> String {
    match begun.environment {
        Some(name) => format!("{} in {name}", begun.runbook),
        None => begun.runbook.to_owned(),
    }
}

fn refused(newest: &Found, number: usize, begun: &Begun<'_>) -> Failure {
    let more = match number {
        1 => String::new(),
        _ => format!(", and {} more", number - 1),
    };
    let message = format!("a run of {} is open: {}{more}", what(begun), named(newest, begun));
    let help = format!("see to it with: {}; or begin another with --another", command(newest));
    Failure::Open { message, help }
}

fn shown(open: &[Found], begun: &Begun<'_>) -> String {
    let mut text = match open.len() {
        1 => format!("a run of {} is open\n", what(begun)),
        number => format!("{number} runs of {} are open\n", what(begun)),
    };
    for found in open {
        let _ = writeln!(text, "  {}", named(found, begun));
        let _ = writeln!(text, "    see to it with: {}", command(found));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_run_says_of_which_runbook_it_is() {
        assert!(is_id_of("20260131-pg-down-k7f", "pg-down"));
        assert!(!is_id_of("20260131-pg-down-k7f", "down"));
        assert!(!is_id_of("20260131-pg-down-k7f", "pg"));
        assert!(!is_id_of("pg-down", "pg-down"));
        assert!(!is_id_of("", ""));
    }
}
