//! `holdpoint undo`: taking a run back, whether it is open or has ended; or one step of it.

use crate::journal::{Lock, Store};
use crate::report::visible_str;
use crate::run::RunState;
use crate::run::event::{Event, Wish};

use super::args;
use super::consent::consent;
use super::deliver::{letter, send};
use super::failure::{Exit, Failure};
use super::find::{self, Found};
use super::taken::{How, Taken};
use super::{finish, session};

/// The question before all that is listed is taken back.
const ALL: &str = "Take all of it back?";
/// The question before one step of a run is taken back that nobody drives.
const ONE: &str = "Take it back, and leave the run open?";

/// Takes back what a run has done, the last step first; or what one step of it has done.
pub fn undo(store: &Store, args: args::Undo) -> Result<Exit, Failure> {
    let (found, name) = about(store, &args.words)?;
    let is_attended = session::is_attended(args.non_interactive);
    let operator = session::operator(args.operator);
    let (plan, state) = found.state()?;
    let step = name.map(|name| find::step(&plan, &name)).transpose()?;
    let step = step.map(|index| plan.nodes[index].path.clone());
    // Before another driver is ended for it, and once more when nobody else can change it.
    refuse(&found, &state, step.is_some())?;
    if Lock::is_held(&found.folder.lock()) && !args.take_over {
        let steps = narrowed(&state.to_take_back(&plan), step.as_ref(), &found.folder.run)?;
        let Some(reason) = confirmed(&found, args.reason, is_attended, (&steps, ALL))? else {
            return Ok(Exit::Stopped);
        };
        let wish = Wish::Undo { step, reason };
        return send(&found, &letter(Some(operator), wish), "it is being taken back");
    }
    let take_over = args.reason.as_deref().filter(|_| args.take_over);
    let taken = Taken::over(found, &operator, take_over)?;
    refuse(&taken.found, &taken.state, step.is_some())?;
    let steps = undoable(&taken, step.as_ref())?;
    let question = if step.is_some() { ONE } else { ALL };
    let how = (steps.as_slice(), question);
    let Some(reason) = confirmed(&taken.found, args.reason, is_attended, how)? else {
        return Ok(Exit::Stopped);
    };
    let by = operator.clone();
    let wanted = match step {
        Some(step) => Event::StepUndoRequested { step, by, reason },
        None => Event::UndoRequested { by, reason },
    };
    let (durability, format) = (args.durability, args.format);
    taken.drive(wanted, &args.given, How { operator, is_attended, durability, format })
}

/// The run, and the step of it that is meant; a single word is a run if there is one of that name.
fn about(store: &Store, words: &[String]) -> Result<(Found, Option<String>), Failure> {
    match words {
        [] => Ok((find::chosen(store, None)?, None)),
        [word] => match find::open(store, Some(word)) {
            Ok(found) => Ok((found, None)),
            Err(no_run) => {
                // A run begins with its day.
                let is_run = word.starts_with(|first: char| first.is_ascii_digit());
                let found = find::chosen(store, None);
                let found = found.map_err(|none_open| if is_run { no_run } else { none_open })?;
                Ok((found, Some(word.clone())))
            }
        },
        [run, step, ..] => Ok((find::open(store, Some(run))?, Some(step.clone()))),
    }
}

/// Refuses what cannot be wanted now, of the whole run or of one step.
fn refuse(found: &Found, state: &RunState, is_one_step: bool) -> Result<(), Failure> {
    let is_late = is_one_step && !state.has_ended() && state.are_steps_over();
    let late = is_late.then_some("the steps of this run are over: none is taken back alone");
    let Some(reason) = state.no_way_back().or(late) else { return Ok(()) };
    let mut help = finish::way_on(&found.folder);
    if state.is_taken_back() {
        help.push_str("; `holdpoint abort` breaks it off");
    }
    Err(Failure::usage(reason, help))
}

/// What a run would take back, in order; one that has ended is taken back as a whole.
fn undoable(taken: &Taken, step: Option<&String>) -> Result<Vec<String>, Failure> {
    let run = taken.state.start.as_ref().map(|start| start.run.clone()).unwrap_or_default();
    if step.is_some() && taken.state.has_ended() {
        let help = format!("`holdpoint undo {run}` takes back all of it");
        return Err(Failure::usage(format!("{run} has ended: no step is taken back alone"), help));
    }
    narrowed(&taken.state.to_take_back(&taken.plan), step, &run)
}

/// What of all that is taken back is meant.
fn narrowed(all: &[String], step: Option<&String>, run: &str) -> Result<Vec<String>, Failure> {
    let is_meant = |undoable: &&String| step.is_none_or(|step| *undoable == step);
    let steps: Vec<String> = all.iter().filter(is_meant).cloned().collect();
    if !steps.is_empty() {
        return Ok(steps);
    }
    let what = step.map_or(run, |step| step.as_str());
    let inside = format!("{what}/");
    let inside: Vec<&str> =
        all.iter().map(String::as_str).filter(|path| path.starts_with(&inside)).collect();
    if inside.is_empty() {
        let help = "only steps that have begun and say how they are undone can be taken back";
        return Err(Failure::usage(format!("nothing of {what} can be taken back"), help));
    }
    let help = format!("name one of the steps inside: {}", inside.join(", "));
    Err(Failure::usage(format!("{what} is not taken back as one"), help))
}

/// The reason, once it is certain that it is to be taken back; none when a person says no.
fn confirmed(
    found: &Found,
    reason: Option<String>,
    is_attended: bool,
    (steps, question): (&[String], &str),
) -> Result<Option<String>, Failure> {
    if is_attended {
        let list: String = steps.iter().map(|step| format!("  {step}\n")).collect();
        let text = format!("this would be taken back, in this order:\n{list}");
        super::print(&visible_str(&found.stamped(&text)))?;
    }
    consent(question, "taking a run back", reason, is_attended)
}
