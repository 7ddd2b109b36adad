//! `holdpoint undo`: taking a run back, whether it is open or has ended.

use std::path::PathBuf;
use std::sync::Arc;

use crate::journal::{Store, Writer};
use crate::report::visible_str;
use crate::run::event::{Event, Resumed};
use crate::runtime::{Decisions, Secrets};

use super::args;
use super::consent::consent;
use super::failure::{Exit, Failure};
use super::find::Found;
use super::session::{self, Session};
use super::{answers, find, inputs};

/// Takes back what a run has done, the last step first.
pub fn undo(store: &Store, args: args::Undo) -> Result<Exit, Failure> {
    let found = find::open(store, args.run.as_deref())?;
    let operator = session::operator(args.operator);
    let take_over = args.reason.as_deref().filter(|_| args.take_over);
    let (lock, taken_over) = session::lock_or_take_over(&found.folder, &operator, take_over)?;
    // What was read before the lock was taken may be old by now.
    let found = Found::in_folder(found.folder)?;
    let run = found.folder.run.clone();
    if let Some(reason) = found.damage() {
        return Err(Failure::Journal { run, reason });
    }
    let (plan, state) = found.state()?;
    let steps = state.undoable(&plan);
    if steps.is_empty() {
        let help = "only steps that have begun and say how they are undone can be taken back";
        return Err(Failure::usage(format!("nothing of {run} can be taken back"), help));
    }
    let is_attended = session::is_attended(args.non_interactive);
    let reason = confirmed(args.reason, is_attended, &steps)?;
    let Some(reason) = reason else { return Ok(Exit::Stopped) };
    let secrets = Arc::new(Secrets::default());
    let given = &args.given;
    let inputs =
        inputs::given(&plan.runbook, None, &given.inputs, given.inputs_file.as_deref(), &secrets)?;
    let answers = answers::prepared(&plan, given.answers.as_deref())?;
    let waived = answers::waived(&plan, &given.waive)?;
    let journal = Writer::resume(&found.folder.journal(), args.durability.into())
        .map_err(|error| Failure::journal(&run, &error))?;
    let (by, host) = (operator.clone(), session::host());
    let wanted = Event::UndoRequested { by, reason };
    let durability = Some(args.durability.into());
    let operator_now = operator.clone();
    let resumed =
        Resumed { operator: operator_now, host, is_attended, waived, durability, boot: None };
    let resumed = Event::Resumed(resumed);
    // A run that has ended is opened again by the wish itself.
    let first = match state.has_ended() {
        true => [Some(wanted), Some(resumed), taken_over],
        false => [Some(resumed), taken_over, Some(wanted)],
    };
    let lost = inputs.into_iter().filter(is_secret);
    let session = Session {
        first: first.into_iter().flatten().chain(lost).collect(),
        cwd: state.start.as_ref().map(|start| PathBuf::from(&start.cwd)).unwrap_or_default(),
        state,
        plan,
        journal,
        lock,
        secrets,
        decisions: Decisions { answers, yes: args.given.yes, ..Decisions::default() },
        operator,
        is_attended,
        format: args.format,
        folder: found.folder,
    };
    session.drive()
}

/// The reason, once it is certain that the run is to be taken back; none when a person says no.
fn confirmed(
    reason: Option<String>,
    is_attended: bool,
    steps: &[String],
) -> Result<Option<String>, Failure> {
    if is_attended {
        let list: String = steps.iter().map(|step| format!("  {step}\n")).collect();
        super::print(&visible_str(&format!("this would be taken back, in this order:\n{list}")))?;
    }
    consent("Take all of it back?", "taking a run back", reason, is_attended)
}

fn is_secret(event: &Event) -> bool {
    matches!(event, Event::InputGiven(given) if given.is_secret)
}
