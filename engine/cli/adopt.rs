//! `holdpoint adopt`: a run takes its changed runbook over, step by step.

use std::fmt::Write;

use chrono::Utc;

use crate::journal::{Durability, JournalError, Store, Writer, frozen_folder};
use crate::plan::{Difference, How, Plan, difference, difference_by};
use crate::report::{changes, visible_str};
use crate::run::event::{Event, RunbookAdopted};
use crate::run::state::StepState;
use crate::run::{IllegalEvent, RunState};
use crate::runbook::value::Value;

use super::changed::{self, Changed};
use super::consent::consent;
use super::failure::{Exit, Failure};
use super::find::{self, Found};
use super::{args, finish, frozen, session};

mod decisions;

/// Takes the changed runbook of a run over, once it is certain what becomes of each step.
pub fn adopt(store: &Store, args: args::Adopt) -> Result<Exit, Failure> {
    let found = find::open(store, args.run.as_deref())?;
    let operator = session::operator(args.operator.clone());
    // Held until the end: nobody drives the run meanwhile.
    let _lock = session::lock(&found.folder, &operator)?;
    let found = Found::in_folder(found.folder)?;
    let run = found.folder.run.clone();
    if let Some(reason) = found.damage() {
        return Err(Failure::Journal { run, reason });
    }
    let (plan, state) = found.view()?;
    refuse_unfit(&found, &plan, &state)?;
    let Some(changed) = changed::changed(&found)? else {
        return nothing(&format!("{run} goes by its runbook as that is now\n"));
    };
    let shown = difference(&found.plans()?.into_last(), &changed.plan);
    if shown.is_empty() {
        return nothing("only the layout of the runbook changed: there is nothing to take over\n");
    }
    refuse_other(&state, &plan, &changed.plan)?;
    let mut adopted = announced(&found, &changed, &shown, &operator);
    let grown = grown(&plan, &state, &changed.plan, &adopted)?;
    refuse_lost_undos(&plan, &state, &grown, &adopted)?;
    let is_attended = session::is_attended(args.non_interactive);
    let text = changes(&shown, |path| stands(&plan, &state, path));
    super::print(&visible_str(&found.stamped(&format!("what has changed:\n{text}"))))?;
    let differs = difference_by(&plan, &grown, &adopted.moved);
    let open = decisions::open(&plan, &state, &grown, &differs, &adopted.moved);
    let asked = decisions::Asked { plan: &grown, state: &state, old: &plan, open };
    let Some((kept, redone)) = asked.decided(&args.keep, &args.redo, is_attended)? else {
        return broken_off();
    };
    (adopted.kept, adopted.redone) = (kept, redone);
    let what = "taking a changed runbook over";
    let Some(reason) = consent("Take it over?", what, args.reason, is_attended)? else {
        return broken_off();
    };
    adopted.reason = reason;
    // Whatever cannot be folded must not come to the journal.
    let mut after = state.clone();
    let mut next = changed.plan.clone();
    after.adopt(&plan, &mut next, Utc::now(), &adopted).map_err(|illegal| misplaced(&illegal))?;
    commit(&found, &changed, &adopted)?;
    let kept = finish::keep_pages(&found.folder, &after);
    let mut text = told(&adopted);
    let _ = writeln!(text, "{run} goes by the changed runbook from here on");
    if let Err(failure) = kept {
        let _ = writeln!(text, "the timeline was not written: {failure}");
    }
    let _ = writeln!(text, "{}", finish::go_on(&found.folder));
    super::print(&visible_str(&text))?;
    Ok(Exit::Done)
}

fn nothing(text: &str) -> Result<Exit, Failure> {
    super::print(text)?;
    Ok(Exit::Done)
}

fn broken_off() -> Result<Exit, Failure> {
    super::print("nothing was taken over\n")?;
    Ok(Exit::Stopped)
}

/// Freezes the runbook first, then says so: a crash in between leaves a folder that nobody reads.
fn commit(found: &Found, changed: &Changed, adopted: &RunbookAdopted) -> Result<(), Failure> {
    let (folder, run) = (&found.folder, &found.folder.run);
    folder.freeze_next(&adopted.folder, changed.source.text(), &changed.beside)?;
    let journal = Writer::resume(&folder.journal(), Durability::Power);
    let event = Event::RunbookAdopted(Box::new(adopted.clone()));
    journal
        .map_err(JournalError::from)
        .and_then(|mut journal| journal.append(Utc::now(), vec![event]))
        .map_err(|error| Failure::Journal { run: run.clone(), reason: error.to_string() })?;
    Ok(())
}

