//! `holdpoint` alone: the runs that wait for someone, the runbooks of this library, and what to type.
//!
//! Runs come first: at three in the morning somebody may wait already. Nothing is run, connected to
//! or written.

use std::fmt::Write;
use std::path::Path;

use crate::journal::{Lock, Store};
use crate::plan::Plan;
use crate::report::visible_str;
use crate::run::event::Event;
use crate::run::{Moment, RunState};

use super::failure::{Exit, Failure};
use super::find::{self, Found, Glance, shell_word};
use super::list::{self, Card, Catalogue, WIDTH, runbooks, short};
use super::{finish, runs};

/// How many runbooks are shown before `list` is named instead.
const SHOWN: usize = 20;

/// Shows what is here and what waits.
pub fn home(store: &Store) -> Result<Exit, Failure> {
    let catalogue = list::here(store)?;
    let waiting = waiting(store);
    let mut text = String::new();
    if let Ok(open) = &waiting {
        text.push_str(&runs_text(open));
        text.push('\n');
    }
    text.push_str(&runbooks_text(&catalogue));
    text.push('\n');
    text.push_str(&ways(store.option(), &catalogue));
    super::print(&visible_str(&text))?;
    waiting.map(|_| Exit::Done)
}

/// The open runs, the one that was begun last first.
fn waiting(store: &Store) -> Result<Vec<Found>, Failure> {
    let mut open: Vec<Found> = find::glances(store)?.into_iter().filter_map(Glance::open).collect();
    open.sort_by_key(|run| std::cmp::Reverse(run.started_at()));
    Ok(open)
}

fn runs_text(open: &[Found]) -> String {
    if open.is_empty() {
        return "no run waits for anybody\n".to_owned();
    }
    let mut text = match open.len() {
        1 => "1 run is open\n".to_owned(),
        number => format!("{number} runs are open\n"),
    };
    for run in open {
        text.push('\n');
        run_text(&mut text, run);
    }
    text
}

/// A run as a few lines: which, how it stands and since when, what it waits for, what to type.
fn run_text(text: &mut String, run: &Found) {
    let mut line = |line: &str| {
        let _ = writeln!(text, "{}", short(line, WIDTH));
    };
    line(&run.folder.run);
    if let Some(start) = run.start() {
        let place = start.environment.as_ref();
        let place = place.map(|name| format!(", in {name}")).unwrap_or_default();
        line(&format!("  {}{place}", start.mode.stamped(&start.title)));
    }
    line(&format!("  {}", standing(run)));
    match run.view() {
        Ok((plan, state)) => wants(&plan, &state).iter().for_each(|want| line(want)),
        Err(failure) => line(&format!("  it cannot be gone on with: {failure}")),
    }
    let what = if Lock::is_held(&run.folder.lock()) { "status" } else { "resume" };
    // Whole, however long it is: it is there to be typed.
    let _ = writeln!(text, "  holdpoint {}{what} {}", run.folder.option(), run.folder.run);
}

/// How an open run stands, who drives it, and since when.
pub fn standing(run: &Found) -> String {
    let since = since(run).map(|at| at.format("%Y-%m-%d %H:%M:%S UTC").to_string());
    let since = since.unwrap_or_default();
    match (Lock::is_held(&run.folder.lock()), Lock::holder(&run.folder.lock())) {
        (true, Some(holder)) => {
            let at = holder.since.format("%Y-%m-%d %H:%M:%S UTC");
            format!("driven by {} on {} since {at}", holder.operator, holder.host)
        }
        (true, None) => "driven by another process".to_owned(),
        (false, _) => format!("{} since {since}", runs::state(run)),
    }
}

/// Since when a run stands as it does: since it was left, where that is on record.
fn since(run: &Found) -> Option<Moment> {
    let records = &run.reading.records;
    let is_left = |event: &Event| matches!(event, Event::Parked { .. } | Event::Paused { .. });
    let left = records.iter().rev().find(|record| is_left(&record.event));
    left.or(records.last()).map(|record| record.at)
}

/// What a run waits for, a line each, and no more than a glance takes in.
fn wants(plan: &Plan, state: &RunState) -> Vec<String> {
    const MOST: usize = 3;
    let questions = state.waiting_for(plan);
    let described = |question| format!("  {}", finish::described(plan, state, question).0);
    let mut wants: Vec<String> = questions.iter().take(MOST).map(described).collect();
    if let Some(more @ 1..) = questions.len().checked_sub(MOST) {
        wants.push(format!("  and {more} more"));
    }
    // A line break in a question would look like another line of ours.
    wants.iter().map(|want| want.lines().next().unwrap_or_default().to_owned()).collect()
}

fn runbooks_text(catalogue: &Catalogue) -> String {
    let (place, cards) = (catalogue.place(), &catalogue.cards);
    if cards.is_empty() {
        return format!("there are no runbooks in {place}\n");
    }
    let mut text = format!("{} in {place}\n\n", runbooks(cards.len()));
    let shown = &cards[..cards.len().min(SHOWN)];
    let path = |card: &Card| shell_word(Path::new(&card.path));
    let widest = shown.iter().map(|card| path(card).chars().count()).max().unwrap_or_default();
    let widest = widest.min(WIDTH / 2);
    for card in shown {
        let what = if card.problem.is_some() {
            format!("broken: {}", card.title)
        } else {
            card.title.clone()
        };
        let path = path(card);
        let room = WIDTH.saturating_sub(path.chars().count().max(widest) + 2);
        let _ = writeln!(text, "{path:<widest$}  {}", short(&what, room));
    }
    if cards.len() > SHOWN {
        let _ = writeln!(text, "and {} more: holdpoint list", cards.len() - SHOWN);
    }
    if let Some(reason) = &catalogue.cut_short {
        let _ = writeln!(text, "there may be more: {reason}");
    }
    text
}

/// What can be typed from here.
fn ways(option: &str, catalogue: &Catalogue) -> String {
    let (file, find) = match catalogue.cards.is_empty() {
        true => ("FILE", String::new()),
        false => ("PATH", "to find one:         holdpoint list WORD, or --alert NAME\n".to_owned()),
    };
    format!(
        "{find}to go through one:   holdpoint {option}run {file}\n\
         to see all runs:     holdpoint {option}runs\n\
         to see all commands: holdpoint --help\n"
    )
}
