//! `holdpoint runs --prune`: removing the runs that ended long ago.
//!
//! What might still be needed stays: a run that is open or driven, one whose journal is damaged or of
//! a later format, one that is not the user's alone. Each run is locked, and looked at once more,
//! before its folder goes.

use std::fmt::Write;
use std::time::Duration;

use chrono::Utc;

use crate::document::duration_text;
use crate::journal::{Folder, Lock, Store};
use crate::report::visible_str;
use crate::run::Moment;
use crate::run::event::Event;
use crate::runtime::keeper;

use super::consent::is_agreed;
use super::failure::{Exit, Failure};
use super::find::Found;
use super::list::{WIDTH, short};
use super::{args, runs, session};

/// What becomes of a run.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Fate {
    /// It is removed.
    Removed,
    /// It stays, as it should.
    Stays,
    /// It stays, and somebody should know why.
    Refused(String),
}

/// What decides about a run.
#[derive(Clone, Debug, Default)]
struct Facts {
    /// When it ended; none while it is open.
    ended_at: Option<Moment>,
    /// Whether its keeper lives.
    is_kept: bool,
    /// What is wrong with its journal.
    damage: Option<String>,
    /// Why its folder is not ours alone.
    suspicion: Option<String>,
}

/// Decides about a run, now.
fn fate(facts: &Facts, now: Moment, older_than: Duration) -> Fate {
    if let Some(reason) = facts.suspicion.as_ref().or(facts.damage.as_ref()) {
        return Fate::Refused(reason.clone());
    }
    // A run that ended in the future, by a clock that was set, is not old.
    let age = facts.ended_at.and_then(|at| (now - at).to_std().ok());
    match age {
        Some(age) if age > older_than && !facts.is_kept => Fate::Removed,
        _ => Fate::Stays,
    }
}

/// A run that may be removed.
struct Candidate {
    found: Found,
    ended_at: Option<Moment>,
    size: u64,
}

/// Removes the runs that ended longer ago than was said, once somebody agrees.
pub fn prune(store: &Store, args: &args::Runs) -> Result<Exit, Failure> {
    let now = Utc::now();
    let (old, refused) = sorted(store, now, args.older_than)?;
    super::print(&visible_str(&shown(&old, &refused, args.older_than)))?;
    if !args.yes && !session::is_attended(false) {
        let help = "say that they are to be removed with --yes";
        return Err(Failure::usage("nobody can be asked, so nothing is removed", help));
    }
    if old.is_empty() {
        store.sweep()?;
        return Ok(Exit::Done);
    }
    let question = match old.len() {
        1 => "Remove this run?".to_owned(),
        number => format!("Remove these {number} runs?"),
    };
    let agreed = if args.yes { Some(true) } else { is_agreed(&question)? };
    if agreed != Some(true) {
        super::print("nothing was removed\n")?;
        return Ok(agreed.map_or(Exit::Interrupted, |_| Exit::Stopped));
    }
    store.sweep()?;
    remove_all(store, old, args.older_than)
}

/// The runs that are old enough, the oldest first, and why others stay that look like it.
fn sorted(
    store: &Store,
    now: Moment,
    older_than: Duration,
) -> Result<(Vec<Candidate>, Vec<String>), Failure> {
    let (mut old, mut refused) = (Vec::new(), Vec::new());
    for folder in store.folders()? {
        let run = folder.run.clone();
        let is_driven = Lock::is_held(&folder.lock());
        match looked_at(folder, now, older_than) {
            Ok((_, Fate::Removed)) if is_driven => {}
            Ok((found, Fate::Removed)) => {
                let (ended_at, size) = (ended_at(&found), found.folder.size());
                old.push(Candidate { found, ended_at, size });
            }
            Ok((_, Fate::Stays)) => {}
            Ok((_, Fate::Refused(reason))) => refused.push(format!("{run}: {reason}")),
            Err(failure) => refused.push(format!("{run}: {failure}")),
        }
    }
    old.sort_by_key(|candidate| candidate.ended_at);
    Ok((old, refused))
}

/// A run, and what is to become of it.
fn looked_at(folder: Folder, now: Moment, older_than: Duration) -> Result<(Found, Fate), Failure> {
    let found = Found::in_folder(folder)?;
    let facts = Facts {
        ended_at: ended_at(&found),
        is_kept: keeper::is_alive(found.folder.path()),
        damage: found.damage(),
        suspicion: found.folder.check().err().map(|error| error.to_string()),
    };
    let fate = fate(&facts, now, older_than);
    Ok((found, fate))
}

/// When a run ended, if it has: what came after that is no part of it any more.
fn ended_at(found: &Found) -> Option<Moment> {
    let is_end = |event: &Event| matches!(event, Event::RunEnded { .. });
    let end = found.reading.records.iter().rev().find(|record| is_end(&record.event));
    let end = end.filter(|_| found.has_ended());
    // Nobody goes on with what was only practised.
    let last = found.reading.records.last().filter(|_| found.is_practice());
    end.or(last).map(|record| record.at)
}

