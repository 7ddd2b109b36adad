//! `holdpoint plan`: what a runbook would do, with nothing run.

use crate::run::{Names, RunState};
use crate::runtime::Secrets;

use super::args::PlanFormat;
use super::failure::{Exit, Failure};
use super::{args, inputs, load};

/// Prints the plan of a runbook, with the values that are known.
pub fn plan(args: &args::Plan) -> Result<Exit, Failure> {
    let plan = load::bundle(&args.file)?.1.plan;
    let secrets = Secrets::default();
    let given = inputs::given(&plan.runbook, &args.inputs, args.inputs_file.as_deref(), &secrets)?;
    let state = RunState::assuming(&plan, &given);
    let text = match args.format {
        PlanFormat::Text => crate::plan::text(&plan, &Names::of(&plan, &state)),
        PlanFormat::Dot => crate::plan::dot(&plan),
        PlanFormat::Mermaid => crate::plan::mermaid(&plan),
    };
    super::print(&crate::report::visible_str(&text))?;
    Ok(Exit::Done)
}
