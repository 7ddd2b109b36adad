//! `holdpoint status`: where a run stands.

use crate::journal::{Inbox, Store, Undelivered};
use crate::plan::Plan;
use crate::report::{self, visible_str};
use crate::run::RunState;
use crate::run::state::{StepState, StepStatus};
use crate::runtime::keeper;

use super::args::{self, TextOrJson};
use super::failure::{Exit, Failure};
use super::find::Found;
use super::{changed, find, finish};

/// That the runbook is not as the run knows it, in a line.
fn notice(found: &Found) -> String {
    let line = changed::brief(found).unwrap_or_default();
    visible_str(&line).into_owned()
}

/// What still runs of what is in doubt, a line each.
fn running(found: &Found, plan: &Plan, state: &RunState) -> String {
    let line = |(step, pid)| format!("{step}: its process {pid} still runs; resume waits for it\n");
    let lines: String = found.left_running(plan, state).into_iter().map(line).collect();
    visible_str(&lines).into_owned()
}

/// That what is in doubt is watched over, in a line.
fn kept(found: &Found, state: &RunState) -> &'static str {
    let is_in_doubt = |step: &StepStatus| matches!(step.state, StepState::InDoubt(_));
    let may_go_on = !found.is_practice() && state.steps.iter().any(is_in_doubt);
    match may_go_on && keeper::is_alive(found.folder.path()) {
        true => "its keeper watches over what is in doubt: resume goes on from there\n",
        false => "",
    }
}

/// The messages that are not known to have arrived.
fn undelivered(found: &Found) -> Vec<String> {
    Undelivered::of(found.folder.path()).list()
}

/// Where they can be copied from, a line each.
fn messages(found: &Found) -> String {
    let folder = found.folder.path();
    let path = |file: &String| visible_str(&folder.join(file).to_string_lossy()).into_owned();
    let line = |file| format!("not known to have arrived: {}\n", path(file));
    undelivered(found).iter().map(line).collect()
}

/// Prints where a run stands, as far as its journal can be read.
pub fn status(store: &Store, args: &args::Status) -> Result<Exit, Failure> {
    let found = find::newest(store, args.run.as_deref())?;
    let (plan, state) = found.view()?;
    // What nobody will take any more waits for nobody.
    let (mut letters, _) = Inbox::of(&found.folder).waiting();
    letters.retain(|letter| !state.has_ended() && !state.letters.contains(&letter.id));
    let text = match args.format {
        TextOrJson::Text if state.is_parked && !found.is_practice() => {
            report::status_text(&plan, &state) + "\n" + &finish::go_on(&found.folder) + "\n"
        }
        TextOrJson::Text => report::status_text(&plan, &state),
        TextOrJson::Json => {
            let status = report::status(&plan, &state).with_undelivered(undelivered(&found));
            let status = status.with_inbox(&letters);
            serde_json::to_string_pretty(&status).unwrap_or_default() + "\n"
        }
    };
    super::print(&text)?;
    if args.format == TextOrJson::Text {
        super::print(&report::inbox_text(&letters))?;
        super::print(&messages(&found))?;
    }
    if args.format == TextOrJson::Text && !state.has_ended() {
        super::print(&notice(&found))?;
        super::print(&running(&found, &plan, &state))?;
        super::print(kept(&found, &state))?;
    }
    match found.damage() {
        None => Ok(Exit::Done),
        Some(reason) => Err(Failure::Journal { run: found.folder.run.clone(), reason }),
    }
}
