//! `holdpoint run`: from a file to the end of a run.

use std::sync::Arc;

use chrono::Utc;

use crate::journal::{Store, Writer, digest};
use crate::run::RunState;
use crate::run::event::{Event, Mode, RunStarted};
use crate::runtime::{Decisions, Secrets};

use super::args;
use super::failure::{Exit, Failure};
use super::session::{self, Session};
use super::{answers, inputs, load, require};

/// Drives a runbook from its beginning.
pub fn run(store: &Store, args: args::Run) -> Result<Exit, Failure> {
    let source = load::source(&args.file)?;
    let plan = load::plan(&source)?;
    let secrets = Arc::new(Secrets::default());
    let given = &args.given;
    let inputs =
        inputs::given(&plan.runbook, &given.inputs, given.inputs_file.as_deref(), &secrets)?;
    let gates = answers::gates(&plan, given.answers.as_deref())?;
    let waived = answers::waived(&plan, &given.waive)?;
    require::check(&plan.runbook.requires)?;
    let operator = session::operator(args.operator);
    let is_attended = session::is_attended(args.non_interactive);
    let cwd = std::env::current_dir().map_err(Failure::Setup)?;
    let folder = store.create(&plan.runbook.id, Utc::now())?;
    let lock = session::lock(&folder, &operator)?;
    folder.freeze(source.text())?;
    let durability = session::durability(args.durability);
    let journal = Writer::create(&folder.journal(), durability)
        .map_err(|error| Failure::journal(&folder.run, &error))?;
    let started = Event::RunStarted(RunStarted {
        run: folder.run.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        runbook: plan.runbook.id.value.clone(),
        title: plan.runbook.title.clone(),
        file: source.name().to_owned(),
        digest: digest(source.text().as_bytes()),
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
    });
    let session = Session {
        state: RunState::new(&plan),
        plan: Arc::new(plan),
        journal,
        lock,
        first: std::iter::once(started).chain(inputs).collect(),
        secrets,
        decisions: Decisions { gates, ..Decisions::default() },
        operator,
        is_attended,
        cwd,
        format: args.format,
        folder,
    };
    session.drive()
}
