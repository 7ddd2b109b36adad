//! `holdpoint rehearse`: a runbook from start to end with nothing changed.
//!
//! A rehearsal has a store of its own, so that no command on live runs ever sees it, and it cannot
//! be gone on with: it ends, or it is broken off.

mod lab;
mod observed;
mod real_time;
mod report;
mod stage;
mod world;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::Utc;

use crate::drive::Decisions;
use crate::journal::{Durability, Store};
use crate::plan::Plan;
use crate::rehearse::Assumptions;
use crate::run::digest;
use crate::run::event::{Event, Mode, RunStarted};
use crate::runtime::{Secrets, missing, not_there};
use crate::source::Source;
use crate::timeline::rehearsed::Facts;

use super::args;
use super::failure::{Exit, Failure};
use super::{answers, inputs, library, load, run, session};
use stage::Stage;

/// Rehearses a runbook.
pub fn rehearse(store: &Store, args: args::Rehearse) -> Result<Exit, Failure> {
    if args.lab {
        return lab::rehearse(store, args);
    }
    let shared = library::find(&args.file)?;
    let is_attended = session::is_attended(args.non_interactive);
    let named = args.environment.as_deref();
    let environment = library::environment(shared.as_ref(), named, is_attended)?;
    let library = library::of(shared.as_ref(), environment.clone());
    let (source, bundle) = load::bundle(&args.file, library)?;
    let observes = args.observe.then(|| observed::observes(&source, &bundle, shared.as_ref()));
    let not_observed = observes.iter().flat_map(report::not_observed).collect();
    let beside = run::beside(&bundle, shared);
    let plan = bundle.plan;
    let (given, secrets) = (&args.given, Arc::new(Secrets::default()));
    let (place, file) = (environment.as_deref(), given.inputs_file.as_deref());
    let inputs = inputs::given(&plan.runbook, place, &given.inputs, file, &secrets)?;
    let answers = answers::prepared(&plan, given.answers.as_deref())?;
    let waived = answers::waived(&plan, &given.waive)?;
    run::refuse_unknown_cases(&plan, environment.as_ref(), &inputs)?;
    let assumptions = Assumptions::read(&plan, &args.assume)
        .map_err(|refused| Failure::usage(refused.message, refused.help))?;
    let facts = facts(&plan, &args, environment.as_ref(), &inputs, not_observed);
    let operator = session::operator(args.operator);
    let cwd = std::env::current_dir().map_err(Failure::Setup)?;
    let folder = store.practice().create(&plan.runbook.id.value, Utc::now())?;
    let lock = session::lock(&folder, &operator)?;
    let journal = run::begin(&folder, &source, &beside, Durability::Process)?;
    let begun = RunStarted { waived, environment, observes, ..begun(&plan, &source, &beside) };
    let started = Event::RunStarted(RunStarted {
        run: folder.run.clone(),
        operator: operator.clone(),
        cwd: cwd.to_string_lossy().into_owned(),
        is_attended,
        parallel: args.parallel,
        ..begun
    });
    let stage = Stage {
        plan,
        journal,
        lock,
        first: std::iter::once(started).chain(inputs).collect(),
        secrets,
        decisions: Decisions { answers, yes: args.given.yes, ..Decisions::default() },
        assumptions,
        operator,
        is_attended,
        cwd,
        format: args.format,
        folder,
        facts,
    };
    stage.play()
}

/// How a rehearsal of a plan begins, but for what was typed.
fn begun(plan: &Plan, source: &Source, beside: &BTreeMap<String, String>) -> RunStarted {
    let digests = beside.iter().map(|(name, text)| (name.clone(), digest(text.as_bytes())));
    RunStarted {
        run: String::new(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        runbook: plan.runbook.id.value.clone(),
        title: plan.runbook.title.clone(),
        file: source.name().to_owned(),
        digest: digest(source.text().as_bytes()),
        beside: digests.collect(),
        mode: Mode::Rehearsal,
        operator: String::new(),
        host: session::host(),
        cwd: String::new(),
        is_attended: false,
        on_failure: None,
        parallel: 1,
        detected_at: None,
        incident: None,
        waived: BTreeMap::new(),
        environment: None,
        boot: None,
        durability: Some(Durability::Process),
        observes: None,
    }
}

/// What of the report stands in no record.
fn facts(
    plan: &Plan,
    args: &args::Rehearse,
    environment: Option<&String>,
    inputs: &[Event],
    mut not_shown: Vec<String>,
) -> Facts {
    let requires = &plan.runbook.requires;
    let secrets = plan.runbook.inputs.iter().filter(|input| input.is_secret);
    let hidden: Vec<String> = secrets.filter_map(|input| input.env.clone()).collect();
    let tools = match args.observe {
        true => missing(requires, &hidden),
        false => {
            not_shown.extend(report::not_asked(requires));
            not_there(requires)
        }
    };
    let outline = super::plan::outline(&mut plan.clone(), environment, inputs);
    let critical = outline.critical_path;
    Facts { tools, not_shown, contradictions: Vec::new(), critical }
}