/// Refuses a run for which nothing can be taken over now.
fn refuse_unfit(found: &Found, plan: &Plan, state: &RunState) -> Result<(), Failure> {
    let run = &found.folder.run;
    state.may_adopt(plan).map_err(|reason| {
        let help = match state.has_ended() {
            true => "start a new run with the changed runbook".to_owned(),
            false => {
                format!("go on with it first: holdpoint {}resume {run}", found.folder.option())
            }
        };
        Failure::usage(format!("{run} cannot take a changed runbook over: {reason}"), help)
    })
}

/// Refuses a runbook that is another one, or that does not admit the inputs of the run.
fn refuse_other(state: &RunState, old: &Plan, new: &Plan) -> Result<(), Failure> {
    let (before, now) = (&old.runbook.id, &new.runbook.id);
    let invalid = |message: String, help: &str| {
        let text = format!("error: {message}\n  help: {help}\n");
        Err(Failure::Invalid(visible_str(&text).into_owned()))
    };
    if before != now {
        let message =
            format!("the changed file is the runbook `{now}`, and the run is of `{before}`");
        return invalid(message, "give it its id back, or start a run of its own");
    }
    for input in &new.runbook.inputs {
        let given = state.inputs.get(&input.name.value).and_then(|given| given.value.as_ref());
        let Some(value) = given else { continue };
        let (name, help) = (&input.name, "an input keeps the value that the run was given");
        if input.is_secret {
            return invalid(format!("the input `{name}` is on record, and a secret now"), help);
        }
        let typed = Value::typed(value, input.kind);
        if let Err(reason) = typed.and_then(|value| input.admits(&value)) {
            return invalid(format!("the input `{name}` keeps its value, but {reason}"), help);
        }
    }
    Ok(())
}

/// The event, as far as it needs no decision.
fn announced(
    found: &Found,
    changed: &Changed,
    shown: &Difference,
    operator: &str,
) -> RunbookAdopted {
    let paths = |is_wanted: fn(&How) -> bool| {
        let wanted = shown.steps.iter().filter(|change| is_wanted(&change.how));
        wanted.map(|change| change.path.clone()).collect()
    };
    let digests = changed::digests(&changed.source, &changed.beside);
    let number = frozen::digests(&found.reading.records).len() + 1;
    RunbookAdopted {
        by: operator.to_owned(),
        host: session::host(),
        reason: String::new(),
        folder: frozen_folder(number),
        digest: digests.runbook,
        beside: digests.beside,
        added: paths(|how| matches!(how, How::Added)),
        removed: paths(|how| matches!(how, How::Removed)),
        changed: paths(|how| matches!(how, How::Changed { keys, .. } if !keys.is_empty())),
        moved: shown.moved().map(|(now, was)| (now.clone(), was.clone())).collect(),
        kept: Vec::new(),
        redone: Vec::new(),
    }
}

/// The new plan with the items that the run knows.
fn grown(
    plan: &Plan,
    state: &RunState,
    new: &Plan,
    adopted: &RunbookAdopted,
) -> Result<Plan, Failure> {
    let mut grown = new.clone();
    state
        .clone()
        .adopt(plan, &mut grown, Utc::now(), adopted)
        .map_err(|illegal| misplaced(&illegal))?;
    Ok(grown)
}

/// A runbook in which a step stands where it cannot go on.
fn misplaced(illegal: &IllegalEvent) -> Failure {
    let message = format!("the changed runbook cannot be taken over: {}", illegal.reason);
    Failure::usage(message, "leave that step where it was, or settle it first: holdpoint resume")
}

/// What was begun is taken back as it was said when it was begun, so that must not be lost.
fn refuse_lost_undos(
    plan: &Plan,
    state: &RunState,
    new: &Plan,
    adopted: &RunbookAdopted,
) -> Result<(), Failure> {
    let lost = state.lost_undos(plan, new, adopted);
    if lost.is_empty() {
        return Ok(());
    }
    let message = format!(
        "the way back of what was done would be lost: {}",
        lost.iter().map(|step| format!("the `undo` of {step}")).collect::<Vec<_>>().join(", ")
    );
    Err(Failure::usage(
        message,
        "leave these steps in the file, and their `undo` as it was; or take the run back first: \
         holdpoint undo",
    ))
}

/// Where a step of the run stands, if it has come anywhere.
fn stands(plan: &Plan, state: &RunState, path: &str) -> Option<String> {
    let state = &state.steps[plan.at_path(path)?].state;
    (*state != StepState::Pending).then(|| state.word().replace('_', " "))
}

/// What becomes of the steps that were decided about.
fn told(adopted: &RunbookAdopted) -> String {
    let mut text = String::new();
    for (word, steps) in [("kept   ", &adopted.kept), ("redone ", &adopted.redone)] {
        for step in steps {
            let _ = writeln!(text, "  {word}  {step}");
        }
    }
    text
}