fn remove_all(store: &Store, old: Vec<Candidate>, older_than: Duration) -> Result<Exit, Failure> {
    let operator = session::operator(None);
    let (mut number, mut freed) = (0, 0);
    let mut text = String::new();
    let mut failed = None;
    for Candidate { found, size, .. } in old {
        match remove(store, found.folder, &operator, older_than) {
            Ok(true) => (number, freed) = (number + 1, freed + size),
            Ok(false) => {}
            Err(failure) => {
                let _ = write!(text, "{}", failure.shown());
                failed = Some(failure);
            }
        }
    }
    let _ = writeln!(text, "removed {}: {} freed", counted(number), bytes(freed));
    super::print(&visible_str(&text))?;
    failed.map_or(Ok(Exit::Done), Err)
}

/// Removes a run, if it is still to be removed once nobody else can drive it.
fn remove(
    store: &Store,
    folder: Folder,
    operator: &str,
    older_than: Duration,
) -> Result<bool, Failure> {
    let _lock = session::lock(&folder, operator)?;
    // What was read before the lock was taken may be old by now.
    let (found, fate) = looked_at(folder, Utc::now(), older_than)?;
    if fate != Fate::Removed {
        return Ok(false);
    }
    store.remove(&found.folder)?;
    Ok(true)
}

fn shown(old: &[Candidate], refused: &[String], older_than: Duration) -> String {
    let age = duration_text(older_than);
    let mut text = match old.len() {
        0 => format!("nothing to remove: no run that may go ended more than {age} ago\n"),
        number => format!("{} ended more than {age} ago\n", counted(number)),
    };
    for Candidate { found, ended_at, size } in old {
        let at = ended_at.map(|at| at.format("%Y-%m-%d").to_string()).unwrap_or_default();
        let title = found.start().map(|start| start.title.as_str()).unwrap_or_default();
        let (run, state) = (&found.folder.run, runs::state(found));
        let line = format!("  {run}  {state} {at}  {}  {title}", bytes(*size));
        let _ = writeln!(text, "{}", short(&line, WIDTH));
    }
    if !old.is_empty() {
        let all = old.iter().map(|candidate| candidate.size).sum();
        let _ = writeln!(text, "together they take up {}", bytes(all));
    }
    for reason in refused {
        let _ = writeln!(text, "left alone: {reason}");
    }
    text
}

fn counted(number: usize) -> String {
    if number == 1 { "1 run".to_owned() } else { format!("{number} runs") }
}

/// A number of bytes as a person reads it.
fn bytes(number: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if number < 1024 {
        return format!("{number} bytes");
    }
    let mut unit = 0;
    let mut tenths = number.saturating_mul(10) / 1024;
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths /= 1024;
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(24 * 60 * 60);

    fn at(text: &str) -> Moment {
        text.parse().unwrap()
    }

    fn fate_of(facts: &Facts) -> Fate {
        fate(facts, at("2026-04-01T00:00:00Z"), 90 * DAY)
    }

    #[test]
    fn only_a_run_that_ended_longer_ago_is_removed() {
        let ended = |text| Facts { ended_at: Some(at(text)), ..Facts::default() };
        assert_eq!(fate_of(&ended("2025-12-31T23:59:59Z")), Fate::Removed);
        assert_eq!(fate_of(&ended("2026-01-01T00:00:00Z")), Fate::Stays, "90 days to the second");
        assert_eq!(fate_of(&ended("2027-01-01T00:00:00Z")), Fate::Stays, "by a clock that was set");
        assert_eq!(fate_of(&Facts::default()), Fate::Stays, "it is open");
    }

    #[test]
    fn what_lives_is_damaged_or_is_not_ours_alone_stays() {
        let old = Facts { ended_at: Some(at("2020-01-01T00:00:00Z")), ..Facts::default() };
        assert_eq!(fate_of(&Facts { is_kept: true, ..old.clone() }), Fate::Stays);
        let damaged = Facts { damage: Some("at line 3".into()), ..old.clone() };
        assert_eq!(fate_of(&damaged), Fate::Refused("at line 3".into()));
        let other = Facts { suspicion: Some("another user's".into()), ..old };
        assert_eq!(fate_of(&other), Fate::Refused("another user's".into()));
    }

    #[test]
    fn bytes_are_told_in_the_largest_unit_with_a_tenth() {
        let told = [0, 1023, 1024, 1536, 1 << 20, (1 << 30) - 1, 5 << 40].map(bytes);
        let expected =
            ["0 bytes", "1023 bytes", "1.0 KiB", "1.5 KiB", "1.0 MiB", "1023.9 MiB", "5.0 TiB"];
        assert_eq!(told, expected);
    }
}
