//! `holdpoint run`: from a file to the end of a run.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::drive::Decisions;
use crate::journal::{Durability, Folder, Store, Writer};
use crate::plan::{Plan, lacking_outputs};
use crate::run::event::{Event, Mode, RunStarted};
use crate::run::{Names, RunState, digest};
use crate::runbook::library::FILE;
use crate::runtime::{Secrets, keeper, missing};
use crate::source::Source;

use super::another::Begun;
use super::args;
use super::failure::{Exit, Failure};
use super::include::Bundle;
use super::library::Shared;
use super::session::{self, Session};
use super::{answers, find, inputs, library, load};

/// Drives a runbook from its beginning.
pub fn run(store: &Store, args: args::Run) -> Result<Exit, Failure> {
    let shared = library::find(&args.file)?;
    let is_attended = session::is_attended(args.non_interactive);
    let named = args.environment.as_deref();
    let environment = library::environment(shared.as_ref(), named, is_attended)?;
    let library = library::of(shared.as_ref(), environment.clone());
    let (source, bundle) = load::bundle(&args.file, library)?;
    let (beside, plan) = (beside(&bundle, shared), bundle.plan);
    let (given, secrets) = (&args.given, Arc::new(Secrets::default()));
    let (place, file) = (environment.as_deref(), given.inputs_file.as_deref());
    let inputs = inputs::given(&plan.runbook, place, &given.inputs, file, &secrets)?;
    let answers = answers::prepared(&plan, given.answers.as_deref())?;
    let waived = answers::waived(&plan, &given.waive)?;
    refuse_unknown_cases(&plan, environment.as_ref(), &inputs)?;
    let operator = session::operator(args.operator);
    let steered = steered(&plan, &operator, args.step, args.start_at.as_deref(), args.reason)?;
    check_requires(&plan)?;
    let cwd = std::env::current_dir().map_err(Failure::Setup)?;
    let begun = Begun::of(&plan, environment.as_deref(), args.another, is_attended);
    let Some((folder, lock)) = begun.taken(store, &operator)? else { return Ok(Exit::Stopped) };
    let journal = begin(&folder, &source, &beside, args.durability.into())?;
    let started = Event::RunStarted(RunStarted {
        run: folder.run.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        runbook: plan.runbook.id.value.clone(),
        title: plan.runbook.title.clone(),
        file: source.name().to_owned(),
        digest: digest(source.text().as_bytes()),
        beside: beside.into_iter().map(|(name, text)| (name, digest(text.as_bytes()))).collect(),
        mode: Mode::Live,
        operator: operator.clone(),
        host: session::host(),
        cwd: cwd.to_string_lossy().into_owned(),
        is_attended,
        on_failure: args.on_failure.map(Into::into),
        parallel: args.parallel,
        detected_at: args.detected_at,
        incident: args.incident,
        waived,
        environment,
        boot: None,
        durability: Some(args.durability.into()),
        observes: None,
    });
    let session = Session {
        state: RunState::new(&plan),
        plan,
        journal,
        lock,
        first: std::iter::once(started).chain(inputs).chain(steered).collect(),
        secrets,
        decisions: Decisions { answers, yes: args.given.yes, ..Decisions::default() },
        operator,
        is_attended,
        cwd,
        format: args.format,
        folder,
    };
    session.drive()
}

/// What the operator wants from the start: to be asked before each change, to go on further down.
fn steered(
    plan: &Plan,
    by: &str,
    is_stepwise: bool,
    start: Option<&str>,
    reason: Option<String>,
) -> Result<Vec<Event>, Failure> {
    let pace = is_stepwise.then(|| Event::PaceSet { is_stepwise, by: by.to_owned() });
    let to = start.map(|step| start_at(plan, step)).transpose()?;
    let reason = reason.unwrap_or_default();
    let jump = to.map(|to| Event::JumpRequested { to, by: by.to_owned(), reason });
    Ok(pace.into_iter().chain(jump).collect())
}

/// The path of the step to go on at. What the steps from there on use of those above must have a
/// default, since those are skipped.
fn start_at(plan: &Plan, name: &str) -> Result<String, Failure> {
    let target = find::step(plan, name)?;
    let path = plan.nodes[target].path.clone();
    let lacking = lacking_outputs(plan, target);
    if !lacking.is_empty() {
        let message = format!("the run cannot begin at `{name}`: {}", lacking.join("; "));
        return Err(Failure::usage(message, "begin further up, or give these outputs a default"));
    }
    Ok(path)
}

/// Checks that all is there that the runbook requires; what is missing is named, all of it.
fn check_requires(plan: &Plan) -> Result<(), Failure> {
    let secrets = plan.runbook.inputs.iter().filter(|input| input.is_secret);
    let hidden: Vec<String> = secrets.filter_map(|input| input.env.clone()).collect();
    match missing(&plan.runbook.requires, &hidden) {
        missing if missing.is_empty() => Ok(()),
        missing => Err(Failure::Missing(missing.join("; "))),
    }
}

/// The texts of what stands beside the runbook: what it includes, and its library.
pub fn beside(bundle: &Bundle, shared: Option<Shared>) -> BTreeMap<String, String> {
    let library = shared.map(|shared| (FILE.to_owned(), shared.source.text().to_owned()));
    bundle.beside().into_iter().chain(library).collect()
}

/// Freezes all that resume must find as it was, and begins the log of the keepers and the journal.
pub fn begin(
    folder: &Folder,
    source: &Source,
    beside: &BTreeMap<String, String>,
    durability: Durability,
) -> Result<Writer, Failure> {
    folder.freeze(source.text())?;
    beside.iter().try_for_each(|(name, text)| folder.freeze_beside(name, text))?;
    let begun = keeper::open_log(folder.path());
    let journal = begun.and_then(|()| Writer::create(&folder.journal(), durability));
    journal.map_err(|error| Failure::journal(&folder.run, &error))
}

/// Refuses values that a switch has no case for, where that is known before the start.
pub fn refuse_unknown_cases(
    plan: &Plan,
    environment: Option<&String>,
    given: &[Event],
) -> Result<(), Failure> {
    let state = RunState::assuming(plan, environment, given);
    for (index, node) in plan.nodes.iter().enumerate() {
        let names = Names::at(plan, &state, index);
        let Some(on) = &node.switch else { continue };
        let are_inputs = on.names().iter().all(|name| name.starts_with("inputs."));
        let Some(value) = on.evaluate(&names).ok().filter(|_| are_inputs) else { continue };
        let value = value.text().unwrap_or_default();
        let cases: Vec<&str> = node.forms.iter().filter_map(|form| form.case.as_deref()).collect();
        if !cases.contains(&value.as_str()) {
            let message = format!("the step `{}` has no case for `{value}`", node.id);
            let help = format!("`{}` must be one of {}", on.code().trim(), cases.join(", "));
            return Err(Failure::usage(message, help));
        }
    }
    Ok(())
}
