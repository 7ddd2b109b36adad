//! `holdpoint abort`: ending a run, whether somebody drives it or not.

use crate::journal::{Lock, Store};
use crate::plan::{Index, Plan};
use crate::report::visible_str;
use crate::run::RunState;
use crate::run::event::{Event, Wish};
use crate::run::state::StepState;

use super::args::{self, Given, Keep};
use super::consent::consent;
use super::deliver::{letter, send};
use super::failure::{Exit, Failure};
use super::find::{self, Found};
use super::taken::{How, Taken};
use super::{finish, session};

/// Ends a run, once whoever types has seen what is left behind.
pub fn abort(store: &Store, args: args::Abort) -> Result<Exit, Failure> {
    let found = find::chosen(store, args.run.as_deref())?;
    let is_attended = session::is_attended(false);
    super::print(&visible_str(&found.stamped(&left_behind(&found)?)))?;
    let reason = consent("End the run?", "ending a run", args.reason, is_attended)?;
    let Some(reason) = reason else { return Ok(Exit::Stopped) };
    let operator = session::operator(args.by);
    if Lock::is_held(&found.folder.lock()) {
        let letter = letter(Some(operator), Wish::Abort { reason });
        return send(&found, &letter, "the run is being ended");
    }
    let taken = Taken::over(found, &operator, None)?;
    let by = operator.clone();
    let how = How { operator, is_attended, durability: Keep::Power, format: args.format };
    taken.drive(Event::AbortRequested { by, reason }, &Given::default(), how)
}

/// What the run leaves as it is when it ends now.
fn left_behind(found: &Found) -> Result<String, Failure> {
    let (plan, state) = found.state()?;
    if state.has_ended() {
        let help = "`holdpoint timeline` shows what happened";
        return Err(Failure::usage(format!("{} has ended already", found.folder.run), help));
    }
    if let Some(reason) = state.no_early_end() {
        return Err(Failure::usage(reason, finish::way_on(&found.folder)));
    }
    let mut text = format!("{} would end here: aborted\n", found.folder.run);
    if state.under_way(&plan) > 0 {
        text.push_str("  what runs is let finish\n");
    }
    if !Lock::is_held(&found.folder.lock()) {
        text.push_str(&in_doubt(&plan, &state.clone().left(&plan)));
    }
    text.push_str(&undone(&state.undoable(&plan), &state));
    Ok(text)
}

/// What somebody must say first, where a driver broke off.
fn in_doubt(plan: &Plan, state: &RunState) -> String {
    let is_in_doubt = |index: &Index| matches!(state.steps[*index].state, StepState::InDoubt(_));
    let steps = state.active.iter().filter(|index| is_in_doubt(index));
    let steps: Vec<&str> = steps.map(|index| plan.nodes[*index].path.as_str()).collect();
    match steps.as_slice() {
        [] => String::new(),
        steps => format!("  before that it must be known what became of {}\n", steps.join(", ")),
    }
}

fn undone(steps: &[String], state: &RunState) -> String {
    if steps.is_empty() {
        return String::new();
    }
    let run = state.start.as_ref().map(|start| start.run.as_str()).unwrap_or_default();
    let list: String = steps.iter().map(|step| format!("    {step}\n")).collect();
    format!("  it stays done, and `holdpoint undo {run}` can take it back:\n{list}")
}
