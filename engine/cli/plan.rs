//! `holdpoint plan`: what a runbook would do, with nothing run.

use crate::run::{Names, RunState};
use crate::runtime::Secrets;

use super::args::PlanFormat;
use super::failure::{Exit, Failure};
use super::{args, inputs, library, load, session};

/// Prints the plan of a runbook, with the values that are known.
pub fn plan(args: &args::Plan) -> Result<Exit, Failure> {
    let shared = library::find(&args.file)?;
    let plan = load::bundle(&args.file, library::of(shared.as_ref()))?.1.plan;
    let is_attended = session::is_attended(false);
    let named = args.environment.as_deref();
    let environment = library::environment(&plan.runbook.library, named, is_attended)?;
    let secrets = Secrets::default();
    let file = args.inputs_file.as_deref();
    let given = inputs::given(&plan.runbook, environment.as_deref(), &args.inputs, file, &secrets)?;
    let state = RunState::assuming(&plan, environment.as_ref(), &given);
    let text = match args.format {
        PlanFormat::Text => {
            let place = environment.map(|name| format!("in {name}: ")).unwrap_or_default();
            place + &crate::plan::text(&plan, &Names::of(&plan, &state))
        }
        PlanFormat::Dot => crate::plan::dot(&plan),
        PlanFormat::Mermaid => crate::plan::mermaid(&plan),
    };
    super::print(&crate::report::visible_str(&text))?;
    Ok(Exit::Done)
}
