//! What an exercise is made from: a file, or a past run.

use std::collections::BTreeMap;
use std::path::Path;

use crate::cli::args::Tabletop;
use crate::cli::failure::Failure;
use crate::cli::{find, frozen, inputs, library, load, run};
use crate::journal::Store;
use crate::plan::Plan;
use crate::rehearse::tabletop::{script, script_of_run};
use crate::run::event::Event;
use crate::run::event::exercise::Script;
use crate::runtime::Secrets;
use crate::source::Source;

/// A runbook with the script of an exercise.
pub struct Book {
    /// The runbook.
    pub source: Source,
    /// The texts of what stands beside it, by name.
    pub beside: BTreeMap<String, String>,
    /// Its plan.
    pub plan: Plan,
    /// What happens.
    pub script: Script,
    /// The inputs that are known.
    pub inputs: Vec<Event>,
    /// Where it would run.
    pub environment: Option<String>,
}

impl Book {
    /// The one that was named; secrets that were given go to `secrets` alone.
    pub fn open(store: &Store, args: &Tabletop, secrets: &Secrets) -> Result<Book, Failure> {
        match (&args.from_run, &args.file) {
            (Some(name), _) => Book::of_run(store, name, args, secrets),
            (None, Some(file)) => Book::of_file(file, args, secrets),
            (None, None) => {
                Err(Failure::usage("there is nothing to run", "name a runbook, or --from-run"))
            }
        }
    }

    fn of_file(file: &Path, args: &Tabletop, secrets: &Secrets) -> Result<Book, Failure> {
        let shared = library::find(file)?;
        let environment = library::environment(shared.as_ref(), args.environment.as_deref(), true)?;
        let library = library::of(shared.as_ref(), environment.clone());
        let (source, bundle) = load::bundle(file, library)?;
        let beside = run::beside(&bundle, shared);
        let plan = bundle.plan;
        let inputs = given(&plan, environment.as_deref(), args, secrets)?;
        run::refuse_unknown_cases(&plan, environment.as_ref(), &inputs)?;
        let script = script(plan.runbook.knowledge.tabletop.as_ref());
        Ok(Book { source, beside, plan, script, inputs, environment })
    }

    /// A run once more, with the inputs that it had, save those that are given anew.
    fn of_run(
        store: &Store,
        name: &str,
        args: &Tabletop,
        secrets: &Secrets,
    ) -> Result<Book, Failure> {
        let found = find::newest(store, Some(name))?;
        if found.is_practice() {
            let run = &found.folder.run;
            let message = format!("{run} was only practised: how things went in it was assumed");
            return Err(Failure::usage(message, "name a run that was carried out: holdpoint runs"));
        }
        if let Some(reason) = found.damage() {
            return Err(Failure::Journal { run: found.folder.run.clone(), reason });
        }
        let script = script_of_run(&mut found.plans()?, &found.reading.records)?;
        let environment = found.start().and_then(|start| start.environment.clone());
        let (source, beside, plan) = frozen::last(&found)?;
        let mut inputs = given(&plan, environment.as_deref(), args, secrets)?;
        let is_known = |name: &str| plan.runbook.inputs.iter().any(|it| it.name.value == name);
        for record in &found.reading.records {
            let Event::InputGiven(then) = &record.event else { continue };
            let is_given =
                |event: &Event| matches!(event, Event::InputGiven(it) if it.name == then.name);
            if !then.is_secret && is_known(&then.name) && !inputs.iter().any(is_given) {
                inputs.push(record.event.clone());
            }
        }
        Ok(Book { source, beside, plan, script, inputs, environment })
    }
}

fn given(
    plan: &Plan,
    environment: Option<&str>,
    args: &Tabletop,
    secrets: &Secrets,
) -> Result<Vec<Event>, Failure> {
    let file = args.inputs_file.as_deref();
    inputs::given(&plan.runbook, environment, &args.inputs, file, secrets)
}
