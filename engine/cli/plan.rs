//! `holdpoint plan`: what a runbook would do, with nothing run.

use std::collections::BTreeSet;

use crate::plan::{Facts, Outline, Plan};
use crate::run::{Event, Names, RunState, foresee, gate_digests};
use crate::runtime::Secrets;

use super::args::PlanFormat;
use super::failure::{Exit, Failure};
use super::{args, inputs, library, load, run, session};

/// Prints the plan of a runbook, with the values that are known.
pub fn plan(args: &args::Plan) -> Result<Exit, Failure> {
    let shared = library::find(&args.file)?;
    let is_attended = session::is_attended(false);
    let named = args.environment.as_deref();
    let environment = library::environment(shared.as_ref(), named, is_attended)?;
    let library = library::of(shared.as_ref(), environment.clone());
    let mut plan = load::bundle(&args.file, library)?.1.plan;
    let environment = environment.as_ref();
    let secrets = Secrets::default();
    let file = args.inputs_file.as_deref();
    let named = environment.map(String::as_str);
    let given = inputs::given(&plan.runbook, named, &args.inputs, file, &secrets)?;
    run::refuse_unknown_cases(&plan, environment, &given)?;
    let text = match args.format {
        PlanFormat::Text => {
            let place = environment.map(|name| format!("in {name}: ")).unwrap_or_default();
            let text = place + &crate::plan::text(&outline(&mut plan, environment, &given));
            crate::report::visible_str(&text).into_owned()
        }
        PlanFormat::Json => crate::plan::json(&outline(&mut plan, environment, &given)),
        PlanFormat::Dot => crate::report::visible_str(&crate::plan::dot(&plan)).into_owned(),
        PlanFormat::Mermaid => {
            crate::report::visible_str(&crate::plan::mermaid(&plan)).into_owned()
        }
    };
    super::print(&text)?;
    Ok(Exit::Done)
}

/// What each line of a plan says, with the inputs that are given.
pub fn outline(plan: &mut Plan, environment: Option<&String>, given: &[Event]) -> Outline {
    let mut state = RunState::assuming(plan, environment, given);
    foresee(plan, &mut state);
    let plan = &*plan;
    let digests = gate_digests(plan, &state);
    let names: BTreeSet<&str> = given
        .iter()
        .filter_map(|event| match event {
            Event::InputGiven(input) => Some(input.name.as_str()),
            _ => None,
        })
        .collect();
    let facts = Facts {
        scope_at: &|space| Box::new(Names { plan, state: &state, space }),
        is_given: &|name| names.contains(name),
        digest: &|path| digests.get(path).cloned().flatten(),
    };
    crate::plan::outline(plan, &facts)
}
